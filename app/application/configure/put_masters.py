"""Master data of the debtors ledger: one row, or many at once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.application.configure.master_kinds import Finding, MasterKind, detail_of
from app.application.ports.debtors import Row
from app.application.ports.unit_of_work import UnitOfWork, UnitsOfWork
from app.application.serial import lock_set_up
from app.domain.errors import Fault, Invalid, UnknownAccount


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """What became of the rows."""

    created: int
    changed: int
    unchanged: int


class PutMasters:
    """Sets rows up, or changes them: all of them, or none where one breaks a rule. Later transactions see the change, earlier ones keep
    what they were posted with."""

    def __init__(self, units_of_work: UnitsOfWork) -> None:
        self._units_of_work = units_of_work

    async def one(self, tenant_id: UUID, actor: str, kind: MasterKind[Row], row: Row) -> bool:
        """True where it was not there before. Raises `UnknownAccount` or `Invalid`."""
        async with self._units_of_work(tenant_id) as uow:
            new, _ = await _put(uow, kind, [row], lambda finding: f"/{finding.field}")
            await uow.audit.write(actor, f"{kind.command}.put", row.code, detail_of(row))
            await uow.commit()
        return bool(new)

    async def many(self, tenant_id: UUID, actor: str, kind: MasterKind[Row], rows: Sequence[Row], lines: Sequence[int]) -> Loaded:
        """`lines`: where each row stands in the file that it came in; faults point at /lines/{line}/{field}. Each row that is new or
        changed has its entry in the audit log, as if it had been put by itself."""
        async with self._units_of_work(tenant_id) as uow:
            new, changed = await _put(uow, kind, rows, lambda finding: f"/lines/{lines[finding.position]}/{finding.field}")
            loaded = Loaded(created=len(new), changed=len(changed), unchanged=len(rows) - len(new) - len(changed))
            await uow.audit.write_each(actor, f"{kind.command}.put", {row.code: detail_of(row) for row in (*new, *changed)})
            detail: dict[str, Any] = {"created": loaded.created, "changed": loaded.changed, "unchanged": loaded.unchanged}
            await uow.audit.write(actor, f"{kind.command}.load", "", detail)
            await uow.commit()
        return loaded


async def _put(
    uow: UnitOfWork, kind: MasterKind[Row], rows: Sequence[Row], pointer: Callable[[Finding], str]
) -> tuple[Sequence[Row], Sequence[Row]]:
    """The rows that are new, and those that changed."""
    await lock_set_up(uow)
    findings: list[Finding] = await kind.check(uow, rows)
    if findings:
        faults = [Fault(pointer=pointer(finding), message=finding.message) for finding in findings[:100]]
        detail = findings[0].message + (f", and {len(findings) - 1} more" if len(findings) > 1 else "")
        raise (UnknownAccount if any(finding.unknown_account for finding in findings) else Invalid)(detail, *faults)
    masters = kind.pick(uow)
    before = await masters.named({row.code for row in rows})
    new = [row for row in rows if row.code not in before]
    changed = [row for row in rows if row.code in before and before[row.code] != row]
    await masters.put([*new, *changed])
    return new, changed
