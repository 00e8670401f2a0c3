"""The form of a debtor transaction: what was typed, as the event's data, and what is wrong with it before anybody else looks."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from app.domain.debtors import Option
from app.domain.errors import DebtorTransactionExists, DomainError, Fault, Invalid
from app.domain.events import DebtorKind
from app.web.filled import Filled, marked, refused
from app.web.forms import Form

HEAD = ("kind", "transaction_number", "debtor", "date", "warehouse", "currency", "exchange_rate", "tax")
CELLS = ("description", "amount", "choice")
ROW = ("description", "choice", "amount")
"""What is sent, and the order in which it stands in a row."""
CHOSEN: Mapping[Option, str] = {Option.DISSECT: "gl_interface", Option.GL_DISSECT: "gl_account"}
"""What a line chooses, by the tenant's option."""

FIRST_ROWS, MORE_ROWS, MOST_ROWS = 3, 5, 200
AMOUNT = re.compile(r"\d{1,15}(\.\d{1,6})?|\d{1,3}(,\d{3}){1,4}(\.\d{1,6})?", re.ASCII)
RATE = re.compile(r"\d{1,9}(\.\d{1,12})?", re.ASCII)

Row = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """`rows` as they stand in the form, empty ones too. `entry_id` is the form's own: sent twice, it posts once."""

    entry_id: UUID
    head: Row
    rows: Sequence[Row]

    @property
    def used(self) -> Sequence[tuple[int, Row]]:
        """The rows with anything in them, by where they stand."""
        return [(position, row) for position, row in enumerate(self.rows) if any(row.values())]

    @property
    def values(self) -> Mapping[str, str]:
        """By field, in the order of the form: `lines/0/amount` is a cell."""
        cells = {f"lines/{position}/{name}": row[name] for position, row in enumerate(self.rows) for name in ROW}
        return {name: text for name, text in self.head.items() if name != "tax"} | cells | {"tax": self.head["tax"]}

    def with_rows(self, count: int) -> "Typed":
        empty = [dict.fromkeys(CELLS, "")] * min(max(0, count - len(self.rows)), MOST_ROWS)
        return replace(self, rows=[*self.rows, *empty])

    def data(self, option: Option) -> dict[str, Any]:
        """That of the event. What is empty is left out; an amount may have its thousands apart."""
        key = CHOSEN.get(option)
        given = {name: self.head[name] for name in ("kind", "debtor", "warehouse", "date", "currency", "exchange_rate") if self.head[name]}
        lines = [
            {"description": row["description"], "amount": _plain_amount(row["amount"])} | ({key: row["choice"]} if key else {})
            for _, row in self.used
        ]
        number = {"transaction_number": self.head["transaction_number"]}
        return given | number | {"lines": lines, "tax": _plain_amount(self.head["tax"] or "0")}

    def checked(self, option: Option) -> Filled:
        """The form with what is plainly wrong in it."""
        faults = {name: "is needed" for name in ("transaction_number", "debtor", "date", "currency") if not self.head[name]}
        faults |= {} if _is_day(self.head["date"]) or "date" in faults else {"date": "is not a date"}
        faults |= {} if self.head["kind"] in [*DebtorKind] else {"kind": "choose one"}
        faults |= {} if not self.head["tax"] or AMOUNT.fullmatch(self.head["tax"]) else {"tax": NOT_AN_AMOUNT}
        rate = self.head["exchange_rate"]
        faults |= {} if not rate or RATE.fullmatch(rate) else {"exchange_rate": "is not a rate, like 1.085"}
        for position, row in self.used:
            faults |= {f"lines/{position}/{name}": message for name, message in _row_faults(row, option).items()}
        return marked(self.values, faults, "" if self.used else "enter at least one line with its amount")

    def refused(self, error: DomainError) -> Filled:
        """What the domain says, at the rows and fields that it means."""
        places = [position for position, _ in self.used]
        faults = [Fault(pointer=_in_form(each.pointer.removeprefix("/data"), places), message=each.message) for each in error.faults]
        if isinstance(error, DebtorTransactionExists):
            faults = [Fault(pointer="/transaction_number", message=error.detail)]
        return refused(self.values, type(error)(error.detail, *faults))


NOT_AN_AMOUNT = "is not an amount, like 1250.00"


def blank(today: date, currency: str) -> Typed:
    """A fresh form."""
    head = dict.fromkeys(HEAD, "") | {"kind": "invoice", "date": today.isoformat(), "currency": currency}
    return Typed(entry_id=uuid4(), head=head, rows=()).with_rows(FIRST_ROWS)


def typed(form: Form) -> Typed:
    """Raises `Invalid` where it is none of our forms."""
    try:
        entry_id = UUID(hex=form.text("entry_id"))
    except ValueError:
        raise Invalid("the form is not one of ours: begin a new one") from None
    columns = [[cell.replace("\x00", "").strip() for cell in form.all(name)] for name in CELLS]
    if len({len(column) for column in columns if column}) > 1 or max(map(len, columns)) > MOST_ROWS:
        raise Invalid(f"a form has at most {MOST_ROWS} lines, each with all of its fields")
    count = max(map(len, columns))
    filled_up = [column or [""] * count for column in columns]
    rows = [dict(zip(CELLS, cells, strict=True)) for cells in zip(*filled_up, strict=True)]
    return Typed(entry_id=entry_id, head={name: form.text(name) for name in HEAD}, rows=rows)


def entered(entry_id: UUID, data: Mapping[str, Any]) -> Typed:
    """The form as it was when this was entered."""
    rows = [
        {"description": line["description"], "amount": line["amount"], "choice": line.get("gl_interface") or line.get("gl_account") or ""}
        for line in data["lines"]
    ]
    return Typed(entry_id=entry_id, head={name: data.get(name, "") for name in HEAD}, rows=rows)


def _row_faults(row: Row, option: Option) -> Mapping[str, str]:
    faults = {}
    if not row["amount"]:
        faults["amount"] = "is needed"
    elif not AMOUNT.fullmatch(row["amount"]):
        faults["amount"] = NOT_AN_AMOUNT
    if option in CHOSEN and not row["choice"]:
        faults["choice"] = "choose one"
    return faults


def _in_form(pointer: str, places: Sequence[int]) -> str:
    """A line of the event stands in another row where empty ones were left out; whatever is chosen stands in one column."""
    parts = pointer.strip("/").split("/")
    if parts[0] != "lines" or len(parts) < 2 or not parts[1].isdecimal() or int(parts[1]) >= len(places):
        return pointer
    cell = "choice" if len(parts) > 2 and parts[2] in CHOSEN.values() else "/".join(parts[2:])
    return f"/lines/{places[int(parts[1])]}/{cell}"


def _plain_amount(text: str) -> str:
    return text.replace(",", "") if AMOUNT.fullmatch(text) else text


def _is_day(text: str) -> bool:
    try:
        return bool(date.fromisoformat(text))
    except ValueError:
        return False
