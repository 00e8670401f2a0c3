"""The screens from outside, without a browser: signed in, with the session's own token in every form."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from html import unescape
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI

from app.application.ports.users import User, UserRole
from app.bootstrap import Container
from app.web.origin import csrf_token
from tests.api_fixtures import Api

ORIGIN = "https://glint.test"
PASSWORD = "correct horse battery"
COOKIE = "__Host-glint"
OWN = "our own"


@dataclass
class Screens:
    """A browser's worth of state: cookies, and the name of the tenant."""

    http: httpx.AsyncClient
    tenant: str
    origin: str = ORIGIN
    cookie: str = COOKIE

    async def sign_in(self, name: str, password: str = PASSWORD, **more: str) -> httpx.Response:
        form = {"organisation": self.tenant, "name": name, "password": password} | more
        return await self.http.post("/app/sign-in", data=form, headers={"origin": self.origin})

    async def get(self, path: str, **headers: str) -> httpx.Response:
        return await self.http.get(path, headers=headers)

    async def post(self, path: str, *, csrf: str | None = None, origin: str | None = OWN, **form: str) -> httpx.Response:
        """With the session's own token unless told."""
        form |= {"csrf": csrf_token(self.http.cookies.get(self.cookie) or "") if csrf is None else csrf}
        return await self.http.post(path, data=form, headers={} if origin is None else {"origin": self.origin if origin == OWN else origin})


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


async def newest(api: Api) -> tuple[str, str, str]:
    last = (await api("GET", "/v1/audit-log?limit=1")).json()["items"][0]
    return last["actor"], last["command"], last["subject"]


async def shown(office: Screens, path: str) -> str:
    """The page's text without markup."""
    answer = await office.get(path)
    assert answer.status_code == 200, answer.text
    return plain(answer.text)


def plain(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html.partition("<main")[2])).split())


def wrong_at(html: str, field: str) -> str:
    """What is said at a field, which must say that it is wrong."""
    found = faults(html)
    assert field in found, f"nothing is said at {field}"
    return found[field]


def faults(html: str) -> dict[str, str]:
    """What is said at which field, in the order of the page. Each must be marked, and the first has the focus."""
    said = re.findall(r'<(?:p|ul) class="wrong" id="f-([\w-]+)-fault">(.*?)</(?:p|ul)>', html)
    for ident, _ in said:
        assert re.search(rf'id="f-{ident}"[^>]*aria-invalid="true"', html), f"{ident} is not marked"
    focused = re.findall(r'id="f-([\w-]+)"[^>]* autofocus', html)
    assert focused == [ident for ident, _ in said[:1]]
    found = {ident: " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split()) for ident, text in said}
    return {_name_of(ident, html): text for ident, text in found.items()}


def _name_of(ident: str, html: str) -> str:
    """Of a field of a table it is its place."""
    name = re.search(rf'id="f-{ident}" name="([^"]+)"', html)
    assert name, ident
    return ident.replace("-", "/") if ident.startswith("lines-") else name[1]
