"""Figures of `make bench`: what was measured, beside what it is held against in the same run."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

TWENTIETHS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """`ours` and `others` are the values of the rounds, each measured one right after the other. Without `others` the goal is for ours."""

    subject: str
    name: str
    ours: Sequence[float]
    unit: str
    against: str = ""
    others: Sequence[float] = ()
    goal: float | None = None
    at_least: bool = False

    @property
    def ratios(self) -> Sequence[float]:
        """Of ours to the others', round by round, so that a machine that is busier in one round than in another disturbs neither."""
        return [ours / other for ours, other in zip(self.ours, self.others, strict=True)]

    @property
    def held(self) -> float:
        """What is compared with the goal: the median ratio, or the median itself."""
        return statistics.median(self.ratios if self.others else self.ours)

    @property
    def met(self) -> bool | None:
        """None where there is no goal."""
        if self.goal is None:
            return None
        return self.held >= self.goal if self.at_least else self.held <= self.goal


def number(value: float) -> str:
    """With three digits that count."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def spread(values: Sequence[float]) -> str:
    """The median, and where nine tenths of the values lie; all of them where they are few."""
    if len(values) == 1:
        return number(values[0])
    low, high = min(values), max(values)
    if len(values) >= TWENTIETHS:
        low, *_, high = statistics.quantiles(values, n=TWENTIETHS)
    return f"{number(statistics.median(values))} ({number(low)} to {number(high)})"


def verdict(figure: Figure) -> str:
    """The goal, and whether it is met."""
    if figure.goal is None:
        return ""
    sign = "≥" if figure.at_least else "≤"
    return f"goal {sign} {figure.goal:,g}: {'met' if figure.met else 'MISSED'}"


def as_text(figure: Figure) -> str:
    line = f"{figure.name:<44} {spread(figure.ours):>30} {figure.unit}"
    if figure.others:
        line += f"\n{'  against ' + figure.against:<44} {spread(figure.others):>30} {figure.unit}\n"
        line += f"{'':<44} {spread(figure.ratios):>30} ×"
    return f"{line}   {verdict(figure)}".rstrip()
