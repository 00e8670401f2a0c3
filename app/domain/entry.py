"""An entry already coded by its source (a club's daily takings, a payroll): balanced, translated, mirrored."""

from collections.abc import Callable, Sequence

from app.domain.accounts import Account
from app.domain.allocation import allocate
from app.domain.errors import Fault, Invalid
from app.domain.events import EntryRecorded
from app.domain.money import Currency, check_size, in_base
from app.domain.ordering import document_rate
from app.domain.transaction import Ledger, Role, TransactionLine

FindAccount = Callable[[str | None, str | None, str], Account]
"""(name, code, pointer) → the account; raises `UnknownAccount`."""


def entry_lines(event: EntryRecorded, base: Currency, find: FindAccount) -> tuple[TransactionLine, ...]:
    """The lines as coded, with base amounts: each side's total translated once and allocated over its lines."""
    accounts = [find(line.account, line.account_code, f"/data/lines/{position}") for position, line in enumerate(event.lines)]
    debits = sum(line.amount for line in event.lines if line.side == "debit")
    credit = sum(line.amount for line in event.lines if line.side == "credit")
    if debits != credit:
        texts = event.currency.to_text(debits), event.currency.to_text(credit)
        message = f"debits are {texts[0]}, credits {texts[1]}"
        raise Invalid(f"the entry does not balance: {message}", Fault(pointer="/data/lines", message=message))
    total = check_size(in_base(debits, document_rate(event.currency, base, event.exchange_rate)))
    bases = [0] * len(event.lines)
    for side in ("debit", "credit"):
        positions = [position for position, line in enumerate(event.lines) if line.side == side]
        shares = allocate(total, [event.lines[position].amount for position in positions])
        for position, share in zip(positions, shares, strict=True):
            bases[position] = share
    return tuple(
        TransactionLine(
            line=position + 1,
            role=Role.ENTRY,
            ledger=Ledger.ACTUAL,
            account=account.name,
            account_code=account.code,
            side=line.side,
            amount=check_size(line.amount),
            base_amount=base_amount,
            description=line.description or event.description,
        )
        for position, (line, account, base_amount) in enumerate(zip(event.lines, accounts, bases, strict=True))
    )


def mirrored(lines: Sequence[TransactionLine]) -> tuple[TransactionLine, ...]:
    """The same accounts and amounts with the sides changed."""
    return tuple(line._replace(side="debit" if line.side == "credit" else "credit") for line in lines)
