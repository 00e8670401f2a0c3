"""Reads from Tryton what a journal needs before it can be a move, and what a test of the endpoint tells."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, TypeVar

from app.adapters.erp.tryton import records
from app.adapters.erp.tryton.calls import Record, TrytonCalls
from app.adapters.erp.tryton.reference_data import ReferenceData
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

    async def for_journals(self, journals: Sequence[JournalDocument]) -> ReferenceData | Failed:
        """What these journals name: the accounts of their lines, the periods of their dates, their currencies and dimensions."""
        company = await self.company()
        if not isinstance(company, records.Company):
            return company
        journal = await self.journal()
        if not isinstance(journal, int):
            return journal
        periods = await self._periods(company, sorted({each.accounting_date for each in journals}))
        if not isinstance(periods, list):
            return periods
        lines = [line for each in journals for line in each.lines]
        codes = sorted({line.account_code for line in lines})
        accounts = await self._accounts(company, codes)
        if not isinstance(accounts, list):
            return accounts
        currencies = await self._currencies(sorted({each.currency for each in journals} - {company.currency}))
        if not isinstance(currencies, list):
            return currencies
        values = await self._values(company, sorted({code for line in lines for code in line.dimensions.values()}))
        if not isinstance(values, list):
            return values
        return ReferenceData(
            company=company,
            journal=journal,
            periods=periods,
            accounts={code: [each for each in accounts if each.code == code] for code in codes},
            currencies=dict(currencies),
            values=values,
        )

    async def company(self) -> records.Company | Failed:
        """The one that the settings name, or the only one that the key's user sees."""
        named = self._settings.company
        domain = [] if named is None else [["party.name", "=", named]]
        found = await self.everything("company.company", domain, records.COMPANY_FIELDS, records.read_company)
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

    async def chart(self, company: records.Company) -> list[records.Account] | Failed:
        """All accounts that have a code."""
        domain = [*records.of_company(company), ["code", "!=", None]]
        return await self.everything("account.account", domain, records.ACCOUNT_FIELDS, records.read_account)

    async def open_periods(self, company: records.Company) -> list[records.Period] | Failed:
        domain = [*records.of_company(company), ["state", "=", "open"], ["type", "=", "standard"]]
        return await self.everything("account.period", domain, records.PERIOD_FIELDS, records.read_period)

    async def dimensions(self, company: records.Company) -> list[str] | Failed:
        """The codes of the analytic roots."""
        domain = [*records.of_company(company), ["type", "=", "root"]]
        return await self.everything("analytic_account.account", domain, ("code",), lambda record: str(record.get("code") or ""))

    async def _periods(self, company: records.Company, days: Sequence[date]) -> list[records.Period] | Failed:
        return await self.everything("account.period", records.periods_domain(company, days), records.PERIOD_FIELDS, records.read_period)

    async def _accounts(self, company: records.Company, codes: Sequence[str]) -> list[records.Account] | Failed:
        domain = [*records.of_company(company), ["code", "in", list(codes)]]
        return await self.everything("account.account", domain, records.ACCOUNT_FIELDS, records.read_account)

    async def _currencies(self, codes: Sequence[str]) -> list[tuple[str, int]] | Failed:
        if not codes:
            return []
        return await self.everything("currency.currency", [["code", "in", list(codes)]], ("code",), records.read_currency)

    async def _values(self, company: records.Company, codes: Sequence[str]) -> list[records.DimensionValue] | Failed:
        """The analytic accounts with these codes, whatever dimension they are of."""
        if not codes:
            return []
        domain = [*records.of_company(company), ["type", "=", "normal"], ["code", "in", list(codes)]]
        return await self.everything("analytic_account.account", domain, records.VALUE_FIELDS, records.read_value)

    async def everything(
        self, model: str, domain: Sequence[Any], fields: Sequence[str], read: Callable[[Record], Read | None]
    ) -> list[Read] | Failed:
        """All records, page by page. One that cannot be read makes the whole unreadable."""
        found: list[Read] = []
        after: int | None = None
        for _ in range(MAX_PAGES):
            page = await self._calls.search(model, domain, fields, after=after, limit=PAGE)
            if not isinstance(page, list):
                return page
            whole = [each for record in page if (each := read(record)) is not None]
            if len(whole) < len(page):
                return Retryable(reason=f"a record of {model} cannot be read")
            found += whole
            if len(page) < PAGE:
                return found
            after = to_id(page[-1].get("id"))
        return Retryable(reason=f"{model} has more than {MAX_PAGES} pages")
