"""The turns of a unit of work: what their outcomes mean for what is there now, and which heads they may go on with."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from app.application.next_call import NOT_BACK, Called, Step, absent_after
from app.application.ports.delivery import Attempt, DeliveryRow, Lane
from app.application.ports.turns import Head, Place, TurnWrites
from app.application.settle_delivery import Outcome, Settlement, outcome_json, settle
from app.domain.breaker import Breaker
from app.domain.delivery import Unknown, Validation
from app.domain.journal import JournalStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What a lane brings: its last call, if it made one. No call begins at `ends_at` or after."""

    lane: Lane
    called: Called | None
    ends_at: datetime


@dataclass(slots=True, kw_only=True)
class TurnGroup:
    """The turns, and what comes of them. `heads` are what each can go on with, by its place in `turns`."""

    turns: Sequence[Turn]
    now: datetime
    writes: TurnWrites
    heads: dict[int, Head] = field(default_factory=dict)
    pause_reason: str | None = None
    awaits_sign_in: bool = False

    def settle(self, place: int, heads: Sequence[Head], jitter_permille: int) -> None:
        """Applies an outcome to what is there now, and finds the head that the lane can go on with at once, if there is one."""
        called = self.turns[place].called
        if not heads:
            return
        head = heads[0]
        if called is None or head.journal.id != called.step.journal.id:  # a person finished it meanwhile
            self.heads[place] = head
            return
        if isinstance(called.outcome, Validation) and _changed(head, called.step):
            self.heads[place] = head  # the verdict is about what is not there any more
            return
        settlement = settle(
            called.outcome,
            head.journal,
            failures=head.row.failures,
            now=self.now,
            jitter_permille=jitter_permille,
            absent_after=absent_after(head.row, called.step.connection),
            minimum=called.step.minimum,
        )
        if settlement.pause_reason is not None:
            self.pause_reason, self.awaits_sign_in = settlement.pause_reason, settlement.awaits_sign_in
        if (same := self.apply(head, settlement, called.outcome)) is not None:
            self.heads[place] = same
        elif settlement.go_on and len(heads) > 1:
            self.heads[place] = heads[1]

    def apply(self, head: Head, settlement: Settlement, outcome: Outcome) -> Head | None:
        """Has the settlement written; the same head as it is then, None where nothing more is to be done about it now."""
        self.writes.steps.append((settlement.journal, outcome_json(outcome)[0]))
        if (moved := _place(head.row, settlement)) is not None:
            self.writes.places.append(moved)
        if settlement.done or not settlement.go_on:
            return None
        row = replace(head.row, failures=settlement.failures, next_at=settlement.next_at or self.now)
        return Head(row=row, journal=settlement.journal)

    def ready(self, breaker: Breaker) -> dict[int, Head]:
        """The heads that a call may be made about now, by their places."""
        return {place: head for place, head in self.heads.items() if _may_call(self.turns[place], head, breaker, self.now)}


def lost(heads: Iterable[Head], now: datetime) -> Iterator[Attempt]:
    """Attempts whose outcome nobody wrote, ended."""
    name, detail = outcome_json(Unknown(reason=NOT_BACK))
    for head in heads:
        for each in head.row.open_attempts:
            opened = Attempt(id=each.id, journal_id=head.journal.id, purpose=each.purpose, fence=0, started_at=now, request="")
            yield replace(opened, finished_at=now, outcome=name, detail=detail)


def just_validated(head: Head, called: Called) -> bool:
    """Whether the call before made this journal valid, as against a person who validated a later version of it meanwhile."""
    same = called.step.journal.id == head.journal.id and not _changed(head, called.step)
    return same and isinstance(called.outcome, Validation) and head.journal.status is JournalStatus.VALID


def _may_call(turn: Turn, head: Head, breaker: Breaker, now: datetime) -> bool:
    allowed = not breaker.is_open(now) and now < turn.ends_at and (turn.lane.rides or turn.lane.allowance.left > 0)
    return allowed and head.row.wanted and not head.journal.held and head.row.next_at <= now


def _place(row: DeliveryRow, settlement: Settlement) -> Place | None:
    """Where the journal stands in its lane now, None where it is where it was: what is due already is not postponed to now."""
    plain = Place(journal_id=row.journal_id, done=settlement.done, wanted=row.wanted, failures=row.failures, next_at=row.next_at)
    if settlement.done:
        return plain
    if settlement.withdrawn:
        return replace(plain, wanted=False)
    if settlement.next_at is None or (settlement.go_on and row.failures == settlement.failures):
        return None
    return replace(plain, failures=settlement.failures, next_at=settlement.next_at)


def _changed(head: Head, step: Step) -> bool:
    """Whether the journal is another one than its document was built from."""
    return (head.journal.version, head.journal.transactions) != (step.journal.version, step.journal.transactions)
