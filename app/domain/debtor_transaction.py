"""What a debtor transaction posts: each line's debtors' side to its record's control account, its amount and its part of the tax to the
other accounts. Exact in both currencies, record by record."""

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from app.domain.accounts import Account
from app.domain.allocation import allocate
from app.domain.dissection import Choice
from app.domain.errors import Fault, Invalid
from app.domain.events import DebtorTransaction
from app.domain.money import check_size, in_base
from app.domain.transaction import DebtorDetails, Ledger, Role, Side, TransactionLine

LONGEST_DESCRIPTION = 500


class _Cell(NamedTuple):
    """What is allocated on its own: what one control account has against one account."""

    control: Account
    role: Role
    account: Account


class _Key(NamedTuple):
    role: Role
    account: Account


class _Posted(NamedTuple):
    key: _Key
    side: Side
    document: int
    base: int


def tax_shares(event: DebtorTransaction) -> tuple[int, ...]:
    """The tax per line, spread by value to the last minor unit."""
    return allocate(event.tax, [line.amount for line in event.lines])


def debtor_lines(event: DebtorTransaction, choices: Sequence[Choice], rate: Fraction) -> tuple[TransactionLine, ...]:
    """The lines to post, those of equal account, role and side summed. `choices`: one per line of the event; `rate`: base minor units
    per document minor unit.

    The whole is translated once and allocated over what each control account has against each other account, so that every record
    balances by itself in both currencies. Raises `Invalid` where there is nothing to post.
    """
    cells = _cells(event, choices)
    if not sum(cells.values()):
        message = "the amounts and the tax are all zero"
        raise Invalid(f"nothing to post: {message}", Fault(pointer="/data/lines", message=message))
    total = check_size(in_base(check_size(sum(cells.values())), rate))
    bases = dict(zip(cells, allocate(total, list(cells.values())), strict=True))
    side = event.kind.debtors_side
    debtors = _summed(cells, bases, lambda cell: _Key(Role.RECEIVABLE, cell.control))
    others = _summed(cells, bases, lambda cell: _Key(cell.role, cell.account))
    last = sorted(others.items(), key=lambda each: each[0].role is Role.TAX)
    posted = [_Posted(key, side, *amounts) for key, amounts in debtors.items()]
    posted += [_Posted(key, _opposite(side), *amounts) for key, amounts in last]
    words = _descriptions(event, choices)
    return tuple(_line(number, each, words, event.debtor) for number, each in enumerate(posted, start=1))


def details(event: DebtorTransaction, choices: Sequence[Choice], warehouse: str | None, sales_territory: str) -> DebtorDetails:
    """What the transaction carries: its records in the order in which its lines take them."""
    records = tuple(dict.fromkeys(record for choice in choices for record in choice.records))
    return DebtorDetails(warehouse=warehouse, sales_territory=sales_territory, gl_interfaces=records)


def contra_role(event: DebtorTransaction) -> Role:
    """Journals adjust, invoices and credit notes are revenue."""
    return Role.ADJUSTMENT if event.kind.is_journal else Role.REVENUE


def _cells(event: DebtorTransaction, choices: Sequence[Choice]) -> dict[_Cell, int]:
    """Document minor units per cell, zeros left out."""
    role, cells = contra_role(event), dict[_Cell, int]()
    for line, choice, tax in zip(event.lines, choices, tax_shares(event), strict=True):
        for cell, amount in ((_Cell(choice.control, role, choice.contra), line.amount), (_Cell(choice.control, Role.TAX, choice.tax), tax)):
            if amount:
                cells[cell] = cells.get(cell, 0) + amount
    return cells


def _summed(cells: Mapping[_Cell, int], bases: Mapping[_Cell, int], key: Callable[[_Cell], _Key]) -> dict[_Key, tuple[int, int]]:
    """Document and base minor units per posted line."""
    found: dict[_Key, tuple[int, int]] = {}
    for cell, amount in cells.items():
        document, base = found.get(key(cell), (0, 0))
        found[key(cell)] = document + amount, base + bases[cell]
    return found


def _descriptions(event: DebtorTransaction, choices: Sequence[Choice]) -> Mapping[Account, str]:
    """Per account that lines go to, what they say, each saying once."""
    said: dict[Account, dict[str, None]] = {}
    for line, choice in zip(event.lines, choices, strict=True):
        if line.description:
            said.setdefault(choice.contra, {})[line.description] = None
    return {account: "; ".join(texts)[:LONGEST_DESCRIPTION] for account, texts in said.items()}


def _opposite(side: Side) -> Side:
    return "credit" if side == "debit" else "debit"


def _line(number: int, posted: _Posted, words: Mapping[Account, str], debtor: str) -> TransactionLine:
    role, account = posted.key
    fixed = {Role.RECEIVABLE: f"Debtor {debtor}", Role.TAX: "Tax"}
    return TransactionLine(
        line=number,
        role=role,
        ledger=Ledger.ACTUAL,
        account=account.name,
        account_code=account.code,
        side=posted.side,
        amount=check_size(posted.document),
        base_amount=check_size(posted.base),
        description=fixed[role] if role in fixed else words.get(account, ""),
    )
