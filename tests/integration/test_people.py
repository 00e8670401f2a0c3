"""Signing in: passwords, sessions and their ends, throttling. The database and the hasher are real; the clock is a test's."""

from dataclasses import dataclass

import pytest
from sqlalchemy.exc import IntegrityError

from app.adapters.passwords import Argon2Passwords
from app.adapters.postgres.tenant_names import PostgresTenantNames
from app.adapters.secrets import RandomTokens
from app.application.people import People
from app.application.people.identity_name import identity_name
from app.application.people.start_session import Started, TooManyTries, Wrong
from app.application.ports.users import UserRole
from app.domain.errors import Conflict, Invalid, NotFound
from tests.world import World

pytestmark = pytest.mark.anyio

PASSWORD = "correct horse battery"


@dataclass
class Office:
    world: World
    people: People

    async def sign_in(self, name: str = "anna", password: str = PASSWORD, address: str = "192.0.2.1", tenant: str = "Tests") -> object:
        return await self.people.start_session(tenant, name, password, address)

    async def token(self) -> str:
        started = await self.sign_in()
        assert isinstance(started, Started), started
        return started.token


@pytest.fixture
async def office(world: World) -> Office:
    people = People(world.units_of_work, Argon2Passwords(), PostgresTenantNames(world.engine), RandomTokens(), world.clock)
    await people.users.add(world.tenant_id, "operator", name="anna", roles=[UserRole.SENDER, UserRole.MARKER], password=PASSWORD)
    return Office(world, people)


async def test_a_session_is_of_who_signed_in(office: Office) -> None:
    signed_in = await office.people.session(await office.token())
    assert signed_in is not None
    assert (signed_in.tenant_id, signed_in.tenant_name, signed_in.user.name) == (office.world.tenant_id, "Tests", "anna")
    assert signed_in.user.roles == (UserRole.SENDER, UserRole.MARKER)


async def test_neither_password_nor_token_is_kept(office: Office) -> None:
    token = await office.token()
    async with office.world.engine.connect() as connection:
        for table in ("app_user", "user_session", "audit_log"):
            text = str((await connection.exec_driver_sql(f"SELECT string_agg(t::text, ' ') FROM {table} t")).scalar_one())
            assert PASSWORD not in text
            assert token not in text
            assert token.partition(".")[2] not in text
    async with office.world.units_of_work(office.world.tenant_id) as uow:
        user = await uow.users.get("anna")
    assert user is not None
    assert user.password_hash is not None
    assert user.password_hash.startswith("$argon2id$")


@pytest.mark.parametrize(
    ("tenant", "name", "password"),
    [("Tests", "anna", "wrong horse battery"), ("Tests", "otto", PASSWORD), ("Others", "anna", PASSWORD), ("Tests", "an\x00na", PASSWORD)],
)
async def test_wrong_is_wrong_and_says_no_more(office: Office, tenant: str, name: str, password: str) -> None:
    assert await office.sign_in(name, password, tenant=tenant) == Wrong()


async def test_the_only_tenant_need_not_be_named(office: Office) -> None:
    assert isinstance(await office.sign_in(tenant=""), Started)


async def test_a_session_ends_when_idle_and_at_the_latest_after_a_day(office: Office) -> None:
    token = await office.token()
    for _ in range(3):
        office.world.clock.forward(hours=7, minutes=59)
        assert await office.people.session(token) is not None
    office.world.clock.forward(minutes=4)
    assert await office.people.session(token) is None
    token = await office.token()
    office.world.clock.forward(hours=8)
    assert await office.people.session(token) is None


async def test_signing_out_ends_one_session(office: Office) -> None:
    first, second = await office.token(), await office.token()
    await office.people.session.end(first)
    assert await office.people.session(first) is None
    assert await office.people.session(second) is not None
    async with office.world.units_of_work(office.world.tenant_id) as uow:
        assert [each.command for each in await uow.audit.page(None, 3)] == ["session.end", "session.start", "session.start"]


async def test_a_new_password_ends_all_sessions_and_the_old_one_is_wrong(office: Office) -> None:
    token = await office.token()
    await office.people.users.set_password(office.world.tenant_id, "operator", "anna", "another horse battery")
    assert await office.people.session(token) is None
    assert await office.sign_in() == Wrong()
    assert isinstance(await office.sign_in(password="another horse battery"), Started)


async def test_a_disabled_user_is_out_at_once(office: Office) -> None:
    token = await office.token()
    await office.people.users.set_active(office.world.tenant_id, "operator", "anna", active=False)
    assert await office.people.session(token) is None
    assert await office.sign_in() == Wrong()
    await office.people.users.set_active(office.world.tenant_id, "operator", "anna", active=True)
    assert await office.people.session(token) is None
    assert isinstance(await office.sign_in(), Started)


async def test_a_session_of_one_tenant_is_none_of_another(office: Office) -> None:
    token = await office.token()
    assert await office.people.session("0" * 32 + "." + token.partition(".")[2]) is None
    for nonsense in ("", "x", "." * 300, "0" * 32 + "."):
        assert await office.people.session(nonsense) is None


async def test_failures_of_a_name_make_everybody_wait_for_it(office: Office) -> None:
    for _ in range(5):
        assert await office.sign_in(password="wrong") == Wrong()
    waits = await office.sign_in(address="192.0.2.77")
    assert isinstance(waits, TooManyTries)
    assert 0 < waits.wait.total_seconds() <= 5
    office.world.clock.forward(seconds=5)
    assert isinstance(await office.sign_in(), Started)
    assert await office.sign_in(password="wrong") == Wrong()  # the count began anew


async def test_the_pause_doubles_and_has_an_end(office: Office) -> None:
    waited = []
    for _ in range(5 + 10):
        said = await office.sign_in(password="wrong")
        while isinstance(said, TooManyTries):
            waited.append(said.wait.total_seconds())
            office.world.clock.forward(seconds=said.wait.total_seconds())
            said = await office.sign_in(password="wrong")
    assert waited == [5, 10, 20, 40, 80, 160, 320, 640, 900, 900]


async def test_an_address_that_tries_many_names_waits_though_one_is_right(office: Office) -> None:
    for number in range(29):
        assert await office.sign_in(f"nobody {number}", "wrong") == Wrong()
    assert isinstance(await office.sign_in(), Started)
    assert await office.sign_in("nobody 30", "wrong") == Wrong()
    assert isinstance(await office.sign_in(), TooManyTries)
    assert isinstance(await office.sign_in(address="192.0.2.99"), Started)


async def test_what_a_user_must_be(office: Office) -> None:
    users, tenant_id = office.people.users, office.world.tenant_id
    with pytest.raises(Conflict):
        await users.add(tenant_id, "operator", name="anna", roles=[UserRole.VIEWER], password=PASSWORD)
    for name, roles, password in (("otto", [], PASSWORD), (" otto", [UserRole.VIEWER], PASSWORD), ("otto", [UserRole.VIEWER], "short")):
        with pytest.raises(Invalid):
            await users.add(tenant_id, "operator", name=name, roles=roles, password=password)
    with pytest.raises(NotFound):
        await users.set_password(tenant_id, "operator", "otto", PASSWORD)
    with pytest.raises(NotFound):
        await users.set_active(tenant_id, "operator", "otto", active=False)
    assert [user.name for user in await users.list(tenant_id)] == ["anna"]


async def test_without_a_password_none_is_right(office: Office) -> None:
    users, tenant_id = office.people.users, office.world.tenant_id
    await users.add(tenant_id, "operator", name="vera", roles=[UserRole.VIEWER], oidc_name="vera@uni.example")
    for password in ("", PASSWORD, "nobody has this password"):
        assert await office.sign_in("vera", password) == Wrong()
    await users.set_password(tenant_id, "operator", "vera", PASSWORD)
    assert isinstance(await office.sign_in("vera"), Started)


async def test_another_name_at_the_issuer_ends_all_sessions(office: Office) -> None:
    users, tenant_id = office.people.users, office.world.tenant_id
    for name in ("anna@uni.example", "a.smith@uni.example", ""):
        token = await office.token()
        await users.set_oidc_name(tenant_id, "operator", "anna", name)
        assert await office.people.session(token) is None


async def test_the_database_holds_the_rules_of_ways_in_too(office: Office) -> None:
    users, tenant_id = office.people.users, office.world.tenant_id
    with pytest.raises(Invalid):
        await users.add(tenant_id, "operator", name="vera", roles=[UserRole.VIEWER])
    await users.add(tenant_id, "operator", name="vera", roles=[UserRole.VIEWER], oidc_name="Sub-1")
    await users.add(tenant_id, "operator", name="otto", roles=[UserRole.VIEWER], oidc_name="sub-1")  # no e-mail: to the letter
    for change, broken in (
        ("oidc_name = NULL", "app_user_way_in_check"),
        ("oidc_name = 'sub-1'", "app_user_tenant_id_oidc_name_key"),
        ("oidc_name = 'Vera@uni.example'", "app_user_oidc_name_check"),
    ):
        async with office.world.engine.connect() as connection:
            with pytest.raises(IntegrityError, match=broken):
                await connection.exec_driver_sql(f"UPDATE app_user SET {change} WHERE name = 'vera'")


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("anna@uni.example", "anna@uni.example"),
        ("Anna.Smith@UNI.Example", "anna.smith@uni.example"),
        ("ÄNNA@uni.example", "Änna@uni.example"),
        ("\N{KELVIN SIGN}arl@uni.example", "\N{KELVIN SIGN}arl@uni.example"),
        ("AbC-123", "AbC-123"),
        ("a" * 320, "a" * 320),
        ("a" * 321, None),
        ("", None),
        (" anna@uni.example", None),
        ("anna\x00@uni.example", None),
        ("anna\u202e@uni.example", None),
    ],
)
def test_how_a_name_at_the_issuer_is_kept(told: str, kept: str | None) -> None:
    assert identity_name(told) == kept


async def test_a_notice_is_told_once(office: Office) -> None:
    token = await office.token()
    await office.people.session.tell(token, {"text": "done"})
    told = [await office.people.session(token, take_notice=True) for _ in range(2)]
    assert [each and each.notice for each in told] == [{"text": "done"}, None]
