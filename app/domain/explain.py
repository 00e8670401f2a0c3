"""Where each amount of a posted transaction came from: quantities, prices, shares and rates, in words and numbers.

Nothing is calculated in a second way: every amount is one of the functions that the targets are made with. Two checks stand behind
each explanation: what a balance is made of adds up to its target, and the targets before and after differ by what was posted.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from app.domain.explain_balance import NOTHING, Moment, parts_of
from app.domain.explain_parts import ExplanationMismatch, Part
from app.domain.explain_words import Figure, Money, line_figures, money_of, terms_words, units
from app.domain.money import Amounts, in_base
from app.domain.targets import BalanceKey
from app.domain.transaction import TransactionLine


@dataclass(frozen=True, slots=True, kw_only=True)
class LineExplanation:
    """One line of a transaction. `change` is the line's own, `before` and `after` are its balance's: signed, credit positive, in
    minor units; None for what came coded by its source. `figures` are of the state after, `figures_before` of that before it."""

    line: TransactionLine
    change: Amounts
    before: Amounts | None = None
    after: Amounts | None = None
    because: tuple[str, ...]
    figures: Mapping[str, Figure] = field(default_factory=dict)
    figures_before: Mapping[str, Figure] = field(default_factory=dict)


def explain(before: Moment | None, after: Moment, rate: Fraction, lines: Sequence[TransactionLine]) -> tuple[LineExplanation, ...]:
    """The lines of what one event posted for one order. `rate` is the event's own.

    Raises `ExplanationMismatch` where the states do not give exactly these lines: a bug.
    """
    groups: dict[BalanceKey, list[TransactionLine]] = defaultdict(list)
    for line in lines:
        groups[key_of(line)].append(line)
    found = [each for key, posted in groups.items() for each in _explain_balance(before, after, rate, key, posted)]
    return tuple(sorted(found, key=lambda each: each.line.line))


def key_of(line: TransactionLine) -> BalanceKey:
    """The balance that a line moved."""
    return BalanceKey(line.order_line, line.role, line.ledger, line.account, line.account_code, line.charge_code)


def signed(line: TransactionLine) -> Amounts:
    """A line's amounts, credit positive."""
    sign = 1 if line.side == "credit" else -1
    return Amounts(sign * line.amount, sign * line.base_amount)


def _explain_balance(
    before: Moment | None, after: Moment, rate: Fraction, key: BalanceKey, posted: Sequence[TransactionLine]
) -> list[LineExplanation]:
    old = NOTHING if before is None else before.balance(key)
    new = after.balance(key)
    changes = [signed(line) for line in posted]
    moved = Amounts(sum(each.document for each in changes), sum(each.base for each in changes))
    if (old.document + moved.document, old.base + moved.base) != new:
        raise ExplanationMismatch(f"{key}: {old} and {moved} posted do not give {new}")
    money = money_of(after.order)
    told_before = None if before is None else _told(before, key)
    told_after = _told(after, key)
    words = _before_and_after(None if told_before is None else told_before.words, told_after.words)
    words += (f"The balance goes from {money.both(old)} to {money.both(new)}: {_side(moved)} of {money.both(_size(moved))}.",)
    return [
        LineExplanation(
            line=line,
            change=change,
            before=old,
            after=new,
            because=words + _two_lines(line, posted, rate, money),
            figures=told_after.figures,
            figures_before={} if told_before is None else told_before.figures,
        )
        for line, change in zip(posted, changes, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class _Told:
    words: tuple[str, ...]
    figures: Mapping[str, Figure]


def _told(moment: Moment, key: BalanceKey) -> _Told:
    """One moment's part of the story."""
    line = None if key.order_line is None else moment.order.lines.get(key.order_line)
    if key.order_line is not None and line is None:
        return _Told((f"Line {key.order_line} was not there.",), {})
    parts = parts_of(moment, key)
    words = [] if line is None else [terms_words(moment.order, line)]
    figures: dict[str, Figure] = {} if line is None else line_figures(moment.order, line)
    for part in parts:
        words += part.words
        for name, figure in part.figures.items():
            present = figures.get(name)
            figures[name] = figure if present is None or isinstance(present, str) or isinstance(figure, str) else [*present, *figure]
        words += _split_words(moment, part, key.charge_code)
    figures["split"] = [row for part in parts for row in _split_rows(moment, part)]
    return _Told(tuple(words), figures)


def _split_words(moment: Moment, part: Part, code: str | None) -> list[str]:
    if part.coding is None or len(part.coding.codes) == 1 or part.amounts == NOTHING:
        return []
    weights = dict(zip(part.coding.codes, part.coding.weights, strict=True))
    share = money_of(moment.order).both(_size(part.of(code)))
    return [f"{code} bears {units(weights.get(code or '', 0))} of {units(sum(weights.values()))} of it, to the cent: {share}."]


def _split_rows(moment: Moment, part: Part) -> list[Mapping[str, str]]:
    if part.coding is None:
        return []
    order = moment.order
    return [
        {
            "code": code,
            "weight": units(weight),
            "part": order.currency.to_text(part.of(code).document),
            "base_part": order.base_currency.to_text(part.of(code).base),
        }
        for code, weight in zip(part.coding.codes, part.coding.weights, strict=True)
    ]


def _before_and_after(before: tuple[str, ...] | None, after: tuple[str, ...]) -> tuple[str, ...]:
    """What holds before and after is said once."""
    if before is None:
        return (*after, "There was no such balance before: the order is new.")
    shared = tuple(word for word in after if word in before)
    gone = tuple(f"Before: {word}" for word in before if word not in after)
    new = tuple(f"After: {word}" for word in after if word not in before)
    return shared + gone + new


def _two_lines(line: TransactionLine, posted: Sequence[TransactionLine], rate: Fraction, money: Money) -> tuple[str, ...]:
    """A balance whose two changes have opposite signs is posted as two lines: says which of them this is."""
    if len(posted) == 1:
        return ()
    why = "The change in document and in base currency have opposite signs, so it is posted as two lines:"
    if not line.amount:
        return (f"{why} this one is the remaining base amount, {money.base_text(line.base_amount)}, on its own.",)
    if line.base_amount != in_base(line.amount, rate):
        raise ExplanationMismatch(f"line {line.line}: {line.amount} at the event's rate {rate} is not {line.base_amount}")
    return (f"{why} this one is the document amount, {money.text(line.amount)}, translated at the event's rate {money.rate(rate)}.",)


def _size(amounts: Amounts) -> Amounts:
    return Amounts(abs(amounts.document), abs(amounts.base))


def _side(moved: Amounts) -> str:
    return "a credit" if (moved.document or moved.base) > 0 else "a debit"
