"""What does not matter: order and chunking (I6), the way to the terms (I13), the price (I16), the set-up (I20), other orders (I22)."""

from decimal import Decimal
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from app.domain.money import Amounts
from app.domain.targets import BalanceKey
from app.domain.transaction import Role
from tests.unit.properties.player import Player, Sent, text
from tests.unit.properties.profiles import EFFORT
from tests.unit.properties.strategies import Move, Plan, managers, plans

Pieces = st.lists(st.integers(1, 5), min_size=1, max_size=4)


def pieces(total: int, weights: list[int]) -> list[int]:
    """`total` cut at the weights' running shares."""
    cuts = [total * sum(weights[:position]) // sum(weights) for position in range(len(weights) + 1)]
    return [high - low for low, high in pairwise(cuts)]


def _events(player: Player, units: list[int], bills: list[tuple[int, int]]) -> list[Sent]:
    """Receipts of these units and invoices of these units and amounts, all on line 1."""
    line, found = player.lines[0], list[Sent]()
    for number, received in enumerate(units):
        part = {"line_number": 1, "amount" if line.by_amount else "quantity": text(received)}
        if received:
            found.append(("goods.received", {"order_number": "PO", "receipt_number": f"R{number}", "lines": [part]}))
    for number, (billed, amount) in enumerate(bills):
        part = {"order_number": "PO", "line_number": 1, "amount": player.money(Decimal(amount).scaleb(-player.plan.digits))}
        if billed and line.by_amount:
            part["amount"] = text(billed)
        elif billed:
            part["quantity"] = text(billed)
        if billed or amount == 0:
            data = {"invoice_number": f"I{number}", "currency": player.plan.currency, "lines": [part]}
            found.append(("invoice.matched", data))
    return found


@EFFORT
@given(plans(one_rate=True, most=0), st.integers(0, 6), st.integers(0, 6), Pieces, Pieces, st.randoms(use_true_random=False))
def test_i6_order_and_chunking_do_not_matter(plan: Plan, got: int, billed: int, first: list[int], second: list[int], mix: Any) -> None:
    """Invoice amounts of one line, cut anywhere; a piece without units has no amount."""
    one, other = Player(plan), Player(plan)
    line = one.lines[0]
    step = 10 ** (6 - plan.digits) if line.by_amount else 1
    units = (line.terms.quantity or 4 * 10**6) * got // 4 // step
    count = (line.terms.quantity or 4 * 10**6) * billed // 4 // step
    amount = line.terms.total * billed // 4
    chunks = [piece * step for piece in pieces(units, first)]
    bills = [(piece * step, share) for piece, share in zip(pieces(count, second), pieces(amount, second), strict=True)]
    if any(share < 0 or (share and not piece) for piece, share in bills):
        return
    shuffled = _events(other, chunks, bills)
    mix.shuffle(shuffled)
    for kind, data in _events(one, [units * step], [(count * step, amount)]):
        assert one.send(kind, data) is not None
    for kind, data in shuffled:
        assert other.send(kind, data) is not None
    assert one.posted() == other.posted()


@EFFORT
@given(
    plans(manager=managers(price_variance_account=None), kinds=("invoice",)),
    st.integers(0, 2),
    st.sampled_from([0, 1, 3, 7]),
    st.integers(0, 6),
)
def test_i13_a_change_is_as_if_the_order_had_come_so(plan: Plan, line: int, tweak: int, size: int) -> None:
    """Price, quantity or charges, before any receipt. A price variance is fixed at the invoice, so it has no account here."""
    player = Player(plan).play_all()
    if player.move(Move("change", line, size, tweak)) is None or any(each.closed for each in player.lines):
        return
    fresh = Player(plan)
    fresh.ledger.orders.clear()
    fresh.ledger.posted.clear()
    fresh.ledger.lines.clear()
    terms = {name: value for name, value in player.terms.items() if name != "version"}
    assert fresh.send("order.created", terms) is not None
    for kind, data in player.accepted[1:]:
        if kind == "invoice.matched":
            assert fresh.send(kind, data) is not None
    assert fresh.posted() == player.posted()


@EFFORT
@given(plans(kinds=("receive", "invoice", "return", "credit", "close_receiving")), st.integers(0, 2), st.integers(0, 7), st.integers(0, 6))
def test_i13_a_change_and_the_change_back_leave_no_trace(plan: Plan, line: int, tweak: int, size: int) -> None:
    player = Player(plan).play_all()
    before = player.posted()
    if player.move(Move("change", line, size, tweak)) is None or len(player.lines) > len(plan.lines):
        return
    if player.send("order.changed", {**plan.order(), "version": player.order.version + 1}) is None:
        return  # a quantity that was raised to what is used cannot go below it again
    assert player.posted() == before


def _held(player: Player, *roles: str) -> dict[tuple[int | None, str | None], Amounts]:
    found: dict[tuple[int | None, str | None], Amounts] = {}
    for key, amounts in player.posted().items():
        if key.role in roles:
            old = found.get((key.order_line, key.charge_code), Amounts(0, 0))
            found[key.order_line, key.charge_code] = Amounts(old.document + amounts.document, old.base + amounts.base)
    return {key: amounts for key, amounts in found.items() if amounts != Amounts(0, 0)}


@EFFORT
@given(plans(by_amount=False), st.integers(0, 2), st.integers(1, 5), st.integers(0, 2), st.sampled_from(["0.5", "3", "0"]))
def test_i16_invoices_that_differ_in_price_relieve_the_same(plan: Plan, line: int, size: int, rate: int, factor: str) -> None:
    one, other = Player(plan).play_all(), Player(plan).play_all()
    if one.move(Move("invoice", line, size, 0, rate)) is None:
        return
    kind, data = one.accepted[-1]
    lines = [{**each, "amount": one.money(Decimal(each["amount"]) * Decimal(factor))} for each in data["lines"]]
    assert other.send(kind, {**data, "lines": lines}) is not None
    assert _held(one, Role.ESTIMATE, Role.GRNI) == _held(other, Role.ESTIMATE, Role.GRNI)


OTHER_SETUPS: tuple[tuple[dict[str, Any], tuple[str, ...], bool], ...] = (
    ({"ap_account": None}, (Role.ESTIMATE, Role.GRNI), False),
    ({"commitment_offset_account": "Offset"}, (Role.ESTIMATE, Role.GRNI, Role.AP), False),
    ({"tax_account": None}, (Role.ESTIMATE, Role.GRNI, Role.AP), False),
    ({"price_variance_account": "Variance", "exchange_difference_account": "Exchange"}, (Role.ESTIMATE, Role.GRNI, Role.AP), False),
    ({"estimate_account": None}, (Role.GRNI, Role.AP), False),
    ({"grni_account": None}, (Role.AP,), False),
    ({"grni_account": "Estimate"}, (Role.ESTIMATE, Role.GRNI), True),
)


@EFFORT
@given(plans(manager=managers(estimate_account="Estimate", grni_account="GRNI", ap_account="AP")), st.sampled_from(OTHER_SETUPS))
def test_i20_the_set_up_of_one_role_does_not_move_the_others(plan: Plan, setup: tuple[dict[str, Any], tuple[str, ...], bool]) -> None:
    manager, roles, summed = setup
    one, other = Player(plan), Player(plan.on(**manager))
    for move in plan.moves:
        made, same = one.move(move), other.move(move)
        assert (made is None) == (same is None)
        if summed:
            assert _held(one, *roles) == _held(other, *roles)
            assert _held(one, Role.AP) == _held(other, Role.AP)
        else:
            assert all(_held(one, role) == _held(other, role) for role in roles)


@EFFORT
@given(plans(most=6), plans(most=6))
def test_i22_an_event_on_one_order_changes_no_other(plan: Plan, second: Plan) -> None:
    one = Player(plan, "PO-1")
    other = Player(
        Plan(plan.manager, plan.base, second.currency, second.rates or ("1.5",), second.lines, (), second.moves), "PO-2", one.ledger
    )
    if "PO-2" not in one.ledger.orders:
        return
    for mine, theirs in zip(plan.moves, second.moves, strict=False):
        for player, bystander, move in ((one, other, mine), (other, one, theirs)):
            order, balances = bystander.order, bystander.posted()
            player.move(move)
            assert bystander.order is order
            assert bystander.posted() == balances


@EFFORT
@given(plans(one_rate=True, kinds=("receive", "invoice", "return")))
def test_i22_an_invoice_over_two_orders_moves_each_as_its_own_invoice_would(plan: Plan) -> None:
    """Without charges and tax, which are spread over the whole invoice."""
    one = Player(plan, "PO-1").play_all()
    two = Player(plan, "PO-2", one.ledger).play_all()
    apart = Player(plan, "PO-1").play_all()
    Player(plan, "PO-2", apart.ledger).play_all()
    lines = [
        {"order_number": player.number, "line_number": 1, "amount": "7" if player.lines[0].by_amount else "3", "quantity": "1"}
        for player in (one, two)
    ]
    invoice = {"invoice_number": "both", "currency": plan.currency}
    if one.send("invoice.matched", {**invoice, "lines": lines}) is None:
        return
    for line in lines:
        assert apart.send("invoice.matched", {**invoice, "lines": [line]}) is not None
    assert _all(one) == _all(apart)


def _all(player: Player) -> dict[tuple[str, BalanceKey], Amounts]:
    return {
        (number, key): amounts
        for number, found in player.ledger.posted.items()
        for balances in found.values()
        for key, amounts in balances.items()
    }
