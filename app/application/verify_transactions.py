"""Stored transactions against what an event must have posted."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.application.documents import description_of, document_of
from app.application.ports.audit_reads import KeptLine, KeptTransaction
from app.application.ports.events import StoredEvent
from app.application.verification import Difference, DifferenceKind, Findings
from app.domain.events import Event
from app.domain.money import Currency
from app.domain.transaction import DebtorDetails, Supplier, TransactionLine


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """A transaction as the log gives it; `on` is its accounting date."""

    stored: StoredEvent
    event: Event
    subject: str
    supplier: Supplier | None
    currency: Currency
    base_currency: Currency
    on: date
    lines: Sequence[TransactionLine]
    debtor: DebtorDetails | None = None


def compare(expected: Expected, kept: KeptTransaction, findings: Findings) -> None:
    """Lines as a set, and the header."""
    place: dict[str, Any] = {"subject": expected.subject, "event_id": expected.stored.id, "transaction_id": kept.id}
    stored, replayed = Counter(kept.lines), Counter(kept_line(line) for line in expected.lines)
    if stored != replayed:
        _lines(place, stored - replayed, replayed - stored, findings)
    for name, there, wanted in _header(expected, kept):
        if there != wanted:
            findings.add(Difference(kind=DifferenceKind.HEADER, what=name, key=name, stored=_text(there), replayed=_text(wanted), **place))


def kept_line(line: TransactionLine) -> KeptLine:
    """A line as its row must be."""
    return KeptLine(
        line.role.value,
        line.ledger.value,
        line.account,
        line.account_code,
        line.side,
        line.amount,
        line.base_amount,
        line.order_line,
        line.charge_code,
        line.description,
    )


def line_text(line: KeptLine) -> str:
    """ "debit 1050 / 1050 estimate 2100 Estimate, charge code E1"."""
    account = " ".join(each for each in (line.account_code, line.account) if each)
    code = f", charge code {line.charge_code}" if line.charge_code else ""
    return f"{line.side} {line.amount} / {line.base_amount} {line.role} {account}{code} {line.description!r}"


def _lines(place: dict[str, Any], extra: Counter[KeptLine], missing: Counter[KeptLine], findings: Findings) -> None:
    """Each stored line that the replay does not give, beside one of the same order line and role that it does give."""
    left = list(missing.elements())
    for line in extra.elements():
        partner = next((each for each in left if (each.order_line, each.role) == (line.order_line, line.role)), None)
        if partner is not None:
            left.remove(partner)
        findings.add(_line_difference(place, line, partner))
    for line in left:
        findings.add(_line_difference(place, None, line))


def _line_difference(place: dict[str, Any], stored: KeptLine | None, replayed: KeptLine | None) -> Difference:
    line = stored or replayed
    what = "a line differs" if stored and replayed else "a line is missing" if replayed else "a line too many"
    return Difference(
        kind=DifferenceKind.LINES,
        what=what,
        order_line=line and line.order_line,
        key=line and line.role,
        stored=stored and line_text(stored),
        replayed=replayed and line_text(replayed),
        **place,
    )


def _header(expected: Expected, kept: KeptTransaction) -> list[tuple[str, object, object]]:
    document = document_of(expected.event)
    wanted: list[tuple[str, object]] = [
        ("event_type", expected.stored.type),
        ("supplier_code", expected.supplier and expected.supplier.code),
        ("supplier_name", expected.supplier and expected.supplier.name),
        ("document_type", document.type),
        ("document_number", document.number),
        ("currency", expected.currency.code),
        ("currency_digits", str(expected.currency.digits)),
        ("base_currency", expected.base_currency.code),
        ("base_digits", str(expected.base_currency.digits)),
        ("description", description_of(expected.event, expected.subject)),
        ("subject_number", expected.subject),
        ("warehouse", expected.debtor and expected.debtor.warehouse),
        ("sales_territory", expected.debtor and expected.debtor.sales_territory),
        ("gl_interfaces", ", ".join(expected.debtor.gl_interfaces) if expected.debtor else None),
    ]
    found: list[tuple[str, object, object]] = [(name, kept.header[name], value) for name, value in wanted]
    found.append(("document_date", kept.document_date, document.date))
    found.append(("accounting_date", kept.accounting_date, expected.on))
    return found


def _text(value: object) -> str | None:
    return None if value is None else str(value)
