"""What is kept with an attempt whose step took several calls."""

from collections.abc import Sequence

from app.adapters.erp.answers import HttpResult
from app.adapters.erp.outcomes import exchange_of
from app.application.ports.erp import Exchange

MOST_KEPT = 20


class Calls:
    """Collects the calls of one step, in their order. `secrets` do not get into what is kept."""

    def __init__(self, secrets: Sequence[str] = ()) -> None:
        self._secrets = tuple(secrets)
        self._made: list[tuple[str, Exchange]] = []
        self._more = 0

    def hide(self, secret: str) -> None:
        """From here on `secret` is kept out too: one that is only known in the middle of a step."""
        if secret and secret not in self._secrets:
            self._secrets = (*self._secrets, secret)

    def add(self, result: HttpResult, label: str = "") -> HttpResult:
        """Keeps a call's result, and gives it back. `label` says what was called, such as "account.move create"."""
        if len(self._made) < MOST_KEPT:
            self._made.append((label, exchange_of(result, self._secrets)))
        else:
            self._more += 1
            self._made[-1] = (label, exchange_of(result, self._secrets))
        return result

    @property
    def exchange(self) -> Exchange:
        """The status of the last call, the time of all that are kept, and their answers one after the other."""
        if not self._made:
            return Exchange(status=None, body="", duration_ms=0)
        if len(self._made) == 1:
            return self._made[0][1]
        bodies = [f"{label} {each.status if each.status is not None else 'no answer'}\n{each.body}" for label, each in self._made]
        if self._more:
            bodies.insert(-1, f"({self._more} more calls)")
        return Exchange(
            status=self._made[-1][1].status, body="\n\n".join(bodies), duration_ms=sum(each.duration_ms for _, each in self._made)
        )
