"""Random debtor transactions and reversals on the set-up of the worked cases, and random changes of that set-up."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import chain
from random import Random
from typing import Any

from tests.debtor_cases import CHART, DEBTORS, KINDS, RECORDS, TERRITORIES, WAREHOUSES
from tests.random_events import CURRENCIES, DAYS, FIRST_DAY

RATES = {"USD": ("1.61", "1.7333"), "JPY": ("0.0111", "0.012"), "KWD": ("5.433", "5.5")}
AMOUNTS = {"JPY": ("0", "1", "7", "33", "100000"), "KWD": ("0.001", "0.333", "99.999"), "NZD": ("0", "0.01", "33.33", "100", "9999.99")}
OPTIONS = (
    {"option": "total"},
    {"option": "dissect"},
    {"option": "gl_dissect"},
    *(
        {"option": "combination", "warehouse_key": warehouse, "debtors_key": debtors}
        for warehouse in ("none", "warehouse")
        for debtors in ("none", "debtor", "sales_territory")
    ),
)
SET_UP = (
    ("accounts", CHART),
    ("gl-interfaces", RECORDS),
    ("warehouses", WAREHOUSES),
    ("sales-territories", TERRITORIES),
    ("debtors", DEBTORS),
)


def set_up_requests() -> Iterator[tuple[str, dict[str, Any]]]:
    """Path and body of every PUT."""
    return chain.from_iterable(((f"/v1/{path}/{code}", body) for code, body in bodies.items()) for path, bodies in SET_UP)


def random_change(random: Random) -> tuple[str, dict[str, Any]]:
    """Another option, or another record for a debtor, a warehouse or a sales territory: path and body of a PUT."""
    record = random.choice((*RECORDS, None))
    choice = random.randrange(4)
    if choice == 0:
        code = random.choice([*DEBTORS])
        return f"/v1/debtors/{code}", DEBTORS[code] | {"gl_interface": record, "sales_territory": random.choice([*TERRITORIES])}
    if choice == 1:
        code = random.choice([*WAREHOUSES])
        return f"/v1/warehouses/{code}", WAREHOUSES[code] | {"gl_interface": record}
    if choice == 2:
        code = random.choice([*TERRITORIES])
        return f"/v1/sales-territories/{code}", TERRITORIES[code] | {"gl_interface": record}
    return "/v1/debtor-dissection", random.choice(OPTIONS)


class RandomDebtorEvents:
    """Transactions whose choices fit some option, and reversals of what may be there."""

    def __init__(self, seed: int, *, prefix: str = "") -> None:
        self._random = Random(seed)
        self._prefix = prefix
        self._number = 0

    def take(self, count: int, option: str | None = None) -> list[dict[str, Any]]:
        """`option`: choices fit it; None: any."""
        return [self._next(option) for _ in range(count)]

    def _next(self, option: str | None) -> dict[str, Any]:
        self._number += 1
        reversal = self._random.random() < 0.2
        kind, data = ("debtor.reversed", self._reversed()) if reversal else ("debtor.transaction", self._transaction(option))
        return {
            "specversion": "1.0",
            "id": f"{self._prefix}d-{self._number}",
            "source": "/random",
            "type": kind,
            "time": "2026-11-15T01:02:03Z",
            "data": data,
        }

    def _day(self) -> str:
        return (FIRST_DAY + timedelta(days=self._random.randrange(DAYS))).isoformat()

    def _reversed(self) -> dict[str, Any]:
        number = self._random.randrange(max(self._number // 2, 1))
        kind = self._random.choice(KINDS)
        return {"transaction_number": f"{self._prefix}{number}", "kind": kind, "date": self._day(), "reason": "wrong"}

    def _transaction(self, option: str | None) -> dict[str, Any]:
        choose = self._random.choice
        currency = choose(CURRENCIES)
        amounts = AMOUNTS.get(currency, AMOUNTS["NZD"])
        option = option or choose(("total", "dissect", "gl_dissect"))
        lines = [{"description": choose(("", "Work", "Parts")), "amount": choose(amounts)} for _ in range(self._random.randrange(1, 5))]
        for line in lines:
            if option == "dissect":
                line["gl_interface"] = choose([*RECORDS])
            if option == "gl_dissect":
                line["gl_account"] = choose(("Sales", "Consulting", "Sales North"))
        data = {
            "transaction_number": f"{self._prefix}{self._random.randrange(max(self._number, 1))}",
            "kind": choose(KINDS),
            "debtor": choose([*DEBTORS]),
            "date": self._day(),
            "currency": currency,
            "lines": lines,
            "tax": choose((*amounts, "0", "0")),
        }
        if currency in RATES:
            data["exchange_rate"] = choose(RATES[currency])
        return data | choose(({}, {}, {"warehouse": choose([*WAREHOUSES])}))
