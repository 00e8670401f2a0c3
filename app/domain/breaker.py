"""The circuit breaker of an endpoint: after failures in a row nothing is called for a while, then one probe. A pure decision."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.domain import delivery as d
from app.domain.retry import after_throttling

THRESHOLD = 5
FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(minutes=15)

Outcome = d.SendOutcome | d.Validation | d.FindOutcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Breaker:
    """`failures` counts calls in a row without a usable answer. Nothing is called before `open_until`: the breaker's own pause, or the
    one that the ERP asked for."""

    failures: int = 0
    open_until: datetime | None = None

    def is_open(self, now: datetime) -> bool:
        return self.open_until is not None and self.open_until > now

    @property
    def probing(self) -> bool:
        """Once its pause is over, one call at a time: the next answer decides."""
        return self.failures >= THRESHOLD

    def after(self, outcome: Outcome, *, now: datetime, jitter_permille: int) -> "Breaker":
        """As it is after a call. Calls that were under way together count as one failure once the first of them has opened it."""
        match outcome:
            case d.Throttled(retry_after=seconds):
                until = after_throttling(now, seconds)
                return Breaker(open_until=until if self.open_until is None else max(until, self.open_until))
            case d.Retryable() | d.Unknown() | d.CannotTell():
                return self if self.is_open(now) and self.probing else self._failed(now, jitter_permille)
            case _:
                return Breaker(open_until=None if self.probing else self.open_until)

    def _failed(self, now: datetime, jitter_permille: int) -> "Breaker":
        failures = self.failures + 1
        if failures < THRESHOLD:
            return Breaker(failures=failures, open_until=self.open_until)
        doublings = min(failures - THRESHOLD, 10)
        pause = min(FIRST_PAUSE * 2**doublings, LONGEST_PAUSE)
        return Breaker(failures=failures, open_until=now + pause * (1000 + jitter_permille) / 1000)
