"""What is sent to a `json` endpoint; `docs/json-adapter/journals-request.schema.json` says the same. Pure."""

import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from app.domain.journal import JournalDocument, JournalLine


def request_body(journals: Sequence[JournalDocument]) -> str:
    """The body of a validation and of a sending alike."""
    return json.dumps({"journals": [journal_message(journal) for journal in journals]}, ensure_ascii=False, separators=(",", ":"))


def journal_message(journal: JournalDocument) -> dict[str, Any]:
    """One journal. Our names of accounts stay here: an ERP knows codes."""
    return {
        "reference": journal.reference,
        "accounting_date": journal.accounting_date.isoformat(),
        "currency": journal.currency,
        "base_currency": journal.base_currency,
        "description": journal.description,
        "lines": [_line(line) for line in journal.lines],
    }


def _line(line: JournalLine) -> dict[str, Any]:
    return {
        "line": line.line,
        "account_code": line.account_code,
        "side": line.side,
        "amount": _money(line.amount),
        "base_amount": _money(line.base_amount),
        "charge_code": line.charge_code,
        "role": line.role,
        "ledger": line.ledger,
        "description": line.description,
    }


def _money(amount: Decimal) -> str:
    """In full, never with an exponent. The decimals are the currency's, which the amount already has."""
    return format(amount, "f")
