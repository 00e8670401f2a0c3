"""What an endpoint omits (I20): journals balance, what stays is unchanged, and they are what the set-up without that account posts."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.journal import JournalPart
from app.domain.money import Amounts
from app.domain.omission import carried_lines, debit_totals, journal_parts, needs_shipping_account, omitted_roles, shipping_account
from app.domain.targets import BalanceKey
from app.domain.transaction import Ledger, Role, Side, TransactionLine
from tests.unit.properties.player import Player
from tests.unit.properties.profiles import EFFORT
from tests.unit.properties.strategies import Plan, managers, plans

ALL_THREE = ("estimate", "grni", "ap")
Omissions = st.sets(st.sampled_from(ALL_THREE))


def transactions(player: Player) -> Iterator[tuple[TransactionLine, ...]]:
    """The order's transactions, one move after the other, played while they are asked for."""
    yield tuple(line for _, line in player.ledger.lines)
    for move in player.plan.moves:
        made = player.move(move)
        if made:
            yield tuple(made)


def carried(
    player: Player, lines: Iterable[TransactionLine], omit: Iterable[str], part: JournalPart = JournalPart.ALL
) -> list[TransactionLine]:
    lines = tuple(lines)
    known = shipping_account(line for _, line in player.ledger.lines)
    return list(carried_lines(lines, omit=set(omit), part=part, shipping=known if needs_shipping_account(lines, set(omit)) else None))


def net(lines: Iterable[TransactionLine]) -> dict[BalanceKey, Amounts]:
    """Debit positive, zeros left out."""
    found: dict[BalanceKey, Amounts] = defaultdict(lambda: Amounts(0, 0))
    for line in lines:
        sign = 1 if line.side == "debit" else -1
        key = BalanceKey(line.order_line, line.role, line.ledger, line.account, line.account_code, line.charge_code)
        found[key] = Amounts(found[key].document + sign * line.amount, found[key].base + sign * line.base_amount)
    return {key: amounts for key, amounts in found.items() if amounts != (0, 0)}


def of_roles(lines: Iterable[TransactionLine], roles: Iterable[Role]) -> list[TransactionLine]:
    return [line._replace(line=0) for line in lines if line.role in set(roles)]


@EFFORT
@given(plans(), Omissions)
def test_a_journal_balances_in_both_currencies_and_has_no_empty_line(plan: Plan, omit: set[str]) -> None:
    player = Player(plan)
    for lines in transactions(player):
        for part in JournalPart:
            made = carried(player, lines, omit, part)
            assert [sum(each) for each in zip(*net(made).values(), strict=True)] in ([0, 0], [])
            assert all(line.amount >= 0 and line.base_amount >= 0 and line.amount + line.base_amount for line in made)
            assert [line.line for line in made] == list(range(1, len(made) + 1)) or not omit


@EFFORT
@given(plans(), Omissions)
def test_i20_what_is_not_omitted_is_unchanged_and_what_is_omitted_is_gone(plan: Plan, omit: set[str]) -> None:
    player = Player(plan)
    for lines in transactions(player):
        made = carried(player, lines, omit)
        kept = [Role(role) for role in ALL_THREE if role not in omit]
        assert of_roles(made, kept) == of_roles(lines, kept)
        assert not of_roles(made, [Role(role) for role in omit])


@EFFORT
@given(plans(manager=managers(ap_account="AP")))
def test_without_ap_it_is_what_a_set_up_without_ap_posts(plan: Plan) -> None:
    player, without = Player(plan), Player(plan.on(ap_account=None))
    expected = tuple(line for _, line in without.ledger.lines)
    assert net(carried(player, (line for _, line in player.ledger.lines), {"ap"})) == net(expected)
    for move in plan.moves:
        made, same = player.move(move), without.move(move)
        assert net(carried(player, made or (), {"ap"})) == net(same or ())


@EFFORT
@given(plans(manager=managers(estimate_account="Estimate", grni_account="GRNI")))
def test_without_estimate_it_is_what_a_set_up_without_estimate_posts(plan: Plan) -> None:
    player, without = Player(plan), Player(plan.on(estimate_account=None))
    assert net(carried(player, (line for _, line in player.ledger.lines), {"estimate"})) == net(line for _, line in without.ledger.lines)
    for move in plan.moves:
        made, same = player.move(move), without.move(move)
        assert net(carried(player, made or (), {"estimate"})) == net(same or ())


@EFFORT
@given(plans())
def test_without_all_three_nothing_is_left(plan: Plan) -> None:
    player = Player(plan)
    for lines in transactions(player):
        assert carried(player, lines, ALL_THREE) == []


@EFFORT
@given(plans(manager=managers(commitment_offset_account="Offset")), Omissions)
def test_the_two_parts_are_the_whole(plan: Plan, omit: set[str]) -> None:
    player = Player(plan)
    for lines in transactions(player):
        actual, commitment = (carried(player, lines, omit, part) for part in journal_parts("separate_journal"))
        assert net([*actual, *commitment]) == net(carried(player, lines, omit))
        assert {line.ledger for line in commitment} <= {Ledger.COMMITMENT}
        assert {line.ledger for line in actual} <= {Ledger.ACTUAL}
        assert not (commitment and "estimate" in omit)


def line(role: Role, side: Side, amount: int, base: int, **more: Any) -> TransactionLine:
    return TransactionLine(1, role, Ledger.ACTUAL, role, "2000", side, amount, base)._replace(**more)


def test_opposite_signs_make_two_lines() -> None:
    lines = (
        line(Role.GRNI, "debit", 100, 150, charge_code="E1"),
        line(Role.AP, "credit", 100, 150, charge_code="E1"),
        line(Role.EXPENSE, "credit", 90, 160, charge_code="E1", account=None, account_code="E1"),
        line(Role.TAX, "debit", 90, 160, charge_code="E1"),
    )
    made = carried_lines(lines, omit={"grni"}, part=JournalPart.ALL)
    assert [(each.line, each.role, each.side, each.amount, each.base_amount) for each in made[:2]] == [
        (1, Role.EXPENSE, "debit", 10, 0),
        (2, Role.EXPENSE, "credit", 0, 10),
    ]
    assert debit_totals(made) == (100, 160)


@pytest.mark.parametrize("role", [Role.ENTRY, Role.RECEIVABLE, Role.REVENUE])
def test_entries_and_debtors_are_never_touched(role: Role) -> None:
    lines = (line(role, "debit", 5, 5), line(Role.TAX, "credit", 5, 5, line=2))
    assert carried_lines(lines, omit=set(ALL_THREE), part=JournalPart.ALL) == lines
    assert carried_lines(lines, omit=set(ALL_THREE), part=JournalPart.ACTUAL) == lines
    assert carried_lines(lines, omit=set(ALL_THREE), part=JournalPart.COMMITMENT) == ()


def test_what_has_nowhere_to_fold_to_stays() -> None:
    lines = (line(Role.ESTIMATE, "debit", 5, 5), line(Role.AP, "credit", 5, 5, line=2))
    assert needs_shipping_account(lines, {"estimate"})
    assert carried_lines(lines, omit={"estimate"}, part=JournalPart.ALL) == lines


def test_omitting_commitments_is_omitting_the_estimate() -> None:
    assert omitted_roles(("ap",), "omit") == ("estimate", "ap")
    assert omitted_roles(("ap", "estimate"), "send") == ("estimate", "ap")
    assert journal_parts("omit") == journal_parts("send") == (JournalPart.ALL,)
