"""The operator's proof of the ledger: `glint verify`."""

import asyncio
import json
import sys
from collections.abc import Sequence
from typing import Any, TextIO

from app.application.ports.setup import Tenant
from app.application.verification import Difference, Verification
from app.bootstrap import build
from app.config import read_settings, why
from app.observability import configure_logging
from app.wiring import wire_tenant_directory

EQUAL, DIFFERENT, NOT_RUN = 0, 1, 2


def run_verify(wanted: str | None, *, as_json: bool) -> int:
    """Verifies one tenant, by name or id, or all of them; 0 equal, 1 differences, 2 where it could not run."""
    configure_logging("ERROR")
    try:
        return asyncio.run(_verify(wanted, as_json=as_json, out=sys.stdout))
    except Exception as error:  # noqa: BLE001 - whatever it was, nothing is proven, and the exit status must say so
        sys.stderr.write(f"glint verify could not run: {why(error)}\n")
    return NOT_RUN


async def _verify(wanted: str | None, *, as_json: bool, out: TextIO) -> int:
    container = await build(read_settings())
    try:
        tenants = await wire_tenant_directory(container.engine).list()
        chosen = [tenant for tenant in tenants if wanted is None or wanted in (tenant.name, str(tenant.id))]
        if wanted is not None and not chosen:
            sys.stderr.write(f"glint verify: there is no tenant {wanted}\n")
            return NOT_RUN
        found: list[Verification] = []
        for tenant in chosen:
            found.append(await container.operations.verify(tenant.id))
            if not as_json:
                out.write(text_of(found[-1], tenant))
                out.flush()
    finally:
        await container.close()
    if as_json:
        out.write(json.dumps(_document(found), indent=2, ensure_ascii=False) + "\n")
    return EQUAL if all(each.equal for each in found) else DIFFERENT


def _document(found: Sequence[Verification]) -> dict[str, Any]:
    differences = sum(each.difference_count for each in found)
    return {"result": f"{differences} differences" if differences else "equal", "tenants": [each.to_json() for each in found]}


def text_of(found: Verification, tenant: Tenant) -> str:
    """The report of a tenant for people."""
    totals = found.totals
    counts = f"{totals.events} events, {totals.orders} orders, {totals.transactions} transactions, {totals.lines} lines"
    lines = [f"{tenant.name} ({tenant.id}): {counts}"]
    lines += [text for difference in found.differences for text in _difference(difference)]
    if found.difference_count > len(found.differences):
        lines.append(f"  … and {found.difference_count - len(found.differences)} more")
    lines.append(f"  {'equal' if found.equal else f'{found.difference_count} differences'}")
    return "\n".join(lines) + "\n"


def _difference(found: Difference) -> list[str]:
    names = [
        ("", found.subject),
        ("line ", found.order_line),
        ("", found.key),
        ("event ", found.event_id),
        ("transaction ", found.transaction_id),
    ]
    where = ", ".join(f"{name}{value}" for name, value in names if value is not None)
    lines = [f"  {found.kind}: {found.what}" + (f" [{where}]" if where else "")]
    if found.stored is not None or found.replayed is not None:
        lines += [f"      stored   {found.stored or '–'}", f"      replayed {found.replayed or '–'}"]
    return lines
