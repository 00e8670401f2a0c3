"""The reference ERP's faults that hit some of many requests: a plan that draws them, held requests, rejections in part, a flood."""

import urllib.error
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.reference_erp_process import ReferenceErp


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReferenceErp]:
    with ReferenceErp(tmp_path_factory.mktemp("erp") / "erp.db") as process:
        process.load_chart()
        yield process


@pytest.fixture
def erp(process: ReferenceErp) -> Iterator[ReferenceErp]:
    yield process
    process.fault("none")
    process.call("PUT", "/faults/plan", {})


def journal(reference: str) -> dict[str, Any]:
    lines = [
        {"line": number, "side": side, "account_code": code, "amount": "1.00", "base_amount": "1.00"}
        for number, side, code in ((1, "debit", "2100"), (2, "credit", "2110"))
    ]
    return {"reference": reference, "accounting_date": "2026-11-01", "currency": "NZD", "base_currency": "NZD", "lines": lines}


def book(erp: ReferenceErp, *references: str, path: str = "/journals") -> tuple[int, Any]:
    return erp.call("POST", path, {"journals": [journal(each) for each in references]})


def fired(erp: ReferenceErp) -> dict[str, Any]:
    counted: dict[str, Any] = erp.call("GET", "/faults/plan")[1]["fired"]
    return counted


def test_a_plan_draws_the_same_from_the_same_seed_and_counts_what_it_drew(erp: ReferenceErp) -> None:
    before = fired(erp).get("find", {})
    runs = []
    for _ in range(2):
        erp.call("PUT", "/faults/plan", {"seed": 7, "rates": {"throttle": 0.3, "unavailable": 0.3}})
        runs.append([erp.call("GET", "/journals/none")[0] for _ in range(40)])

    assert runs[0] == runs[1]
    assert set(runs[0]) == {404, 429, 503}
    after = fired(erp)["find"]
    assert after["throttle"] - before.get("throttle", 0) == 2 * runs[0].count(429)
    assert after["unavailable"] - before.get("unavailable", 0) == 2 * runs[0].count(503)


def test_what_is_set_goes_before_the_plan(erp: ReferenceErp) -> None:
    erp.call("PUT", "/faults/plan", {"rates": {"throttle": 1}})
    erp.fault("fail", on="find", status=502, times=1)

    assert [erp.call("GET", "/journals/none")[0] for _ in range(2)] == [502, 429]


def test_a_plan_leaves_all_other_requests_alone(erp: ReferenceErp) -> None:
    erp.call("PUT", "/faults/plan", {"rates": {"unavailable": 1}})

    assert [erp.call("GET", path)[0] for path in ("/journals", "/accounts", "/trial-balance")] == [200, 200, 200]


@pytest.mark.parametrize(("path", "verdict"), [("/journals", "rejected"), ("/journals/validate", "invalid")])
def test_some_of_a_batch_are_rejected_and_the_others_go_through(erp: ReferenceErp, path: str, verdict: str) -> None:
    erp.fault("reject_some", on="send" if path == "/journals" else "validate", times=1)
    references = [f"{verdict}-{number}" for number in range(20)]

    status, body = book(erp, *references, path=path)

    results = {each["reference"]: each for each in body["results"]}
    assert (status, sorted(results)) == (200, sorted(references))
    refused = [each for each in results.values() if each["result"] == verdict]
    assert 0 < len(refused) < 20
    assert {problem["code"] for each in refused for problem in each["problems"]} == {"refused-today"}
    for reference in references:
        found = erp.call("GET", f"/journals/{reference}")[0]
        assert found == (200 if path == "/journals" and results[reference]["result"] == "booked" else 404)


def test_a_journal_alone_is_rejected_whatever_the_odds(erp: ReferenceErp) -> None:
    erp.fault("reject_some", times=5)

    assert [book(erp, f"alone-{number}")[1]["results"][0]["result"] for number in range(6)] == ["rejected"] * 5 + ["booked"]


def test_a_refusal_of_the_whole_request_stays_what_it_is(erp: ReferenceErp) -> None:
    erp.fault("reject_some", times=1)

    assert erp.call("POST", "/journals", {"journals": "none"})[0] == 422


def test_a_flood_is_ten_megabytes_after_booking(erp: ReferenceErp) -> None:
    erp.fault("flood", times=1)

    with pytest.raises(ValueError, match="Expecting value"):
        book(erp, "flooded")

    assert erp.call("GET", "/journals/flooded")[0] == 200


def test_held_requests_are_carried_out_when_they_are_released(erp: ReferenceErp) -> None:
    erp.fault("hold", times=2)
    with ThreadPoolExecutor(2) as pool:
        answers = [pool.submit(book, erp, f"held-{number}") for number in range(2)]
        while erp.call("GET", "/faults/plan")[1]["held"] < 2:
            pass
        assert erp.call("GET", "/journals/held-0")[0] == 404
        erp.call("POST", "/faults/release")
        booked = [answer.result()[1]["results"][0]["result"] for answer in answers]

    assert booked == ["booked", "booked"]
    assert erp.call("GET", "/faults/plan")[1]["held"] == 0


def test_another_token_revokes_the_old_one(erp: ReferenceErp) -> None:
    assert erp.call("PUT", "/token", {"token": "another"})[0] == 200

    assert erp.call("GET", "/accounts")[0] == 401
    assert erp.call("PUT", "/token", {"token": erp.token}, token="another")[0] == 200
    assert erp.call("GET", "/accounts")[0] == 200


def test_without_the_plan_nothing_is_cut(erp: ReferenceErp) -> None:
    erp.call("PUT", "/faults/plan", {"rates": {"book_then_drop": 1}})
    with pytest.raises((urllib.error.URLError, ConnectionError)):
        book(erp, "dropped")
    erp.call("PUT", "/faults/plan", {})

    assert book(erp, "dropped")[1]["results"][0]["result"] == "duplicate"
