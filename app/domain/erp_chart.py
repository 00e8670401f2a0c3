"""What an ERP says of its own ledger: the accounts that it posts to."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ErpAccount:
    """An account of an ERP's chart. `code` is what a journal names; `type` is the ERP's own word, None where it tells none."""

    code: str
    name: str = ""
    type: str | None = None
    active: bool = True
