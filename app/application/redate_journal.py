"""A person has a journal posted in the ERP on another date than the accounting date."""

from dataclasses import replace
from datetime import date
from uuid import UUID

from app.application.ports.journals import Journal
from app.application.ports.unit_of_work import UnitsOfWork
from app.application.select_journals import get_journal, take_journal
from app.domain.errors import JournalAlreadySent
from app.domain.journal import FINISHED, JournalStatus

OUT_OF_REACH = FINISHED | {JournalStatus.SENDING, JournalStatus.UNKNOWN}


class RedateJournal:
    """Changes the posting date that is sent, never our accounting date; without a date it is the accounting date again. What was checked,
    refused or released is open again, since it is not what will be sent. Refused for what is sent, marked, being sent or unknown."""

    def __init__(self, units_of_work: UnitsOfWork) -> None:
        self._units_of_work = units_of_work

    async def __call__(self, tenant_id: UUID, journal_id: UUID, day: date | None, reason: str, actor: str) -> Journal:
        """The journal as it is now, or `JournalAlreadySent`."""
        async with self._units_of_work(tenant_id) as uow:
            journal = await take_journal(uow, journal_id)
            if journal.status in OUT_OF_REACH:
                raise JournalAlreadySent(f"journal {journal.reference} is {journal.status}")
            endpoint = await uow.endpoints.get(journal.endpoint)
            if journal.status is JournalStatus.QUEUED and (endpoint is None or endpoint.release != "automatic"):
                await uow.dispatch.withdraw(journal_id)
            redated = replace(
                journal,
                posting_date=None if day == journal.accounting_date else day,
                status=JournalStatus.OPEN,
                validation_level=None,
                problems=(),
            )
            await uow.journals.update(redated, "redate", actor=actor, reason=reason)
            told = {"date": None if day is None else day.isoformat(), "reason": reason}
            await uow.audit.write(actor, "journal.redate", journal.reference, told)
            await uow.commit()
        async with self._units_of_work(tenant_id) as uow:
            return await get_journal(uow, journal_id)
