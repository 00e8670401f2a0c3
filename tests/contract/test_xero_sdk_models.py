"""What goes to Xero, and what the stand-in says for it, against the models of Xero's own Python SDK (generated from its OpenAPI)."""

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from xero_python.accounting import models
from xero_python.api_client import ModelFinder, deserialize, serialize

from app.adapters.erp.xero.payload import request_body
from app.adapters.erp.xero.settings import XeroSettings
from tests.contract.erp_suite import journal, line, send
from tests.contract.test_xero_erp_contract import XeroHarness, running

FINDER = ModelFinder(models)
SCALARS: dict[str, Any] = {"str": str, "float": (int, float), "bool": bool, "int": int}


@pytest.fixture
async def erp() -> AsyncIterator[XeroHarness]:
    async with running() as harness:
        yield harness


def unknown(kind: str, value: Any, at: str = "") -> list[str]:
    """Where a JSON value is not what the SDK's model of this name says: names it does not have, types that are others."""
    if kind.startswith("list["):
        return [each for number, item in enumerate(value) for each in unknown(kind[5:-1], item, f"{at}/{number}")]
    if kind in SCALARS:
        return [] if isinstance(value, SCALARS[kind]) else [f"{at}: no {kind}"]
    if "[ms-format]" in kind:
        return [] if isinstance(value, str) else [f"{at}: no {kind}"]
    model = getattr(models, kind)
    if not isinstance(value, Mapping):
        return [] if isinstance(value, str) and value in {each.value for each in model} else [f"{at}: no {kind}"]
    names = {wire: name for name, wire in model.attribute_map.items()}
    return [
        each
        for wire, item in value.items()
        for each in ([f"{at}/{wire}"] if wire not in names else unknown(model.openapi_types[names[wire]], item, f"{at}/{wire}"))
    ]


def golden() -> dict[str, Any]:
    tracked = replace(line(1, "debit", "2100", "10.50"), dimensions={"Region": "South"}, tax_code="NONE")
    lines = (tracked, line(2, "credit", "2110", "10.50"))
    body: dict[str, Any] = json.loads(request_body([journal("JNL-1", lines=lines)], XeroSettings(), {"JNL-1": "the-id"}))
    return body


def test_every_name_and_type_that_is_sent_is_the_sdks() -> None:
    assert unknown("ManualJournals", golden()) == []
    assert unknown("ManualJournals", {"ManualJournals": [{"Narration": 1, "Nonsense": "x"}]}) == [
        "/ManualJournals/0/Narration: no str",
        "/ManualJournals/0/Nonsense",
    ]


def test_the_sdk_would_send_the_same() -> None:
    ours = golden()
    ours["ManualJournals"][0]["Date"] = "/Date(1793491200000)/"  # the SDK knows this form only, the documentation YYYY-MM-DD too
    model = deserialize("ManualJournals", ours, FINDER)
    sdk = serialize(model)

    assert model.manual_journals[0].date == date(2026, 11, 1)
    assert sdk["ManualJournals"][0].pop("HasAttachments") is False  # the SDK's default
    assert json.loads(json.dumps(sdk, default=float)) == ours


@pytest.mark.anyio
async def test_what_the_stand_in_answers_is_the_sdks(erp: XeroHarness) -> None:
    connection = erp.connect(ledger="journals")
    bad = journal("JNL-2", lines=(line(1, "debit", "2100", "1.00"), line(2, "credit", "777", "1.00")))
    answered = await send(connection, journal("JNL-1"), bad)
    posted = json.loads(answered.exchange.body.rsplit("\n", 1)[1])

    assert unknown("ManualJournals", {"ManualJournals": posted["ManualJournals"]}) == []
    books = erp.books
    assert unknown("Journals", {"Journals": books.journals}) == []
    assert unknown("Accounts", {"Accounts": books.accounts}) == []
    assert deserialize("ManualJournals", posted, FINDER).manual_journals[0].date == date(2026, 11, 1)
