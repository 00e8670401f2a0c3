"""Puts new transactions into the journals of the endpoints they are for, and into those endpoints' lanes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from app.application.ports.clock import Ids
from app.application.ports.journals import REFERENCE_MARK, Journal, Member, NewJournal
from app.application.ports.setup import JournalTerms, Tenant
from app.application.ports.transactions import Delivery
from app.application.ports.unit_of_work import UnitOfWork
from app.domain.journal import JournalPart, JournalStatus
from app.domain.journal_description import rendered
from app.domain.money import Amounts
from app.domain.omission import carried_lines, debit_totals, journal_parts, needs_shipping_account, omitted_roles
from app.domain.splitting import split
from app.domain.transaction import AccountTransaction, TransactionLine

GATHERS = timedelta(minutes=15)
"""So long a daily journal gathers at least before it goes by itself: one for a day that is over, or was sent already, too."""

MOST_GATHERED = 1_000
"""A daily journal takes so many transactions. A further one takes what comes after: ERPs are slow or refuse where a journal is huge."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Share:
    """What of a transaction goes into one journal. Where it is more than the ERP takes in one, `group` of those that it is split into."""

    transaction: AccountTransaction
    part: JournalPart
    omit: tuple[str, ...]
    totals: Amounts
    lines: int
    most_lines: int | None = None
    group: int = 1

    @property
    def member(self) -> Member:
        return Member(transaction_id=self.transaction.id, lines=self.lines, totals=self.totals)


async def make_journals(
    uow: UnitOfWork,
    tenant: Tenant,
    endpoints: Sequence[JournalTerms],
    transactions: Sequence[AccountTransaction],
    *,
    opening: bool,
    ids: Ids,
    now: datetime,
) -> Sequence[tuple[UUID, Delivery]]:
    """Where each transaction went, by endpoint. From the day the endpoint starts: a journal per transaction, or one that gathers a day's.
    What the endpoint omits is not in it, and where nothing is left there is none. A transaction with more lines than its ERP takes is
    split into journals that balance each. Those of an opening event count as sent, each on its own."""
    went: list[tuple[UUID, Delivery]] = []
    made: list[NewJournal] = []
    for endpoint in endpoints:
        shares = await _shares(uow, endpoint, [each for each in transactions if each.accounting_date >= endpoint.starts_on])
        wanted = endpoint.release == "automatic"
        gathers = endpoint.grouping == "daily" and not opening
        gathered = [share for share in shares if gathers and share.most_lines is None]
        for group in _by_day(gathered, endpoint.max_lines):
            journal_id = await _gather(uow, tenant, endpoint, group, wanted=wanted, ids=ids, now=now)
            went += [(share.transaction.id, _delivery(endpoint.name, journal_id, JournalStatus.OPEN)) for share in group]
        own = [share for share in shares if not gathers or share.most_lines is not None]
        made += [NewJournal(_journal(endpoint, share, opening=opening, journal_id=ids.new()), share.member, wanted) for share in own]
    if made and opening:
        await uow.journals.add(made, tenant.reference_prefix)
    elif made:
        await uow.dispatch.add(made, tenant.reference_prefix, now)
    went += [(each.member.transaction_id, _delivery(each.journal.endpoint, each.journal.id, each.journal.status)) for each in made]
    return sorted(went, key=lambda each: each[1].endpoint)


async def _shares(uow: UnitOfWork, endpoint: JournalTerms, transactions: Sequence[AccountTransaction]) -> list[_Share]:
    omit = omitted_roles(endpoint.omit, endpoint.commitments)
    asking = [each.id for each in transactions if needs_shipping_account(each.lines, omit)]
    shipping = await uow.journals.shipping_accounts(asking) if asking else {}
    found: list[_Share] = []
    most = endpoint.max_lines
    for transaction in transactions:
        for part in journal_parts(endpoint.commitments):
            lines = carried_lines(transaction.lines, omit=omit, part=part, shipping=shipping.get(transaction.id))
            if lines:
                share = _Share(transaction=transaction, part=part, omit=omit, totals=debit_totals(lines), lines=len(lines))
                found += _split(share, lines, most)
    return found


def _split(share: _Share, lines: Sequence[TransactionLine], most: int | None) -> list[_Share]:
    if most is None or len(lines) <= most:
        return [share]
    groups = split(lines, most)
    return [
        replace(share, totals=debit_totals(group), lines=len(group), most_lines=most, group=number)
        for number, group in enumerate(groups, start=1)
    ]


def _by_day(shares: Sequence[_Share], most_lines: int | None) -> Iterator[list[_Share]]:
    """Those that share a journal, as far as one takes them, always in the same order: events that wait for the same journals never wait
    for each other."""
    groups: dict[tuple[date, str, JournalPart], list[_Share]] = {}
    for share in shares:
        groups.setdefault((share.transaction.accounting_date, share.transaction.currency.code, share.part), []).append(share)
    for key in sorted(groups):
        yield from _filled(groups[key], most_lines)


def _filled(shares: Sequence[_Share], most_lines: int | None) -> Iterator[list[_Share]]:
    """As many as one journal takes, then the next."""
    filled: list[_Share] = []
    lines = 0
    for share in shares:
        if filled and (len(filled) == MOST_GATHERED or (most_lines is not None and lines + share.lines > most_lines)):
            yield filled
            filled, lines = [], 0
        filled.append(share)
        lines += share.lines
    if filled:
        yield filled


async def _gather(
    uow: UnitOfWork, tenant: Tenant, endpoint: JournalTerms, group: Sequence[_Share], *, wanted: bool, ids: Ids, now: datetime
) -> UUID:
    """The journal that took them, which is open then, whatever it was before."""
    journal = _daily_journal(endpoint, group, ids.new())
    members = [share.member for share in group]
    taken_by, before = await uow.journals.gather(
        journal, members, tenant.reference_prefix, most=MOST_GATHERED, most_lines=endpoint.max_lines
    )
    due = _due(journal.accounting_date, tenant.time_zone, now)
    if before is None:
        await uow.dispatch.enqueue(endpoint.name, [(taken_by, journal.lane_key, wanted)], due if wanted else now)
    elif before is JournalStatus.INVALID and wanted:
        await uow.dispatch.want(taken_by, due)
    return taken_by


def _delivery(endpoint: str, journal_id: UUID, status: JournalStatus) -> Delivery:
    return Delivery(endpoint=endpoint, journal_id=journal_id, status=status, erp_reference=None)


def _due(day: date, time_zone: str, now: datetime) -> datetime:
    """When a daily journal goes by itself: once its day is over where the tenant is, and not before it has gathered for a while."""
    next_day = min(day, date.max - timedelta(days=1)) + timedelta(days=1)
    return max(datetime.combine(next_day, time(), ZoneInfo(time_zone)).astimezone(UTC), now + GATHERS)


def _journal(endpoint: JournalTerms, share: _Share, *, opening: bool, journal_id: UUID) -> Journal:
    transaction = share.transaction
    return Journal(
        id=journal_id,
        endpoint=endpoint.name,
        reference="",
        accounting_date=transaction.accounting_date,
        currency=transaction.currency,
        base_currency=transaction.base_currency,
        debit_total=share.totals.document,
        base_debit_total=share.totals.base,
        description=_description(endpoint, transaction),
        lane_key=_lane_key(transaction, journal_id if share.most_lines is None else transaction.id),
        status=JournalStatus.MARKED_AS_SENT if opening else JournalStatus.OPEN,
        reason_code="opening" if opening else None,
        reason="the ERP has it already" if opening else None,
        part=share.part,
        omit=share.omit,
        most_lines=share.most_lines,
        group=share.group,
    )


def _daily_journal(endpoint: JournalTerms, group: Sequence[_Share], journal_id: UUID) -> Journal:
    first = group[0]
    day, currency = first.transaction.accounting_date, first.transaction.currency
    values = {"reference": REFERENCE_MARK, "accounting_date": day.isoformat(), "currency": currency.code}
    return Journal(
        id=journal_id,
        endpoint=endpoint.name,
        reference="",
        accounting_date=day,
        currency=currency,
        base_currency=first.transaction.base_currency,
        debit_total=sum(share.totals.document for share in group),
        base_debit_total=sum(share.totals.base for share in group),
        description=rendered(endpoint.description_template or "Journals of {accounting_date}", values),
        lane_key=_own_lane(journal_id),
        gathering=True,
        part=first.part,
        omit=first.omit,
    )


def _description(endpoint: JournalTerms, transaction: AccountTransaction) -> str:
    """By the endpoint's template; the transaction's own words where there is none, or nothing comes of it."""
    if not endpoint.description_template:
        return transaction.description
    supplier, subject = transaction.supplier, transaction.subject
    values = {
        "description": transaction.description,
        "order_number": subject.number if subject.type == "order" else "",
        "supplier": (supplier.name or supplier.code) if supplier else "",
        "document_number": transaction.document.number,
        "document_date": transaction.document.date.isoformat(),
        "accounting_date": transaction.accounting_date.isoformat(),
        "event_type": transaction.event_type,
        "currency": transaction.currency.code,
        "reference": REFERENCE_MARK,
    }
    return rendered(endpoint.description_template, values).strip() or transaction.description


def _lane_key(transaction: AccountTransaction, own: UUID) -> str:
    """Journals of one order go in order, and so do those that one transaction was split into; the others each have a lane of their own."""
    subject = transaction.subject
    return f"order:{subject.number}" if subject.type == "order" else _own_lane(own)


def _own_lane(journal_id: UUID) -> str:
    return f"journal:{journal_id}"
