"""What Odoo's versions call differently. Pure."""

from dataclasses import dataclass
from typing import Literal

OLDEST, JSON_2_SINCE = 14, 19


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """One version's words.

    `archived_accounts`: an account that is out of use has `active` false, else `deprecated` true. `lock_fields` of the company are the
    dates up to which this user cannot post. `signed_balance`: a line takes its amount as `balance`, else as `debit` or `credit`.
    `rich_notes`: an entry's note is HTML. `analytic`: a line takes one analytic account, one of each plan, or any set of them.
    `access_method` says whether the user may create, change or delete.
    """

    archived_accounts: bool
    account_type: str
    lock_fields: tuple[str, ...]
    signed_balance: bool
    rich_notes: bool
    analytic: Literal["one", "each", "set"]
    access_method: str

    @property
    def account_use(self) -> str:
        return "active" if self.archived_accounts else "deprecated"


def dialect_of(version: int) -> Dialect:
    """The words of a major version, 14 or later."""
    return Dialect(
        archived_accounts=version >= 19,
        account_type="account_type" if version >= 16 else "user_type_id",
        lock_fields=("user_fiscalyear_lock_date", "user_hard_lock_date") if version >= 18 else ("fiscalyear_lock_date", "period_lock_date"),
        signed_balance=version >= 16,
        rich_notes=version >= 15,
        analytic="set" if version >= 17 else "each" if version == 16 else "one",
        access_method="has_access" if version >= 18 else "check_access_rights",
    )
