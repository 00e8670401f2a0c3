"""A journal's header as a row, and back."""

from typing import Any

from sqlalchemy import Row

from app.application.ports.journals import REFERENCE_MARK, Journal, Member
from app.domain.delivery import Problem, ValidationLevel
from app.domain.journal import JournalPart, JournalStatus
from app.domain.money import Currency


def new_row(journal: Journal, member: Member | None = None) -> dict[str, Any]:
    """One that is made, with its transaction where it has one of its own."""
    return {
        "journal_id": str(journal.id),
        "endpoint": journal.endpoint,
        "accounting_date": journal.accounting_date.isoformat(),
        "currency": journal.currency.code,
        "currency_digits": journal.currency.digits,
        "base_currency": journal.base_currency.code,
        "base_digits": journal.base_currency.digits,
        "debit_total": journal.debit_total,
        "base_debit_total": journal.base_debit_total,
        "description_parts": journal.description.split(REFERENCE_MARK),
        "lane_key": journal.lane_key,
        "status": journal.status,
        "reason_code": journal.reason_code,
        "reason": journal.reason,
        "gathering": journal.gathering,
        "part": journal.part,
        "omit": list(journal.omit),
        "most_lines": journal.most_lines,
        "group_number": journal.group,
        "transaction_id": member and str(member.transaction_id),
        "lines": member and member.lines,
    }


def journal_of(row: Row[Any]) -> Journal:
    return Journal(
        id=row.journal_id,
        endpoint=row.endpoint,
        reference=row.reference,
        accounting_date=row.accounting_date,
        currency=Currency(code=row.currency, digits=row.currency_digits),
        base_currency=Currency(code=row.base_currency, digits=row.base_digits),
        debit_total=row.debit_total,
        base_debit_total=row.base_debit_total,
        description=row.description,
        lane_key=row.lane_key,
        status=JournalStatus(row.status),
        number=row.number,
        version=row.version,
        held=row.held,
        validation_level=ValidationLevel(row.validation_level) if row.validation_level else None,
        problems=tuple(Problem(**problem) for problem in row.problems),
        reason_code=row.reason_code,
        reason=row.reason,
        sequence=row.sequence,
        created_at=row.created_at,
        finished_at=row.finished_at,
        gathering=row.gathering,
        part=JournalPart(row.part),
        omit=tuple(row.omit),
        most_lines=row.most_lines,
        group=row.group_number,
        posting_date=row.posting_date,
        transactions=row.transactions,
    )


def problem_json(problem: Problem) -> dict[str, Any]:
    return {"line": problem.line, "code": problem.code, "message": problem.message, "severity": problem.severity}
