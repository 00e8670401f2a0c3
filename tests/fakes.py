"""Fakes of the outside: time and chance. Everything else in the tests is real."""

from datetime import UTC, datetime, timedelta


class FakeClock:
    """Stands still until it is told to move."""

    def __init__(self, now: datetime = datetime(2026, 11, 16, 3, 0, tzinfo=UTC)) -> None:
        self.moment = now

    def now(self) -> datetime:
        return self.moment

    def forward(self, **span: float) -> None:
        self.moment += timedelta(**span)
