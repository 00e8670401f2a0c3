"""What a balance is made of at one moment: its addends, each with the numbers and the words it came from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from app.domain.accounts import Account, Coding
from app.domain.allocation import allocate
from app.domain.explain_words import Figure, money_of
from app.domain.money import Amounts, in_base
from app.domain.order import Order
from app.domain.targets import BalanceKey


class ExplanationMismatch(Exception):
    """An explanation does not give what was posted: a bug, never an answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One addend of a balance, credit positive, of the whole line; `coding` is what it is split by, None where it is not."""

    amounts: Amounts
    coding: Coding | None = None
    words: tuple[str, ...] = ()
    figures: Mapping[str, Figure] = field(default_factory=dict)

    def of(self, code: str | None) -> Amounts:
        """What of it falls to an account code."""
        if self.coding is None:
            return self.amounts
        documents, bases = (allocate(amount, self.coding.weights) for amount in self.amounts)
        shares = [(document, base) for each, document, base in zip(self.coding.codes, documents, bases, strict=True) if each == code]
        return Amounts(sum(share[0] for share in shares), sum(share[1] for share in shares))


def total(parts: Sequence[Part], code: str | None) -> Amounts:
    """The sum of what falls to a code."""
    shares = [part.of(code) for part in parts]
    return Amounts(sum(share.document for share in shares), sum(share.base for share in shares))


def same_account(key: BalanceKey, account: Account | None) -> bool:
    return account is not None and (key.account, key.account_code) == (account.name, account.code)


def translated(order: Order, amount: int, rate: Fraction) -> str:
    """ "10.50 CHF at rate 1.1 (11.55 USD)"."""
    money = money_of(order)
    if order.currency == order.base_currency:
        return money.text(amount)
    return f"{money.text(amount)}{money.at_rate(rate)} ({money.base_text(in_base(amount, rate))})"
