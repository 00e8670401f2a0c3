"""A person's own password: changed by who knows the present one, and all of their other sessions end."""

import httpx
import pytest

from app.bootstrap import Container
from app.main import create_app
from tests.api_fixtures import Api
from tests.screens_http import COOKIE, ORIGIN, PASSWORD, Screens, newest, plain, tenant_of, wrong_at

pytestmark = pytest.mark.anyio

NEW = "a sentence that is new"


async def test_it_is_changed_and_other_sessions_end(browser: Screens, api: Api, container: Container) -> None:
    await browser.sign_in("viewer")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=create_app(container)), base_url=ORIGIN) as http:
        elsewhere = Screens(http, api.name)
        await elsewhere.sign_in("viewer")
        assert (await elsewhere.get("/app/health")).status_code == 200
        answer = await browser.post("/app/password", current=PASSWORD, new=NEW, repeat=NEW)
        assert (answer.status_code, answer.headers["location"]) == (303, "/app/password")
        assert await newest(api) == ("viewer", "user.password", "viewer")
        assert "Your password is changed." in plain((await browser.get("/app/password")).text)
        assert (await elsewhere.get("/app/health")).status_code == 303
        assert (await elsewhere.sign_in("viewer")).status_code == 401
        assert (await elsewhere.sign_in("viewer", NEW)).status_code == 303
    await browser.sign_in("sender")
    assert (await browser.get("/app/health")).status_code == 200  # nobody else's password is another one


@pytest.mark.parametrize(
    ("typed", "field", "told"),
    [
        ({"current": "wrong horse battery"}, "current", "Is not the present password."),
        ({"repeat": NEW + "!"}, "repeat", "Is not the same as the new password."),
        ({"new": "short", "repeat": "short"}, "new", "A password has 12 to 256 characters."),
        ({"new": PASSWORD, "repeat": PASSWORD}, "new", "Must be another one than the present password."),
    ],
)
async def test_what_is_wrong_is_told_at_its_field(browser: Screens, api: Api, typed: dict[str, str], field: str, told: str) -> None:
    await browser.sign_in("viewer")
    answer = await browser.post("/app/password", **{"current": PASSWORD, "new": NEW, "repeat": NEW} | typed)
    assert answer.status_code == 422
    assert wrong_at(answer.text, field) == told
    assert NEW not in answer.text
    assert PASSWORD not in answer.text
    assert (await newest(api))[1] == "session.start"
    assert (await browser.sign_in("viewer")).status_code == 303


async def test_wrong_ones_have_to_wait(browser: Screens, api: Api) -> None:
    await browser.sign_in("viewer")
    for _ in range(5):
        assert (await browser.post("/app/password", current="wrong horse battery", new=NEW, repeat=NEW)).status_code == 422
    answer = await browser.post("/app/password", current=PASSWORD, new=NEW, repeat=NEW)
    assert answer.status_code == 429
    assert 0 < int(answer.headers["retry-after"]) <= 6
    assert "Too many wrong passwords" in plain(answer.text)
    assert (await newest(api))[1] == "session.start"
    assert browser.http.cookies[COOKIE]


async def test_whoever_was_disabled_meanwhile_changes_nothing(browser: Screens, api: Api, container: Container) -> None:
    await browser.sign_in("viewer")
    await container.people.users.set_active(await tenant_of(api, container), "operator", "viewer", active=False)
    answer = await browser.post("/app/password", current=PASSWORD, new=NEW, repeat=NEW)
    assert answer.headers["location"].startswith("/app/sign-in")
