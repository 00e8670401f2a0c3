"""A ledger of the pure domain that explains every transaction the moment it is posted."""

from dataclasses import dataclass, field
from typing import Any

from app.domain.events import Event
from app.domain.explain import LineExplanation, explain
from app.domain.explain_balance import Moment
from app.domain.money import Currency
from app.domain.ordering import document_rate
from app.domain.posting_manager import PostingManager
from app.domain.transaction import TransactionLine
from tests.domain_ledger import DomainLedger


@dataclass
class ExplainedLedger(DomainLedger):
    """`explained` are the explanations of the last event, in the order of its lines."""

    explained: list[LineExplanation] = field(default_factory=list)

    def apply(self, event: Event) -> list[TransactionLine]:
        before, posted = dict(self.orders), len(self.lines)
        made = super().apply(event)
        self.explained = []
        for number, after in self.orders.items():
            lines = [line for order, line in self.lines[posted:] if order == number]
            if lines:
                self.explained += self._explain(event, before.get(number), after, lines)
        return made

    def _explain(self, event: Event, before: Any, after: Any, lines: list[TransactionLine]) -> tuple[LineExplanation, ...]:
        given = getattr(event, "exchange_rate", None)
        rate = after.rate if given is None else document_rate(after.currency, self.base, given)
        old = None if before is None else Moment(order=before, manager=self.manager)
        return explain(old, Moment(order=after, manager=self.manager), rate, lines)


def explained_ledger(manager: PostingManager, base: Currency) -> ExplainedLedger:
    return ExplainedLedger(manager, base)


def check_words(explained: LineExplanation) -> None:
    """What every explanation must have: sentences that end, figures as text, and a split that adds up to its parts."""
    assert explained.because
    for sentence in explained.because:
        assert sentence.endswith("."), sentence
        assert "Fraction" not in sentence
        assert "None" not in sentence
        assert "E-" not in sentence
    for figures in (explained.figures, explained.figures_before):
        for name, figure in figures.items():
            rows = [{name: figure}] if isinstance(figure, str) else figure
            assert all(isinstance(value, str) and value for row in rows for value in row.values()), (name, figure)


def check_sums(explained: list[LineExplanation]) -> None:
    """Before and after differ by what was posted, per balance."""
    for each in explained:
        assert each.before is not None
        assert each.after is not None
        same = [other for other in explained if _balance(other) == _balance(each)]
        for before, after, changes in (
            (each.before.document, each.after.document, [other.change.document for other in same]),
            (each.before.base, each.after.base, [other.change.base for other in same]),
        ):
            assert after - before == sum(changes)


def _balance(each: LineExplanation) -> tuple[object, ...]:
    line = each.line
    return (line.order_line, line.role, line.ledger, line.account, line.account_code, line.charge_code)
