"""What a verification finds: counts, and every difference between what is stored and what the log gives."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any
from uuid import UUID

from app.application.ports.audit_reads import Totals
from app.domain.money import Amounts
from app.domain.targets import BalanceKey

MOST_KEPT = 1_000
"""Differences that are told one by one; of those beyond, only the number."""


class DifferenceKind(StrEnum):
    """Where a difference is."""

    REPLAY = "replay"
    BALANCE = "posted_balance"
    STATE = "state"
    TRANSACTION = "transaction"
    LINES = "transaction_lines"
    HEADER = "transaction_header"
    LEDGER = "ledger_sum"
    REPORT = "report_sum"
    EVENT = "event"
    TOTAL = "total"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One difference. `subject` is an order's or entry's number or a debtor's code,
    `key` what differs there; `stored` and `replayed` are texts."""

    kind: DifferenceKind
    what: str
    subject: str | None = None
    order_line: int | None = None
    key: str | None = None
    event_id: UUID | None = None
    transaction_id: UUID | None = None
    stored: str | None = None
    replayed: str | None = None

    def to_json(self) -> dict[str, Any]:
        return {name: str(value) if isinstance(value, UUID | StrEnum) else value for name, value in asdict(self).items()}


@dataclass(slots=True)
class Findings:
    """Collects differences, in bounded memory."""

    count: int = 0
    kept: list[Difference] = field(default_factory=list)

    def add(self, difference: Difference) -> None:
        self.count += 1
        if len(self.kept) < MOST_KEPT:
            self.kept.append(difference)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """The result for one tenant. `differences` are the first ones, `difference_count` is of all."""

    tenant_id: UUID
    tenant_name: str
    totals: Totals
    difference_count: int
    differences: Sequence[Difference]

    @property
    def equal(self) -> bool:
        return not self.difference_count

    def to_json(self) -> dict[str, Any]:
        return {
            "tenant_id": str(self.tenant_id),
            "tenant": self.tenant_name,
            "result": "equal" if self.equal else f"{self.difference_count} differences",
            "counts": {name: getattr(self.totals, name) for name in ("events", "orders", "transactions", "lines")},
            "base_debit_total": str(self.totals.debit),
            "base_credit_total": str(self.totals.credit),
            "difference_count": self.difference_count,
            "differences": [each.to_json() for each in self.differences],
        }


def key_text(key: BalanceKey) -> str:
    """ "estimate 2100 Estimate, charge code E1"."""
    account = " ".join(each for each in (key.account_code, key.account) if each)
    ledger = "" if key.ledger == "actual" else f" ({key.ledger})"
    return f"{key.role}{ledger} {account}" + (f", charge code {key.charge_code}" if key.charge_code else "")


def amounts_text(amounts: Amounts | None) -> str | None:
    """Document and base minor units, credit positive."""
    return None if amounts is None else f"{amounts.document} / {amounts.base}"
