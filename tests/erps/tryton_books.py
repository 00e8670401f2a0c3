"""The books that every Tryton of the tests begins with: a company in NZD, accounts by code, 2026 in months, and a clerk."""

from datetime import date
from decimal import Decimal
from typing import Any

from tests.erps.tryton_client import TrytonClient

ADMIN, ADMIN_PASSWORD = "admin", "tryton-admin-of-tests"
CLERK, CLERK_PASSWORD = "glint", "tryton-clerk-of-tests"
"""The clerk may do what the group Accounting may: read and write moves, and change neither accounts nor periods."""
APPLICATION_KEY = "erp-token-of-the-tryton-clerk"
"""Signs in to the REST API as the clerk."""

COMPANY = "Glint University"
JOURNAL = "MISC"  # one of those that Tryton ships
YEAR = 2026

MODULES = ("account", "analytic_account")

CURRENCIES = {"NZD": 2, "USD": 2, "JPY": 0, "KWD": 3}
"""With their digits; the first is the company's."""

ACCOUNTS = {
    "1000": "Bank",
    "1050": "Card Clearing",
    "1200": "Debtors",
    "1400": "GST Receivable",
    "2100": "Accounts Payable",
    "2110": "Estimate",
    "2120": "GRNI",
    "2200": "GST Payable",
    "4000": "Income",
    "4100": "Equipment",
    "4100-12": "Equipment, Marine Sciences",
    "4100-13": "Equipment, Chemistry",
    "5300": "Shipping",
    "5900": "Price Variance",
    "9999": "Suspense",
}

DIMENSION = "DEPARTMENT"
DEPARTMENTS = {"ADM": "opened", "MAR": "opened", "OLD": "closed"}
"""Below the analytic root of the dimension, with their states."""


def set_up(client: TrytonClient) -> None:
    """Fills a database where nothing but the modules was set up; `client` is signed in as the administrator."""
    currencies = {code: _currency(client, code, digits) for code, digits in CURRENCIES.items()}
    party = client.create("party.party", name=COMPANY)
    company = client.create("company.company", party=party, currency=currencies["NZD"])
    _join(client, ADMIN, company)
    client.context = {"company": company}
    _accounts(client, company)
    _departments(client, company)
    _fiscal_year(client, company)
    groups = [["add", [client.shipped("account", "group_account")]]]
    clerk = client.create("res.user", name="Glint", login=CLERK, password=CLERK_PASSWORD, groups=groups)
    _join(client, CLERK, company)
    client.create("res.user.application", user=clerk, application="rest", key=APPLICATION_KEY)


def _currency(client: TrytonClient, code: str, digits: int) -> int:
    return client.create("currency.currency", name=code, code=code, symbol=code, digits=digits, rounding=Decimal(1).scaleb(-digits))


def _join(client: TrytonClient, login: str, company: int) -> None:
    (user,) = client.read("res.user", [["login", "=", login]])
    client.call("model.res.user.write", [user["id"]], {"companies": [["add", [company]]], "company": company})


def _accounts(client: TrytonClient, company: int) -> None:
    kind = client.create("account.account.type", name="All accounts", company=company, statement="balance", assets=True)
    listed: list[dict[str, Any]] = [{"code": code, "name": name, "type": kind, "company": company} for code, name in ACCOUNTS.items()]
    client.call("model.account.account.create", listed)


def _departments(client: TrytonClient, company: int) -> None:
    root = client.create("analytic_account.account", name="Department", code=DIMENSION, company=company, type="root", state="opened")
    known: dict[str, Any] = {"company": company, "type": "normal", "root": root, "parent": root}
    client.call(
        "model.analytic_account.account.create", [{**known, "name": code, "code": code, "state": DEPARTMENTS[code]} for code in DEPARTMENTS]
    )


def _fiscal_year(client: TrytonClient, company: int) -> None:
    kind = client.shipped("account", "sequence_type_account_move")
    numbers = client.create("ir.sequence.strict", name=f"Moves {YEAR}", sequence_type=kind, company=company)
    year = client.create(
        "account.fiscalyear",
        name=str(YEAR),
        company=company,
        start_date=date(YEAR, 1, 1),
        end_date=date(YEAR, 12, 31),
        move_sequence=numbers,
    )
    client.call("model.account.fiscalyear.create_period", [year])
