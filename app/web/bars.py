"""A bar chart as the numbers that an SVG is drawn from: whole units, made on the server."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT, GAP = 480, 80, 4


@dataclass(frozen=True, slots=True)
class Bar:
    x: int
    y: int
    width: int
    height: int
    value: int


class Bars:
    """One bar per value, the tallest as high as the chart; something is never drawn as nothing."""

    width, height = WIDTH, HEIGHT

    def __init__(self, values: Sequence[int]) -> None:
        self.total, self.most = sum(values), max(values, default=0)
        step = WIDTH // max(1, len(values))
        self.bars = [self._bar(index, value, step) for index, value in enumerate(values)]

    def _bar(self, index: int, value: int, step: int) -> Bar:
        tall = 0 if value == 0 else max(3, value * HEIGHT // max(1, self.most))
        return Bar(x=index * step + GAP // 2, y=HEIGHT - tall, width=step - GAP, height=tall, value=value)
