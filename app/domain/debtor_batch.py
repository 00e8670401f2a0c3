"""A batch of debtor transactions, and what it must come to before it is posted."""

from collections.abc import Iterable
from dataclasses import dataclass

from app.domain.errors import ControlTotalDiffers
from app.domain.events import DebtorTransaction
from app.domain.money import Currency, check_size


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """How many transactions, and what they come to with tax, in minor units: what debits debtors less what credits them. A credit note
    that was entered as an invoice changes it, which a sum without signs would not show."""

    count: int
    amount: int

    def __sub__(self, other: "Total") -> "Total":
        return Total(count=self.count - other.count, amount=self.amount - other.amount)

    @property
    def is_nothing(self) -> bool:
        return self.count == 0 and self.amount == 0


def signed_amount(event: DebtorTransaction) -> int:
    """With tax, negative where it credits the debtor."""
    amount = check_size(sum(line.amount for line in event.lines) + event.tax)
    return amount if event.kind.debtors_side == "debit" else -amount


def total_of(amounts: Iterable[int]) -> Total:
    every = tuple(amounts)
    return Total(count=len(every), amount=sum(every))


def check_control(control: Total, entered: Total, currency: Currency) -> None:
    """Raises `ControlTotalDiffers`, which says by how much."""
    difference = entered - control
    if not difference.is_nothing:
        count = f"{entered.count} entered of {control.count}"
        raise ControlTotalDiffers(f"the batch differs from its control total: {count}, by {currency.to_text(difference.amount)}")
