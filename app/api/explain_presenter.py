"""Explanations as the wire has them: signed amounts are credit positive, every number is text."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.api.ids import Kind, format_id
from app.application.explain_transaction import Explanation
from app.domain.explain import LineExplanation
from app.domain.explain_words import Figure
from app.domain.money import Amounts, Currency

Json = dict[str, Any]


def show_explanation(explanation: Explanation) -> Json:
    """A transaction with each line's reasons."""
    transaction = explanation.posted.transaction
    currencies = transaction.currency, transaction.base_currency
    return {
        "transaction_id": format_id(Kind.TRANSACTION, transaction.id),
        "event_id": format_id(Kind.EVENT, transaction.event_id),
        "event_type": transaction.event_type,
        "subject": {"type": transaction.subject.type, "number": transaction.subject.number},
        "description": transaction.description,
        "accounting_date": transaction.accounting_date.isoformat(),
        "currency": transaction.currency.code,
        "base_currency": transaction.base_currency.code,
        "lines": [_line(line, *currencies) for line in explanation.lines],
    }


def _line(explained: LineExplanation, currency: Currency, base: Currency) -> Json:
    line = explained.line
    return {
        "line": line.line,
        "role": line.role,
        "ledger": line.ledger,
        "account": line.account,
        "account_code": line.account_code,
        "order_line": line.order_line,
        "charge_code": line.charge_code,
        "side": line.side,
        "change": _amounts(explained.change, currency, base),
        "before": _amounts(explained.before, currency, base),
        "after": _amounts(explained.after, currency, base),
        "because": list(explained.because),
        "figures": _figures(explained.figures),
        "figures_before": _figures(explained.figures_before),
    }


def _amounts(amounts: Amounts | None, currency: Currency, base: Currency) -> Json | None:
    return None if amounts is None else {"document": currency.to_text(amounts.document), "base": base.to_text(amounts.base)}


def _figures(figures: Mapping[str, Figure]) -> dict[str, str | Sequence[Mapping[str, str]]]:
    return {name: figure if isinstance(figure, str) else [dict(row) for row in figure] for name, figure in figures.items()}
