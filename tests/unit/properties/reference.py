"""The posting rules a second time, written from POSTING.md with exact fractions and nothing of the domain's: from the events as
they stand on the wire to what Estimate, GRNI, AP and the accounts beside them must hold. A property is checked on two paths."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from tests.unit.properties.strategies import DIGITS

Coding = tuple[tuple[str, Fraction], ...]
Pair = tuple[int, int]
SHIPPING = ("shipping", "freight", "handling")


def half_away(value: Fraction) -> int:
    whole = int(abs(value) + Fraction(1, 2))
    return whole if value >= 0 else -whole


def shares(amount: int, weights: Sequence[Fraction | int]) -> list[int]:
    """Largest remainder on |amount|, ties to the lower position."""
    if not any(weights):
        weights = [1] * len(weights)
    exact = [Fraction(abs(amount)) * weight / sum(weights) for weight in weights]
    parts = [int(each) for each in exact]
    order = sorted(range(len(exact)), key=lambda position: (parts[position] - exact[position], position))
    for position in order[: abs(amount) - sum(parts)]:
        parts[position] += 1
    return [part if amount >= 0 else -part for part in parts]


@dataclass(frozen=True)
class Version:
    """O, p, t, s of a line, in whole units and (s) minor ones."""

    ordered: Fraction
    price: Fraction
    tax: Fraction
    share: int
    digits: int

    def cost(self, units: Fraction) -> int:
        return half_away(units * self.price * (1 + self.tax) * 10**self.digits)

    @property
    def total(self) -> int:
        return self.cost(self.ordered) + self.share

    def first(self, units: Fraction) -> int:
        if self.ordered and units <= self.ordered:
            return half_away(self.total * units / self.ordered)
        return self.total + self.cost(units - self.ordered)


@dataclass
class Line:
    version: Version
    coding: Coding
    by_amount: bool
    three_way: bool
    runs: list[tuple[Fraction, Version, Fraction, Coding]] = field(default_factory=list)
    invoiced: Fraction = Fraction(0)
    goods: int = 0
    returned: Fraction = Fraction(0)
    reopened: Fraction = Fraction(0)
    bills: dict[tuple[Coding, Fraction], list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))
    closed: bool = False
    receiving_closed: bool = False

    @property
    def received(self) -> Fraction:
        return sum((run[0] for run in self.runs), Fraction(0))


class Reference:
    """One order. Balances are credit positive, (document, base) in minor units."""

    def __init__(self, manager: Mapping[str, Any], base: str) -> None:
        self.manager, self.base = manager, base
        self.lines: dict[int, Line] = {}
        self.charges: Sequence[Mapping[str, str]] = ()
        self.header: dict[Fraction, list[int]] = defaultdict(lambda: [0, 0])
        self.coded: dict[str, tuple[Fraction, dict[int, Coding]]] = {}
        self.closed = self.cancelled = False
        self.digits, self.rate = 0, Fraction(1)

    def apply(self, kind: str, data: Mapping[str, Any]) -> None:
        getattr(self, "_" + kind.replace(".", "_"))(data)

    # events

    def _order_created(self, data: Mapping[str, Any]) -> None:
        self.digits, self.rate = DIGITS[data["currency"]], Fraction(data.get("exchange_rate", "1"))
        self._terms(data)

    def _order_changed(self, data: Mapping[str, Any]) -> None:
        self._terms(data)

    def _terms(self, data: Mapping[str, Any]) -> None:
        self.charges = data["charges"]
        for line in self.lines.values():
            if not line.closed:
                line.version = replace(line.version, ordered=Fraction(0))
        for wire in data["lines"]:
            self._ordered(wire)
        spread = sum(self._minor(charge["amount"]) for charge in self.charges if not self._own(charge["kind"]))
        numbers = sorted(self.lines)
        weights = self._weights([self.lines[number] for number in numbers], self.manager["charge_spread_basis"])
        for number, share in zip(numbers, shares(spread, weights) if spread else [0] * len(numbers), strict=True):
            self.lines[number].version = replace(self.lines[number].version, share=share)

    def _ordered(self, wire: Mapping[str, Any]) -> None:
        by_amount = "amount" in wire
        version = Version(
            Fraction(wire["amount" if by_amount else "quantity"]),
            Fraction(1) if by_amount else Fraction(wire["unit_price"]),
            Fraction(wire.get("non_recoverable_tax_rate", "0")),
            0,
            self.digits,
        )
        coding = tuple((each["code"], Fraction(each["percentage"])) for each in wire["account_codes"])
        three_way = wire.get("matching", "three_way") == "three_way"
        line = self.lines.setdefault(wire["line_number"], Line(version, coding, by_amount, three_way))
        if not line.closed:
            line.version, line.coding, line.three_way = version, coding, three_way

    def _goods_received(self, data: Mapping[str, Any]) -> None:
        rate = Fraction(data["exchange_rate"]) if "exchange_rate" in data else self.rate
        for part in data["lines"]:
            line = self.lines[part["line_number"]]
            units, run = Fraction(part.get("quantity") or part["amount"]), (line.version, rate, line.coding)
            if line.runs and line.runs[-1][1:] == run:
                units += line.runs.pop()[0]
            line.runs.append((units, *run))

    def _goods_returned(self, data: Mapping[str, Any]) -> None:
        for part in data["lines"]:
            line = self.lines[part["line_number"]]
            left = Fraction(part.get("quantity") or part["amount"])
            line.returned += left
            while left:
                units, version, rate, coding = line.runs.pop()
                if units > left:
                    line.runs.append((units - left, version, rate, coding))
                left -= min(left, units)

    def _invoice_matched(self, data: Mapping[str, Any]) -> None:
        rate = Fraction(data["exchange_rate"]) if "exchange_rate" in data else self.rate
        self.coded[data["invoice_number"]] = (rate, {number: line.coding for number, line in self.lines.items()})
        self._bill(data, rate, {number: line.coding for number, line in self.lines.items()}, 1)

    def _invoice_credited(self, data: Mapping[str, Any]) -> None:
        own = Fraction(data["exchange_rate"]) if "exchange_rate" in data else self.rate
        rate, named = self.coded.get(data.get("credits_invoice", ""), (own, {}))
        self._bill(data, rate, {number: named.get(number, line.coding) for number, line in self.lines.items()}, -1)

    def _bill(self, data: Mapping[str, Any], rate: Fraction, coding: Mapping[int, Coding], sign: int) -> None:
        billed = data.get("lines", [])
        over = [(each["line_number"], self._minor(each["amount"])) for each in billed]
        if not over:
            numbers = sorted(self.lines)
            goods = [abs(self.lines[number].goods) for number in numbers]
            over_weights = goods if any(goods) else self._weights([self.lines[number] for number in numbers], "value")
            targets = list(zip(numbers, over_weights, strict=True))
        else:
            targets = [(number, abs(amount)) for number, amount in over]
        for position, own, amount in self._beside(data):
            if own:
                self.header[rate][position] += sign * amount
            else:
                parts = shares(amount, [weight for _, weight in targets])
                for (number, _), part in zip(targets, parts, strict=True):
                    self.lines[number].bills[coding[number], rate][position] += sign * part
        for each, (number, amount) in zip(billed, over, strict=True):
            line = self.lines[number]
            units = Fraction(each["amount"]) if line.by_amount else Fraction(each.get("quantity", 0))
            if sign < 0 and self.manager["credit_reopens"] == "after_return":
                units = min(units, max(Fraction(0), line.returned - line.reopened))
            line.invoiced += sign * units
            line.reopened += units if sign < 0 else 0
            line.goods += sign * amount
            line.bills[coding[number], rate][0] += sign * amount
            line.closed = line.closed or bool(each.get("final"))

    def _beside(self, data: Mapping[str, Any]) -> list[tuple[int, bool, int]]:
        """Charges and tax of a bill as (0 cost or 1 recoverable, on the shipping account, amount), each to be spread on its own.
        Without lines the tax follows its one charge, and the two are spread as one cost where it is not recoverable."""
        found = [(0, self._own(charge["kind"]), self._minor(charge["amount"])) for charge in data.get("charges", [])]
        for tax in data.get("tax", []):
            position, amount = 1 if tax["recoverable"] else 0, self._minor(tax["amount"])
            if data.get("lines"):
                found.append((position, False, amount))
            elif position:
                found.append((1, found[0][1], amount))
            else:
                found[0] = (0, found[0][1], found[0][2] + amount)
        return found

    def _order_closed(self, data: Mapping[str, Any]) -> None:
        self._flag(data, True)

    def _order_reopened(self, data: Mapping[str, Any]) -> None:
        self._flag(data, False)

    def _flag(self, data: Mapping[str, Any], closed: bool) -> None:
        if "line_numbers" not in data:
            self.closed = closed
        for number in data.get("line_numbers", ()):
            self.lines[number].closed = closed

    def _receiving_closed(self, data: Mapping[str, Any]) -> None:
        for number in data["line_numbers"]:
            self.lines[number].receiving_closed = True

    def _receiving_reopened(self, data: Mapping[str, Any]) -> None:
        for number in data["line_numbers"]:
            self.lines[number].receiving_closed = False

    def _order_cancelled(self, data: Mapping[str, Any]) -> None:
        self.cancelled = True

    # targets

    def estimate(self, line: Line) -> int:
        if self.closed or self.cancelled or line.closed or line.receiving_closed:
            return 0
        used = line.received if self._signed(line) else max(line.received, line.invoiced)
        return line.version.total - line.version.first(min(used, line.version.ordered))

    def grni(self, line: Line) -> dict[Coding, Pair]:
        found: dict[Coding, Pair] = {}
        if self.closed or self.cancelled or line.closed:
            return found
        start = Fraction(0)
        for units, version, rate, coding in line.runs:
            end, relieved = start + units, max(start, min(start + units, line.invoiced))
            value = version.first(end) - version.first(relieved)
            found[coding] = _sum(found.get(coding, (0, 0)), (value, self._in_base(value, rate)))
            start = end
        if self._signed(line) and line.invoiced > line.received:
            value = line.version.first(line.received) - line.version.first(line.invoiced)
            found[line.coding] = _sum(found.get(line.coding, (0, 0)), (value, self._in_base(value, self.rate)))
        return found

    def balances(self) -> dict[tuple[int | None, str, str | None], Pair]:
        """Estimate, GRNI, AP and tax per line and account code; shipping's own under line None."""
        found: dict[tuple[int | None, str, str | None], Pair] = defaultdict(lambda: (0, 0))
        one = self.manager["estimate_account"] is not None and self.manager["estimate_account"] == self.manager["grni_account"]
        for number, line in self.lines.items():
            if self.manager["estimate_account"]:
                amount = self.estimate(line)
                self._split(found, number, "estimate", line.coding, (amount, self._in_base(amount, self.rate)))
            if self.manager["grni_account"]:
                for coding, pair in self.grni(line).items():
                    self._split(found, number, "estimate" if one else "grni", coding, pair)
            if self.manager["ap_account"]:
                self._bills(found, number, line)
        self._shipping(found)
        return {key: pair for key, pair in found.items() if pair != (0, 0)}

    def _bills(self, found: dict[tuple[int | None, str, str | None], Pair], number: int, line: Line) -> None:
        by_coding: dict[Coding, list[Pair]] = defaultdict(lambda: [(0, 0), (0, 0)])
        for (coding, rate), (cost, tax) in line.bills.items():
            payable, sums = cost + tax, by_coding[coding]
            sums[0] = _sum(sums[0], (payable, self._in_base(payable, rate)))
            sums[1] = _sum(sums[1], (-tax, -self._in_base(tax, rate)))
        for coding, (payables, taxes) in by_coding.items():
            self._split(found, number, "ap", coding, payables)
            if self.manager["tax_account"]:
                self._split(found, number, "tax", coding, taxes)

    def _shipping(self, found: dict[tuple[int | None, str, str | None], Pair]) -> None:
        if not self.manager["shipping_account"]:
            return
        ordered = sum(self._minor(charge["amount"]) for charge in self.charges if self._own(charge["kind"]))
        committed = max(0, ordered - sum(cost for cost, _ in self.header.values()))
        if self.manager["estimate_account"] and committed and not (self.closed or self.cancelled):
            found[None, "estimate", None] = (committed, self._in_base(committed, self.rate))
        if self.manager["ap_account"]:
            for rate, (cost, tax) in self.header.items():
                payable = (cost + tax, self._in_base(cost + tax, rate))
                found[None, "ap", None] = _sum(found[None, "ap", None], payable)
                if self.manager["tax_account"]:
                    found[None, "tax", None] = _sum(found[None, "tax", None], (-tax, -self._in_base(tax, rate)))

    def _split(self, found: dict[tuple[int | None, str, str | None], Pair], number: int, role: str, coding: Coding, pair: Pair) -> None:
        weights = [weight for _, weight in coding]
        for (code, _), document, base in zip(coding, shares(pair[0], weights), shares(pair[1], weights), strict=True):
            found[number, role, code] = _sum(found[number, role, code], (document, base))

    def _weights(self, lines: Sequence[Line], basis: str) -> list[Fraction | int]:
        value: list[Fraction | int] = [abs(half_away(line.version.ordered * line.version.price * 10**self.digits)) for line in lines]
        quantity: list[Fraction | int] = [line.version.ordered for line in lines]
        equal: list[Fraction | int] = [1 if line.version.ordered else 0 for line in lines]
        for weights in {"value": (value, quantity), "quantity": (quantity,), "equal": ()}[basis]:
            if any(weights):
                return weights
        return equal

    def _signed(self, line: Line) -> bool:
        return bool(self.manager["grni_balance"] == "signed" and line.three_way)

    def _own(self, kind: str) -> bool:
        return kind in SHIPPING and self.manager["shipping_account"] is not None

    def _minor(self, amount: str) -> int:
        return half_away(Fraction(amount) * 10**self.digits)

    def _in_base(self, amount: int, rate: Fraction) -> int:
        return half_away(amount * rate * Fraction(10) ** (DIGITS[self.base] - self.digits))


def _sum(one: Pair, other: Pair) -> Pair:
    return (one[0] + other[0], one[1] + other[1])
