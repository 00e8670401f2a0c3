"""What debtors owe."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from app.application.ports.debtors import BalanceBy, DebtorSum
from app.application.reports.books import Books
from app.domain.money import Currency


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlAccount:
    """The sum of its debtors, debit positive in base minor units, beside what the ledger has on it: the two differ only by what entries
    and procurement posted there."""

    account: str
    account_code: str
    debtors: int
    ledger: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DebtorsReport:
    as_of: date
    base: Currency
    by: BalanceBy
    sums: Sequence[DebtorSum]
    controls: Sequence[ControlAccount]


class DebtorsBalances:
    """Balances by debtor, warehouse, sales territory or control account up to a day by accounting date, in base currency, each per
    control account, so that they add up to the control accounts. Warehouse and sales territory are those that the transactions carry."""

    def __init__(self, books: Books) -> None:
        self._books = books

    async def __call__(self, tenant_id: UUID, as_of: date | None, by: BalanceBy) -> DebtorsReport:
        async with self._books.open(tenant_id) as books:
            day = as_of or books.today
            documents = books.uow.debtors_ledger.documents
            sums, controls = await documents.balances(day, by), await documents.balances(day, BalanceBy.CONTROL_ACCOUNT)
            ledger: dict[tuple[str | None, str], int] = {}
            for each in await books.uow.reports.account_sums(day):
                key = each.account, each.account_code
                ledger[key] = ledger.get(key, 0) + each.debit - each.credit
            return DebtorsReport(
                as_of=day,
                base=books.base,
                by=by,
                sums=sums,
                controls=[
                    ControlAccount(
                        account=each.account,
                        account_code=each.account_code,
                        debtors=each.debit - each.credit,
                        ledger=ledger.get((each.account, each.account_code), 0),
                    )
                    for each in controls
                ],
            )
