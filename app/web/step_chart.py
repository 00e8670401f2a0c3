"""Balances over time as stepped lines: the numbers that an SVG is drawn from, in whole units, made on the server."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

HEIGHT, TOP, BOTTOM, RIGHT = 240, 12, 24, 12
LETTER = 7
"""How wide a digit beside the axis is."""
TICKS = 4
STEPS = (1, 2, 5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """An amount or a day on an axis, and where it stands. `strong`: zero."""

    at: int
    label: str
    strong: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Dot:
    x: int
    y: int
    day: date
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One series: `path` is an SVG path that steps from balance to balance; dots are where it moves."""

    path: str
    dots: Sequence[Dot]


class StepChart:
    """Series of amounts by day, in minor units. `values[i]` are the balances of all series from `days[i]` on; each lasts until the next
    day, the last one until `until`."""

    height = HEIGHT

    def __init__(
        self,
        days: Sequence[date],
        values: Sequence[Sequence[int]],
        until: date,
        *,
        width: int,
        amount: Callable[[int], str],
        day: Callable[[date], str],
    ) -> None:
        self.width, self.right = width, width - RIGHT
        self._first, self._bottom = days[0], HEIGHT - BOTTOM
        self._days = max(1, (max(until, days[-1]) - self._first).days)
        amounts = self._round_amounts(values)
        labels = [amount(each) for each in amounts]
        self.left = 16 + LETTER * max(len(label) for label in labels)
        self.amounts = [Tick(at=self._y(each), label=label, strong=each == 0) for each, label in zip(amounts, labels, strict=True)]
        self.days = [Tick(at=self._x(each), label=day(each)) for each in self._some_days(3 if width < 500 else 6)]
        self.lines = [self._line(days, [row[series] for row in values]) for series in range(len(values[0]))]

    def _round_amounts(self, values: Sequence[Sequence[int]]) -> Sequence[int]:
        """Those that hold all balances and zero."""
        low, high = min(0, *(min(row) for row in values)), max(0, *(max(row) for row in values))
        step = _round_step(high - low)
        self._low, highest = low // step * step, -(-high // step) * step
        self._high = max(highest, self._low + step)
        return range(self._low, self._high + 1, step)

    def _some_days(self, most: int) -> list[date]:
        count = min(most, self._days + 1)
        return [self._first + timedelta(days=self._days * place // (count - 1)) for place in range(count)]

    def _line(self, days: Sequence[date], amounts: Sequence[int]) -> Line:
        before, path, dots = 0, f"M{self._x(days[0])} {self._y(0)}", []
        for day, amount in zip(days, amounts, strict=True):
            if amount != before:
                x, y = self._x(day), self._y(amount)
                path += f"H{x}V{y}"
                dots.append(Dot(x=x, y=y, day=day, amount=amount))
            before = amount
        return Line(path=f"{path}H{self.right}", dots=dots)

    def _x(self, day: date) -> int:
        return self.left + (day - self._first).days * (self.right - self.left) // self._days

    def _y(self, amount: int) -> int:
        return self._bottom - (amount - self._low) * (self._bottom - TOP) // (self._high - self._low)


def _round_step(span: int) -> int:
    """The smallest 1, 2 or 5 times a power of ten of which at most so many ticks hold the span."""
    step = 1
    while True:
        for each in STEPS:
            if each * step * TICKS >= span:
                return each * step
        step *= 10
