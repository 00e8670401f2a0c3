"""The service is killed (`kill -9`) between any two steps of the demo and while it delivers, started again, and nothing is lost or doubled.

A client that got no answer repeats its step, so the step before each kill is played twice. Every position has a tenant of its
own; each kill hits several of them, at different positions and with their deliveries under way.
"""

import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.demo.client import Client, Http, Json
from app.demo.delivery import wait_for_all
from app.demo.installation import Installation
from app.demo.set_up import LAST_DAY
from app.demo.story import steps
from tests.databases import enterable_folder
from tests.reference_erp_process import ReferenceErp

pytestmark = pytest.mark.slow

STEPS = steps()
POSITIONS = {f"{position:02}-{step.title}": position for position, step in enumerate(STEPS)}
KILLS = 3
LATER = 0.15
"""Seconds by which each kill comes later after the steps than the one before: the worker is further on with their journals."""
FAULTS: Mapping[str, tuple[str, dict[str, Any]]] = {
    "books-late": ("Receipt R-2001", {"mode": "slow", "on": "send", "seconds": 3, "times": 1}),
    "books-and-drops": ("Invoice SL-88213", {"mode": "book_then_drop", "on": "send", "times": 1}),
    "validates-late": ("Payments", {"mode": "slow", "on": "validate", "seconds": 2, "times": 1}),
    "answers-nonsense": ("Order PO-4712", {"mode": "garbage", "on": "send", "times": 1}),
}
FAULT_SECONDS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A tenant that plays the demo, and the step after which the service is killed."""

    client: Client
    position: int

    def play(self, first: int, last: int) -> None:
        """The steps from `first` up to but without `last`."""
        for step in STEPS[first:last]:
            step.run(self.client)


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """What a tenant's books are in the end; `booked` is what the ERP has of it."""

    transactions: Sequence[Json]
    accounts: Sequence[Json]
    journals: Sequence[Json]
    booked: Sequence[Json]


@pytest.fixture(scope="module")
def books() -> Iterator[Mapping[str, Books]]:
    """The books of all cases, by name, and of the one that nothing disturbed."""
    with ExitStack() as stack:
        folder = stack.enter_context(enterable_folder())
        installed = stack.enter_context(Installation(data_dir=folder, run_dir=folder, lease_seconds=5, time_limit_seconds=5))
        installed.start()
        undisturbed = Case(client=installed.client(), position=len(STEPS))
        undisturbed.play(0, len(STEPS))
        cases = {"undisturbed": undisturbed}
        for wave in range(KILLS):
            found = {name: Case(client=installed.client(), position=at) for name, at in POSITIONS.items() if at % KILLS == wave}
            _kill_after_their_steps(installed, list(found.values()), wave * LATER)
            cases |= found
        cases |= _kill_while_it_delivers(installed, stack, folder)
        yield {name: _books(installed, case) for name, case in cases.items()}
        for case in cases.values():
            case.client.close()


def _kill_after_their_steps(installed: Installation, cases: Sequence[Case], seconds: float) -> None:
    for case in cases:
        case.play(0, case.position)
    for case in cases:
        case.play(case.position, case.position + 1)
    time.sleep(seconds)
    _kill_and_go_on(installed, cases)


def _kill_and_go_on(installed: Installation, cases: Sequence[Case]) -> None:
    installed.service.kill()
    installed.service.start()
    for case in cases:
        case.play(case.position, len(STEPS))


def _kill_while_it_delivers(installed: Installation, stack: ExitStack, folder: Path) -> dict[str, Case]:
    """Each case has an ERP of its own, which has just been hit by its fault when the service is killed."""
    cases = {}
    for name, (title, fault) in FAULTS.items():
        erp = stack.enter_context(ReferenceErp(folder / f"{name}.db"))
        client = Client(
            glint=Http(installed.service_url, ""),
            erp=Http(erp.url, erp.token or ""),
            admin_key=installed.admin_key,
            time_limit_seconds=5,
        )
        case = Case(client=client, position=[step.title for step in STEPS].index(title))
        case.play(0, case.position)
        wait_for_all(client, installed.pause)
        erp.fault(**fault)
        cases[name] = case
    for case in cases.values():
        case.play(case.position, case.position + 1)
    deadline = time.monotonic() + FAULT_SECONDS
    while any(case.client.erp.get("/faults")["mode"] != "none" for case in cases.values()):
        assert time.monotonic() < deadline, "not every fault has hit"
        time.sleep(0.01)
    _kill_and_go_on(installed, list(cases.values()))
    return cases


def _books(installed: Installation, case: Case) -> Books:
    journals = wait_for_all(case.client, installed.pause)
    prefix = journals[0]["reference"].partition("-")[0]
    booked = case.client.erp.get("/journals")["journals"]
    return Books(
        transactions=list(case.client.glint.items("/v1/account-transactions")),
        accounts=case.client.glint.get("/v1/reports/trial-balance", as_of=LAST_DAY)["accounts"],
        journals=[case.client.glint.get(f"/v1/journals/{journal['id']}") for journal in journals],
        booked=[journal for journal in booked if journal["reference"].startswith(f"{prefix}-")],
    )


@pytest.mark.parametrize("name", [*POSITIONS, *FAULTS])
def test_the_same_transactions(books: Mapping[str, Books], name: str) -> None:
    assert _content(books[name]) == _content(books["undisturbed"])
    assert len(books[name].transactions) == 18


@pytest.mark.parametrize("name", [*POSITIONS, *FAULTS])
def test_every_journal_is_in_the_erp_once(books: Mapping[str, Books], name: str) -> None:
    ours = {journal["reference"]: journal["number"] for journal in books[name].journals}
    assert len(ours) == len(books[name].transactions)
    assert {journal["reference"]: journal["number"] for journal in books[name].booked} == ours
    assert len(books[name].booked) == len(ours)


@pytest.mark.parametrize("name", [*POSITIONS, *FAULTS])
def test_the_trial_balances_are_equal(books: Mapping[str, Books], name: str) -> None:
    ours = {row["account_code"]: (Decimal(row["debit"]), Decimal(row["credit"])) for row in books[name].accounts}
    assert ours == _posted_in_the_erp(books[name])
    assert books[name].accounts == books["undisturbed"].accounts
    assert sum(debit - credit for debit, credit in ours.values()) == 0


@pytest.mark.parametrize("name", [*POSITIONS, *FAULTS])
def test_journals_of_an_order_are_booked_in_their_order(books: Mapping[str, Books], name: str) -> None:
    order_of = {each["journal_id"]: posted["order_number"] for posted in books[name].transactions for each in posted["delivery"]}
    numbers: dict[str, list[int]] = {}
    for journal in books[name].journals:
        if order := order_of[journal["id"]]:
            numbers.setdefault(order, []).append(int(journal["number"].removeprefix("JE-")))
    assert [len(found) for found in numbers.values()] == [4, 4]
    assert all(found == sorted(found) for found in numbers.values())


def test_what_was_under_way_is_looked_up_and_not_sent_again(books: Mapping[str, Books]) -> None:
    """The ERP booked it three seconds after the kill; the look-up found it, and no second send was needed."""
    attempts = [attempt for journal in books["books-late"].journals for attempt in journal["attempts"]]
    lost = [attempt["id"] for attempt in attempts if attempt["outcome"] == "unknown"]
    assert len(lost) == 1
    assert Counter(attempt["purpose"] for attempt in attempts)["send"] == len(books["books-late"].journals)
    assert any(attempt["outcome"] == "found_booked" for attempt in attempts)


def _content(books: Books) -> list[Json]:
    """What is posted, without ids and times."""
    kept = ("event_type", "order_number", "supplier", "document", "accounting_date", "currency", "base_currency", "description", "lines")
    return [{name: posted[name] for name in kept} for posted in books.transactions]


def _posted_in_the_erp(books: Books) -> dict[str, tuple[Decimal, Decimal]]:
    sums: dict[str, tuple[Decimal, Decimal]] = {}
    for line in (line for journal in books.booked for line in journal["lines"]):
        debit, credit = sums.get(line["account_code"], (Decimal(0), Decimal(0)))
        amount = Decimal(line["base_amount"])
        sums[line["account_code"]] = (debit + amount, credit) if line["side"] == "debit" else (debit, credit + amount)
    return sums
