"""An ERP says that it has booked a journal that had been concluded otherwise."""

from dataclasses import replace

from app.application.ports.delivery import Attempt
from app.application.ports.journals import Journal
from app.application.ports.unit_of_work import UnitOfWork
from app.domain.delivery import Problem
from app.domain.errors import VerdictDiffers
from app.domain.journal import JournalStatus

CODE = "booked-otherwise"


async def keep_late_booking(uow: UnitOfWork, journal: Journal, before: Attempt, answered: Attempt, number: str, actor: str) -> None:
    """Keeps the ERP's answer as its attempt's outcome, once, and as a problem of a journal that a person has marked: what may be in the
    ledger twice is for a person to see. The journal stays as it was concluded, and one that is sent never changes. Raises
    `VerdictDiffers` where this lease brought another number before."""
    if before.outcome == answered.outcome:
        if before.detail != answered.detail:
            raise VerdictDiffers(f"the lease was answered with another number for journal {journal.reference}")
        return
    await uow.attempts.finish(answered)
    if journal.status is JournalStatus.MARKED_AS_SENT:
        known = f" under {journal.number}" if journal.number else ""
        message = f"The ERP says that it has booked this journal as {number}, though it is {journal.status}{known}"
        problem = Problem(line=None, code=CODE, message=message)
        await uow.journals.update(replace(journal, problems=(*journal.problems, problem)), "late_answer", actor=actor)
    await uow.commit()
