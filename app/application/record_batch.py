"""Events that were sent as a batch: those that can go together do, and each of the others by itself."""

from collections.abc import Iterator, Mapping, Sequence
from uuid import UUID

from app.application.events_in.envelope import Envelope, open_envelope
from app.application.record_event import RecordEvent
from app.application.record_together import CANCELLATION
from app.application.recorded import EventResult
from app.domain.errors import DomainError


class RecordBatch:
    """Records events as if they had come one after the other: each is posted, parked or refused on its own, whatever becomes of the
    others."""

    def __init__(self, record_event: RecordEvent) -> None:
        self._record_event = record_event

    async def __call__(self, tenant_id: UUID, raws: Sequence[object], *, dry_run: bool = False) -> list[EventResult | DomainError]:
        """What became of each, in their order; the error of one that was refused. A dry run answers each as if it came alone."""
        answers: dict[int, EventResult | DomainError] = {}
        envelopes: dict[int, Envelope] = {}
        for place, raw in enumerate(raws):
            try:
                envelopes[place] = open_envelope(raw)
            except DomainError as error:
                answers[place] = error
        for run in _runs(envelopes):
            if not dry_run and len(run) > 1:
                answers |= await self._record_event.together(tenant_id, run)
            for place, envelope in run.items():
                if place not in answers:
                    answers[place] = await self._one(tenant_id, envelope, dry_run=dry_run)
        return [answers[place] for place in range(len(raws))]

    async def _one(self, tenant_id: UUID, envelope: Envelope, *, dry_run: bool) -> EventResult | DomainError:
        try:
            return await self._record_event.record(tenant_id, envelope, dry_run=dry_run)
        except DomainError as error:
            return error


def _runs(envelopes: Mapping[int, Envelope]) -> Iterator[Mapping[int, Envelope]]:
    """A cancellation is a run of its own: what it is about shows when its turn comes."""
    run: dict[int, Envelope] = {}
    for place, envelope in envelopes.items():
        if envelope.type == CANCELLATION:
            yield run
            yield {place: envelope}
            run = {}
        else:
            run[place] = envelope
    yield run
