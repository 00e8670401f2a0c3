"""What some transactions come to on each account, debits less credits."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.domain.transaction import AccountTransaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Net:
    """In minor units of the document's currency; a debit is positive."""

    account_code: str
    account: str | None
    amount: int


def net_of(transactions: Sequence[AccountTransaction]) -> list[Net]:
    """By account, in the order in which they come first, those that come to nothing too."""
    sums: dict[tuple[str, str | None], int] = {}
    for transaction in transactions:
        for line in transaction.lines:
            key = (line.account_code, line.account)
            sums[key] = sums.get(key, 0) + (line.amount if line.side == "debit" else -line.amount)
    return [Net(account_code=code, account=name, amount=amount) for (code, name), amount in sums.items()]
