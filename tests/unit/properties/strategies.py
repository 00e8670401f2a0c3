"""Random set-ups, orders and moves. A move is a few small numbers; `player` gives them a meaning that fits the order's state,
so that most are accepted and a failing sequence shrinks well."""

from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cache
from itertools import product
from random import Random
from typing import Any, NamedTuple

from hypothesis import strategies as st

DIGITS = {"JPY": 0, "USD": 2, "KWD": 3}
SPLITS: tuple[tuple[tuple[str, str], ...], ...] = (
    (("E1", "100"),),
    (("E1", "60"), ("E2", "40")),
    (("E1", "33.33"), ("E2", "33.33"), ("E3", "33.34")),
    (("E3", "75"), ("E1", "25")),
)
RATES = ("1.1", "1.2", "0.7553", "151.37")
ACCOUNTS = {
    name: {"account_code": str(2000 + position), "type": kind}
    for position, (name, kind) in enumerate(
        [
            ("Estimate", "liability"),
            ("GRNI", "liability"),
            ("AP", "liability"),
            ("Shipping", "expense"),
            ("Tax", "asset"),
            ("Variance", "expense"),
            ("Exchange", "expense"),
            ("Offset", "equity"),
        ]
    )
}
FULL: dict[str, Any] = {
    "estimate_account": "Estimate",
    "grni_account": "GRNI",
    "ap_account": "AP",
    "shipping_account": "Shipping",
    "tax_account": "Tax",
    "price_variance_account": None,
    "exchange_difference_account": None,
    "commitment_offset_account": None,
    "charge_spread_basis": "value",
    "grni_balance": "non_negative",
    "credit_reopens": "always",
}

KINDS = (
    *("receive", "return", "invoice", "credit", "price_credit", "full_credit", "freight", "change"),
    *("close_order", "reopen_order", "close_line", "reopen_line", "close_receiving", "reopen_receiving", "cancel", "wrong"),
)
_FREQUENT = ("receive", "invoice", "change", "return", "credit", "receive", "invoice", "full_credit", "price_credit") * 3


class Move(NamedTuple):
    """What to do next: `line` picks a line, `size` a quantity, `tweak` a price or a variant, `rate` an exchange rate."""

    kind: str
    line: int = 0
    size: int = 0
    tweak: int = 0
    rate: int = 0


@dataclass(frozen=True)
class Plan:
    """A set-up, an order on it, and the moves after it."""

    manager: dict[str, Any]
    base: str
    currency: str
    rates: tuple[str, ...]
    lines: tuple[dict[str, Any], ...]
    charges: tuple[dict[str, str], ...]
    moves: tuple[Move, ...] = field(default=())

    @property
    def digits(self) -> int:
        return DIGITS[self.currency]

    def order(self, number: str = "PO") -> dict[str, Any]:
        data: dict[str, Any] = {
            "order_number": number,
            "currency": self.currency,
            "supplier": {"code": "ACME"},
            "lines": [dict(line) for line in self.lines],
            "charges": [dict(charge) for charge in self.charges],
        }
        if self.rates:
            data["exchange_rate"] = self.rates[0]
        return data

    def on(self, **manager: Any) -> "Plan":
        """The same plan on another set-up."""
        return replace(self, manager={**self.manager, **manager})


@cache
def _scaled(low: int, high: int, places: int) -> st.SearchStrategy[str]:
    return st.integers(low, high).map(lambda number: format(Decimal(number).scaleb(-places), "f"))


@cache
def quantities() -> st.SearchStrategy[str]:
    """Whole, fractional and zero quantities."""
    return st.one_of(
        st.sampled_from(["1", "2", "3", "10", "0.5", "2.25", "0.333", "0"]), _scaled(1, 40, 0), _scaled(1, 9_999, 2), _scaled(1, 9_999, 3)
    )


@cache
def prices() -> st.SearchStrategy[str]:
    """Prices with 0 to 4 decimals, and for free."""
    return st.one_of(
        st.sampled_from(["10.50", "3.335", "0.005", "0", "1000"]),
        st.integers(0, 4).flatmap(lambda places: _scaled(1, 99_999, places)),
    )


@cache
def account_codes() -> st.SearchStrategy[list[dict[str, str]]]:
    """One account, 60/40, thirds, or one that puts another code first."""
    return st.sampled_from(SPLITS).map(lambda split: [{"code": code, "percentage": percentage} for code, percentage in split])


@st.composite
def order_lines(draw: st.DrawFn, number: int, digits: int, *, by_amount: bool = True) -> dict[str, Any]:
    """One line as it stands on the wire."""
    line: dict[str, Any] = {
        "line_number": number,
        "matching": draw(st.sampled_from(["three_way", "three_way", "two_way"])),
        "non_recoverable_tax_rate": draw(st.sampled_from(["0", "0", "0", "0.15", "0.125"])),
        "account_codes": draw(account_codes()),
    }
    if by_amount and draw(st.integers(0, 5)) == 0:
        return line | {"amount": draw(_scaled(0, 99_999, digits))}
    return line | {"quantity": draw(quantities()), "unit_price": draw(prices())}


def _charge(kind: str, amount: str) -> dict[str, str]:
    return {"kind": kind, "amount": amount}


@cache
def charges(digits: int, *, negative: bool = True) -> st.SearchStrategy[tuple[dict[str, str], ...]]:
    """Up to two header charges: shipping, freight and other of zero or more, discounts below it."""
    paid = st.builds(_charge, st.sampled_from(["shipping", "freight", "handling", "other"]), _scaled(0, 3_000, digits))
    discount = st.builds(_charge, st.sampled_from(["discount", "other"]), _scaled(-500, 0, digits))
    return st.lists(st.one_of(paid, paid, discount) if negative else paid, max_size=2).map(tuple)


def managers(**fixed: Any) -> st.SearchStrategy[dict[str, Any]]:
    """Posting managers; what is fixed stays so."""
    choices: dict[str, st.SearchStrategy[Any]] = {
        "estimate_account": st.sampled_from(["Estimate"] * 7 + [None]),
        "grni_account": st.sampled_from(["GRNI"] * 5 + ["Estimate", None]),
        "ap_account": st.sampled_from(["AP"] * 7 + [None]),
        "shipping_account": st.sampled_from(["Shipping", None]),
        "tax_account": st.sampled_from(["Tax", None]),
        "price_variance_account": st.sampled_from([None, "Variance"]),
        "exchange_difference_account": st.sampled_from([None, "Exchange"]),
        "commitment_offset_account": st.sampled_from([None, None, "Offset"]),
        "charge_spread_basis": st.sampled_from(["value", "quantity", "equal"]),
        "grni_balance": st.sampled_from(["non_negative", "signed"]),
        "credit_reopens": st.sampled_from(["always", "after_return"]),
    }
    free = {name: strategy for name, strategy in choices.items() if name not in fixed}
    return st.fixed_dictionaries(free).map(lambda drawn: {**drawn, **fixed})


@cache
def moves(kinds: tuple[str, ...] = (*KINDS, *_FREQUENT), *, most: int = 12) -> st.SearchStrategy[tuple[Move, ...]]:
    """What happens to the order, in turn."""
    every = [Move(kind, *rest) for kind in kinds for rest in product(range(3), range(7), range(8), range(3))]
    Random(1).shuffle(every)
    one = st.sampled_from(every)
    return st.lists(one, min_size=most // 2, max_size=most).map(tuple)


@st.composite
def plans(
    draw: st.DrawFn,
    *,
    manager: st.SearchStrategy[dict[str, Any]] | None = None,
    kinds: tuple[str, ...] = (*KINDS, *_FREQUENT),
    negative: bool = True,
    by_amount: bool = True,
    one_rate: bool = False,
    most: int = 12,
) -> Plan:
    """Everything together. `one_rate`: receipts and invoices come at the order's rate."""
    base, currency = draw(st.sampled_from(["USD", "JPY", "KWD"])), draw(st.sampled_from(["USD", "USD", "JPY", "KWD"]))
    digits = DIGITS[currency]
    rates = tuple(draw(st.permutations(RATES)))[: 1 if one_rate else 3] if base != currency else ()
    count = draw(st.integers(1, 3))
    return Plan(
        manager=draw(manager if manager is not None else managers()),
        base=base,
        currency=currency,
        rates=rates,
        lines=tuple(draw(order_lines(number, digits, by_amount=by_amount)) for number in range(1, count + 1)),
        charges=draw(charges(digits, negative=negative)),
        moves=draw(moves(kinds, most=most)),
    )
