"""One order: its rows, its transactions and its balances against its log."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from uuid import UUID

from app.application.ports.audit_reads import KeptOrder, KeptTransaction
from app.application.ports.unit_of_work import UnitOfWork
from app.application.replay import NOT_THERE, Replay, Step
from app.application.verification import Difference, DifferenceKind, Findings, amounts_text, key_text
from app.application.verify_transactions import Expected, compare
from app.domain.errors import DomainError, Waiting
from app.domain.money import Amounts
from app.domain.targets import BalanceKey
from app.domain.transaction import Ledger, Role, UnbalancedTransaction

UNREADABLE = (DomainError, Waiting, UnbalancedTransaction, LookupError, ValueError, TypeError, ArithmeticError)
"""What playing a damaged log can end in; a sound one ends in none of them."""

NOTHING = Amounts(0, 0)
LONGEST_TEXT = 300


class OrderCheck:
    """Replays an order and compares all that is stored for it."""

    def __init__(self, uow: UnitOfWork, replay: Replay, findings: Findings) -> None:
        self._uow = uow
        self._replay = replay
        self._findings = findings

    async def __call__(self, number: str) -> int:
        """How many transactions it has."""
        kept = await self._uow.audit_reads.order(number)
        transactions = await self._uow.audit_reads.transactions("order", number)
        by_event: dict[UUID, list[KeptTransaction]] = defaultdict(list)
        for transaction in transactions:
            by_event[transaction.event_id].append(transaction)
        last = None
        try:
            async for step in self._replay.order(number):
                self._step(number, step, by_event.pop(step.stored.id, []))
                last = step
        except UNREADABLE as error:
            self._add(DifferenceKind.REPLAY, f"the log cannot be played: {type(error).__name__}: {error}", number)
        else:
            for left in by_event.values():
                for transaction in left:
                    self._transaction("a transaction of an event that is not in the order's log", number, transaction)
            self._state(number, kept, self._uow.audit_reads.image(NOT_THERE if last is None else last.after))
        self._ledger(number, kept, transactions)
        return len(transactions)

    def _step(self, number: str, step: Step, kept: Sequence[KeptTransaction]) -> None:
        expected = self._expected(number, step)
        for wanted, found in zip(expected, kept, strict=False):
            compare(wanted, found, self._findings)
        for extra in kept[len(expected) :]:
            self._transaction("a transaction too many for its event", number, extra)
        for wanted in expected[len(kept) :]:
            what = f"an event without its transaction of {len(wanted.lines)} lines"
            self._findings.add(Difference(kind=DifferenceKind.TRANSACTION, what=what, subject=number, event_id=step.stored.id))

    def _expected(self, number: str, step: Step) -> list[Expected]:
        order = step.posting.order
        return [
            Expected(
                stored=step.stored,
                event=step.event,
                subject=number,
                supplier=order.supplier,
                currency=order.currency,
                base_currency=order.base_currency,
                on=day,
                lines=lines,
            )
            for day, lines in step.transactions
        ]

    def _state(self, number: str, kept: KeptOrder | None, image: KeptOrder) -> None:
        stored = kept or KeptOrder(parts={}, posted={})
        for part in sorted({*stored.parts, *image.parts}):
            there, wanted = stored.parts.get(part, {}), image.parts.get(part, {})
            for name in sorted({*there, *wanted}):
                if there.get(name) != wanted.get(name):
                    self._add(DifferenceKind.STATE, f"{part}: {name}", number, _json(there, name), _json(wanted, name))
        for line in {**stored.posted, **image.posted}:
            self._balances(DifferenceKind.BALANCE, number, line, (stored.posted.get(line, {}), image.posted.get(line, {})))

    def _ledger(self, number: str, kept: KeptOrder | None, transactions: Sequence[KeptTransaction]) -> None:
        """The sums of all lines against the balances that the rows say are posted."""
        sums: dict[int | None, dict[BalanceKey, Amounts]] = defaultdict(dict)
        for transaction in transactions:
            for line in transaction.lines:
                sign = 1 if line.side == "credit" else -1
                names = (line.account, line.account_code, line.charge_code)
                key = BalanceKey(line.order_line, Role(line.role), Ledger(line.ledger), *names)
                before = sums[line.order_line].get(key, NOTHING)
                sums[line.order_line][key] = Amounts(before.document + sign * line.amount, before.base + sign * line.base_amount)
        posted = {} if kept is None else kept.posted
        for each in {**posted, **sums}:
            self._balances(DifferenceKind.LEDGER, number, each, (posted.get(each, {}), sums.get(each, {})))

    def _balances(
        self, kind: DifferenceKind, number: str, line: int | None, both: tuple[Mapping[BalanceKey, Amounts], Mapping[BalanceKey, Amounts]]
    ) -> None:
        stored, wanted = both
        what = (
            "the posted balance differs from the replayed one" if kind is DifferenceKind.BALANCE else "the lines sum up to another balance"
        )
        for key in {**stored, **wanted}:
            there, given = stored.get(key, NOTHING), wanted.get(key, NOTHING)
            if there != given:
                self._add(kind, what, number, amounts_text(there), amounts_text(given), line=line, key=key_text(key))

    def _transaction(self, what: str, number: str, kept: KeptTransaction) -> None:
        difference = Difference(kind=DifferenceKind.TRANSACTION, what=what, subject=number, event_id=kept.event_id, transaction_id=kept.id)
        self._findings.add(difference)

    def _add(
        self,
        kind: DifferenceKind,
        what: str,
        number: str,
        stored: str | None = None,
        replayed: str | None = None,
        *,
        line: int | None = None,
        key: str | None = None,
    ) -> None:
        self._findings.add(Difference(kind=kind, what=what, subject=number, order_line=line, key=key, stored=stored, replayed=replayed))


def _json(found: Mapping[str, object], name: str) -> str | None:
    return json.dumps(found[name], ensure_ascii=False)[:LONGEST_TEXT] if name in found else None
