"""`glint reconcile`: what was delivered against what the ERP's ledger holds."""

import asyncio
import json
import sys
from datetime import date
from typing import Any, TextIO

from app.api.reconciliation_table import show_reconciliation
from app.application.ports.setup import Tenant
from app.bootstrap import Container, build
from app.config import read_settings, why
from app.domain.errors import DomainError
from app.observability import configure_logging
from app.wiring import wire_tenant_directory

EQUAL, DIFFERENT, NOT_RUN = 0, 1, 2
WORDS = {
    "missing_there": "missing there",
    "changed_there": "changed there",
    "not_sent_here": "there, though not sent as far as we know",
    "booked_there_by_hand": "booked there by hand",
}


def run_reconcile(endpoint: str, tenant: str | None, *, since: date | None, as_of: date | None, as_json: bool) -> int:
    """Prints the report; 0 equal, 1 differences, 2 where it could not run, with the reason on standard error."""
    configure_logging("ERROR")
    try:
        return asyncio.run(_run(endpoint, tenant, since, as_of, as_json=as_json, out=sys.stdout))
    except DomainError as error:
        sys.stderr.write(f"glint reconcile: {error}\n")
    except Exception as error:  # noqa: BLE001 - whatever it was, nothing is proven, and the exit status must say so
        sys.stderr.write(f"glint reconcile could not run: {why(error)}\n")
    return NOT_RUN


async def _run(endpoint: str, wanted: str | None, since: date | None, as_of: date | None, *, as_json: bool, out: TextIO) -> int:
    container = await build(read_settings())
    try:
        tenant = await _tenant(container, wanted)
        report = await container.operations.reports.reconciliation(tenant.id, endpoint, since=since, as_of=as_of)
    finally:
        await container.close()
    shown = show_reconciliation(report)
    out.write(json.dumps(shown, indent=2, ensure_ascii=False) + "\n" if as_json else text_of(shown))
    return EQUAL if report.found.equal else DIFFERENT


async def _tenant(container: Container, wanted: str | None) -> Tenant:
    tenants = await wire_tenant_directory(container.engine).list()
    chosen = [tenant for tenant in tenants if wanted is None or wanted in (tenant.name, str(tenant.id))]
    if len(chosen) != 1:
        known = ", ".join(tenant.name for tenant in tenants) or "none"
        raise LookupError(f"name one tenant with --tenant; there are: {known}")
    return chosen[0]


def text_of(report: dict[str, Any]) -> str:
    """The report for people."""
    lines = [f"{report['endpoint']}, posting dates {report['from']} to {report['as_of']}, in {report['base_currency']}, debit positive"]
    lines.append(f"{'account':<24}{'delivered':>18}{'in the ERP':>18}{'difference':>18}")
    lines += [f"{each['account_code']:<24}{each['ours']:>18}{each['theirs']:>18}{each['difference']:>18}" for each in report["accounts"]]
    for each in report["journals"]:
        dates = " / ".join(str(each[name] or "–") for name in ("our_date", "their_date"))
        named = " ".join(filter(None, (each["reference"], each["number"])))
        lines.append(f"  {WORDS[each['what']]}: {named}, account {each['account_code']}, {each['ours']} / {each['theirs']}, {dates}")
    lines.append("equal" if report["equal"] else f"{len(report['journals'])} differences")
    return "\n".join(lines) + "\n"
