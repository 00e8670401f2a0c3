"""POSTING.md 4's check: relieved accrual + price variance + exchange difference = invoice line, in both currencies."""

from hypothesis import given
from hypothesis import strategies as st

from app.domain.transaction import Role
from tests.unit.properties.player import Player
from tests.unit.properties.profiles import EFFORT
from tests.unit.properties.strategies import Move, Plan, managers, plans

ROLES = (Role.GRNI, Role.AP, Role.PRICE_VARIANCE, Role.EXCHANGE_DIFFERENCE, Role.EXPENSE)
SETUP = managers(
    estimate_account="Estimate",
    grni_account="GRNI",
    ap_account="AP",
    shipping_account="Shipping",
    price_variance_account="Variance",
    exchange_difference_account="Exchange",
    grni_balance="non_negative",
)


@EFFORT
@given(
    plans(manager=SETUP, by_amount=False, kinds=("receive", "invoice", "change")),
    st.tuples(st.integers(0, 2), st.integers(0, 5), st.sampled_from([0, 5, 7]), st.integers(0, 2)),
)
def test_what_an_invoice_relieves_and_its_differences_are_the_invoice(plan: Plan, bill: tuple[int, int, int, int]) -> None:
    """Received units without charges or tax: expense is left alone, but for base cents that each relieved layer rounds."""
    player = Player(plan).play_all()
    line, size, tweak, rate = bill
    found = player.line(Move("", line))
    if any(layer.terms.share for layer in found.layers):
        return
    made = player.move(Move("invoice", line, size, tweak, rate))
    after = player.order.lines[found.number]
    if made is None or after.invoiced > after.received:
        return
    assert {entry.role for entry in made} <= set(ROLES)
    expense = [(1 if entry.side == "debit" else -1, entry) for entry in made if entry.role == Role.EXPENSE]
    assert sum(sign * entry.amount for sign, entry in expense) == 0
    assert abs(sum(sign * entry.base_amount for sign, entry in expense)) <= 2 + 2 * len(found.layers)
