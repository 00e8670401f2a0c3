"""Amounts side by side as bars from a zero line up or down: the numbers that an SVG is drawn from, in whole units."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

WIDTH, HEIGHT, TOP, BOTTOM, GAP, LABEL = 420, 236, 6, 22, 14, 18


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """`middle` is where its labels stand: `told_at` above it, or below it where it is negative."""

    x: int
    y: int
    width: int
    height: int
    middle: int
    told_at: int
    name: str
    told: str


class SignedBars:
    """One bar per amount (minor units), with what `told` says of it; something is never drawn as nothing."""

    width, height = WIDTH, HEIGHT

    def __init__(self, amounts: Sequence[int], names: Sequence[str], told: Callable[[int], str]) -> None:
        high, low = max(0, *amounts), min(0, *amounts)
        room = HEIGHT - TOP - BOTTOM - LABEL - (LABEL if low else 0)
        self._span = max(1, high - low)
        self._room = room
        self.zero = TOP + LABEL + room * high // self._span
        step = WIDTH // max(1, len(amounts))
        self.bars = [self._bar(place, step, amount, name, told) for place, (amount, name) in enumerate(zip(amounts, names, strict=True))]

    def _bar(self, place: int, step: int, amount: int, name: str, told: Callable[[int], str]) -> Bar:
        tall = max(2, abs(amount) * self._room // self._span) if amount else 0
        top = self.zero - tall if amount > 0 else self.zero
        return Bar(
            x=place * step + GAP // 2,
            y=top,
            width=step - GAP,
            height=tall,
            middle=place * step + step // 2,
            told_at=top - 5 if amount >= 0 else top + tall + 14,
            name=name,
            told=told(amount) if amount else "",
        )
