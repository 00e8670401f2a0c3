"""Testing an `odoo` endpoint: sign-in, rights, the chart of accounts, and the dates that are open."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from app.adapters.erp.odoo.books import OdooJournal
from app.adapters.erp.odoo.calling import Odoo
from app.adapters.erp.odoo.dialect import Dialect
from app.adapters.erp.odoo.reading import open_books, read_company
from app.adapters.erp.odoo.records import linked_name, record_id, records, text, text_or_none
from app.adapters.erp.odoo.reply import Failed, understood
from app.adapters.erp.odoo.settings import OdooSettings
from app.adapters.erp.outcomes import as_look_up
from app.application.ports.erp import Checked
from app.domain.delivery import Misconfigured, Rejected
from app.domain.erp_chart import ErpAccount
from app.domain.local_validation import OpenPeriod

PAGE = 2_000
RIGHTS = {"create": "create", "write": "change", "unlink": "delete"}


async def check_endpoint(odoo: Odoo, settings: OdooSettings) -> Checked:
    """What could be read, and a sentence for what could not."""
    opened = await open_books(odoo, settings)
    if isinstance(opened, Failed):
        return _unusable(odoo, opened)
    dialect, journal = opened
    problems = [] if journal.active else [f"The journal {journal.code} is archived."]
    accounts = await _read_chart(odoo, dialect, journal)
    company = await read_company(odoo, dialect, journal)
    for what, read in (("The chart of accounts", accounts), ("What is locked", company)):
        if isinstance(read, Failed):
            problems.append(f"{what}: {_why(read)}")
    problems += await _missing_rights(odoo, dialect, journal)
    periods = () if isinstance(company, Failed) else (_open_after(company[1]),)
    return Checked(
        reachable=True,
        signed_in=True,
        accounts=() if isinstance(accounts, Failed) else tuple(accounts),
        open_periods=tuple(period.name for period in periods),
        problems=tuple(problems),
        open_dates=periods,
    )


async def _read_chart(odoo: Odoo, dialect: Dialect, journal: OdooJournal) -> Sequence[ErpAccount] | Failed:
    fields, accounts, after = ["code", "name", dialect.account_type, dialect.account_use], list[ErpAccount](), 0
    while True:
        reply = await odoo.call(
            "account.account",
            "search_read",
            domain=[["id", ">", after]],
            fields=fields,
            order="id",
            limit=PAGE,
            context=journal.with_archived,
        )
        page = understood(reply, lambda value: [(record_id(each["id"]), _account(each, dialect)) for each in records(value)])
        if isinstance(page, Failed):
            return page
        accounts.extend(account for _, account in page if account is not None)
        if len(page) < PAGE:
            return accounts
        after = page[-1][0]


async def _missing_rights(odoo: Odoo, dialect: Dialect, journal: OdooJournal) -> list[str]:
    """Sentences. Deleting is needed for drafts: Odoo lets nobody delete what is posted."""
    lacking = []
    for operation, word in RIGHTS.items():
        about: dict[str, Any] = {"operation": operation, "context": journal.context}
        if dialect.access_method == "has_access":
            reply = await odoo.call("account.move", "has_access", [], **about)
        else:
            reply = await odoo.call("account.move", "check_access_rights", None, raise_exception=False, **about)
        if isinstance(reply, Failed):
            lacking.append(f"The rights of the user: {_why(reply)}")
        elif reply.value is not True:
            lacking.append(f"The user may not {word} journal entries.")
    return lacking


def _account(record: Mapping[str, Any], dialect: Dialect) -> ErpAccount | None:
    """None for one without a code: in Odoo 18 and later an account of another company may have none in this one."""
    code, kind = text_or_none(record["code"]), record[dialect.account_type]
    if code is None:
        return None
    active = (record[dialect.account_use] is True) == dialect.archived_accounts
    return ErpAccount(code=code, name=text(record["name"]), type=text(kind) if isinstance(kind, str) else linked_name(kind), active=active)


def _open_after(locked_until: date | None) -> OpenPeriod:
    if locked_until is None:
        return OpenPeriod(name="all dates", starts_on=date.min, ends_on=date.max)
    return OpenPeriod(name=f"after {locked_until}", starts_on=locked_until + timedelta(days=1), ends_on=date.max)


def _unusable(odoo: Odoo, failed: Failed) -> Checked:
    """Where Odoo itself refused what was asked, it has let the user in."""
    signed_in = failed.told and isinstance(failed.outcome, Misconfigured | Rejected)
    return Checked(reachable=odoo.reached, signed_in=signed_in, accounts=(), open_periods=(), problems=(_why(failed),))


def _why(failed: Failed) -> str:
    return as_look_up(failed.before_anything).reason
