"""The journal: the unit that is validated and delivered to one ERP endpoint."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Literal

from app.domain.money import Currency
from app.domain.transaction import TransactionLine

REFERENCE_MAX = 20


class JournalStatus(StrEnum):
    """`open → valid | invalid → queued → sending → sent | rejected | failed | unknown`, and `marked_as_sent`."""

    OPEN = "open"
    VALID = "valid"
    INVALID = "invalid"
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    REJECTED = "rejected"
    FAILED = "failed"
    UNKNOWN = "unknown"
    MARKED_AS_SENT = "marked_as_sent"


class JournalPart(StrEnum):
    """Which ledger's lines a journal carries: where commitments go in a journal of their own there are two for one transaction."""

    ALL = "all"
    ACTUAL = "actual"
    COMMITMENT = "commitment"


FINISHED = frozenset({JournalStatus.SENT, JournalStatus.MARKED_AS_SENT})


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalLine:
    """One line as it is sent: `amount` and `base_amount` in major units, ≥ 0, not both 0; `side` gives the direction.

    `account_code`, `dimensions` (the ERP's name of a dimension → the value in it) and `tax_code` are as the endpoint's mapping makes
    them; without one the code is ours and the other two are empty.
    """

    line: int
    role: str
    ledger: str
    account: str | None
    account_code: str
    side: Literal["debit", "credit"]
    amount: Decimal
    base_amount: Decimal
    charge_code: str | None
    description: str
    dimensions: Mapping[str, str] = field(default_factory=dict, hash=False)
    tax_code: str | None = None


def journal_lines(lines: Iterable[TransactionLine], currency: Currency, base: Currency) -> tuple[JournalLine, ...]:
    """Posted lines as a journal carries them, numbered from 1."""
    return tuple(
        JournalLine(
            line=number,
            role=line.role,
            ledger=line.ledger,
            account=line.account,
            account_code=line.account_code,
            side=line.side,
            amount=currency.to_decimal(line.amount),
            base_amount=base.to_decimal(line.base_amount),
            charge_code=line.charge_code,
            description=line.description,
        )
        for number, line in enumerate(lines, start=1)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalDocument:
    """A whole journal as an ERP receives it. `reference` is ours, at most 20 characters, fixed for life."""

    reference: str
    accounting_date: date
    currency: str
    base_currency: str
    description: str
    lines: tuple[JournalLine, ...]
