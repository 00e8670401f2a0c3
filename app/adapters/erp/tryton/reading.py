"""Reads from Tryton what a journal needs before it can be a move, and what a test of the endpoint tells."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from app.adapters.erp.tryton import reference_data as data
from app.adapters.erp.tryton.calls import Record, TrytonCalls
from app.adapters.erp.tryton.settings import TrytonSettings
from app.adapters.erp.tryton.values import to_id
from app.adapters.erp.tryton.verdicts import Failed
from app.domain.delivery import Misconfigured, Retryable
from app.domain.journal import JournalDocument

PAGE = 1_000
MAX_PAGES = 1_000

Read = TypeVar("Read")


class Reading:
    """Looks reference data up, live."""

    def __init__(self, calls: TrytonCalls, settings: TrytonSettings) -> None:
        self._calls = calls
        self._settings = settings

    async def for_journals(self, journals: Sequence[JournalDocument]) -> data.ReferenceData | Failed:
        """What these journals name: the accounts of their lines, the periods of their dates, their currencies."""
        company, journal = await self.company(), await self.journal()
        if not isinstance(company, data.Company):
            return company
        if not isinstance(journal, int):
            return journal
        days = sorted({each.accounting_date for each in journals})
        codes = sorted({line.account_code for each in journals for line in each.lines})
        periods = await self.everything("account.period", data.periods_domain(company, days), data.PERIOD_FIELDS, data.read_period)
        accounts = await self.everything(
            "account.account", [*data.of_company(company), ["code", "in", codes]], data.ACCOUNT_FIELDS, data.read_account
        )
        currencies = await self._currencies(sorted({each.currency for each in journals} - {company.currency}))
        if not isinstance(periods, list):
            return periods
        if not isinstance(accounts, list):
            return accounts
        if not isinstance(currencies, dict):
            return currencies
        by_code = {code: [each for each in accounts if each.code == code] for code in codes}
        return data.ReferenceData(company=company, journal=journal, periods=periods, accounts=by_code, currencies=currencies)

    async def company(self) -> data.Company | Failed:
        """The one that the settings name, or the only one that the key's user sees."""
        named = self._settings.company
        domain = [] if named is None else [["party.name", "=", named]]
        found = await self.everything("company.company", domain, data.COMPANY_FIELDS, data.read_company)
        if not isinstance(found, list):
            return found
        if len(found) == 1:
            return found[0]
        if not found:
            return Misconfigured(reason="the ERP shows this key no company" if named is None else f"the ERP has no company {named}")
        return Misconfigured(reason=f"the ERP has {len(found)} companies for this key: name one in settings.company")

    async def journal(self) -> int | Failed:
        """The id of the journal that the settings name by its code."""
        code = self._settings.journal
        found = await self.everything("account.journal", [["code", "=", code]], ("code",), lambda record: to_id(record.get("id")))
        if not isinstance(found, list):
            return found
        return found[0] if len(found) == 1 else Misconfigured(reason=f"the ERP has {len(found)} journals with the code {code}")

    async def chart(self, company: data.Company) -> list[data.Account] | Failed:
        """All accounts that have a code."""
        domain = [*data.of_company(company), ["code", "!=", None]]
        return await self.everything("account.account", domain, data.ACCOUNT_FIELDS, data.read_account)

    async def open_periods(self, company: data.Company) -> list[data.Period] | Failed:
        domain = [*data.of_company(company), ["state", "=", "open"], ["type", "=", "standard"]]
        return await self.everything("account.period", domain, data.PERIOD_FIELDS, data.read_period)

    async def _currencies(self, codes: Sequence[str]) -> dict[str, int] | Failed:
        if not codes:
            return {}
        found = await self.everything("currency.currency", [["code", "in", list(codes)]], ("code",), _currency)
        return dict(found) if isinstance(found, list) else found

    async def everything(
        self, model: str, domain: Sequence[object], fields: Sequence[str], read: Callable[[Record], Read | None]
    ) -> list[Read] | Failed:
        """All records, page by page. One that cannot be read makes the whole unreadable."""
        found: list[Read] = []
        after: int | None = None
        for _ in range(MAX_PAGES):
            page = await self._calls.search(model, domain, fields, after=after, limit=PAGE)
            if not isinstance(page, list):
                return page
            records = [each for record in page if (each := read(record)) is not None]
            if len(records) < len(page):
                return Retryable(reason=f"a record of {model} cannot be read")
            found += records
            if len(page) < PAGE:
                return found
            after = to_id(page[-1].get("id"))
        return Retryable(reason=f"{model} has more than {MAX_PAGES} pages")


def _currency(record: Record) -> tuple[str, int] | None:
    found, code = to_id(record.get("id")), record.get("code")
    return (code, found) if found is not None and isinstance(code, str) else None
