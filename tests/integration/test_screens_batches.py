"""Batches of debtor transactions on the screens: opened, entered, compared and posted by people."""

import re
import uuid

import pytest

from tests.api_fixtures import Api
from tests.debtor_cases import DISSECT
from tests.debtor_set_up import choose_option, set_up_debtors
from tests.integration.test_screens_debtors import CELLS, HEAD
from tests.integration.test_screens_dissection import last
from tests.screens_http import Screens, faults

pytestmark = pytest.mark.anyio

PLACE = "/app/debtor-transactions/batches"


@pytest.fixture
async def ledger(browser: Screens, api: Api) -> Api:
    await set_up_debtors(api)
    await browser.sign_in("poster")
    return api


async def opened(browser: Screens, count: str = "2", amount: str = "80.50") -> str:
    """The address of a new batch."""
    form = {"description": "Monday’s post", "currency": "NZD", "control_count": count, "control_amount": amount}
    answer = await browser.post(PLACE, **form)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].removesuffix("/entries/new")


def entry(number: str, amount: str, tax: str, **more: str) -> dict[str, str]:
    line = dict.fromkeys(CELLS, "") | {"description": "Work", "amount": amount}
    return HEAD | line | {"entry_id": uuid.uuid4().hex, "transaction_number": number, "tax": tax} | more


async def test_a_batch_from_its_control_total_to_its_posting(browser: Screens, ledger: Api) -> None:
    place = await opened(browser)
    form = (await browser.get(f"{place}/entries/new")).text
    assert "Opened batch 1." in form
    assert re.search(r'name="currency" required [^>]*value="NZD"[^>]* readonly', form)
    first = await browser.post(f"{place}/entries", **entry("I-1", "100.00", "15.00"))
    assert first.headers["location"] == f"{place}/entries/new"
    assert "Entered invoice I-1. 1 of 2 are entered; NZD −34.50 is left." in (await browser.get(f"{place}/entries/new")).text
    differs = (await browser.get(place)).text
    assert re.search(r'<button class="main" disabled>Post the batch', differs)
    assert re.search(r'Difference</th><td class="num">−1</td><td class="num">34.50', differs)
    await browser.post(f"{place}/post", back=place)
    assert "The batch differs from its control total: 1 entered of 2, by 34.50." in (await browser.get(place)).text
    second = await browser.post(f"{place}/entries", **entry("C-1", "30.00", "4.50", kind="credit_note"))
    assert second.headers["location"] == place
    agrees = (await browser.get(place)).text
    assert "2 of 2 are entered, and they come to the control total." in agrees
    assert "Acme" in agrees
    await browser.post(f"{place}/post", back=place)
    posted = (await browser.get(place)).text
    assert "Posted batch 1: 2 transactions." in posted
    assert "Post the batch" not in posted
    assert "Remove" not in posted
    link = re.search(r'href="(/app/debtor-transactions/txn_\w+)">Credit note C-1<', posted)
    assert link
    assert "Entered by</dt><dd>poster" in (await browser.get(link[1])).text
    assert await last(ledger) == [("poster", "debtor_batch.post", "1")]
    assert "Posted" in (await browser.get(PLACE)).text


async def test_what_is_wrong_stands_at_its_field(browser: Screens, ledger: Api) -> None:
    form = {"description": "", "currency": "XYZ", "control_count": "two", "control_amount": ""}
    answer = await browser.post(PLACE, **form)
    assert (answer.status_code, faults(answer.text)) == (422, {"control_count": "Is not a number.", "control_amount": "Is needed."})
    answer = await browser.post(PLACE, **form | {"control_count": "2", "control_amount": "-1,000.00"})
    assert faults(answer.text) == {"currency": "XYZ is not a currency of ISO 4217."}
    assert 'value="-1,000.00"' in answer.text
    answer = await browser.post(PLACE, **form | {"currency": "NZD", "control_count": "500", "control_amount": "1"})
    assert faults(answer.text) == {"control_count": "A batch has 1 to 200 transactions."}
    place = await opened(browser)
    answer = await browser.post(f"{place}/control", description="", control_count="2", control_amount="1.005")
    assert faults(answer.text) == {"control_amount": "1.005 has more than the 2 decimals of NZD."}
    assert 'value="1.005"' in answer.text
    await browser.post(f"{place}/control", description="x", control_count="1", control_amount="115")
    assert "Changed the control total." in (await browser.get(place)).text
    for given, told in (
        (entry("I-1", "x", ""), {"lines/0/amount": "Is not an amount, like 1250.00."}),
        (entry("I-1", "1", "", currency="AUD", exchange_rate="1.1"), {"currency": "The batch is in NZD."}),
        (entry("I-1", "1", "", debtor="D9"), {"debtor": "There is none of this code or name."}),
    ):
        answer = await browser.post(f"{place}/entries", **given)
        assert (answer.status_code, faults(answer.text)) == (422, told)
    await browser.post(f"{place}/entries", **entry("I-1", "1", ""))
    answer = await browser.post(f"{place}/entries", **entry("I-1", "2", ""))
    assert faults(answer.text) == {"transaction_number": "The batch has a transaction of this kind and number already."}


async def test_what_is_entered_is_changed_and_removed(browser: Screens, ledger: Api) -> None:
    await choose_option(ledger, DISSECT)
    place = await opened(browser)
    given = entry("I-1", "1,000.00", "", choice="EXP")
    preview = (await browser.post(f"{place}/entries/preview", **given)).text
    assert "Line 1 chose record EXP." in preview
    assert f'action="{place}/entries"' in preview
    assert "Add to the batch" in preview
    await browser.post(f"{place}/entries", **given)
    own = f"{place}/entries/{given['entry_id']}"
    assert f'href="{own}"' in (await browser.get(place)).text
    form = (await browser.get(own)).text
    assert re.search(r'name="choice"[^>]* value="EXP"', form)
    assert re.search(r'name="amount" value="1000.00"', form)
    assert f'name="entry_id" value="{given["entry_id"]}"' in form
    assert len(re.findall(r'<input id="f-lines-\d+-amount"', (await browser.post(f"{place}/entries/form", **given, more="yes")).text)) == 6
    await browser.post(f"{place}/entries", **given | {"amount": "999.00"})
    assert "999.00" in (await browser.get(place)).text
    await browser.post(f"{own}/remove")
    assert "Nothing entered yet" in (await browser.get(place)).text
    assert (await browser.get(own)).status_code == 404
    await browser.post(f"{place}/discard")
    assert "Discarded batch 1. Nothing of it was posted." in (await browser.get(PLACE)).text
    assert (await browser.get(place)).status_code == 404


async def test_a_refused_transaction_is_named_and_nothing_is_posted(browser: Screens, ledger: Api) -> None:
    place = await opened(browser, "1", "1.00")
    await browser.post(f"{place}/entries", **entry("I-1", "1.00", ""))
    await choose_option(ledger, DISSECT)
    await browser.post(f"{place}/post", back=place)
    text = (await browser.get(place)).text
    assert "Invoice I-1: with option dissect every line chooses a GL interface record." in text
    assert (await ledger("GET", "/v1/account-transactions")).json()["items"] == []


async def test_viewers_see_batches_and_do_not_work_on_them(browser: Screens, ledger: Api) -> None:
    place = await opened(browser)
    await browser.post(f"{place}/entries", **entry("I-1", "1.00", ""))
    await browser.sign_in("viewer")
    text = (await browser.get(place)).text
    assert "Invoice I-1" in text
    for button in ("Post the batch", "Remove", "Discard", "Enter a transaction"):
        assert button not in text
    assert "Open a batch" not in (await browser.get(PLACE)).text
    for path in (f"{PLACE}/new", f"{place}/entries/new"):
        assert (await browser.get(path)).status_code == 403
