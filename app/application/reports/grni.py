"""Received Not Invoiced."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from uuid import UUID

from app.application.reports.books import Books, OpenBooks
from app.application.reports.open_lines import OpenFilter, OpenLine, OpenReport, check_dates, local_day, narrowed, open_line, order_days
from app.application.reports.outstanding import outstanding
from app.domain.accruals import Receipt, oldest_open_receipt


class GrniReport:
    """What was received and not yet invoiced, per order line and charge code, up to a day by accounting date (default today).
    Its total is the ledger's GRNI balance on that day, to the cent. `from` and `to` are about the order's date."""

    def __init__(self, books: Books) -> None:
        self._books = books

    async def __call__(self, tenant_id: UUID, as_of: date | None, wanted: OpenFilter) -> OpenReport:
        check_dates(wanted.date_from, wanted.date_to)
        async with self._books.open(tenant_id) as books:
            day = as_of or books.today
            sheet = await outstanding(books, day)
            rows = [row for row in sheet.rows if row.accrued]
            days = await order_days(books, sorted({row.order_number for row in rows}))
            lines = narrowed([open_line(row, days[row.order_number], row.accrued, wanted) for row in rows], wanted)
            return OpenReport(
                as_of=day,
                base=books.base,
                lines=await _aged(books, lines, day),
                ledger_balance=None if wanted.narrows else sheet.ledger_accrued,
            )


async def _aged(books: OpenBooks, lines: Sequence[OpenLine], day: date) -> list[OpenLine]:
    """With the date of the oldest receipt that is not invoiced, and its age on the day."""
    found: dict[tuple[str, int], list[Receipt]] = defaultdict(list)
    for stored in await books.uow.accruals.receipts(sorted({line.order_number for line in lines}), day):
        receipt = Receipt(local_day(stored.dated, books.tenant.time_zone), stored.units)
        found[stored.order_number, stored.line_number].append(receipt)
    return [_with_age(line, found, day) for line in lines]


def _with_age(line: OpenLine, receipts: dict[tuple[str, int], list[Receipt]], day: date) -> OpenLine:
    if line.line is None:
        return line
    oldest = oldest_open_receipt(receipts.get((line.order_number, line.line.number), ()), line.line.invoiced)
    return replace(line, oldest_receipt=oldest, age_days=None if oldest is None else (day - oldest).days)
