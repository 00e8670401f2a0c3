"""A journal in our own JSON: what the `json` adapter sends, and what an ERP that polls fetches."""

from typing import Any

from app.domain.journal import JournalDocument, JournalLine


def journal_json(journal: JournalDocument) -> dict[str, Any]:
    """Money as text with all of its currency's digits. Our names of accounts stay here: an ERP knows codes."""
    return {
        "reference": journal.reference,
        "accounting_date": journal.accounting_date.isoformat(),
        "currency": journal.currency,
        "base_currency": journal.base_currency,
        "description": journal.description,
        "lines": [_line(line) for line in journal.lines],
    }


def _line(line: JournalLine) -> dict[str, Any]:
    """What the mapping adds is left out where it adds nothing, so that a receiver that knows nothing of it keeps working."""
    sent: dict[str, Any] = {
        "line": line.line,
        "account_code": line.account_code,
        "side": line.side,
        "amount": format(line.amount, "f"),
        "base_amount": format(line.base_amount, "f"),
        "charge_code": line.charge_code,
        "role": line.role,
        "ledger": line.ledger,
        "description": line.description,
    }
    if line.dimensions:
        sent["dimensions"] = dict(sorted(line.dimensions.items()))
    if line.tax_code is not None:
        sent["tax_code"] = line.tax_code
    return sent
