"""Waiting for journals to reach the ERP."""

import time
from collections.abc import Callable, Iterable, Sequence

from app.demo.client import ENDPOINT, Client, Json
from app.demo.errors import DemoError
from app.demo.set_up import FIRST_DAY, LAST_DAY

PATIENCE_SECONDS = 120
NEEDS_A_PERSON = ("invalid", "rejected", "failed")

Pause = Callable[[], None]
"""Waits a moment before the next look."""


def follow(client: Client, transactions: Sequence[str], pause: Pause) -> str:
    """Waits until the ERP has booked the journals of these transactions, and tells under which numbers."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    waiting = list(transactions)
    journals: list[Json] = []
    while waiting:
        posted = client.glint.get(f"/v1/account-transactions/{waiting[0]}")
        if any(each["status"] != "sent" for each in posted["delivery"]):
            _go_on_waiting(client, posted["delivery"], deadline)
            pause()
            continue
        journals += [client.glint.get(f"/v1/journals/{each['journal_id']}") for each in posted["delivery"]]
        waiting.pop(0)
    return _booked_as(journals)


def all_journals(client: Client) -> list[Json]:
    """The tenant's journals for the ERP, oldest first."""
    return list(client.glint.items("/v1/journals", **{"endpoint": ENDPOINT, "from": FIRST_DAY, "to": LAST_DAY}))


def wait_for_all(client: Client, pause: Pause) -> list[Json]:
    """All journals of the tenant, once the ERP has booked every one of them."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        journals = all_journals(client)
        unsent = [journal for journal in journals if journal["status"] != "sent"]
        if not unsent:
            return journals
        _go_on_waiting(client, ({"journal_id": journal["id"], "status": journal["status"]} for journal in unsent), deadline)
        pause()


def _go_on_waiting(client: Client, deliveries: Iterable[Json], deadline: float) -> None:
    """Raises `DemoError` where waiting does not help any more."""
    for delivery in deliveries:
        late = time.monotonic() > deadline and delivery["status"] != "sent"
        if late or delivery["status"] in NEEDS_A_PERSON:
            journal = client.glint.get(f"/v1/journals/{delivery['journal_id']}")
            raise DemoError(f"Journal {journal['reference']} is {journal['status']}: {_reasons(journal)}")


def _reasons(journal: Json) -> str:
    problems = [problem["message"] for problem in journal["problems"]]
    attempts = [f"{attempt['purpose']}: {attempt['outcome']} {attempt['detail']}" for attempt in journal["attempts"][-3:]]
    return "; ".join(problems or attempts) or "no attempt was made"


def _booked_as(journals: Sequence[Json]) -> str:
    if not journals:
        return "nothing to send"
    if len(journals) == 1:
        return f"{journals[0]['reference']} booked as {journals[0]['number']}"
    numbers = sorted((str(journal["number"]) for journal in journals), key=lambda number: (len(number), number))
    return f"{len(journals)} journals booked as {numbers[0]} to {numbers[-1]}"
