"""What the ledger screen is asked for: which account, which days, and whose lines. What is wrong is told at its field."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Annotated
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import Depends, Query

from app.application.people.resume_session import SignedIn
from app.application.ports.clock import Clock
from app.application.ports.reports import Narrowing, Selector
from app.domain.transaction import Subject
from app.web.filled import Filled, marked

Text = Annotated[str, Query(max_length=100)]
EARLIEST, LATEST = date(1900, 1, 1), date(9999, 12, 30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The fields as they were typed. `date_from` None: it was not in the address at all."""

    account: str
    charge_code: str
    date_from: str | None
    date_to: str
    order: str
    debtor: str
    journal: str

    @property
    def values(self) -> Mapping[str, str]:
        """By field, in the order of the form."""
        return {
            "account": self.account,
            "from": self.date_from or "",
            "to": self.date_to,
            "charge_code": self.charge_code,
            "order": self.order,
            "debtor": self.debtor,
            "journal": self.journal,
        }

    def address(self, path: str) -> str:
        """A path that asks for the same."""
        return f"{path}?{urlencode({name: value for name, value in self.values.items() if value or name == 'from'})}"

    def from_last_month(self, person: SignedIn, clock: Clock) -> "Asked":
        """Where no first day was said, the ledger begins with the last month; that of an order or a journal is short, and whole."""
        if self.date_from is not None or self.order or self.journal:
            return self
        today = clock.now().astimezone(ZoneInfo(person.time_zone)).date()
        first = (today.replace(day=1) - timedelta(days=1)).replace(day=1)
        return replace(self, date_from=first.isoformat())


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The same, read. `filled` is the form with what is wrong in it; where anything is, nothing is looked for. `selector` None: no account
    yet."""

    selector: Selector | None
    narrowed: Narrowing
    date_from: date | None
    date_to: date | None
    filled: Filled


async def _asked(
    account: Text = "",
    charge_code: Text = "",
    date_from: Annotated[str | None, Query(alias="from", max_length=10)] = None,
    date_to: Annotated[str, Query(alias="to", max_length=10)] = "",
    order: Text = "",
    debtor: Text = "",
    journal: Text = "",
) -> Asked:
    return Asked(
        account=account.strip(),
        charge_code=charge_code.strip(),
        date_from=None if date_from is None else date_from.strip(),
        date_to=date_to.strip(),
        order=order.strip(),
        debtor=debtor.strip(),
        journal=journal.strip(),
    )


AskedQuery = Annotated[Asked, Depends(_asked)]


def read(asked: Asked) -> Wanted:
    """Everything that can be told at once is told at once."""
    faults: dict[str, str] = {}
    first, last = _day(asked.date_from or "", "from", faults), _day(asked.date_to, "to", faults)
    if first and last and first > last:
        faults["to"] = "it is before the first day"
    if asked.order and asked.debtor:
        faults["debtor"] = "a line is of an order or of a debtor: leave one of them empty"
    if not asked.account and (asked.charge_code or asked.order or asked.debtor or asked.journal):
        faults["account"] = "name the account whose lines you want"
    subject = Subject(type="order", number=asked.order) if asked.order else Subject(type="debtor", number=asked.debtor)
    return Wanted(
        selector=Selector(kind="account_code", value=asked.account) if asked.account else None,
        narrowed=Narrowing(
            charge_code=asked.charge_code or None,
            subject=subject if subject.number else None,
            journal=asked.journal or None,
        ),
        date_from=first,
        date_to=last,
        filled=marked(asked.values, faults),
    )


def _day(text: str, field: str, faults: dict[str, str]) -> date | None:
    if not text:
        return None
    try:
        found = date.fromisoformat(text)
    except ValueError:
        faults[field] = f"“{text}” is not a date: write 2026-11-30"
        return None
    if not EARLIEST <= found <= LATEST:
        faults[field] = "there are no books for that year"
        return None
    return found
