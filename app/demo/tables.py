"""Transactions and trial balances as plain text."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from app.demo.balances import Row
from app.demo.chart import NAMES
from app.demo.client import Json

CODE, ACCOUNT, MONEY = 10, 43, 13
NARROW_ACCOUNT, NARROW_MONEY = 28, 11


def money(amount: Decimal) -> str:
    """`1,744.00`, with the decimals that it has."""
    return f"{amount:,}"


def transaction_table(transaction: Json) -> Iterator[str]:
    """Account code, account, debit, credit, and a line with both sums."""
    yield _row("Code", "Account", "Debit", "Credit")
    sums = {"debit": Decimal(0), "credit": Decimal(0)}
    for line in transaction["lines"]:
        amount = Decimal(line["amount"])
        sums[line["side"]] += amount
        sides = (money(amount), "") if line["side"] == "debit" else ("", money(amount))
        yield _row(line["account_code"], account_of(line), *sides)
    yield _row("", "", money(sums["debit"]), money(sums["credit"]))


def account_of(line: Json) -> str:
    """The account's name, and the account code of the order line that the amount is for, where that is another one."""
    name = line["account"] or NAMES.get(line["account_code"], "")
    charged = line["charge_code"]
    return name if charged in (None, line["account_code"]) else f"{name}, for {charged}"


def transaction_title(transaction: Json, journals: Sequence[Json]) -> str:
    """What it is, and under which numbers it is in the ERP."""
    sent = "".join(f" · {journal['reference']} booked as {journal['number']}" for journal in journals)
    return f"{transaction['description']} · {transaction['accounting_date']}{sent}"


def trial_balance_table(rows: Iterable[Row]) -> Iterator[str]:
    """Balances in their debit or credit column, ours beside the ERP's; accounts that differ are marked."""
    sides = f"{'Glint':>{2 * NARROW_MONEY}}{'Reference ERP':>{2 * NARROW_MONEY}}"
    yield f"{'':{CODE + NARROW_ACCOUNT}}{sides}"
    yield _narrow("Code", "Account", ("Debit", "Credit", "Debit", "Credit"))
    totals = [Decimal(0)] * 4
    for row in rows:
        columns = (*_sides(row.ours.balance), *_sides(row.theirs.balance))
        totals = [total + (column or 0) for total, column in zip(totals, columns, strict=True)]
        texts = ["" if column is None else money(column) for column in columns]
        yield _narrow(row.code, row.name, texts) + ("   differs" if row.differs else "")
    yield _narrow("", "", [money(total) for total in totals])


def _sides(balance: Decimal) -> tuple[Decimal | None, Decimal | None]:
    return (balance, None) if balance >= 0 else (None, -balance)


def _row(code: str, account: str, debit: str, credit: str) -> str:
    return f"{code:{CODE}}{account:{ACCOUNT}}{debit:>{MONEY}}{credit:>{MONEY}}".rstrip()


def _narrow(code: str, account: str, columns: Sequence[str]) -> str:
    return f"{code:{CODE}}{account:{NARROW_ACCOUNT}}" + "".join(f"{column:>{NARROW_MONEY}}" for column in columns).rstrip()
