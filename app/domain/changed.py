"""A changed copy of a piece of state: what `dataclasses.replace` does, in an eighth of its time."""

from typing import TYPE_CHECKING

__all__ = ["changed"]

if TYPE_CHECKING:
    from dataclasses import replace as changed
else:

    def changed(state, **fields):
        """`state` with these fields in place of its own. For frozen dataclasses without slots and without checks of their own."""
        copy = object.__new__(type(state))
        object.__setattr__(copy, "__dict__", state.__dict__ | fields)
        return copy
