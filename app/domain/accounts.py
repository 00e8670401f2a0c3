"""Accounts of the tenant's chart, and how an order line is split over account codes."""

from dataclasses import dataclass
from enum import StrEnum


class AccountType(StrEnum):
    LIABILITY = "liability"
    EXPENSE = "expense"
    ASSET = "asset"
    EQUITY = "equity"
    INCOME = "income"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An account that postings may name: `name` is Glint's handle, `code` is what the GL knows."""

    name: str
    code: str
    type: AccountType
    active: bool = True


@dataclass(frozen=True, slots=True)
class Coding:
    """The account codes of an order line with their weights (millionths of a percentage or of an amount), in entry order."""

    codes: tuple[str, ...]
    weights: tuple[int, ...]
