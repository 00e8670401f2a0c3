"""The rows of the reports on accruals and on commitments: the same but for which of the two they show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from app.application.ports.accruals import Dated
from app.application.reports.books import OpenBooks
from app.application.reports.outstanding import Outstanding
from app.domain.accruals import ByCode, LineFacts, percentage, total
from app.domain.errors import Fault, Invalid
from app.domain.money import Amounts, Currency
from app.domain.transaction import Supplier


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenFilter:
    """What a report is narrowed to: the order's date (both included), its supplier's code, a charge code."""

    date_from: date | None = None
    date_to: date | None = None
    supplier: str | None = None
    account_code: str | None = None

    @property
    def narrows(self) -> bool:
        return any(value is not None for value in (self.date_from, self.date_to, self.supplier, self.account_code))


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeShare:
    """A charge code of a line: its share in millionths of a percent (None: the line is not coded to it any more) and its amounts.
    `code` is None for shipping on its own account."""

    code: str | None
    percentage: int | None
    amounts: Amounts


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenLine:
    """An order line (None: its order's shipping) that is open on a day, with what is open of it."""

    order_number: str
    order_date: date
    supplier: Supplier | None
    currency: Currency
    line: LineFacts | None
    codes: Sequence[CodeShare]
    oldest_receipt: date | None = None
    age_days: int | None = None

    @property
    def amounts(self) -> Amounts:
        return total(share.amounts for share in self.codes)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenReport:
    """Open lines on a day. `total` is in base currency; `ledger_balance` is the same from the ledger's own sums, None where the
    report was narrowed and the two cannot be compared."""

    as_of: date
    base: Currency
    lines: Sequence[OpenLine]
    ledger_balance: int | None

    @property
    def total(self) -> int:
        return sum(line.amounts.base for line in self.lines)

    def totals(self) -> Mapping[Currency, Amounts]:
        """Per document currency, by its code."""
        found: dict[Currency, Amounts] = {}
        for line in sorted(self.lines, key=lambda line: line.currency.code):
            found[line.currency] = total((found.get(line.currency, Amounts(0, 0)), line.amounts))
        return found


def check_dates(date_from: date | None, date_to: date | None) -> None:
    """Raises `Invalid` where a report's days are the wrong way round."""
    if date_from and date_to and date_from > date_to:
        raise Invalid(f"from {date_from} is after to {date_to}", Fault(pointer="/query/from", message=f"must not be after {date_to}"))


def local_day(dated: Dated, time_zone: str) -> date:
    """A document's date: its own, else the day of its event in the tenant's time zone."""
    return dated.day or dated.at.astimezone(ZoneInfo(time_zone)).date()


def open_line(row: Outstanding, order_date: date, parts: ByCode, wanted: OpenFilter) -> OpenLine:
    """A row with what of it is wanted, the codes as the line has them."""
    codings = row.line.codings if row.line else ()
    places = {code: place for place, code in enumerate(dict.fromkeys(code for coding in codings for code in coding.codes))}
    return OpenLine(
        order_number=row.order_number,
        order_date=order_date,
        supplier=row.supplier,
        currency=row.currency,
        line=row.line,
        codes=[
            CodeShare(code=code, percentage=percentage(code, codings), amounts=amounts)
            for code, amounts in sorted(parts.items(), key=lambda part: places.get(part[0] or "", 0))
            if wanted.account_code in (None, code)
        ],
    )


async def order_days(books: OpenBooks, orders: Sequence[str]) -> Mapping[str, date]:
    """The orders' own dates."""
    found = await books.uow.accruals.order_dates(orders)
    return {number: local_day(dated, books.tenant.time_zone) for number, dated in found.items()}


def narrowed(lines: Sequence[OpenLine], wanted: OpenFilter) -> list[OpenLine]:
    """Those that the report is about."""
    first, last = wanted.date_from or date.min, wanted.date_to or date.max
    return [
        line
        for line in lines
        if line.codes
        and first <= line.order_date <= last
        and (wanted.supplier is None or (line.supplier is not None and line.supplier.code == wanted.supplier))
    ]
