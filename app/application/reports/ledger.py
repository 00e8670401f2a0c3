"""The ledger of one account."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID

from app.application.ports.reports import EVERY_LINE, LedgerKey, LedgerLine, Narrowing, Selector
from app.application.reports.books import Books
from app.application.reports.open_lines import check_dates
from app.domain.money import Currency


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningLine:
    """A line and the balance after it, debit positive."""

    posted: LedgerLine
    balance: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerPage:
    """A page of an account's ledger. Opening and closing are of the whole span of days that was asked for, `brought` is the balance before
    the page's first line; debit positive, and of the lines that were asked for alone."""

    selector: Selector
    narrowed: Narrowing
    date_from: date | None
    date_to: date | None
    base: Currency
    opening: int
    closing: int
    brought: int
    lines: Sequence[RunningLine]

    def first(self, limit: int) -> "LedgerPage":
        """The page with no more than its first lines."""
        return replace(self, lines=self.lines[:limit])


class LedgerOfAccount:
    """Every posted line on an account, by accounting date, with opening, running and closing balance in base currency, debit
    positive. Where no days are given: all there is. The running balance is right on every page, and is of the lines asked for alone."""

    def __init__(self, books: Books) -> None:
        self._books = books

    async def __call__(
        self,
        tenant_id: UUID,
        selector: Selector,
        narrowed: Narrowing = EVERY_LINE,
        *,
        date_from: date | None,
        date_to: date | None,
        after: LedgerKey | None,
        limit: int,
    ) -> LedgerPage:
        check_dates(date_from, date_to)
        async with self._books.open(tenant_id) as books:
            reports = books.uow.reports
            opening = 0 if date_from is None else await reports.balance(selector, narrowed, before=date_from)
            end = None if date_to in (None, date.max) else date_to + timedelta(days=1)
            closing = await reports.balance(selector, narrowed, before=end)
            brought = opening if after is None else await reports.balance(selector, narrowed, through=after)
            found = await reports.lines(selector, narrowed, after=after, date_from=date_from, date_to=date_to, limit=limit)
            return LedgerPage(
                selector=selector,
                narrowed=narrowed,
                date_from=date_from,
                date_to=date_to,
                base=books.base,
                opening=opening,
                closing=closing,
                brought=brought,
                lines=_running(found, brought),
            )


def _running(lines: Sequence[LedgerLine], balance: int) -> list[RunningLine]:
    found = []
    for line in lines:
        balance += line.base_amount if line.side == "debit" else -line.base_amount
        found.append(RunningLine(posted=line, balance=balance))
    return found
