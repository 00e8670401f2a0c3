"""QuickBooks' ledger read back from its General Ledger report: all that is booked, by whatever it came. Pure.

https://developer.intuit.com/app/developer/qbo/docs/api/accounting/report-entities/generalledger: rows nest by account; a column is known
by the `ColKey` of its metadata, never by its place; where several currencies are used, the columns of the home currency have other
names, and asking for the wrong ones gives none.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from app.adapters.erp.answers import HttpAnswer
from app.adapters.erp.exact_json import as_decimal, as_object, as_objects, as_text, read_json
from app.adapters.erp.quickbooks.company import read_day
from app.adapters.erp.quickbooks.payload import MINOR_VERSION
from app.domain.booked import BookedEntry
from app.domain.journal import REFERENCE_MAX

MAX_REPORT_BYTES = 50_000_000
_PLAIN, _HOME = ("debt_amt", "credit_amt"), ("debt_home_amt", "credit_home_amt")
_MOST_NESTED = 50

Row = Mapping[str, Any]


def report_path(ids: Collection[str], since: date, as_of: date, *, multi_currency: bool) -> str:
    """Of these accounts between these dates, both included; on accrual, whatever the company's preference is."""
    columns = ("tx_date", "txn_type", "doc_num", "account_name", *(_HOME if multi_currency else _PLAIN))
    asked = {
        "start_date": since.isoformat(),
        "end_date": as_of.isoformat(),
        "account": ",".join(sorted(ids)),
        "accounting_method": "Accrual",
        "columns": ",".join(columns),
    }
    return f"/reports/GeneralLedger?{urlencode(asked)}&{MINOR_VERSION}"


def read_report(answer: HttpAnswer, codes: Mapping[str, str], *, multi_currency: bool) -> list[BookedEntry] | None:
    """The lines of the accounts in `codes` (ours by id). None where the report is not as asked for, or a line of it cannot be read."""
    report = as_object(read_json(answer))
    places = _places(report)
    wanted = ("tx_date", "txn_type", "doc_num", *(_HOME if multi_currency else _PLAIN))
    if not places.keys() >= set(wanted):
        return None
    found = []
    for account, cells in _data(as_object(report.get("Rows")), "", 0):
        by_name = {name: cells[place] for name, place in places.items() if place < len(cells)}
        number = as_text(by_name.get("txn_type", {}).get("id"))
        if not number:  # a balance carried forward
            continue
        code = codes.get(as_text(by_name.get("account_name", {}).get("id")) or account)
        entry = _entry(number, code, [by_name.get(name, {}) for name in (wanted[0], wanted[2], wanted[3], wanted[4])])
        if entry is None:
            return None
        if code is not None:
            found.append(entry)
    return found


def _entry(number: str, code: str | None, cells: Sequence[Row]) -> BookedEntry | None:
    day, debit, credit = read_day(cells[0].get("value")), _amount(cells[2]), _amount(cells[3])
    if day is None or debit is None or credit is None:
        return None
    reference = as_text(cells[1].get("value"))
    return BookedEntry(
        reference=reference if 0 < len(reference) <= REFERENCE_MAX else None,
        number=number,
        accounting_date=day,
        account_code=code or "",
        amount=debit - credit,
    )


def _amount(cell: Row) -> Decimal | None:
    """An empty cell is nothing on that side."""
    text = as_text(cell.get("value")).replace(",", "")
    return as_decimal(text) if text else Decimal(0)


def _places(report: Row) -> dict[str, int]:
    columns = as_objects(as_object(report.get("Columns")).get("Column"))
    keys = [
        [as_text(each.get("Value")) for each in as_objects(column.get("MetaData")) if each.get("Name") == "ColKey"] for column in columns
    ]
    return {key[0]: place for place, key in enumerate(keys) if key}


def _data(rows: Row, account: str, depth: int) -> Iterator[tuple[str, list[Row]]]:
    """The data rows with the id of the account whose section they stand in."""
    if depth > _MOST_NESTED:
        return
    for row in as_objects(rows.get("Row")):
        cells = as_objects(row.get("ColData"))
        if cells:
            yield account, [*cells]
        header = as_objects(as_object(row.get("Header")).get("ColData"))
        inner = as_text(header[0].get("id")) if header else ""
        yield from _data(as_object(row.get("Rows")), inner or account, depth + 1)
