"""An order as the events up to a day make it, whenever they were applied: each event's own change counts or does not.

A plain replay up to a day would not do: an event with an early accounting date may build on one with a later date.
"""

from datetime import date
from typing import Any, NamedTuple

from app.application.ports.accruals import PostedSums
from app.application.replay import Step
from app.domain.accounts import Coding
from app.domain.accruals import ByCode, LineFacts, accrued_on_one_account, committed_and_accrued, difference
from app.domain.events import InvoiceCredited
from app.domain.order import Order, OrderLine
from app.domain.posting_manager import PostingManager
from app.domain.targets import BalanceKey
from app.domain.transaction import Ledger, Role


class _Terms(NamedTuple):
    """What a change sets, rather than adds to."""

    sku: str
    description: str
    unit: str
    ordered: int
    unit_price: int
    receiving_closed: bool
    coding: Coding


NO_TERMS = _Terms("", "", "", 0, 0, False, Coding((), ()))


class PastOrder:
    """Give it all steps of an order, in the order in which they were applied. `order` stays None where none was up to the day."""

    def __init__(self, as_of: date) -> None:
        self._as_of = as_of
        self.order: Order | None = None
        self.lines: dict[int, PastLine] = {}

    def take(self, step: Step) -> None:
        """The next step."""
        counts = step.accounting_date <= self._as_of
        before, after = step.before.order, step.posting.order
        if counts:
            self.order = after
        for number, line in after.lines.items():
            past = self.lines.setdefault(number, PastLine(line))
            past.settle(after, line, step.manager, counts=counts)
            old = before.lines.get(number) if before else None
            if counts and old is not line:
                past.move(old, line, by_credit=isinstance(step.event, InvoiceCredited))

    def split(self, number: int | None, posted: PostedSums) -> tuple[ByCode, ByCode]:
        """What the ledger has for a line, told apart: committed and accrued."""
        balances = {
            BalanceKey(number, role, Ledger.ACTUAL, None, "", code): amounts
            for role, sums in ((Role.ESTIMATE, posted.committed), (Role.GRNI, posted.accrued))
            for code, amounts in sums.items()
        }
        return committed_and_accrued(balances, None if number is None else self.lines[number].on_one_account)


class PastLine:
    """A line's figures, and what of an account that carries both is accrued. `first` is the line as it was first ordered: what it
    is called and coded to even on days before its order."""

    def __init__(self, first: OrderLine) -> None:
        self._number = first.number
        self._terms = _terms(first)._replace(ordered=0, receiving_closed=False)
        self._codings: tuple[Coding, ...] = ()
        self._received = 0
        self._invoiced = 0
        self._credited_from = 0
        self._part: ByCode | None = None
        self.on_one_account: ByCode = {}

    def settle(self, order: Order, line: OrderLine, manager: PostingManager, *, counts: bool) -> None:
        """Notes what a step changed in the part of one account that is accrued."""
        part = accrued_on_one_account(order, line, manager)
        if counts and (part or self._part):
            self.on_one_account = difference({**self.on_one_account}, difference(self._part, part))
        self._part = part

    def move(self, old: OrderLine | None, new: OrderLine, *, by_credit: bool) -> None:
        """Adds what a step added, and sets what it set."""
        if by_credit:
            self._credited_from = max(self._credited_from, self._invoiced)
        self._received += new.received - (old.received if old else 0)
        self._invoiced += new.invoiced - (old.invoiced if old else 0)
        was, now = _terms(old) if old else NO_TERMS, _terms(new)
        changed: dict[str, Any] = {name: after for name, before, after in zip(_Terms._fields, was, now, strict=True) if before != after}
        self._terms = self._terms._replace(**changed)
        self._codings = tuple(dict.fromkeys((self._terms.coding, *_codings(new), *self._codings)))

    def facts(self) -> LineFacts:
        """The line on the day. Units that a credit gave back and no invoice took again are accrued again, if they were received."""
        terms = self._terms
        return LineFacts(
            number=self._number,
            sku=terms.sku,
            description=terms.description,
            unit=terms.unit,
            ordered=terms.ordered,
            unit_price=terms.unit_price,
            received=self._received,
            invoiced=self._invoiced,
            receiving_closed=terms.receiving_closed,
            re_accrued=min(self._credited_from, self._received) > self._invoiced,
            codings=self._codings,
        )


def facts_of(line: OrderLine, *, re_accrued: bool) -> LineFacts:
    """A line as it is now."""
    return LineFacts(
        number=line.number,
        sku=line.sku,
        description=line.description,
        unit=line.unit,
        ordered=line.terms.quantity,
        unit_price=line.terms.unit_price,
        received=line.received,
        invoiced=line.invoiced,
        receiving_closed=line.receiving_closed,
        re_accrued=re_accrued,
        codings=_codings(line),
    )


def _codings(line: OrderLine) -> tuple[Coding, ...]:
    """The one in force, then those of what was received, newest first."""
    return tuple(dict.fromkeys((line.coding, *(layer.coding for layer in reversed(line.layers)))))


def _terms(line: OrderLine) -> _Terms:
    terms = line.terms
    return _Terms(line.sku, line.description, line.unit, terms.quantity, terms.unit_price, line.receiving_closed, line.coding)
