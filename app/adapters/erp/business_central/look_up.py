"""What is there of journals, and what they may be booked on, in as few calls as Business Central allows."""

from collections.abc import Iterator, Sequence

from app.adapters.erp.business_central import payload
from app.adapters.erp.business_central.client import EACH_BY_ITSELF, Answers, Step
from app.adapters.erp.business_central.dimensions import dimension_codes, read_dimensions, read_values
from app.adapters.erp.business_central.odata import MOST_OPERATIONS, Operation, OperationAnswer, values
from app.adapters.erp.business_central.reference_data import ReferenceData, account_numbers, read_account, read_setup
from app.adapters.erp.business_central.response import Place, read_draft, read_entries
from app.adapters.erp.outcomes import StatusOutcome
from app.domain.delivery import Unknown
from app.domain.journal import JournalDocument

ACCOUNTS_AT_ONCE = 40
"""So many fit into the URL of one read."""


async def read_reference_data(step: Step, journals: Sequence[JournalDocument]) -> ReferenceData | StatusOutcome:
    """The setup and the accounts of these journals."""
    numbers, codes = account_numbers(journals), dimension_codes(journals)
    groups = [numbers[start : start + ACCOUNTS_AT_ONCE] for start in range(0, len(numbers), ACCOUNTS_AT_ONCE)]
    dimensions = [read_dimensions(codes)] if codes else []
    answers = await _read(step, [payload.read_setup(), *map(payload.read_accounts, groups), *dimensions], "reference data")
    if not isinstance(answers, list):
        return answers
    lists = [values(answer) for answer in answers]
    setup = read_setup(lists[0]) if lists[0] is not None else None
    if setup is None or any(rows is None for rows in lists):
        return next((each for each in map(_failure, answers) if each is not None), _UNREADABLE)
    found = [account for rows in lists[1 : 1 + len(groups)] for row in rows or () if (account := read_account(row)) is not None]
    known = read_values(lists[-1] or ()) if codes else {}
    return ReferenceData(setup=setup, accounts={account.number: account for account in found}, dimensions=known)


async def look_up(
    step: Step, journals: Sequence[JournalDocument], prefix: str, template: str | None
) -> dict[str, Place | StatusOutcome] | StatusOutcome:
    """What is there of each. One that cannot be told does not keep the others from it."""
    operations = [operation for journal in journals for operation in _reads(journal, prefix, template)]
    answers = await _read(step, operations, "look up")
    if not isinstance(answers, list):
        return answers
    return {journal.reference: _place(journal.reference, *answers[2 * at : 2 * at + 2]) for at, journal in enumerate(journals)}


_UNREADABLE = Unknown(reason="the answer cannot be read")


def _reads(journal: JournalDocument, prefix: str, template: str | None) -> Iterator[Operation]:
    yield payload.read_entries(journal.reference)
    code = payload.journal_code(prefix, journal.reference)
    yield payload.read_journal(code, template, dimensions=bool(dimension_codes([journal])))


async def _read(step: Step, operations: Sequence[Operation], label: str) -> Answers | StatusOutcome:
    found: Answers = []
    for start in range(0, len(operations), MOST_OPERATIONS):
        answers = await step.batch(operations[start : start + MOST_OPERATIONS], label, EACH_BY_ITSELF)
        if not isinstance(answers, list):
            return answers
        found += answers
    return found


def _place(reference: str, posted: OperationAnswer | None, unposted: OperationAnswer | None) -> Place | StatusOutcome:
    for answer in (posted, unposted):
        if (failure := _failure(answer)) is not None:
            return failure
    entries, journals = read_entries(values(posted)), values(unposted)
    if entries is None or journals is None or any(entry.reference != reference for entry in entries):
        return _UNREADABLE
    drafts = [read_draft(row) for row in journals]
    if len(drafts) > 1 or None in drafts:
        return _UNREADABLE
    return Place(entries=entries, draft=drafts[0] if drafts else None)


def _failure(answer: OperationAnswer | None) -> StatusOutcome | None:
    if answer is None:
        return _UNREADABLE
    return None if answer.succeeded else answer.outcome()
