"""Open lines summed: by how long they have been open, by supplier, by charge code. Base minor units, as the report has them."""

from collections import defaultdict
from dataclasses import dataclass, field

from app.application.reports.open_lines import OpenLine, OpenReport

LAST_DAYS: tuple[int | None, ...] = (30, 60, 90, 180, 365, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class AgeSum:
    """Lines of `first` to `last` days, both included (None: and more). `first` None: those that have no age."""

    first: int | None
    last: int | None
    lines: int
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PartSum:
    """What is open with a supplier, or for a charge code. `code` None: lines without one."""

    code: str | None
    name: str
    lines: int
    amount: int


@dataclass(slots=True)
class _Sum:
    name: str = ""
    amount: int = 0
    lines: set[tuple[str, int | None]] = field(default_factory=set)

    def add(self, line: OpenLine, amount: int) -> None:
        self.amount += amount
        self.lines.add((line.order_number, line.line.number if line.line else None))


def age_of(report: OpenReport, line: OpenLine, *, aged: bool) -> int | None:
    """In days: of its oldest receipt that is not invoiced where `aged`, else of its order."""
    days = line.age_days if aged else (report.as_of - line.order_date).days
    return None if days is None else max(0, days)


def bucket_of(age: int | None) -> int | None:
    """Its place in `LAST_DAYS`."""
    return None if age is None else next(place for place, last in enumerate(LAST_DAYS) if last is None or age <= last)


def by_age(report: OpenReport, *, aged: bool) -> list[AgeSum]:
    """Every span of days, and last what has no age where there is any."""
    sums: dict[int | None, _Sum] = defaultdict(_Sum)
    for line in report.lines:
        sums[bucket_of(age_of(report, line, aged=aged))].add(line, line.amounts.base)
    firsts = [0, *(last + 1 for last in LAST_DAYS if last is not None)]
    spans: list[tuple[int | None, int | None, int | None]] = [
        (place, first, last) for place, (first, last) in enumerate(zip(firsts, LAST_DAYS, strict=True))
    ]
    if None in sums:
        spans.append((None, None, None))
    return [AgeSum(first=first, last=last, lines=len(sums[place].lines), amount=sums[place].amount) for place, first, last in spans]


def by_supplier(report: OpenReport) -> list[PartSum]:
    """The largest first."""
    sums: dict[str | None, _Sum] = defaultdict(_Sum)
    for line in report.lines:
        code = line.supplier.code if line.supplier else None
        sums[code].name = line.supplier.name if line.supplier else ""
        sums[code].add(line, line.amounts.base)
    return _largest_first(sums)


def by_charge_code(report: OpenReport) -> list[PartSum]:
    """The largest first; what is on no charge code is shipping on its own account."""
    sums: dict[str | None, _Sum] = defaultdict(_Sum)
    for line in report.lines:
        for share in line.codes:
            sums[share.code].add(line, share.amounts.base)
    return _largest_first(sums)


def oldest_first(report: OpenReport, *, aged: bool) -> list[OpenLine]:
    """The lines by their age, then by order and line; those without an age last."""
    return sorted(report.lines, key=lambda line: order_key(report, line, aged=aged))


def order_key(report: OpenReport, line: OpenLine, *, aged: bool) -> tuple[int, str, int]:
    """A line's place among the oldest first."""
    age = age_of(report, line, aged=aged)
    return (1 if age is None else -age, line.order_number, line.line.number if line.line else 0)


def _largest_first(sums: dict[str | None, _Sum]) -> list[PartSum]:
    found = [PartSum(code=code, name=each.name, lines=len(each.lines), amount=each.amount) for code, each in sums.items()]
    return sorted(found, key=lambda each: (-abs(each.amount), each.code or ""))
