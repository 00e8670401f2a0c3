"""Transactions that no order's balances stand behind, explained: entries coded by their source, and commitments rolled over."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from app.domain.explain import LineExplanation, key_of, signed
from app.domain.explain_balance import NOTHING, Moment
from app.domain.explain_parts import ExplanationMismatch
from app.domain.explain_words import Money, money_of
from app.domain.money import Amounts, in_base
from app.domain.transaction import AccountTransaction, TransactionLine


@dataclass(frozen=True, slots=True, kw_only=True)
class EntrySource:
    """What came in: the entry's number and rate, and whether the transaction is its reversal."""

    number: str
    rate: Fraction
    reversal: bool


def explain_entry(transaction: AccountTransaction, source: EntrySource) -> tuple[LineExplanation, ...]:
    """Each line came coded; what Glint did is to translate each side's total once and to share it over the side's lines."""
    money = Money(document=transaction.currency, base=transaction.base_currency)
    sides = {side: _total([line for line in transaction.lines if line.side == side]) for side in ("debit", "credit")}
    if sides["debit"] != sides["credit"] or sides["debit"].base != in_base(sides["debit"].document, source.rate):
        raise ExplanationMismatch(f"entry {source.number}: {sides} at rate {source.rate}")
    origin = (
        f"It mirrors entry {source.number}: the same accounts and amounts with the sides changed."
        if source.reversal
        else f"Entry {source.number} came coded by its source: account, side and amount are as it gave them."
    )
    figures = {
        "side_total": transaction.currency.to_text(sides["debit"].document),
        "base_side_total": transaction.base_currency.to_text(sides["debit"].base),
        "rate": money.rate(source.rate),
    }
    totals = f"Debits and credits are {money.text(sides['debit'].document)} each"
    if money.document != money.base:
        totals += f"{money.at_rate(source.rate)} = {money.base_text(sides['debit'].base)}, shared over the lines of each side by amount"
    return tuple(
        LineExplanation(
            line=line,
            change=signed(line),
            because=(origin, f"This line: {line.side} {money.both(Amounts(line.amount, line.base_amount))}.", f"{totals}."),
            figures=figures,
        )
        for line in transaction.lines
    )


def explain_roll(moment: Moment, period_end: date, lines: Sequence[TransactionLine], *, enters: bool) -> tuple[LineExplanation, ...]:
    """Open commitments that leave a period on its last day, or (`enters`) that come into the next one. The order's own balances
    stay as they are: what changes is the period's share of them."""
    money = money_of(moment.order)
    found = []
    for line in lines:
        key, change = key_of(line), signed(line)
        held = moment.commitments.get(key, NOTHING)
        before, after = (NOTHING, held) if enters else (held, NOTHING)
        if (before.document + change.document, before.base + change.base) != after:
            raise ExplanationMismatch(f"{key}: {before} and {change} posted do not give {after}")
        held_words = f"On {period_end} the order's open commitment on this balance was {money.both(Amounts(abs(held[0]), abs(held[1])))}."
        words = "It enters the new period." if enters else "It leaves the period that ends; its mirror opens the next one."
        found.append(LineExplanation(line=line, change=change, before=before, after=after, because=(held_words, words)))
    return tuple(found)


def _total(lines: Sequence[TransactionLine]) -> Amounts:
    return Amounts(sum(line.amount for line in lines), sum(line.base_amount for line in lines))
