"""An ERP endpoint."""

import json
from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID
from zoneinfo import ZoneInfo

from app.application.ask_polling_erp import ask_for_batches
from app.application.configure.endpoint_draft import EndpointDraft, Preset
from app.application.configure.endpoint_view import EndpointView, view
from app.application.configure.there_already import there_already
from app.application.connect_endpoint import ConnectEndpoint, credentials_context
from app.application.polled_endpoint import POLL
from app.application.ports.authorisations import Authorisation
from app.application.ports.clock import Clock
from app.application.ports.erp import Capabilities, ErpAdapters
from app.application.ports.secrecy import SealedByOther
from app.application.ports.setup import Endpoint, Secrets
from app.application.ports.unit_of_work import UnitOfWork, UnitsOfWork
from app.application.serial import lock_set_up
from app.domain.delivery import ValidationLevel
from app.domain.errors import Fault, Invalid, NotFound
from app.domain.journal_description import DAILY_FIELDS, TRANSACTION_FIELDS, check_template
from app.domain.mapping_rules import check_mapping

LEVELS = tuple(ValidationLevel)


class PutEndpoint:
    """Sets an ERP endpoint up, or replaces its set-up; nothing is called.

    New ones release by hand and start today, in the tenant's time zone, unless told otherwise. Credentials are sealed and never
    shown; without any in the request those that are kept stay, unless the server changes: then they must be sent again, so that
    nobody can point them at a server of his own. An authorisation is for adapter, client and server, and is forgotten where one changes.
    """

    def __init__(self, units_of_work: UnitsOfWork, clock: Clock, secrets: Secrets, adapters: ErpAdapters) -> None:
        self._units_of_work = units_of_work
        self._clock = clock
        self._secrets = secrets
        self._adapters = adapters
        self._connect = ConnectEndpoint(adapters, secrets, units_of_work, clock)

    async def __call__(
        self, tenant_id: UUID, actor: str, name: str, draft: EndpointDraft, preset: Preset | None = None, *, add: bool = False
    ) -> tuple[EndpointView, bool]:
        """The endpoint, and True where it was not there before. Raises `Invalid`, or `Conflict` where it is to be added and is there."""
        async with self._units_of_work(tenant_id) as uow:
            await lock_set_up(uow)
            tenant = await uow.tenants.get()
            if tenant is None:
                raise NotFound("there is no such tenant")
            before = await uow.endpoints.get(name)
            if add and before is not None:
                raise there_already("endpoint", name)
            today = self._clock.now().astimezone(ZoneInfo(tenant.time_zone)).date()
            endpoint = draft.settle(name, before, today=today, actor=actor, preset=preset)
            try:
                endpoint = replace(endpoint, credentials=self._credentials(tenant_id, before, endpoint, draft))
                endpoint = replace(endpoint, max_lines=self._checked(tenant_id, endpoint).max_lines)
            except SealedByOther as error:
                fault = Fault(pointer="/credentials", message="must be sent again, since those that are kept do not open any more")
                raise Invalid("the kept credentials cannot be opened", fault) from error
            new = await uow.endpoints.put(endpoint)
            authorisation, forgotten = await self._authorisation(uow, endpoint)
            if before is not None and (before.adapter, before.url) != (endpoint.adapter, endpoint.url):
                await uow.reference_data.forget(name)
            await uow.audit.write(actor, "endpoint.put", name, _told(endpoint, draft) | forgotten)
            await uow.commit()
        if endpoint.delivery == POLL and before is not None and before.delivery != POLL:
            await self._ask_when_it_comes(tenant_id, name)
        return view(self._secrets, tenant_id, endpoint, authorisation), new

    async def _authorisation(self, uow: UnitOfWork, endpoint: Endpoint) -> tuple[Authorisation | None, dict[str, str]]:
        """What it is authorised with, and what the audit log is told. For another adapter, client or server it is void."""
        vendor = self._connect.vendor(uow.tenant_id, endpoint)
        before = await uow.authorisations.get(endpoint.name)
        if vendor is None:
            await uow.authorisations.drop(endpoint.name)
            return None, _forgotten(before)
        renewed = await uow.authorisations.ensure(endpoint.name, vendor.client)
        if renewed:
            await uow.consents.forget(endpoint.name)
        return await uow.authorisations.get(endpoint.name), _forgotten(before) if renewed else {}

    async def _ask_when_it_comes(self, tenant_id: UUID, name: str) -> None:
        """No worker will validate what waits in batches. Once the endpoint is let go: who pauses one has its journals locked."""
        async with self._units_of_work(tenant_id) as uow:
            await ask_for_batches(uow, await uow.batches.waiting_at(name), self._clock.now())
            await uow.commit()

    def _credentials(self, tenant_id: UUID, before: Endpoint | None, endpoint: Endpoint, draft: EndpointDraft) -> bytes | None:
        """Sealed: those that are given, with those that are kept. Raises `Invalid` where some are kept for another server, and
        `SealedByOther`."""
        sealed = None if before is None else before.credentials
        kept = sorted(draft.kept_credentials) if draft.credentials is not None else None
        if before is None or sealed is None or kept == []:
            return self._seal(tenant_id, endpoint.name, draft.credentials or {})
        if endpoint.url and _server(before.url) != _server(endpoint.url):
            pointers = ["/credentials"] if kept is None else [f"/credentials/{each}" for each in kept]
            faults = [Fault(pointer=pointer, message="must be sent again, since the server is another one") for pointer in pointers]
            raise Invalid("the kept credentials are not for this server", *faults)
        if kept is None:
            return sealed
        opened: dict[str, str] = json.loads(self._secrets.open(sealed, credentials_context(tenant_id, endpoint.name)))
        both = {each: opened[each] for each in kept if each in opened} | dict(draft.credentials or {})
        return self._seal(tenant_id, endpoint.name, both)

    def _seal(self, tenant_id: UUID, name: str, credentials: Mapping[str, str]) -> bytes | None:
        if not credentials:
            return None
        return self._secrets.seal(json.dumps(dict(credentials)).encode(), credentials_context(tenant_id, name))

    def _checked(self, tenant_id: UUID, endpoint: Endpoint) -> Capabilities:
        """By our own rules, and by the adapter; what the destination can do as it is set up. An ERP that polls gives its own verdict,
        which reaches every minimum."""
        check_mapping(endpoint.mapping)
        if endpoint.description_template is not None:
            check_template(endpoint.description_template, DAILY_FIELDS if endpoint.grouping == "daily" else TRANSACTION_FIELDS)
        connection = self._connect.connection(tenant_id, endpoint)
        self._adapters.check_settings(endpoint.adapter, connection)
        capabilities = self._adapters.connect(endpoint.adapter, connection).capabilities
        if endpoint.delivery == POLL:
            return capabilities
        highest, wanted = capabilities.highest_validation, endpoint.minimum_validation
        if wanted is not None and LEVELS.index(ValidationLevel(wanted)) > LEVELS.index(highest):
            fault = Fault(pointer="/minimum_validation", message=f"the adapter validates up to {highest}")
            raise Invalid("no journal could ever be valid", fault)
        return capabilities


def _server(url: str) -> str:
    """Scheme, host and port as written: comparing the text leaves nothing to how it is parsed."""
    return "/".join(url.split("/", 3)[:3]).lower()


def _forgotten(before: Authorisation | None) -> dict[str, str]:
    return {} if before is None or before.sealed is None else {"authorisation": "forgotten"}


def _told(endpoint: Endpoint, draft: EndpointDraft) -> dict[str, object]:
    """What the audit log is told."""
    plain = {
        name: getattr(endpoint, name)
        for name in ("adapter", "url", "environment", "delivery", "grouping", "release", "commitments", "minimum_validation")
    }
    plain |= {name: getattr(endpoint, name) for name in ("description_template", "rate_limit_per_minute", "max_concurrency", "paused")}
    return plain | {
        "starts_on": str(endpoint.starts_on),
        "settings": dict(endpoint.settings),
        "mapping": dict(endpoint.mapping),
        "omit": list(endpoint.omit),
        "credentials": "kept" if draft.credentials is None else sorted(draft.credentials),
        **({"credentials_kept": sorted(draft.kept_credentials)} if draft.kept_credentials else {}),
    }
