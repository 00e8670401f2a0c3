"""The composition root: the one place that chooses adapters. What it makes is closed by `Container.close()`."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import structlog
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncEngine

from app.adapters.clock import SystemClock, TimeOrderedIds
from app.adapters.currencies import IsoCurrencies
from app.adapters.erp.http import HttpClient
from app.adapters.erp.registry import BrokenAdapter, InstalledAdapters, destinations
from app.adapters.key_files import kept_secret
from app.adapters.key_ring_file import KeyRingFile
from app.adapters.oidc.provider import Client, OidcIdentityProvider
from app.adapters.passwords import Argon2Passwords
from app.adapters.postgres.connecting import NOT_CONNECTED
from app.adapters.postgres.delivery_gauges import PostgresDeliveryGauges
from app.adapters.postgres.engine import async_url, make_engine
from app.adapters.postgres.key_directory import PostgresKeyDirectory
from app.adapters.postgres.migrate import upgrade
from app.adapters.postgres.readiness import PostgresReadiness
from app.adapters.postgres.tenant_names import PostgresTenantNames
from app.adapters.postgres.unit_of_work import PostgresUnitsOfWork
from app.adapters.postgres.waking import PostgresWaking
from app.adapters.procurement.cxml import CxmlDocumentReader
from app.adapters.secrets import AesGcmSecrets, GivenKeys, RandomTokens, decode_key
from app.application.configure import Configure
from app.application.operations import Operations
from app.application.people import People
from app.application.people.by_identity import ByIdentity
from app.application.ports.clock import Clock, Ids
from app.application.ports.currencies import Currencies
from app.application.ports.delivery_gauges import DeliveryGauges
from app.application.ports.erp import ErpAdapters
from app.application.ports.identity import IdentityProvider
from app.application.ports.procurement import DocumentReader
from app.application.ports.readiness import Readiness
from app.application.ports.secrecy import KeyRing, RotatingSecrets, Tokens
from app.application.ports.setup import KeyDirectory
from app.application.ports.unit_of_work import UnitsOfWork
from app.application.ports.users import Passwords, TenantNames
from app.config import CannotStart, Settings
from app.observability import Metrics
from app.wiring import wire_operations
from app.witness import LoggingWitness

ADMIN_KEY_FILE = "admin-key"
SECRET_KEY_FILE = "secret-key"  # noqa: S105 - the name of a file

log = structlog.get_logger(__name__)


@dataclass(kw_only=True, repr=False)
class Container:
    """The parts, and the use cases on them. Has no repr: some parts are secrets."""

    settings: Settings
    admin_key: str
    engine: AsyncEngine
    units_of_work: UnitsOfWork
    clock: Clock
    ids: Ids
    currencies: Currencies
    secrets: RotatingSecrets
    key_ring: KeyRing
    tokens: Tokens
    key_directory: KeyDirectory
    passwords: Passwords
    tenant_names: TenantNames
    identity_provider: IdentityProvider | None
    readiness: Readiness
    erp_adapters: ErpAdapters
    cxml: DocumentReader
    metrics: Metrics
    gauges: DeliveryGauges
    waking: PostgresWaking
    resources: AsyncExitStack

    def __post_init__(self) -> None:
        self.configure = Configure(
            units_of_work=self.units_of_work,
            clock=self.clock,
            ids=self.ids,
            currencies=self.currencies,
            secrets=self.secrets,
            tokens=self.tokens,
            erp_adapters=self.erp_adapters,
        )
        self.operations: Operations = wire_operations(
            engine=self.engine,
            units_of_work=self.units_of_work,
            clock=self.clock,
            ids=self.ids,
            currencies=self.currencies,
            secrets=self.secrets,
            erp_adapters=self.erp_adapters,
            witness=LoggingWitness(self.metrics),
            lease_seconds=self.settings.lease_seconds,
        )
        self.people = People(
            self.units_of_work, self.passwords, self.tenant_names, self.tokens, self.clock, self._by_identity(self.identity_provider)
        )

    def _by_identity(self, provider: IdentityProvider | None) -> ByIdentity | None:
        if provider is None:
            return None
        return ByIdentity(
            label=self.settings.oidc_label,
            provider=provider,
            units_of_work=self.units_of_work,
            tenants=self.tenant_names,
            tokens=self.tokens,
            secrets=self.secrets,
            clock=self.clock,
        )

    async def close(self) -> None:
        """Closes connections, and lets go of the embedded server."""
        await self.resources.aclose()


async def build(settings: Settings, *, clock: Clock | None = None) -> Container:
    """Starts what is needed, brings the schema to the newest, and wires it. `clock` is for tests. Raises `CannotStart`."""
    try:
        destinations()
    except BrokenAdapter as error:
        raise CannotStart(str(error)) from error
    async with AsyncExitStack() as stack:
        url = await _database(settings, stack)
        direct = _direct_url(settings)
        await _upgrade(direct or url)
        engine = make_engine(url, pool_size=settings.database_pool_size)
        stack.push_async_callback(engine.dispose)
        clock = clock or SystemClock()
        waking = await stack.enter_async_context(PostgresWaking(engine, direct))
        http = await stack.enter_async_context(HttpClient(allowed_networks=settings.allowed_networks, clock=clock.now))
        secrets, key_ring = _secrets(settings)
        currencies = IsoCurrencies()
        container = Container(
            settings=settings,
            admin_key=_secret(settings.admin_key, settings.data_dir / ADMIN_KEY_FILE, RandomTokens().new),
            engine=engine,
            units_of_work=PostgresUnitsOfWork(engine, currencies, waking),
            clock=clock,
            ids=TimeOrderedIds(),
            currencies=currencies,
            secrets=secrets,
            key_ring=key_ring,
            tokens=RandomTokens(),
            key_directory=PostgresKeyDirectory(engine),
            passwords=Argon2Passwords(),
            tenant_names=PostgresTenantNames(engine),
            identity_provider=_identity_provider(settings, http),
            readiness=PostgresReadiness(engine),
            erp_adapters=InstalledAdapters(http),
            cxml=CxmlDocumentReader(),
            metrics=Metrics(),
            gauges=PostgresDeliveryGauges(engine, clock),
            waking=waking,
            resources=stack,
        )
        container.resources = stack.pop_all()
        return container


async def migrate_only(settings: Settings) -> None:
    """Brings the schema to the newest and does nothing else. Raises `CannotStart`."""
    async with AsyncExitStack() as stack:
        await _upgrade(_direct_url(settings) or await _database(settings, stack))


async def _upgrade(url: str) -> None:
    try:
        await upgrade(url)
    except NOT_CONNECTED as error:
        raise CannotStart(f"no connection to the database: {str(error) or type(error).__name__}") from error


def _direct_url(settings: Settings) -> str | None:
    """The database past a pooler of transactions, where there is one."""
    given = settings.direct_database_url
    return _checked_url(given, "GLINT_DIRECT_DATABASE_URL") if given else None


def _checked_url(given: str, setting: str) -> str:
    try:
        return async_url(given, setting)
    except ValueError as error:
        raise CannotStart(str(error)) from error


async def _database(settings: Settings, stack: AsyncExitStack) -> str:
    """The URL of the database. The embedded one is held by the stack."""
    if settings.database_url is not None:
        return _checked_url(settings.database_url, "GLINT_DATABASE_URL")
    from app.adapters.postgres.embedded import EmbeddedPostgres  # only where it is wanted: it needs Unix
    from app.adapters.postgres.embedded_account import EmbeddedPostgresError

    postgres = EmbeddedPostgres(settings.data_dir)
    stack.push_async_callback(asyncio.to_thread, postgres.stop)
    try:
        return await asyncio.to_thread(postgres.start)
    except EmbeddedPostgresError as error:
        raise CannotStart(str(error)) from error


def _identity_provider(settings: Settings, http: HttpClient) -> IdentityProvider | None:
    """The settings are all there or none of them: they were checked together."""
    issuer, client_id, secret = settings.oidc_issuer, settings.oidc_client_id, settings.oidc_client_secret
    if issuer is None or client_id is None or secret is None:
        return None
    client = Client(client_id=client_id, client_secret=secret.get_secret_value(), claim=settings.oidc_claim)
    return OidcIdentityProvider(http, issuer, client)


def _secret(given: SecretStr | None, path: Path, make: Callable[[], str]) -> str:
    """As the operator gives it, else as it was made up by the first start."""
    if given is not None and given.get_secret_value().strip():
        return given.get_secret_value().strip()
    secret, made = kept_secret(path, make)
    if made:
        log.info("secret_made", file=str(path))
    return secret


def _secrets(settings: Settings) -> tuple[AesGcmSecrets, KeyRing]:
    """The keys as the operator gives them, else those of the file, which may change while this process runs."""
    older = [decode_key(each.get_secret_value()) for each in settings.old_secret_keys]
    if settings.secret_key is not None:
        return AesGcmSecrets(decode_key(settings.secret_key.get_secret_value()), older), GivenKeys()
    file = KeyRingFile(settings.data_dir / SECRET_KEY_FILE)
    keys, made = file.load()
    if made:
        log.info("secret_made", file=str(file.path))
    return AesGcmSecrets(keys[0], (*keys[1:], *older), reread=file.reread), file
