"""The shapes that travel. Money is text: a JSON number is refused."""

import re
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator


def _iso_day(value: object) -> object:
    """Only `YYYY-MM-DD`: pydantic alone would take a number for seconds since 1970."""
    if isinstance(value, date) or (isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value)):
        return value
    raise ValueError("must be a date as YYYY-MM-DD")


Text = Annotated[str, StringConstraints(max_length=4000)]
Code = Annotated[str, StringConstraints(min_length=1, max_length=200)]
DimensionName = Annotated[str, StringConstraints(min_length=1, max_length=100)]
Reference = Annotated[str, StringConstraints(min_length=1, max_length=20)]
CurrencyCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
Day = Annotated[date, BeforeValidator(_iso_day)]
Money = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,15}(\.[0-9]{1,6})?$")]


class Message(BaseModel):
    """Unknown fields are refused: a misspelt one would be lost silently."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Line(Message):
    """`amount` in the journal's currency, `base_amount` in its base currency; `side` gives the direction."""

    line: Annotated[int, Field(ge=1, strict=True)]
    account_code: Code
    side: Literal["debit", "credit"]
    amount: Money
    base_amount: Money
    charge_code: Code | None = None
    role: Text | None = None
    ledger: Text = "actual"
    description: Text = ""
    dimensions: Annotated[dict[DimensionName, Code], Field(max_length=20)] = {}
    tax_code: Code | None = None


class Journal(Message):
    """As it is sent. `reference` is the sender's and unique for ever."""

    reference: Reference
    accounting_date: Day
    currency: CurrencyCode
    base_currency: CurrencyCode
    description: Text = ""
    lines: Annotated[list[Line], Field(max_length=100_000)]


class Journals(Message):
    """The body of a validation and of a booking."""

    journals: Annotated[list[Journal], Field(min_length=1, max_length=500)]


class Problem(Message):
    """`line` is the sender's line number, None where it is about the whole journal."""

    line: int | None
    code: str
    message: str
    severity: Literal["error", "warning"] = "error"


class Verdict(Message):
    """What would become of a journal."""

    reference: str
    result: Literal["valid", "invalid"]
    problems: list[Problem]


class Booking(Message):
    """What became of a journal. `duplicate`: the same reference and content was booked before, under this number."""

    reference: str
    result: Literal["booked", "rejected", "duplicate"]
    number: str | None = None
    problems: list[Problem] = []


class BookedJournal(Journal):
    """A journal as it stands in the ledger."""

    number: str
    status: Literal["booked"] = "booked"


class BookedJournals(Message):
    """A page of them; `next` is where the rest begins, null at the end."""

    journals: list[BookedJournal]
    next: str | None


class AccountBody(Message):
    """An account but for its code."""

    name: Text
    type: Literal["asset", "liability", "equity", "income", "expense"]
    active: bool = True


class Account(AccountBody):
    code: Code


class Accounts(Message):
    accounts: Annotated[list[Account], Field(max_length=100_000)]


class PeriodBody(Message):
    """Both days inclusive."""

    starts_on: Day
    ends_on: Day
    status: Literal["open", "closed"] = "open"

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.ends_on < self.starts_on:
            raise ValueError("ends_on must not be before starts_on")
        return self


class Period(PeriodBody):
    period: Code


class Balance(Message):
    """Of one account in one currency. `balance` = debit − credit."""

    account_code: str
    currency: str
    debit: str
    credit: str
    balance: str


class TrialBalance(Message):
    """`balances` in base currency, `by_currency` in the currency of the documents."""

    as_of: date | None
    balances: list[Balance]
    by_currency: list[Balance]
