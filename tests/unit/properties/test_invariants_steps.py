"""What holds after every step of every sequence: I1 to I4, I7, I11, I12, I14, I15, I17 and I18 of POSTING.md 7."""

from collections import defaultdict
from fractions import Fraction
from typing import Any

from hypothesis import given, settings

from app.domain.transaction import Role, TransactionLine
from tests.unit.properties.player import Player, Sent
from tests.unit.properties.profiles import EFFORT
from tests.unit.properties.reference import Reference
from tests.unit.properties.strategies import FULL, KINDS, Move, Plan, managers, plans

ON_TWO_PATHS = {"estimate", "grni", "ap", "tax"}
FORWARD = tuple(kind for kind in KINDS if kind not in ("close_order", "close_line", "close_receiving", "cancel"))


def lines_of(made: list[TransactionLine] | None) -> list[TransactionLine]:
    return made or []


def totals(player: Player, *roles: str) -> dict[int | None, tuple[int, int]]:
    """Document and base per order line, over account codes."""
    found: dict[int | None, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for key, amounts in player.posted().items():
        if key.role in roles:
            document, base = found[key.order_line]
            found[key.order_line] = (document + amounts.document, base + amounts.base)
    return found


@settings(EFFORT, max_examples=2 * EFFORT.max_examples)
@given(plans())
def test_the_balances_are_those_of_a_second_reading_of_the_rules(plan: Plan) -> None:
    """Where no GRNI account is set, what a receipt does to Estimate is the worked cases' business."""
    player, reference, read = Player(plan), Reference(plan.manager, plan.base), 0
    roles = ON_TWO_PATHS if plan.manager["grni_account"] else ON_TWO_PATHS - {"estimate"}
    for _ in (None, *player.play()):
        for kind, data in player.accepted[read:]:
            reference.apply(kind, data)
        read = len(player.accepted)
        found: dict[tuple[int | None, str, str | None], tuple[int, int]] = defaultdict(lambda: (0, 0))
        for key, amounts in player.posted().items():
            if key.role in roles:
                document, base = found[key.order_line, str(key.role), key.charge_code]
                found[key.order_line, str(key.role), key.charge_code] = (document + amounts.document, base + amounts.base)
        expected = {key: pair for key, pair in reference.balances().items() if key[1] in roles}
        assert {key: pair for key, pair in found.items() if pair != (0, 0)} == expected, player.accepted


@EFFORT
@given(plans())
def test_i1_transactions_balance_and_say_something(plan: Plan) -> None:
    player = Player(plan)
    before = player.posted()
    for _, made in player.play():
        for currency in ("amount", "base_amount"):
            signed = [getattr(line, currency) * (1 if line.side == "debit" else -1) for line in lines_of(made)]
            assert sum(signed) == 0
        assert all(line.amount or line.base_amount for line in lines_of(made))
        assert all(line.amount >= 0 and line.base_amount >= 0 for line in lines_of(made))
        after = player.posted()
        assert bool(made) == (before != after), "a transaction without effect, or an effect without one"
        before = after


@EFFORT
@given(plans())
def test_i1_each_ledger_and_each_account_code_balances(plan: Plan) -> None:
    """Commitment pairs balance among themselves, and so does each order line per account code."""
    player = Player(plan)
    for _, made in player.play():
        groups: dict[Any, list[int]] = defaultdict(lambda: [0, 0])
        for line in lines_of(made):
            sign = 1 if line.side == "debit" else -1
            for group in (line.ledger, (line.order_line, line.charge_code)):
                groups[group][0] += sign * line.amount
                groups[group][1] += sign * line.base_amount
        assert all(group == [0, 0] for group in groups.values()), dict(groups)


@EFFORT
@given(
    plans(manager=managers(estimate_account="Estimate", grni_account="GRNI", grni_balance="non_negative"), negative=False, by_amount=False)
)
def test_i2_i14_i15_estimate_is_what_is_left_of_the_line_and_nothing_falls_below_zero(plan: Plan) -> None:
    player = Player(plan)
    for _ in (None, *player.play()):
        estimate, grni = totals(player, Role.ESTIMATE), totals(player, Role.GRNI)
        for line in player.lines:
            left, total = estimate[line.number][0], line.terms.total
            used = min(max(line.received, line.invoiced), line.terms.quantity)
            is_open = not (player.order.released or line.closed or line.receiving_closed)
            assert left == (total - line.terms.value_of_first(used) if is_open else 0)
            assert 0 <= left <= total
            assert min(estimate[line.number][1], *grni[line.number]) >= 0
        assert min(estimate[None]) >= 0


@EFFORT
@given(plans(manager=managers(grni_account="GRNI", grni_balance="signed", estimate_account="Estimate"), negative=False))
def test_i14_signed_grni_is_below_zero_only_while_more_is_invoiced_than_received(plan: Plan) -> None:
    player = Player(plan)
    for _ in (None, *player.play()):
        grni = totals(player, Role.GRNI)
        for line in player.lines:
            assert grni[line.number][0] >= 0 or line.invoiced > line.received


@EFFORT
@given(plans(manager=managers(grni_account="GRNI")))
def test_i3_what_is_closed_holds_no_estimate_and_no_grni(plan: Plan) -> None:
    player = Player(plan)
    for move, made in player.play():
        estimate, grni = totals(player, Role.ESTIMATE), totals(player, Role.GRNI)
        for line in player.lines:
            if line.closed or player.order.released:
                assert estimate[line.number] == grni[line.number] == (0, 0)
        if player.order.released:
            assert estimate[None] == (0, 0)
        if move.kind.startswith(("close", "reopen", "cancel", "receive", "return", "change")):
            assert not [line for line in lines_of(made) if line.role in (Role.AP, Role.TAX)]


@EFFORT
@given(plans(manager=managers(ap_account="AP")))
def test_i4_ap_is_invoices_less_credits_and_nothing_else_moves_it(plan: Plan) -> None:
    player = Player(plan)
    for _, made in player.play():
        kind = player.accepted[-1][0] if made is not None else ""
        assert kind.startswith("invoice.") or not [line for line in lines_of(made) if line.role == Role.AP]
        assert sum(pair[0] for pair in totals(player, Role.AP).values()) == sum(_billed(player, each) for each in player.accepted)


def _billed(player: Player, sent: Sent) -> int:
    kind, data = sent
    if not kind.startswith("invoice."):
        return 0
    amounts = [each["amount"] for part in ("lines", "charges", "tax") for each in data.get(part, ())]
    total = sum(Fraction(amount) for amount in amounts) * 10**player.plan.digits
    assert total.denominator == 1
    return int(total) if kind == "invoice.matched" else -int(total)


@EFFORT
@given(plans(manager=managers(grni_account="GRNI"), kinds=(*FORWARD, "close_order", "receive", "invoice", "credit")))
def test_i7_each_split_is_within_a_minor_unit_of_its_exact_share(plan: Plan) -> None:
    """Where a line was re-coded, accruals and invoices stay where they were: such lines are left out here."""
    player = Player(plan)
    for _ in (None, *player.play()):
        for role in (Role.ESTIMATE, Role.GRNI, Role.AP):
            sums = totals(player, role)
            for line in player.lines:
                codings = {line.coding, *(layer.coding for layer in line.layers), *(part.coding for part in line.sums)}
                if len(codings) == 1:
                    _check_split(player, role, line.number, sums[line.number])


def _check_split(player: Player, role: str, number: int, total: tuple[int, int]) -> None:
    coding = player.order.lines[number].coding
    held = {key.charge_code: amounts for key, amounts in player.posted().items() if (key.order_line, key.role) == (number, role)}
    for code, weight in zip(coding.codes, coding.weights, strict=True):
        share = Fraction(weight, sum(coding.weights))
        found = held.pop(code, (0, 0))
        assert abs(found[0] - total[0] * share) < 1
        assert abs(found[1] - total[1] * share) < 1
    assert not held


@EFFORT
@given(plans())
def test_i11_i12_the_sum_of_all_lines_is_the_balance_and_the_log_played_again_posts_the_same(plan: Plan) -> None:
    player = Player(plan).play_all()
    summed: dict[Any, list[int]] = defaultdict(lambda: [0, 0])
    for _, line in player.ledger.lines:
        sign = 1 if line.side == "credit" else -1
        key = (line.order_line, line.role, line.ledger, line.account, line.account_code, line.charge_code)
        summed[key][0] += sign * line.amount
        summed[key][1] += sign * line.base_amount
    assert {key: tuple(pair) for key, pair in summed.items() if pair != [0, 0]} == player.posted()
    again = Player(plan)
    for kind, data in player.accepted[1:]:
        assert again.send(kind, data) is not None
    assert again.ledger.lines == player.ledger.lines


@EFFORT
@given(plans(manager=managers(grni_account="GRNI")))
def test_i18_nothing_left_in_the_document_currency_is_nothing_left_in_base(plan: Plan) -> None:
    player = Player(plan)
    for _ in (None, *player.play()):
        for role in (Role.ESTIMATE, Role.GRNI):
            assert all(base == 0 for document, base in totals(player, role).values() if document == 0)


@EFFORT
@given(plans(manager=managers(exchange_difference_account="Exchange"), one_rate=True))
def test_i18_equal_rates_make_no_exchange_difference(plan: Plan) -> None:
    player = Player(plan).play_all()
    assert not [line for _, line in player.ledger.lines if line.role == Role.EXCHANGE_DIFFERENCE]


@EFFORT
@given(plans(kinds=("wrong", *KINDS)))
def test_i17_a_wrong_event_is_refused_and_changes_nothing(plan: Plan) -> None:
    """`Player.send` compares the ledger before and after each refusal."""
    player = Player(plan)
    for move, made in player.play():
        assert move.kind != "wrong" or made is None


def test_the_moves_reach_what_they_are_for() -> None:
    """A sequence that uses each kind of move; most must be accepted, or the properties above say little."""
    lines = ({"line_number": 1, "quantity": "10", "unit_price": "5", "account_codes": [{"code": "E1", "percentage": "100"}]},)
    moves = [Move(kind, size=1) for kind in ("receive", "invoice", "credit", "invoice", "price_credit", "return", "freight", "change")]
    moves += [Move(kind) for kind in ("close_receiving", "reopen_receiving", "close_line", "reopen_line", "close_order", "reopen_order")]
    player = Player(Plan(FULL, "USD", "USD", (), lines, (), tuple(moves)))
    assert [move.kind for move, made in player.play() if made is None] == []
