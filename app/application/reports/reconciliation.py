"""Our delivered balances per ERP account against the ERP's own."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

from app.application.connect_endpoint import ConnectEndpoint
from app.application.mapped import mapped
from app.application.ports.clock import Clock
from app.application.ports.currencies import Currencies
from app.application.ports.erp import ErpConnection
from app.application.ports.journals import Journal
from app.application.ports.secrecy import SealedByOther
from app.application.ports.setup import Endpoint
from app.application.ports.unit_of_work import UnitOfWork, UnitsOfWork
from app.domain.delivery import CannotTell
from app.domain.errors import Conflict, ErpDidNotAnswer, Fault, Invalid, NotFound
from app.domain.journal import JournalDocument, JournalStatus
from app.domain.money import Currency
from app.domain.reconciliation import Delivered, Reconciliation, delivered_amounts, reconcile

PAGE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconciliationReport:
    """Posting dates from `since` to `as_of`, both included. `journals` are the ids of ours by reference, of those that are traced."""

    endpoint: str
    since: date
    as_of: date
    base: Currency
    found: Reconciliation
    journals: Mapping[str, UUID]


@dataclass(slots=True)
class _Ours:
    """What was delivered, as it is read."""

    delivered: list[Delivered]
    ids: dict[str, UUID]


class ReconciliationOf:
    """Reads what was delivered, then the ERP's ledger on the accounts that it went to, and compares them journal by journal. Posts
    nothing, here or there.

    Accounts are those of today's mapping. What a person marked as not required, or was loaded as opening, was never delivered.
    """

    def __init__(self, units_of_work: UnitsOfWork, currencies: Currencies, clock: Clock, connect: ConnectEndpoint) -> None:
        self._units_of_work = units_of_work
        self._currencies = currencies
        self._clock = clock
        self._connect = connect

    async def __call__(self, tenant_id: UUID, name: str, *, since: date | None = None, as_of: date | None = None) -> ReconciliationReport:
        """From the endpoint's start to today unless told. Raises `NotFound`, `Conflict` for an endpoint that cannot be called, or
        `ErpDidNotAnswer` where the ERP's ledger cannot be read."""
        async with self._units_of_work(tenant_id, snapshot=True) as uow:
            endpoint = await _callable(uow, name)
            base, today = await self._books(uow)
            first, last = since or endpoint.starts_on, as_of or today
            if first > last:
                raise Invalid("from is after as_of", Fault(pointer="/query/from", message=f"must not be after {last}"))
            ours = await _read(uow, endpoint, first, last)
        accounts = {code for each in ours.delivered for code in each.amounts}
        entries = await self._open(tenant_id, endpoint).entries(accounts, first, last) if accounts else ()
        if isinstance(entries, CannotTell):
            raise ErpDidNotAnswer(f"the ledger of {name} cannot be read: {entries.reason}")
        others = {entry.reference for entry in entries if entry.reference is not None} - ours.ids.keys()
        async with self._units_of_work(tenant_id) as uow:
            statuses = await uow.delivered.statuses(name, others)
        later = {reference for reference, status in statuses.items() if status is JournalStatus.SENT}
        found = reconcile(
            ours.delivered,
            [entry for entry in entries if entry.reference not in later],
            unsent=frozenset(reference for reference in statuses if reference not in later),
        )
        traced = {each.reference for each in found.traced}
        ids = {reference: journal_id for reference, journal_id in ours.ids.items() if reference in traced}
        return ReconciliationReport(endpoint=name, since=first, as_of=last, base=base, found=found, journals=ids)

    async def _books(self, uow: UnitOfWork) -> tuple[Currency, date]:
        tenant = await uow.tenants.get()
        base = self._currencies.get(tenant.base_currency) if tenant else None
        if tenant is None or base is None:
            raise NotFound("there is no such tenant")
        return base, self._clock.now().astimezone(ZoneInfo(tenant.time_zone)).date()

    def _open(self, tenant_id: UUID, endpoint: Endpoint) -> ErpConnection:
        try:
            return self._connect(tenant_id, endpoint)
        except SealedByOther as error:
            raise Conflict(f"the credentials of {endpoint.name} cannot be opened any more: send them again") from error


async def _callable(uow: UnitOfWork, name: str) -> Endpoint:
    endpoint = await uow.endpoints.get(name)
    if endpoint is None:
        raise NotFound(f"there is no endpoint {name}")
    if endpoint.delivery == "poll":
        raise Conflict(f"{name} is polled by the ERP: there is nothing to call")
    return endpoint


async def _read(uow: UnitOfWork, endpoint: Endpoint, since: date, as_of: date) -> _Ours:
    ours, place = _Ours([], {}), 0
    while journals := await uow.delivered.page(endpoint.name, since, as_of, place, PAGE):
        documents = await uow.journals.documents(journals)
        for journal in journals:
            ours.delivered.append(_delivered(journal, mapped(endpoint, documents[journal.id]).document))
            ours.ids[journal.reference] = journal.id
        place = journals[-1].sequence
    return ours


def _delivered(journal: Journal, document: JournalDocument) -> Delivered:
    return Delivered(
        reference=journal.reference,
        number=journal.number,
        accounting_date=document.accounting_date,
        amounts=delivered_amounts(document),
        by_hand=journal.status is JournalStatus.MARKED_AS_SENT,
    )
