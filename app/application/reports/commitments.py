"""Open commitments."""

from datetime import date
from uuid import UUID

from app.application.reports.books import Books
from app.application.reports.open_lines import OpenFilter, OpenReport, check_dates, narrowed, open_line, order_days
from app.application.reports.outstanding import outstanding


class CommitmentsReport:
    """What is ordered and neither received nor invoiced, per order line and charge code, shipping on its own account without a
    line, up to a day by accounting date (default today). Its total is the ledger's Estimate balance on that day."""

    def __init__(self, books: Books) -> None:
        self._books = books

    async def __call__(self, tenant_id: UUID, as_of: date | None, wanted: OpenFilter) -> OpenReport:
        check_dates(wanted.date_from, wanted.date_to)
        async with self._books.open(tenant_id) as books:
            day = as_of or books.today
            sheet = await outstanding(books, day)
            rows = [row for row in sheet.rows if row.committed]
            days = await order_days(books, sorted({row.order_number for row in rows}))
            lines = [open_line(row, days[row.order_number], row.committed, wanted) for row in rows]
            return OpenReport(
                as_of=day,
                base=books.base,
                lines=narrowed(lines, wanted),
                ledger_balance=None if wanted.narrows else sheet.ledger_committed,
            )
