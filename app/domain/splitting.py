"""A transaction with more lines than an ERP takes in one journal becomes several journals, each of which balances by itself.

What is debited is led to what is credited, line by line in their order, in pieces that each balance: in the document's currency, and in
the base currency as much of it as both sides can give. What is left over in the base currency, a rounded cent or an exchange difference,
is led the same way at the end. Consecutive pieces are then put together for as long as they touch few enough lines.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from app.domain.money import Amounts
from app.domain.transaction import TransactionLine

LEAST_LINES = 2
"""Of a journal: nothing balances with fewer."""


class _Piece(NamedTuple):
    """So much goes from a debit to a credit: places among the lines, amounts in minor units."""

    debit: int
    credit: int
    amount: int
    base_amount: int


def split(lines: Sequence[TransactionLine], most: int) -> tuple[tuple[TransactionLine, ...], ...]:
    """The lines in groups of at most `most`, numbered from 1 in each. Together they are the lines, each group balances as the whole
    does, a line that is cut appears in several. One group where there are few enough."""
    if most < LEAST_LINES:
        raise ValueError(f"a journal has at least {LEAST_LINES} lines")
    if len(lines) <= most:
        return (tuple(lines),)
    return tuple(tuple(_cut(lines, group)) for group in _groups(_pieces(lines), most))


def _pieces(lines: Sequence[TransactionLine]) -> Iterator[_Piece]:
    """Commitments are led to commitments only: each ledger balances by itself."""
    for ledger in dict.fromkeys(line.ledger for line in lines):
        yield from _pieces_of(lines, [place for place, line in enumerate(lines) if line.ledger is ledger])


def _pieces_of(lines: Sequence[TransactionLine], places: Sequence[int]) -> Iterator[_Piece]:
    left = [Amounts(line.amount, line.base_amount) for line in lines]
    debits = [place for place in places if lines[place].side == "debit"]
    credits_ = [place for place in places if lines[place].side == "credit"]
    for debit, credit, amount in _flow(debits, credits_, [each.document for each in left]):
        base_amount = min(_share(left[debit], amount), _share(left[credit], amount))
        for place in (debit, credit):
            left[place] = Amounts(left[place].document - amount, left[place].base - base_amount)
        yield _Piece(debit, credit, amount, base_amount)
    for debit, credit, base_amount in _flow(debits, credits_, [each.base for each in left]):
        yield _Piece(debit, credit, 0, base_amount)


def _flow(debits: Sequence[int], credits_: Sequence[int], amounts: Sequence[int]) -> Iterator[tuple[int, int, int]]:
    """Leads each debit to the credits in their order: places, and how much."""
    left, waiting = list(amounts), iter(credits_)
    credit = next(waiting, None)
    for debit in debits:
        while left[debit]:
            while credit is not None and not left[credit]:
                credit = next(waiting, None)
            if credit is None:
                raise ValueError("the lines do not balance")
            amount = min(left[debit], left[credit])
            left[debit] -= amount
            left[credit] -= amount
            yield debit, credit, amount
    if any(left[place] for place in credits_):
        raise ValueError("the lines do not balance")


def _share(left: Amounts, amount: int) -> int:
    """What of a line's base amount goes with so much of its amount; all that is left with the last of it."""
    return left.base if amount == left.document else left.base * amount // left.document


def _groups(pieces: Iterable[_Piece], most: int) -> Iterator[list[_Piece]]:
    group: list[_Piece] = []
    touched: set[int] = set()
    for piece in pieces:
        if len(touched | {piece.debit, piece.credit}) > most:
            yield group
            group, touched = [], set()
        group.append(piece)
        touched |= {piece.debit, piece.credit}
    yield group


def _cut(lines: Sequence[TransactionLine], group: Iterable[_Piece]) -> Iterator[TransactionLine]:
    sums: dict[int, Amounts] = {}
    for piece in group:
        for place in (piece.debit, piece.credit):
            before = sums.get(place, Amounts(0, 0))
            sums[place] = Amounts(before.document + piece.amount, before.base + piece.base_amount)
    for number, place in enumerate(sorted(sums), start=1):
        yield lines[place]._replace(line=number, amount=sums[place].document, base_amount=sums[place].base)
