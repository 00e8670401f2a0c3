"""Fixtures of the screens without a browser: a client that signs in, sends forms and keeps cookies."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI

from app.application.ports.users import User, UserRole
from app.bootstrap import Container
from app.web.origin import csrf_token
from tests.api_fixtures import Api
from tests.events import ACCOUNTS, POSTING_MANAGER, event

ORIGIN = "https://glint.test"
PASSWORD = "correct horse battery"
COOKIE = "__Host-glint"


@dataclass
class Screens:
    """A browser's worth of state: cookies, and the name of the tenant."""

    http: httpx.AsyncClient
    tenant: str

    async def sign_in(self, name: str, password: str = PASSWORD, **more: str) -> httpx.Response:
        form = {"organisation": self.tenant, "name": name, "password": password} | more
        return await self.http.post("/app/sign-in", data=form, headers={"origin": ORIGIN})

    async def get(self, path: str, **headers: str) -> httpx.Response:
        return await self.http.get(path, headers=headers)

    async def post(self, path: str, *, csrf: str | None = None, origin: str | None = ORIGIN, **form: str) -> httpx.Response:
        """With the session's own token unless told."""
        form |= {"csrf": csrf_token(self.http.cookies.get(COOKIE) or "") if csrf is None else csrf}
        return await self.http.post(path, data=form, headers={} if origin is None else {"origin": origin})


@pytest.fixture(scope="session")
async def password_hash(container: Container) -> str:
    """Made once: it takes a while, and is meant to."""
    return await container.passwords.hash(PASSWORD)


async def tenant_of(api: Api, container: Container) -> UUID:
    found = await container.tenant_names.find(api.name)
    assert found is not None
    return found


@pytest.fixture
async def browser(api: Api, container: Container, application: FastAPI, password_hash: str) -> AsyncIterator[Screens]:
    """Nobody is signed in yet; the tenant has one person in each role."""
    async with container.units_of_work(await tenant_of(api, container)) as uow:
        for role in UserRole:
            await uow.users.add(User(name=role.value, roles=(role,), password_hash=password_hash))
        await uow.commit()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=application), base_url=ORIGIN) as http:
        yield Screens(http, api.name)


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
