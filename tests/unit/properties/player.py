"""Plays a plan against the pure domain: each move becomes an event that fits the order's state, or is refused and changes nothing."""

from collections.abc import Callable, Iterator
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from app.domain.errors import DomainError, Waiting
from app.domain.money import Amounts
from app.domain.order import Order, OrderLine
from app.domain.targets import BalanceKey
from app.domain.transaction import TransactionLine
from tests.domain_ledger import CURRENCIES, DomainLedger, manager_from
from tests.unit.properties.strategies import ACCOUNTS, SPLITS, Move, Plan

Sent = tuple[str, dict[str, Any]]
TWEAKS = ("1", "1", "1", "0.9", "1.1", "1.013", "0", "2")
MILLIONTH = Decimal("0.000001")


class Player:
    """A ledger, the order of a plan, and what was accepted so far."""

    def __init__(self, plan: Plan, number: str = "PO", ledger: DomainLedger | None = None) -> None:
        self.plan, self.number = plan, number
        base = CURRENCIES.get(plan.base)
        assert base is not None
        self.ledger = ledger or DomainLedger(manager_from(plan.manager, ACCOUNTS), base)
        self.accepted: list[Sent] = []
        self.terms = plan.order(number)
        self.invoices: list[dict[str, Any]] = []
        self._documents = 0
        self.send("order.created", self.terms)

    # what the ledger says

    @property
    def order(self) -> Order:
        return self.ledger.orders[self.number]

    @property
    def lines(self) -> list[OrderLine]:
        return [self.order.lines[number] for number in sorted(self.order.lines)]

    def posted(self) -> dict[BalanceKey, Amounts]:
        """Every balance of the order that is not zero."""
        found = self.ledger.posted.get(self.number, {})
        return {key: amounts for balances in found.values() for key, amounts in balances.items()}

    # sending

    def send(self, kind: str, data: dict[str, Any]) -> list[TransactionLine] | None:
        """The lines posted, or None where the event was refused, and then nothing moved."""
        before = (dict(self.ledger.orders), dict(self.ledger.posted), len(self.ledger.lines))
        try:
            made = self.ledger.play(kind, data)
        except (DomainError, Waiting):
            assert before == (self.ledger.orders, self.ledger.posted, len(self.ledger.lines)), "a refused event changed something"
            return None
        self.accepted.append((kind, data))
        if kind == "order.changed":
            self.terms = data
        if kind == "invoice.matched":
            self.invoices.append(data)
        return made

    def play(self) -> Iterator[tuple[Move, list[TransactionLine] | None]]:
        """Each move with what it posted, None where it was refused."""
        for move in self.plan.moves:
            yield move, self.move(move)

    def play_all(self) -> "Player":
        for _ in self.play():
            pass
        return self

    def move(self, move: Move) -> list[TransactionLine] | None:
        made = MOVES[move.kind](self, move)
        return None if made is None else self.send(*made)

    def document(self) -> str:
        self._documents += 1
        return f"{self.number}-{self._documents}"

    def line(self, move: Move) -> OrderLine:
        return self.lines[move.line % len(self.lines)]

    def rate(self, move: Move) -> dict[str, str]:
        """Nothing where the document takes its order's rate."""
        if not self.plan.rates or not move.rate:
            return {}
        return {"exchange_rate": self.plan.rates[move.rate % len(self.plan.rates)]}

    def money(self, amount: Decimal) -> str:
        return format(amount.quantize(Decimal(1).scaleb(-self.plan.digits), ROUND_HALF_UP), "f")

    def whole(self, line: OrderLine, units: int) -> int:
        """On a line by amount, quantities are money."""
        step = 10 ** (6 - self.plan.digits) if line.by_amount else 1
        return units // step * step


def text(units: int) -> str:
    """Millionths as they stand on the wire."""
    return format(Decimal(units) * MILLIONTH, "f")


def _wanted(player: Player, line: OrderLine, size: int, left: int) -> int:
    """Size 0 = all that is left, else quarters of what is ordered, past it too."""
    units = left if size == 0 and left > 0 else (line.terms.quantity or 4_000_000) * max(size, 1) // 4
    return player.whole(line, units)


def _receive(player: Player, move: Move) -> Sent | None:
    line = player.line(move)
    units = _wanted(player, line, move.size, line.terms.quantity - line.received)
    return _receipt(player, "goods.received", line, units, player.rate(move))


def _return(player: Player, move: Move) -> Sent | None:
    line = player.line(move)
    units = min(line.received, _wanted(player, line, move.size, line.received))
    return _receipt(player, "goods.returned", line, units, {})


def _receipt(player: Player, kind: str, line: OrderLine, units: int, rate: dict[str, str]) -> Sent | None:
    if not units:
        return None
    measure = "amount" if line.by_amount else "quantity"
    data = {"order_number": player.number, "receipt_number": player.document(), **rate}
    return kind, {**data, "lines": [{"line_number": line.number, measure: text(units)}]}


def _billed(player: Player, line: OrderLine, units: int, tweak: int) -> dict[str, Any]:
    """An invoice line of `units`, at the order's price with its tax, times the tweak."""
    found: dict[str, Any] = {"order_number": player.number, "line_number": line.number}
    if line.by_amount:
        return {**found, "amount": text(units)}
    price = Decimal(units) * line.terms.unit_price * MILLIONTH * MILLIONTH * Decimal(TWEAKS[tweak])
    if tweak != 1:
        price *= 1 + line.terms.tax_rate * MILLIONTH
    return {**found, "quantity": text(units), "amount": player.money(price)}


def _invoice(player: Player, move: Move) -> Sent | None:
    """One line, or (tweak 2) all of them; with charges and tax by its tweak; final where size is 6."""
    lines = player.lines if move.tweak == 2 else [player.line(move)]
    billed = []
    for line in lines:
        left = max(line.received, line.terms.quantity if move.size % 2 == 0 else 0) - line.invoiced
        units = _wanted(player, line, move.size, left)
        if units:
            billed.append(_billed(player, line, units, move.tweak))
    if not billed:
        return None
    data = {"invoice_number": player.document(), "currency": player.plan.currency, "lines": billed, **player.rate(move)}
    if move.tweak in (2, 3):
        data["charges"] = [
            {"kind": "shipping", "amount": player.money(Decimal("7"))},
            {"kind": "other", "amount": player.money(Decimal("1"))},
        ]
    if move.tweak in (1, 2, 4):
        data["tax"] = [{"amount": player.money(Decimal("3")), "recoverable": move.tweak != 1}]
    if move.size == 6:
        billed[-1]["final"] = True
    return "invoice.matched", data


def _credit(player: Player, move: Move) -> Sent | None:
    """Some units of a line at a share of what they were billed at; names an invoice of it where the tweak is even."""
    line = player.line(move)
    units = min(line.invoiced, _wanted(player, line, move.size, line.invoiced))
    if not units:
        return None
    amount = units * 10**player.plan.digits // 10**6 if line.by_amount else line.goods * units // line.invoiced
    found: dict[str, Any] = {"order_number": player.number, "line_number": line.number}
    found["amount"] = player.money(Decimal(amount).scaleb(-player.plan.digits))
    if not line.by_amount:
        found["quantity"] = text(units)
    return "invoice.credited", _credit_note(player, move, line, found)


def _price_credit(player: Player, move: Move) -> Sent | None:
    line = player.line(move)
    if line.by_amount or not line.goods:
        return None
    amount = Decimal(line.goods * (move.size + 1) // 8).scaleb(-player.plan.digits)
    billed = {"order_number": player.number, "line_number": line.number, "amount": player.money(amount)}
    return "invoice.credited", _credit_note(player, move, line, billed)


def _credit_note(player: Player, move: Move, line: OrderLine, billed: dict[str, Any]) -> dict[str, Any]:
    data = {"invoice_number": player.document(), "currency": player.plan.currency, "lines": [billed]}
    named = [data for data in player.invoices if any(each["line_number"] == line.number for each in data.get("lines", ()))]
    if named and move.tweak % 2 == 0:
        data["credits_invoice"] = named[move.rate % len(named)]["invoice_number"]
    return data


def _full_credit(player: Player, move: Move) -> Sent | None:
    if not player.invoices:
        return None
    return "invoice.credited", mirror(player.invoices[move.line % len(player.invoices)], player.document())


def mirror(invoice: dict[str, Any], number: str) -> dict[str, Any]:
    """The credit note that takes all of an invoice back."""
    lines = [{name: value for name, value in line.items() if name != "final"} for line in invoice.get("lines", ())]
    return {**invoice, "lines": lines, "invoice_number": number, "credits_invoice": invoice["invoice_number"]}


def _freight(player: Player, move: Move) -> Sent | None:
    """A late bill of charges, without lines."""
    kind, amount = ("freight", "other")[move.tweak % 2], player.money(Decimal(move.size))
    data: dict[str, Any] = {"invoice_number": player.document(), "currency": player.plan.currency, **player.rate(move)}
    data["charges"] = [{"kind": kind, "amount": amount, "order_number": player.number}]
    if move.tweak > 4:
        data["tax"] = [{"amount": player.money(Decimal("1")), "recoverable": move.tweak != 5}]
    return "invoice.matched", data


def changed(player: Player, line: OrderLine, **fields: Any) -> dict[str, Any]:
    """The order's terms as a new version, with other fields on one line."""
    lines = [{**each, **fields} if each["line_number"] == line.number else each for each in player.terms["lines"]]
    return {**player.terms, "lines": lines, "version": player.order.version + 1}


def _change(player: Player, move: Move) -> Sent | None:
    line = player.line(move)
    match move.tweak:
        case 0 | 1:
            fields = {} if line.by_amount else {"unit_price": text(line.terms.unit_price * (3, 5)[move.tweak] // 4)}
            return "order.changed", changed(player, line, **fields)
        case 2 | 3:
            least = max(line.received, line.invoiced)
            units = least if move.tweak == 2 else line.terms.quantity + player.whole(line, 1_000_000 * (move.size + 1))
            return "order.changed", changed(player, line, **{"amount" if line.by_amount else "quantity": text(units)})
        case 4:
            split = SPLITS[move.size % len(SPLITS)]
            return "order.changed", changed(player, line, account_codes=[{"code": code, "percentage": part} for code, part in split])
        case 5:
            kept = [each for each in player.terms["lines"] if each["line_number"] != line.number]
            return "order.changed", {**changed(player, line), "lines": kept or player.terms["lines"]}
        case 6:
            added = {"line_number": 4, "quantity": "2", "unit_price": "7.775", "account_codes": [{"code": "E4", "percentage": "100"}]}
            kept = [each for each in player.terms["lines"] if each["line_number"] != 4]
            return "order.changed", {**changed(player, line), "lines": [*kept, added]}
    charges = [{"kind": "freight", "amount": player.money(Decimal(move.size))}]
    return "order.changed", {**changed(player, line), "charges": charges}


def _flag(kind: str, *, lines: bool) -> Callable[[Player, Move], Sent]:
    def made(player: Player, move: Move) -> Sent:
        data: dict[str, Any] = {"order_number": player.number, "reason": "r"}
        return kind, {**data, "line_numbers": [player.line(move).number]} if lines else data

    return made


def _wrong(player: Player, move: Move) -> Sent:
    """Events that must be refused, or wait, in any state."""
    line = player.line(move)
    above = text(max(line.received, line.invoiced) + 10_000_000)
    measure = "amount" if line.by_amount else "quantity"
    billed = {"order_number": player.number, "line_number": line.number, "quantity": above, "amount": "0"}
    note = {"invoice_number": "wrong", "currency": player.plan.currency}
    receipt = {"order_number": player.number, "receipt_number": "wrong"}
    amount = player.money(Decimal(abs(line.goods) + 1).scaleb(-player.plan.digits) + (abs(line.invoiced) + 1) * MILLIONTH)
    wrong: list[Sent] = [
        ("goods.returned", {**receipt, "lines": [{"line_number": line.number, measure: above}]}),
        ("invoice.credited", {**note, "lines": [billed if not line.by_amount else {**billed, "amount": amount}]}),
        ("invoice.matched", {**note, "currency": "SEK", "lines": [billed]}),
        ("order.changed", {**player.terms, "version": max(2, player.order.version)} if player.order.version > 1 else player.terms),
        ("order.created", player.plan.order(player.number)),
        ("goods.received", {**receipt, "lines": [{"line_number": 99, "quantity": "1"}]}),
        ("invoice.matched", {**note, "lines": [{**billed, "order_number": "never"}]}),
        ("goods.received", {**receipt, "lines": [{"line_number": line.number, "quantity": "1", "amount": "1"}]}),
    ]
    return wrong[(move.size + move.tweak) % len(wrong)]


MOVES: dict[str, Callable[[Player, Move], Sent | None]] = {
    "receive": _receive,
    "return": _return,
    "invoice": _invoice,
    "credit": _credit,
    "price_credit": _price_credit,
    "full_credit": _full_credit,
    "freight": _freight,
    "change": _change,
    "close_order": _flag("order.closed", lines=False),
    "reopen_order": _flag("order.reopened", lines=False),
    "close_line": _flag("order.closed", lines=True),
    "reopen_line": _flag("order.reopened", lines=True),
    "close_receiving": _flag("receiving.closed", lines=True),
    "reopen_receiving": _flag("receiving.reopened", lines=True),
    "cancel": _flag("order.cancelled", lines=False),
    "wrong": _wrong,
}
