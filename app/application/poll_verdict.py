"""What an ERP that polls answers about a journal that was leased to it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any
from uuid import UUID

from app.application.polled_endpoint import POLLED_LEVEL
from app.application.ports.polling import PollLease, PollPurpose
from app.domain.delivery import Booked, Problem, Rejected, Validation
from app.domain.errors import Fault, Invalid

NO_REASON = Problem(line=None, code="refused", message="The ERP gave no reason")


class PollResult(StrEnum):
    """What an ERP answers: the first two to a validation, the others to a posting."""

    VALID = "valid"
    INVALID = "invalid"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


RESULTS = {
    PollPurpose.VALIDATE: frozenset({PollResult.VALID, PollResult.INVALID}),
    PollPurpose.POST: frozenset({PollResult.ACCEPTED, PollResult.REJECTED}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One response. `pointer` is where it stands in the body."""

    lease_id: UUID
    journal_id: UUID
    result: PollResult
    erp_reference: str | None = None
    problems: tuple[Problem, ...] = ()
    pointer: str = ""


def check_fits(lease: PollLease, verdict: Verdict) -> None:
    """Raises `Invalid` where it answers something else than it was asked."""
    faults = []
    if verdict.journal_id != lease.journal_id:
        faults.append(Fault(pointer=f"{verdict.pointer}/journal_id", message="is not the journal of this lease"))
    if verdict.result not in RESULTS[lease.purpose]:
        message = f"the lease is to {lease.purpose}: must be one of {', '.join(sorted(RESULTS[lease.purpose]))}"
        faults.append(Fault(pointer=f"{verdict.pointer}/result", message=message))
    elif verdict.result is PollResult.ACCEPTED and verdict.erp_reference is None:
        faults.append(Fault(pointer=f"{verdict.pointer}/erp_reference", message="must be given with accepted"))
    if faults:
        raise Invalid("the response does not fit its lease", *faults)


def outcome_of(verdict: Verdict) -> Booked | Rejected | Validation:
    """A warning is what an ERP complains of in a journal that it finds valid."""
    match verdict.result:
        case PollResult.ACCEPTED:
            return Booked(number=verdict.erp_reference or "")
        case PollResult.REJECTED:
            return Rejected(problems=verdict.problems or (NO_REASON,))
        case PollResult.INVALID:
            return Validation(level=POLLED_LEVEL, problems=verdict.problems or (NO_REASON,))
        case PollResult.VALID:
            return Validation(level=POLLED_LEVEL, problems=tuple(replace(each, severity="warning") for each in verdict.problems))


def kept_verdict(verdict: Verdict) -> dict[str, Any]:
    """A verdict as the lease keeps it."""
    problems: list[Mapping[str, Any]] = [{"line": each.line, "code": each.code, "message": each.message} for each in verdict.problems]
    return {"result": str(verdict.result), "erp_reference": verdict.erp_reference, "problems": problems}
