"""The pure domain played without a database: orders in a dict, balances summed from the lines that were posted."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from app.adapters.currencies import IsoCurrencies
from app.application.events_in.envelope import open_envelope, read_event
from app.domain.accounts import Account, AccountType
from app.domain.events import Event
from app.domain.money import Currency
from app.domain.order import Order
from app.domain.ordering import document_rate
from app.domain.posting import OrderView, apply, post
from app.domain.posting_manager import PostingManager, posting_manager
from app.domain.targets import Balances
from app.domain.transaction import TransactionLine

CURRENCIES = IsoCurrencies()
CREDIT_POSITIVE = {"estimate", "grni", "ap"}


def manager_from(document: Mapping[str, Any], accounts: Mapping[str, Any]) -> PostingManager:
    """A posting manager from the contract's JSON."""
    chart = {name: Account(name=name, code=each["account_code"], type=AccountType(each["type"])) for name, each in accounts.items()}
    return posting_manager(document, chart, version=1)


@dataclass
class DomainLedger:
    """Plays events against the domain alone."""

    manager: PostingManager
    base: Currency
    orders: dict[str, Order] = field(default_factory=dict)
    posted: dict[str, dict[int | None, Balances]] = field(default_factory=dict)
    lines: list[tuple[str, TransactionLine]] = field(default_factory=list)

    def play(self, event_type: str, data: dict[str, Any]) -> list[TransactionLine]:
        """Reads an event as it comes over the wire and posts it."""
        raw = {"specversion": "1.0", "id": "e", "source": "/t", "type": event_type, "time": "2026-11-15T00:00:00Z", "data": data}
        event = read_event(open_envelope(raw), received_at=datetime.now(UTC), time_zone="UTC", currencies=CURRENCIES)
        return self.apply(event)

    def apply(self, event: Event) -> list[TransactionLine]:
        managers: dict[str, PostingManager] = defaultdict(lambda: self.manager)
        made: list[TransactionLine] = []
        for number, after in apply(event, self.orders, managers, self.base).items():
            view = OrderView(order=self.orders.get(number), posted=self.posted.get(number, {}))
            given = getattr(event, "exchange_rate", None)
            rate = after.rate if given is None else document_rate(after.currency, self.base, given)
            posting = post(view, after, self.manager, rate)
            self.orders[number] = posting.order
            self.posted[number] = {**self.posted.get(number, {}), **posting.balances}
            assert sum(line.base_amount * (1 if line.side == "debit" else -1) for line in posting.lines) == 0
            assert sum(line.amount * (1 if line.side == "debit" else -1) for line in posting.lines) == 0
            made += posting.lines
            self.lines += [(number, line) for line in posting.lines]
        return made

    def balances(self, *orders: str) -> dict[str, int]:
        """Base minor units per role; estimate, grni, ap credit positive, the others debit positive."""
        total: dict[str, int] = defaultdict(int)
        for number, line in self.lines:
            if not orders or number in orders:
                total[line.role] += self._sign(line) * line.base_amount
        return total

    def by_charge_code(self) -> dict[str, dict[str, int]]:
        total: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        for _, line in self.lines:
            if line.charge_code:
                total[line.charge_code][line.role] += self._sign(line) * line.base_amount
        return total

    @staticmethod
    def _sign(line: TransactionLine) -> int:
        return 1 if (line.side == "credit") == (line.role in CREDIT_POSITIVE) else -1
