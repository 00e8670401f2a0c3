"""Random sequences of procurement events in the contract's shape. What a rule forbids is refused, which is part of the game."""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import Any

FIRST_DAY = date(2026, 10, 1)
DAYS = 40
CODINGS = (
    [("E1", "100")],
    [("E1", "60"), ("E2", "40")],
    [("E1", "33.33"), ("E2", "33.33"), ("E3", "33.34")],
)
CURRENCIES = ("NZD", "NZD", "USD", "JPY", "KWD")


def days() -> Iterator[date]:
    """Every day that an event may be dated, and the one before."""
    return (FIRST_DAY + timedelta(days=number - 1) for number in range(DAYS + 1))


class RandomEvents:
    """Events on a few orders. Documents are dated anywhere, so that many come backdated."""

    def __init__(self, seed: int, *, orders: int = 3, prefix: str = "") -> None:
        """`prefix` keeps the orders and event ids of several of these apart."""
        self._random = Random(seed)
        self._prefix = prefix
        self._orders = {f"{prefix}PO-{number}": self._random.choice(CURRENCIES) for number in range(1, orders + 1)}
        self._number = 0
        self._versions = dict.fromkeys(self._orders, 1)

    def take(self, count: int) -> list[dict[str, Any]]:
        """The orders, then `count` events on them."""
        created = [self._event("order.created", self._order(number)) for number in self._orders]
        return created + [self._next() for _ in range(count)]

    def _next(self) -> dict[str, Any]:
        kinds = {
            "goods.received": 30,
            "goods.returned": 8,
            "invoice.matched": 25,
            "invoice.credited": 12,
            "invoice.cancelled": 3,
            "order.changed": 6,
            "receiving.closed": 3,
            "receiving.reopened": 3,
            "order.closed": 3,
            "order.reopened": 5,
        }
        kind = self._random.choices([*kinds], weights=[*kinds.values()])[0]
        number = self._random.choice([*self._orders])
        return self._event(kind, getattr(self, "_" + kind.replace(".", "_"))(number))

    def _event(self, kind: str, data: dict[str, Any]) -> dict[str, Any]:
        self._number += 1
        return {
            "specversion": "1.0",
            "id": f"{self._prefix}e-{self._number}",
            "source": "/random",
            "type": kind,
            "time": "2026-11-15T01:02:03Z",
            "data": data,
        }

    def _day(self) -> str:
        return (FIRST_DAY + timedelta(days=self._random.randrange(DAYS))).isoformat()

    def _rate(self, number: str) -> dict[str, str]:
        rates = {"NZD": (None,), "USD": ("1.61", "1.7333"), "JPY": ("0.0111", "0.012"), "KWD": ("5.433", "5.5")}
        rate = self._random.choice(rates[self._orders[number]])
        return {} if rate is None else {"exchange_rate": rate}

    def _order(self, number: str) -> dict[str, Any]:
        choose = self._random.choice
        lines = [
            {
                "line_number": line,
                "sku": f"S-{line}",
                "description": f"Widget {line}",
                "quantity": choose(("1", "3", "7", "2.5")),
                "unit_price": choose(("0.3333", "10.50", "7", "99.99", "0")),
                "matching": choose(("three_way", "three_way", "two_way")),
                "account_codes": [{"code": code, "percentage": percentage} for code, percentage in choose(CODINGS)],
            }
            for line in (1, 2)
        ]
        charges = [{"kind": "shipping", "amount": choose(("0", "13", "7"))}, {"kind": "discount", "amount": choose(("0", "-1"))}]
        currency = self._orders[number]
        return {
            "order_number": number,
            "currency": currency,
            "order_date": self._day(),
            "supplier": {"code": f"S{number}", "name": "=Acme"},
            "lines": lines,
            "charges": charges,
        } | self._rate(number)

    def _order_changed(self, number: str) -> dict[str, Any]:
        self._versions[number] += 1
        return self._order(number) | {"version": self._versions[number]}

    def _goods_received(self, number: str) -> dict[str, Any]:
        lines = [{"line_number": self._random.choice((1, 2)), "quantity": self._random.choice(("1", "2", "0.5", "3"))}]
        return {
            "order_number": number,
            "receipt_number": f"R-{self._number}",
            "receipt_date": self._day(),
            "lines": lines,
        } | self._rate(number)

    def _goods_returned(self, number: str) -> dict[str, Any]:
        return self._goods_received(number)

    def _invoice_matched(self, number: str) -> dict[str, Any]:
        choose = self._random.choice
        line = {
            "order_number": number,
            "line_number": choose((1, 2)),
            "quantity": choose(("1", "2", "0.5")),
            "amount": choose(("11", "7", "100")),
        }
        charges = [{"kind": "shipping", "amount": "5"}] if choose((True, False, False)) else []
        return {
            "invoice_number": f"I-{self._random.randrange(12)}",
            "invoice_date": self._day(),
            "currency": self._orders[number],
            "lines": [line],
            "charges": charges,
        } | self._rate(number)

    def _invoice_credited(self, number: str) -> dict[str, Any]:
        return self._invoice_matched(number) | {
            "invoice_number": f"C-{self._number}",
            "credits_invoice": f"I-{self._random.randrange(12)}",
            "charges": [],
        }

    def _invoice_cancelled(self, number: str) -> dict[str, Any]:
        supplier = {"code": f"S{number}"}
        return {"invoice_number": f"I-{self._random.randrange(12)}", "supplier": supplier, "reason": "wrong", "date": self._day()}

    def _order_closed(self, number: str) -> dict[str, Any]:
        lines = self._random.choice(({}, {"line_numbers": [1]}))
        return {"order_number": number, "reason": "done", "date": self._day()} | lines

    def _order_reopened(self, number: str) -> dict[str, Any]:
        return self._order_closed(number)

    def _receiving_closed(self, number: str) -> dict[str, Any]:
        return {"order_number": number, "reason": "no more", "date": self._day(), "line_numbers": [self._random.choice((1, 2))]}

    def _receiving_reopened(self, number: str) -> dict[str, Any]:
        return self._receiving_closed(number)
