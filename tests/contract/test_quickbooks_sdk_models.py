"""What goes to QuickBooks against the models of the public Python SDK `python-quickbooks`."""

import json
from dataclasses import replace
from typing import Any

import pytest
from quickbooks.objects.base import Ref
from quickbooks.objects.batchrequest import BatchItemRequest
from quickbooks.objects.journalentry import Entity, JournalEntry, JournalEntryLine, JournalEntryLineDetail

from app.adapters.erp.quickbooks.payload import Ids, batch_body, create_body
from app.adapters.erp.quickbooks.settings import Entity as EntitySetting
from app.adapters.erp.quickbooks.settings import QuickBooksSettings
from tests.contract.erp_suite import journal, line

SETTINGS = QuickBooksSettings(entities={"2110": EntitySetting(type="Vendor", id="56")})
IDS = Ids(accounts={"2100": "101", "2110": "102"}, dimensions={("Class", "Science"): "201", ("Department", "Auckland"): "301"})


def golden() -> str:
    first = replace(line(1, "debit", "2100", "1200", "13.57"), dimensions={"Class": "Science", "Department": "Auckland"})
    lines = (first, line(2, "credit", "2110", "1200", "13.57"))
    return create_body(journal("JNL-1", currency="JPY", lines=lines), SETTINGS, IDS)


def names(sdk: object) -> set[str]:
    return set(vars(sdk))


def test_every_name_that_is_sent_is_one_of_the_sdk() -> None:
    body: dict[str, Any] = json.loads(golden())
    assert set(body) <= names(JournalEntry())
    assert set(body["CurrencyRef"]) <= names(Ref())
    for each in body["Line"]:
        detail = each["JournalEntryLineDetail"]
        assert set(each) <= names(JournalEntryLine())
        assert set(detail) <= names(JournalEntryLineDetail())
        assert set(detail.get("Entity", {})) <= names(Entity())
    item = json.loads(batch_body([journal("JNL-1")], SETTINGS, IDS))["BatchItemRequest"][0]
    assert set(item) - {"JournalEntry"} <= names(BatchItemRequest())


def test_the_sdk_reads_it_and_would_send_the_same() -> None:
    body: dict[str, Any] = json.loads(golden())
    entry = JournalEntry.from_json(json.loads(golden()))

    assert [type(each).__name__ for each in entry.Line] == ["JournalEntryLine", "JournalEntryLine"]
    assert entry.Line[1].JournalEntryLineDetail.Entity.EntityRef.value == "56"
    again = json.loads(entry.to_json())
    assert covers(again, body)
    with pytest.raises(AssertionError):
        assert covers(again, body | {"TxnDate": "2026-11-02"})


def covers(whole: Any, part: Any) -> bool:
    """Whether all of `part` stands in `whole`: the SDK adds its defaults."""
    if isinstance(part, dict):
        return isinstance(whole, dict) and all(key in whole and covers(whole[key], value) for key, value in part.items())
    if isinstance(part, list):
        return isinstance(whole, list) and len(whole) == len(part) and all(covers(*pair) for pair in zip(whole, part, strict=True))
    return bool(whole == part)
