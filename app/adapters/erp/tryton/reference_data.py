"""What stands against a journal by what Tryton tells of itself at that moment. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from app.adapters.erp.tryton.moves import Ids
from app.adapters.erp.tryton.records import Account, Company, DimensionValue, Period
from app.domain.delivery import Problem
from app.domain.journal import JournalDocument, JournalLine


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceData:
    """What was read for some journals."""

    company: Company
    journal: int
    periods: Sequence[Period]
    accounts: Mapping[str, Sequence[Account]]
    currencies: Mapping[str, int]
    values: Sequence[DimensionValue]

    def problems(self, document: JournalDocument) -> tuple[Problem, ...]:
        """What stands against this journal, line by line where it can be said."""
        return (*self._of_the_whole(document), *(found for line in document.lines for found in self._of_a_line(document, line)))

    def ids(self, document: JournalDocument) -> Ids:
        """For a journal without problems."""
        period = self._period(document.accounting_date)
        assert period is not None  # noqa: S101 - said by problems()
        return Ids(
            company=self.company.id,
            journal=self.journal,
            period=period.id,
            accounts={code: found[0].id for code, found in self.accounts.items() if found},
            currencies=self.currencies,
            dimensions={(value.dimension, value.code): value.id for value in self.values},
        )

    def _period(self, day: date) -> Period | None:
        return next((period for period in self.periods if period.starts_on <= day <= period.ends_on), None)

    def _of_the_whole(self, document: JournalDocument) -> Iterator[Problem]:
        if document.base_currency != self.company.currency:
            message = f"{self.company.name} keeps its books in {self.company.currency}, not in {document.base_currency}"
            yield Problem(line=None, code="other-base-currency", message=message)
        if document.currency != document.base_currency and document.currency not in self.currencies:
            yield Problem(line=None, code="unknown-currency", message=f"the ERP does not know the currency {document.currency}")
        period = self._period(document.accounting_date)
        if period is None:
            yield Problem(line=None, code="period-closed", message=f"{document.accounting_date} lies in no period of the ERP")
        elif not period.is_open:
            message = f"{document.accounting_date} lies in period {period.name}, which is closed in the ERP"
            yield Problem(line=None, code="period-closed", message=message)

    def _of_a_line(self, document: JournalDocument, line: JournalLine) -> Iterator[Problem]:
        found = self.accounts.get(line.account_code, ())
        if not found:
            yield Problem(line=line.line, code="unknown-account", message=f"{line.account_code} is not in the ERP's chart of accounts")
            return
        if len(found) > 1:
            yield Problem(line=line.line, code="ambiguous-account", message=f"the ERP has {len(found)} accounts {line.account_code}")
            return
        yield from _of_an_account(found[0], document, line)
        for dimension, code in line.dimensions.items():
            values = [value for value in self.values if (value.dimension, value.code) == (dimension, code)]
            if len(values) != 1 or values[0].closed:
                said = "is closed" if values and values[0].closed else f"stands for {len(values)} analytic accounts"
                message = f"{code} {said} below the analytic root {dimension} of the ERP"
                yield Problem(line=line.line, code="unknown-dimension-value", message=message)


def _of_an_account(account: Account, document: JournalDocument, line: JournalLine) -> Iterator[Problem]:
    def problem(code: str, message: str) -> Problem:
        return Problem(line=line.line, code=code, message=f"account {account.code} {message}")

    day = document.accounting_date
    if account.type is None:
        yield problem("account-not-postable", "only groups others in the ERP: it has no type")
    if account.closed:
        yield problem("inactive-account", "is closed in the ERP")
    if (account.starts_on is not None and day < account.starts_on) or (account.ends_on is not None and day > account.ends_on):
        yield problem("inactive-account", f"is not in use in the ERP on {day}")
    if account.party_required:
        yield problem("party-required", "asks for a party on each line, as accounts of suppliers and customers do: use a clearing account")
    if account.second_currency not in (None, document.currency):
        yield problem("other-account-currency", f"is kept in {account.second_currency} in the ERP")
