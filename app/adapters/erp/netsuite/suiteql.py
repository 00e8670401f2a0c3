"""The questions that are asked in SuiteQL. Names of tables and columns as in NetSuite's Records Catalog. Pure.

Dates come as text in a form of ours: the format that NetSuite would choose depends on the user's preferences. The service takes no
parameters beside the text: values are quoted here, and what is not quoted is a whole number or a name of this file.
"""
# ruff: noqa: S608

from collections.abc import Collection
from datetime import date

SEGMENTS = {"department": "department", "class": "classification", "location": "location"}
"""The dimensions that every account has, and the tables of their values."""

_LEDGER = (
    "SELECT t.id, t.externalid, t.tranid, t.voided, TO_CHAR(t.trandate, 'YYYY-MM-DD') AS trandate, "
    "TO_CHAR(p.startdate, 'YYYY-MM-DD') AS periodstart, TO_CHAR(p.enddate, 'YYYY-MM-DD') AS periodend, "
    "a.acctnumber, tal.debit, tal.credit "
    "FROM transaction t "
    "INNER JOIN transactionaccountingline tal ON tal.transaction = t.id "
    "INNER JOIN transactionline tl ON tl.transaction = t.id AND tl.id = tal.transactionline "
    "INNER JOIN account a ON a.id = tal.account "
    "LEFT JOIN accountingperiod p ON p.id = t.postingperiod "
    "WHERE tal.posting = 'T' AND tal.accountingbook = {book}"
)
_ORDER = " ORDER BY t.id, tal.transactionline"


def ledger_of(references: Collection[str], book: str) -> str:
    """The posted lines of our journals, by external id."""
    return f"{_LEDGER.format(book=book)} AND t.type = 'Journal' AND t.externalid IN ({_texts(references)}){_ORDER}"


def ledger_on(accounts: Collection[str], since: date, as_of: date, book: str, subsidiary: str | None) -> str:
    """The posted lines on these account numbers, by date, whoever booked them."""
    dates = f"t.trandate >= {_day(since)} AND t.trandate <= {_day(as_of)}"
    of_subsidiary = "" if subsidiary is None else f" AND tl.subsidiary = {subsidiary}"
    return f"{_LEDGER.format(book=book)} AND a.acctnumber IN ({_texts(accounts)}) AND {dates}{of_subsidiary}{_ORDER}"


def accounts(numbers: Collection[str] | None) -> str:
    """These accounts, or all that have a number."""
    which = "acctnumber IS NOT NULL" if numbers is None else f"acctnumber IN ({_texts(numbers)})"
    columns = "id, acctnumber, accountsearchdisplaynamecopy, accttype, isinactive, issummary"
    return f"SELECT {columns} FROM account WHERE {which} ORDER BY id"


def periods(days: Collection[date] | None) -> str:
    """The accounting periods that these days are in, or all; no quarters, years or adjustment periods."""
    columns = "id, periodname, TO_CHAR(startdate, 'YYYY-MM-DD') AS startdate, TO_CHAR(enddate, 'YYYY-MM-DD') AS enddate, closed, alllocked"
    of_days = " OR ".join(f"(startdate <= {_day(day)} AND enddate >= {_day(day)})" for day in sorted(days or ()))
    which = "" if days is None else f" AND ({of_days})"
    return f"SELECT {columns} FROM accountingperiod WHERE isyear = 'F' AND isquarter = 'F' AND isadjust = 'F'{which} ORDER BY startdate"


def currencies(symbols: Collection[str]) -> str:
    return f"SELECT id, symbol FROM currency WHERE symbol IN ({_texts(symbols)}) ORDER BY id"


def subsidiary_currency(subsidiary: str) -> str:
    return f"SELECT s.id, c.symbol FROM subsidiary s INNER JOIN currency c ON c.id = s.currency WHERE s.id = {subsidiary}"


def segment_values(table: str, wanted: Collection[str]) -> str:
    """Values of a segment by their internal id or their name."""
    return f"SELECT id, name, isinactive FROM {table} WHERE name IN ({_texts(wanted)}) OR TO_CHAR(id) IN ({_texts(wanted)}) ORDER BY id"


def _texts(values: Collection[str]) -> str:
    return ", ".join("'" + value.replace("'", "''") + "'" for value in sorted(set(values)))


def _day(day: date) -> str:
    return f"TO_DATE('{day.isoformat()}', 'YYYY-MM-DD')"
