"""Books journals in NetSuite: look up by external id, make what is missing, read the ledger back.

A `PUT` by external id makes a record or overwrites the one that is there, whatever people did to it: so it is only sent for what the
look-up says is absent, or awaits approval.
"""

from collections.abc import Sequence

from app.adapters.erp.netsuite.client import Step
from app.adapters.erp.netsuite.look_up import Awaiting, Place, look_up, posted_of, read_reference_data
from app.adapters.erp.netsuite.payload import journal_body, shape_problems
from app.adapters.erp.netsuite.reference_data import ReferenceData, data_problems
from app.adapters.erp.netsuite.response import Posted, told_differences
from app.adapters.erp.netsuite.settings import NetSuiteSettings
from app.adapters.erp.outcomes import StatusOutcome
from app.domain.delivery import (
    Booked,
    Misconfigured,
    Problem,
    Rejected,
    Retryable,
    SendOutcome,
    Throttled,
    Unauthorised,
    Unknown,
)
from app.domain.journal import JournalDocument

FOR_ALL = (Throttled, Unauthorised, Misconfigured)
"""What is true for the rest too: nothing more is sent. A call to make a record that did not even leave ends the step as well."""
AWAITS_APPROVAL = Rejected(
    problems=(
        Problem(
            line=None, code="awaits-approval", message="the journal is in NetSuite and awaits approval there: approve it, then send again"
        ),
    )
)


class Sending:
    """One step that sends. `outcomes` fills up by reference; what has none yet goes on to the next stage."""

    def __init__(self, step: Step, settings: NetSuiteSettings) -> None:
        self._step = step
        self._settings = settings
        self.outcomes: dict[str, SendOutcome] = {}

    async def send(self, documents: Sequence[JournalDocument]) -> dict[str, SendOutcome]:
        """An outcome for every reference."""
        for document in documents:
            if problems := shape_problems(document, self._settings.max_lines):
                self.outcomes[document.reference] = Rejected(problems=problems)
        if wanted := self._open(documents):
            data = await read_reference_data(self._step, wanted, self._settings.subsidiary_id)
            if isinstance(data, StatusOutcome):
                self.outcomes |= dict.fromkeys((document.reference for document in wanted), before_anything(data))
            else:
                await self._send(wanted, data)
        return {document.reference: self.outcomes[document.reference] for document in documents}

    async def _send(self, documents: Sequence[JournalDocument], data: ReferenceData) -> None:
        places = await look_up(self._step, [document.reference for document in documents], self._settings.accounting_book)
        made: list[JournalDocument] = []
        for document in documents:
            place = places[document.reference]
            known = self._settled(document, place, data)
            came = known or await self._make(document, data, instead=isinstance(place, Awaiting))
            if came is None:
                made.append(document)
                continue
            self.outcomes[document.reference] = came
            if isinstance(came, FOR_ALL) or (known is None and isinstance(came, Retryable)):
                rest = (each.reference for each in self._open(documents) if each not in made)
                self.outcomes |= dict.fromkeys(rest, came)
                break
        await self._read_back(made)

    def _settled(self, document: JournalDocument, place: Place, data: ReferenceData) -> SendOutcome | None:
        """What is known without sending anything."""
        if isinstance(place, StatusOutcome):
            return before_anything(place)
        if isinstance(place, Posted):
            return booked(document, place)
        if problems := data_problems(document, data):
            return Rejected(problems=problems)
        return AWAITS_APPROVAL if isinstance(place, Awaiting) and not self._settings.approve else None

    async def _make(self, document: JournalDocument, data: ReferenceData, *, instead: bool) -> SendOutcome | None:
        body = journal_body(document, data, subsidiary=self._settings.subsidiary_id, approve=self._settings.approve)
        return await self._step.make(document, body, instead=instead)

    async def _read_back(self, documents: Sequence[JournalDocument]) -> None:
        """What was made is booked once the ledger has it; until then it awaits approval, whatever was asked."""
        posted = await posted_of(self._step, [document.reference for document in documents], self._settings.accounting_book)
        for document in documents:
            if isinstance(posted, StatusOutcome):
                self.outcomes[document.reference] = Unknown(reason="what was booked could not be read back")
            elif document.reference in posted:
                self.outcomes[document.reference] = booked(document, posted[document.reference])
            else:
                self.outcomes[document.reference] = AWAITS_APPROVAL

    def _open(self, documents: Sequence[JournalDocument]) -> list[JournalDocument]:
        return [document for document in documents if document.reference not in self.outcomes]


def booked(document: JournalDocument, posted: Posted) -> Booked:
    return Booked(number=posted.number, problems=told_differences(document, posted))


def before_anything(failure: StatusOutcome) -> StatusOutcome:
    """What a look-up that failed means before anything was sent."""
    return Retryable(reason=failure.reason) if isinstance(failure, Unknown) else failure
