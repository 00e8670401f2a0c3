"""Steps that play a club's day: membership payments that its own system has coded already."""

import json

from app.demo.client import Client, Json
from app.demo.errors import DemoError
from app.demo.purchases import DOCUMENTS
from app.demo.steps import Chapter, Done, Step

DAY = "clubs-day.json"


def chapter() -> Chapter:
    """The day, and the day once more, as systems do that are not sure whether they were heard."""
    return Chapter(
        title="A club's day of membership payments",
        steps=(
            Step(title="Payments", run=_send_day),
            Step(title="Payments once more", run=_send_day_again),
        ),
    )


def _send_day(client: Client) -> Done:
    results = _results(client)
    transactions = tuple(transaction["id"] for result in results for transaction in result["transactions"])
    return Done(text=f"{len(results)} entries in one batch", transactions=transactions)


def _send_day_again(client: Client) -> Done:
    results = _results(client)
    duplicates = sum(result["status"] == "duplicate" for result in results)
    if duplicates != len(results):
        raise DemoError(f"The same day again: only {duplicates} of {len(results)} events were recognised")
    return Done(text=f"{duplicates} duplicates recognised, nothing posted")


def _results(client: Client) -> list[Json]:
    results: list[Json] = client.glint.post("/v1/events", json.loads((DOCUMENTS / DAY).read_text()))
    for result in results:
        if result["status"] not in ("posted", "duplicate"):
            raise DemoError(f"An event of the club's day was {result['status']}:\n{json.dumps(result, indent=2)}")
    return results
