"""Entries coded by their source: balanced in both currencies or refused, and mirrored line by line."""

from datetime import date
from decimal import Decimal
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.accounts import Account, AccountType
from app.domain.entry import entry_lines, mirrored
from app.domain.errors import AmountTooLarge, Invalid, UnknownAccount
from app.domain.events import EntryLine, EntryRecorded
from app.domain.money import Currency
from app.domain.transaction import Side, TransactionLine
from tests.unit.properties.profiles import EFFORT

JPY, USD, KWD = (Currency(code=code, digits=digits) for code, digits in (("JPY", 0), ("USD", 2), ("KWD", 3)))
BANK = Account(name="Bank", code="1000", type=AccountType.ASSET)


def find(name: str | None, code: str | None, pointer: str) -> Account:
    if name == "Bank" or code == "1000":
        return BANK
    raise UnknownAccount(f"{name or code} at {pointer}")


def line(side: Side, amount: int, *, account: str | None = "Bank", code: str | None = None, description: str = "") -> EntryLine:
    return EntryLine(account=account, account_code=code, side=side, amount=amount, description=description)


def entry(*lines: EntryLine, currency: Currency = USD, rate: str | None = None) -> EntryRecorded:
    return EntryRecorded(
        document_date=date(2026, 11, 2),
        transaction_number="T-1",
        description="Takings",
        currency=currency,
        exchange_rate=None if rate is None else Decimal(rate),
        lines=lines,
    )


def booked(event: EntryRecorded, base: Currency = USD) -> list[tuple[str, int, int]]:
    return [(each.side, each.amount, each.base_amount) for each in entry_lines(event, base, find)]


def test_in_the_base_currency_the_amounts_are_the_same() -> None:
    event = entry(line("debit", 1000), line("credit", 600), line("credit", 400))
    assert booked(event) == [("debit", 1000, 1000), ("credit", 600, 600), ("credit", 400, 400)]


def test_each_side_is_translated_once_and_allocated() -> None:
    """0.100 KWD × 10.05 = 1.005 → 1.01 USD; 101 over 33 : 33 : 34 is 33.33, 33.33, 34.34, so the last takes the cent left."""
    event = entry(line("debit", 100), line("credit", 33), line("credit", 33), line("credit", 34), currency=KWD, rate="10.05")
    assert booked(event) == [("debit", 100, 101), ("credit", 33, 33), ("credit", 33, 33), ("credit", 34, 35)]


def test_lines_keep_their_order_their_account_and_a_description() -> None:
    made = entry_lines(entry(line("credit", 5, description="own"), line("debit", 5, account=None, code="1000")), USD, find)
    assert [(each.line, each.account, each.account_code, each.description) for each in made] == [
        (1, "Bank", "1000", "own"),
        (2, "Bank", "1000", "Takings"),
    ]


def test_unbalanced_is_refused_with_both_totals() -> None:
    with pytest.raises(Invalid, match=r"debits are 10\.00, credits 9\.99"):
        booked(entry(line("debit", 1000), line("credit", 999)))


def test_one_side_alone_is_refused() -> None:
    with pytest.raises(Invalid):
        booked(entry(line("debit", 1000), line("debit", 1000)))


def test_an_unknown_account_is_refused_at_its_line() -> None:
    with pytest.raises(UnknownAccount, match="/data/lines/1"):
        booked(entry(line("debit", 1000), line("credit", 1000, account="Safe")))


def test_a_foreign_entry_needs_a_rate_and_a_domestic_one_takes_none() -> None:
    lines = (line("debit", 1000), line("credit", 1000))
    with pytest.raises(Invalid):
        booked(entry(*lines, currency=KWD))
    with pytest.raises(Invalid):
        booked(entry(*lines, rate="1.1"))
    assert booked(entry(*lines, rate="1")) == [("debit", 1000, 1000), ("credit", 1000, 1000)]


def test_a_base_amount_beyond_what_a_line_can_hold_is_refused() -> None:
    with pytest.raises(AmountTooLarge):
        booked(entry(line("debit", 10**17), line("credit", 10**17), currency=KWD, rate="10.1"))


SIDES: tuple[Literal["debit"], Literal["credit"]] = ("debit", "credit")


@st.composite
def entries(draw: st.DrawFn) -> EntryRecorded:
    total = draw(st.integers(2, 10**9))
    lines = []
    for side in SIDES:
        cuts = sorted(draw(st.sets(st.integers(1, total - 1), max_size=4)))
        lines += [line(side, high - low) for low, high in zip([0, *cuts], [*cuts, total], strict=True)]
    currency = draw(st.sampled_from([USD, JPY, KWD]))
    rate = None if currency is USD else draw(st.sampled_from(["0.0067", "1.005", "151.37"]))
    return entry(*draw(st.permutations(lines)), currency=currency, rate=rate)


def signed(lines: tuple[TransactionLine, ...]) -> tuple[int, int]:
    signs = [1 if each.side == "debit" else -1 for each in lines]
    return (
        sum(sign * each.amount for sign, each in zip(signs, lines, strict=True)),
        sum(sign * each.base_amount for sign, each in zip(signs, lines, strict=True)),
    )


@EFFORT
@given(entries())
def test_i1_balanced_in_both_currencies_and_the_mirror_takes_it_back(event: EntryRecorded) -> None:
    made = entry_lines(event, USD, find)
    assert signed(made) == (0, 0)
    assert [(each.side, each.amount) for each in made] == [(each.side, each.amount) for each in event.lines]
    back = mirrored(made)
    assert [(each.amount, each.base_amount) for each in back] == [(each.amount, each.base_amount) for each in made]
    assert all(each.side != other.side for each, other in zip(made, back, strict=True))
    assert mirrored(back) == made
