"""The posting manager: which account each role posts to, and the policies. Versioned, with the account codes in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from app.domain.accounts import Account, AccountType
from app.domain.errors import Fault, Invalid, UnknownAccount


class SpreadBasis(StrEnum):
    VALUE = "value"
    QUANTITY = "quantity"
    EQUAL = "equal"


class GrniBalance(StrEnum):
    NON_NEGATIVE = "non_negative"
    SIGNED = "signed"


class CreditReopens(StrEnum):
    ALWAYS = "always"
    AFTER_RETURN = "after_return"


class ClosedPeriod(StrEnum):
    NEXT_OPEN = "next_open"
    REJECT = "reject"


REQUIRED_TYPES = {
    "estimate_account": AccountType.LIABILITY,
    "grni_account": AccountType.LIABILITY,
    "ap_account": AccountType.LIABILITY,
    "shipping_account": AccountType.EXPENSE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PostingManager:
    """One version of the set-up. An account that is None switches its role off (POSTING.md 2)."""

    version: int = 0
    estimate_account: Account | None = None
    grni_account: Account | None = None
    ap_account: Account | None = None
    shipping_account: Account | None = None
    tax_account: Account | None = None
    price_variance_account: Account | None = None
    exchange_difference_account: Account | None = None
    commitment_offset_account: Account | None = None
    charge_spread_basis: SpreadBasis = SpreadBasis.VALUE
    grni_balance: GrniBalance = GrniBalance.NON_NEGATIVE
    credit_reopens: CreditReopens = CreditReopens.ALWAYS
    closed_period: ClosedPeriod = ClosedPeriod.NEXT_OPEN
    cutoff_days: int = 0

    def __post_init__(self) -> None:
        faults = [
            Fault(pointer=f"/{role}", message=f"{account.name} is of type {account.type}, {required} is needed")
            for role, required in REQUIRED_TYPES.items()
            if (account := getattr(self, role)) is not None and account.type != required
        ]
        if faults:
            raise Invalid("Estimate, GRNI and AP are liabilities, shipping is an expense", *faults)

    @property
    def one_account(self) -> bool:
        """Estimate and GRNI share an account: their entries are netted and carry the role estimate."""
        return self.estimate_account is not None and self.estimate_account == self.grni_account


ACCOUNT_ROLES = tuple(name for name in PostingManager.__dataclass_fields__ if name.endswith("_account"))


def roles_of(manager: PostingManager | None, name: str) -> tuple[str, ...]:
    """The roles that an account of this name has."""
    named = {role: getattr(manager, role) for role in ACCOUNT_ROLES} if manager is not None else {}
    return tuple(role for role, account in named.items() if account is not None and account.name == name)


def posting_manager(document: Mapping[str, Any], accounts: Mapping[str, Account], version: int) -> PostingManager:
    """A version from its document, where accounts stand by name. `UnknownAccount` names every account that is not set up."""
    faults = [
        Fault(pointer=f"/{role}", message=f"{name} is not an account, or is not active")
        for role in ACCOUNT_ROLES
        if (name := document.get(role)) is not None and (str(name) not in accounts or not accounts[str(name)].active)
    ]
    if faults:
        raise UnknownAccount("the posting manager names an account that is not set up", *faults)
    named = {role: accounts[str(name)] for role in ACCOUNT_ROLES if (name := document.get(role)) is not None}
    return PostingManager(
        version=version,
        charge_spread_basis=SpreadBasis(document.get("charge_spread_basis", SpreadBasis.VALUE)),
        grni_balance=GrniBalance(document.get("grni_balance", GrniBalance.NON_NEGATIVE)),
        credit_reopens=CreditReopens(document.get("credit_reopens", CreditReopens.ALWAYS)),
        closed_period=ClosedPeriod(document.get("closed_period", ClosedPeriod.NEXT_OPEN)),
        cutoff_days=int(document.get("cutoff_days") or 0),
        **named,
    )
