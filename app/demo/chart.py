"""The accounts of the demo: those that Glint posts to by name, and the codes of the order lines, which only the ERP knows."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An account of the ERP. `name` is also its name in Glint, where it is one of `ACCOUNTS`."""

    code: str
    name: str
    type: str


def _account(code: str, name: str, kind: str) -> Account:
    return Account(code=code, name=name, type=kind)


ACCOUNTS = (
    _account("1000", "Bank", "asset"),
    _account("1010", "Cash", "asset"),
    _account("1050", "Card Clearing", "asset"),
    _account("1200", "Trade Debtors", "asset"),
    _account("1210", "Trade Debtors, Overseas", "asset"),
    _account("1400", "GST Receivable", "asset"),
    _account("2100", "Accounts Payable", "liability"),
    _account("2110", "Estimate", "liability"),
    _account("2120", "GRNI", "liability"),
    _account("2200", "GST Payable", "liability"),
    _account("3200", "Memberships", "income"),
    _account("4010", "Sales", "income"),
    _account("4020", "Sales, Overseas", "income"),
    _account("4050", "Laboratory Services", "income"),
    _account("4090", "Debtors Journals", "income"),
    _account("5300", "Shipping", "expense"),
    _account("5700", "Card Fees", "expense"),
    _account("5900", "Price Variance", "expense"),
)

CHARGE_CODES = (
    _account("4100-12", "Equipment, Marine Sciences", "expense"),
    _account("4100-27", "Equipment, Field Station", "expense"),
    _account("4100-31", "Equipment, Geography", "expense"),
    _account("4100-44", "Equipment, Antarctic Progr.", "expense"),
    _account("4150-12", "Sampling, Marine Sciences", "expense"),
    _account("4150-31", "Sampling, Geography", "expense"),
)

NAMES = {account.code: account.name for account in (*ACCOUNTS, *CHARGE_CODES)}
