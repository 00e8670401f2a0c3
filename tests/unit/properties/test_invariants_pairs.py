"""What takes back what: I5, I8 and I9 of POSTING.md 7."""

from hypothesis import given
from hypothesis import strategies as st

from app.domain.transaction import Role
from tests.unit.properties.player import Player, mirror, text
from tests.unit.properties.profiles import EFFORT
from tests.unit.properties.strategies import FULL, Move, Plan, managers, moves, plans

OPEN = ("receive", "invoice", "credit", "return", "change", "freight", "price_credit", "full_credit", "invoice", "receive")
ONE = st.integers(0, 2)
SIZE = st.integers(0, 5)


@EFFORT
@given(plans(kinds=OPEN), ONE, SIZE, ONE)
def test_i8_receive_then_return(plan: Plan, line: int, size: int, rate: int) -> None:
    player = Player(plan).play_all()
    before = player.posted()
    if player.move(Move("receive", line, size, 0, rate)) is None:
        return
    _, receipt = player.accepted[-1]
    back = {name: value for name, value in receipt.items() if name != "exchange_rate"}
    assert player.send("goods.returned", back) is not None
    assert player.posted() == before


@EFFORT
@given(plans(kinds=OPEN, manager=managers(credit_reopens="always")), ONE, SIZE, st.integers(0, 7), ONE)
def test_i8_invoice_then_full_credit(plan: Plan, line: int, size: int, tweak: int, rate: int) -> None:
    player = Player(plan).play_all()
    before = player.posted()
    if player.move(Move("invoice", line, size, tweak, rate)) is None:
        return
    assert player.send("invoice.credited", mirror(player.accepted[-1][1], "note")) is not None
    assert player.posted() == before


@EFFORT
@given(plans(kinds=("receive", "change", "freight"), manager=managers(credit_reopens="always")), SIZE, st.lists(SIZE, max_size=3), ONE)
def test_i8_an_invoice_credited_in_pieces(plan: Plan, size: int, pieces: list[int], rate: int) -> None:
    """Each piece names the invoice; the last takes what is left."""
    player = Player(plan).play_all()
    before, billed = player.posted(), player.lines[0]
    if player.move(Move("invoice", 0, size, 0, rate)) is None:
        return
    for piece in (*pieces, 0):
        if player.lines[0].invoiced > billed.invoiced:
            player.move(Move("credit", 0, piece))  # its one invoice with lines; less than a minor unit is no event
    line = player.lines[0]
    assert (line.invoiced, line.goods) == (billed.invoiced, billed.goods)
    assert player.posted() == before


@EFFORT
@given(plans(), st.sampled_from(["order", "line", "receiving"]), ONE)
def test_i9_close_then_reopen_is_the_identity_and_closing_twice_is_closing_once(plan: Plan, what: str, line: int) -> None:
    player = Player(plan).play_all()
    found = player.line(Move("", line))
    flag = {"order": player.order.closed, "line": found.closed, "receiving": found.receiving_closed}[what]
    if player.order.cancelled or flag:
        return
    before, close = player.posted(), Move(f"close_{what}", line)
    assert player.move(close) is not None
    closed = player.posted()
    assert player.move(close) == []
    assert player.posted() == closed
    assert player.move(Move(f"reopen_{what}", line)) is not None
    assert player.posted() == before
    assert player.move(Move(f"reopen_{what}", line)) == []


@EFFORT
@given(plans())
def test_i5_all_received_and_invoiced_leaves_no_commitment_and_no_accrual(plan: Plan) -> None:
    player = Player(plan).play_all()
    if player.order.cancelled:
        return
    _bring_all(player)
    for key, amounts in player.posted().items():
        if key.order_line is not None:
            assert key.role not in (Role.ESTIMATE, Role.GRNI, Role.COMMITMENT_OFFSET), (key, amounts)
    costs = [amounts for key, amounts in player.posted().items() if key.role not in (Role.AP, Role.ESTIMATE, Role.COMMITMENT_OFFSET)]
    payable = [amounts for key, amounts in player.posted().items() if key.role in (Role.AP, Role.ESTIMATE, Role.COMMITMENT_OFFSET)]
    assert sum(each.document for each in costs) == -sum(each.document for each in payable)
    assert sum(each.base for each in costs) == -sum(each.base for each in payable)


def _bring_all(player: Player) -> None:
    player.move(Move("reopen_order"))
    for position in range(len(player.lines)):
        player.move(Move("reopen_line", position))
        player.move(Move("reopen_receiving", position))
    for line in player.lines:
        most = max(line.received, line.invoiced, line.terms.quantity)
        _bring(player, line.number, most - line.received, most - line.invoiced)


def _bring(player: Player, number: int, units: int, billed: int) -> None:
    by_amount = player.order.lines[number].by_amount
    measure = "amount" if by_amount else "quantity"
    if units:
        receipt = {"order_number": "PO", "receipt_number": "last", "lines": [{"line_number": number, measure: text(units)}]}
        assert player.send("goods.received", receipt) is not None
    if billed:
        line = {"order_number": "PO", "line_number": number, "amount": text(billed) if by_amount else "0", "quantity": text(billed)}
        invoice = {"invoice_number": f"last-{number}", "currency": player.plan.currency, "lines": [line]}
        assert player.send("invoice.matched", invoice) is not None


def test_no_ap_account_leaves_nothing_once_all_is_received_and_invoiced() -> None:
    """The ERP books its own invoice."""
    lines = ({"line_number": 1, "quantity": "3", "unit_price": "3.335", "account_codes": [{"code": "E1", "percentage": "100"}]},)
    player = Player(Plan({**FULL, "ap_account": None}, "USD", "USD", (), lines, (), (Move("receive"), Move("invoice", size=0)))).play_all()
    assert player.posted() == {}


@EFFORT
@given(plans(manager=managers(ap_account=None), kinds=OPEN), moves(("receive", "invoice")))
def test_i5_without_ap_the_order_ends_with_nothing(plan: Plan, more: tuple[Move, ...]) -> None:
    player = Player(plan).play_all()
    for move in more:
        player.move(move)
    _bring_all(player)
    assert not [key for key in player.posted() if key.order_line is not None]
