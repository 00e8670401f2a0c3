"""A journal as ERPNext's Journal Entry. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import ROUND_HALF_EVEN, Decimal

from app.adapters.erp.erpnext.reference_data import Account, Company
from app.adapters.erp.erpnext.settings import ErpNextSettings
from app.adapters.erp.exact_json import Json, as_decimal, as_objects, to_json
from app.domain.delivery import Problem
from app.domain.journal import JournalDocument, JournalLine

FLOAT_DIGITS = 15
"""ERPNext calculates in floats, which keep so many digits."""
RATE = Decimal("1E-9")
"""ERPNext keeps nine decimals of a rate."""
OURS = ("account", "debit", "credit", "debit_in_account_currency", "credit_in_account_currency", "exchange_rate", "user_remark")
FRAPPES = ("name", "idx", "owner", "parent", "parentfield", "parenttype", "doctype", "docstatus", "creation", "modified", "modified_by")
ZERO = Decimal(0)

Row = Mapping[str, Json]


def shape_problems(journal: JournalDocument, settings: ErpNextSettings) -> tuple[Problem, ...]:
    """What ERPNext can certainly not take."""
    return tuple(_shape_problems(journal, settings))


def _shape_problems(journal: JournalDocument, settings: ErpNextSettings) -> Iterator[Problem]:
    if journal.currency != journal.base_currency and not settings.foreign_currency:
        message = f"the endpoint books {journal.base_currency} only, and the journal is in {journal.currency}"
        yield Problem(line=None, code="foreign-currency", message=message)
    for line in journal.lines:
        if max(_digits(line.amount), _digits(line.base_amount)) > FLOAT_DIGITS:
            message = f"ERPNext calculates with {FLOAT_DIGITS} digits, and the line has more"
            yield Problem(line=line.line, code="amount-too-large", message=message)
        if line.tax_code is not None:
            yield Problem(line=line.line, code="tax-code", message="a Journal Entry has no tax codes: take it out of the mapping")
        for name in line.dimensions:
            if not _is_field(name):
                message = f"{name} is no field of a Journal Entry's row: dimensions are named as there, such as cost_center"
                yield Problem(line=line.line, code="unknown-dimension", message=message)


def rate_problems(journal: JournalDocument, accounts: Mapping[str, Account]) -> Iterator[Problem]:
    """Where ERPNext could not come to our base amount: it multiplies an account's own amount by the rate."""
    for line in journal.lines:
        account = accounts.get(line.account_code)
        if account is None or not _in_own_currency(account, journal):
            continue
        rate = _rate(line)
        exact = rate not in (ZERO, Decimal(1)) and _rounded(line.amount * rate, line.base_amount) == line.base_amount
        if not exact:
            message = f"{line.base_amount} {journal.base_currency} is no multiple of {line.amount} {journal.currency} that ERPNext can keep"
            yield Problem(line=line.line, code="rate-not-exact", message=message)


def planned(journals: Sequence[JournalDocument], settings: ErpNextSettings) -> str:
    """What is kept with an attempt: the entries with the codes of their accounts, which are looked up when they are sent."""
    return to_json({"doctype": "Journal Entry", "entries": [_planned(journal, settings) for journal in journals]})


def _planned(journal: JournalDocument, settings: ErpNextSettings) -> Row:
    lines: list[Row] = [
        {
            "account": line.account_code,
            line.side: line.base_amount,
            **({} if journal.currency == journal.base_currency else {f"{line.side}_{journal.currency}": line.amount}),
            **dict(sorted(line.dimensions.items())),
        }
        for line in journal.lines
    ]
    return {**_head(journal, settings), "accounts": lines}


def journal_entry(journal: JournalDocument, accounts: Mapping[str, Account], company: Company, settings: ErpNextSettings) -> Row:
    """The body that creates it. Lines that come to nothing in their account are left out: ERPNext refuses them."""
    rows = [_row(line, accounts[line.account_code], journal, company) for line in journal.lines]
    own = any(_in_own_currency(accounts[line.account_code], journal) for line in journal.lines)
    return {**_head(journal, settings), "multi_currency": int(own), "accounts": [row for row in rows if row is not None]}


def _head(journal: JournalDocument, settings: ErpNextSettings) -> Row:
    """With the standard reference number its date goes along, which ERPNext's own form asks for."""
    day = journal.accounting_date.isoformat()
    dated: Row = {"cheque_date": day} if settings.reference_field == "cheque_no" else {}
    return {
        "voucher_type": "Journal Entry",
        "company": settings.company,
        "posting_date": day,
        "user_remark": journal.description,
        settings.reference_field: journal.reference,
        **dated,
    }


def _row(line: JournalLine, account: Account, journal: JournalDocument, company: Company) -> Row | None:
    own = _in_own_currency(account, journal)
    amount = line.amount if own else line.base_amount
    if not amount and not line.base_amount:
        return None
    words = line.description
    if not own and journal.currency != journal.base_currency:
        words = f"{words} ({line.amount} {journal.currency})".strip()
    row: dict[str, Json] = {
        "account": account.name,
        "debit_in_account_currency": amount if line.side == "debit" else ZERO,
        "credit_in_account_currency": amount if line.side == "credit" else ZERO,
        "exchange_rate": _rate(line) if own else 1,
        "user_remark": words,
    }
    if account.profit_and_loss and company.cost_center:
        row["cost_center"] = company.cost_center
    return row | dict(sorted(line.dimensions.items()))


def holds(doc: Mapping[str, object], wanted: Row, journal: JournalDocument, settings: ErpNextSettings) -> bool:
    """Whether an entry of ERPNext's says what was wanted, its own sums in the base currency included."""
    head = ("company", "posting_date", settings.reference_field)
    rows, ours = as_objects(doc.get("accounts")), as_objects(wanted["accounts"])
    if any(doc.get(name) != wanted[name] for name in head) or len(rows) != len(ours):
        return False
    base = [line for line in journal.lines if line.amount or line.base_amount]
    sums = [(line.base_amount if line.side == "debit" else -line.base_amount) for line in base if line.base_amount]
    return all(map(_same, rows, ours)) and sorted(sums) == sorted(map(_signed, rows))


def _same(row: Mapping[str, object], ours: Row) -> bool:
    amounts = ("debit_in_account_currency", "credit_in_account_currency")
    if any(as_decimal(row.get(name)) != ours[name] for name in amounts):
        return False
    return all(row.get(name) == value for name, value in ours.items() if name not in (*amounts, "exchange_rate", "user_remark"))


def _signed(row: Mapping[str, object]) -> Decimal:
    return (as_decimal(row.get("debit")) or ZERO) - (as_decimal(row.get("credit")) or ZERO)


def _in_own_currency(account: Account, journal: JournalDocument) -> bool:
    return account.currency == journal.currency != journal.base_currency


def _rate(line: JournalLine) -> Decimal:
    return (line.base_amount / line.amount).quantize(RATE) if line.amount else ZERO


def _rounded(value: Decimal, like: Decimal) -> Decimal:
    return value.quantize(like, rounding=ROUND_HALF_EVEN)


def _digits(amount: Decimal) -> int:
    return len(format(amount, "f").replace(".", "").lstrip("0"))


def _is_field(name: str) -> bool:
    return name not in (*OURS, *FRAPPES) and name.isascii() and name.replace("_", "a").isalnum() and name.islower()
