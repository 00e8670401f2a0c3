"""Screens to read from, without a browser: a tenant that buys, and what tables say."""

import re
from typing import Any

import httpx
import pytest

from tests.api_fixtures import Api
from tests.events import ACCOUNTS, POSTING_MANAGER, event
from tests.screens_http import Screens


@pytest.fixture
async def shop(api: Api, browser: Screens) -> Api:
    """A tenant that may buy; a viewer is signed in."""
    for name, account in ACCOUNTS.items():
        assert (await api("PUT", f"/v1/accounts/{name}", account)).status_code == 201
    assert (await api("PUT", "/v1/posting-manager", POSTING_MANAGER)).status_code == 201
    await browser.sign_in("viewer")
    return api


async def send(shop: Api, event_id: str, event_type: str, data: dict[str, Any]) -> dict[str, Any]:
    answer = await shop("POST", "/v1/events", event(event_id, event_type, data))
    assert answer.status_code == 201, answer.text
    transaction: dict[str, Any] = answer.json()["transactions"][0]
    return transaction


def texts(row: str) -> list[str]:
    """What the cells of a table row say on a wide screen."""
    wide = re.sub(r'<(span|small) class="narrow-only">.*?</\1>', " ", row, flags=re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", wide, re.DOTALL)]


def cells(answer: httpx.Response, name: str) -> list[str]:
    """The texts of the table row whose first cell that says anything is this, or begins so."""
    assert answer.status_code == 200, answer.text
    rows = []
    for row in re.findall(r"<tr[^>]*>(.*?)</tr>", answer.text, re.DOTALL):
        found = texts(row)
        rows.append((next((each for each in found if each), ""), found))
    return next((found for first, found in rows if first == name), None) or next(found for first, found in rows if first.startswith(name))
