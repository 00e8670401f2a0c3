"""Our trial balance against the ERP's, account by account."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from app.demo.chart import NAMES
from app.demo.client import Client, Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What was posted to an account, in base currency."""

    debit: Decimal = Decimal(0)
    credit: Decimal = Decimal(0)

    @property
    def balance(self) -> Decimal:
        """Debit positive."""
        return self.debit - self.credit


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One account on both sides."""

    code: str
    name: str
    ours: Figures
    theirs: Figures

    @property
    def differs(self) -> bool:
        return self.ours != self.theirs


def trial_balances(client: Client, as_of: str) -> Sequence[Row]:
    """Every account that has postings on either side, by code."""
    ours = client.glint.get("/v1/reports/trial-balance", as_of=as_of)["accounts"]
    theirs = client.erp.get("/trial-balance", as_of=as_of)["balances"]
    return compare(ours, theirs)


def compare(ours: Iterable[Json], theirs: Iterable[Json]) -> Sequence[Row]:
    """The two lists side by side; an account that one of them lacks has nothing there."""
    left, right = _figures(ours), _figures(theirs)
    return [
        Row(code=code, name=NAMES.get(code, ""), ours=left.get(code, Figures()), theirs=right.get(code, Figures()))
        for code in sorted(left | right)
    ]


def _figures(rows: Iterable[Json]) -> dict[str, Figures]:
    return {row["account_code"]: Figures(debit=Decimal(row["debit"]), credit=Decimal(row["credit"])) for row in rows}
