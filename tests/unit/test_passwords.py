"""What a password costs whoever tries them."""

from argon2 import Type
from argon2.profiles import RFC_9106_LOW_MEMORY

from app.adapters.passwords import COST


def test_a_hash_costs_what_rfc_9106_asks_for() -> None:
    """As the module has it: while tests run it is cheaper."""
    assert COST == RFC_9106_LOW_MEMORY
    assert COST.type is Type.ID
