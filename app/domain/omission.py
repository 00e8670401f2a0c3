"""What of a transaction's lines a journal carries: an endpoint leaves accounts out, or takes commitments apart.

A journal without an account is what it would be had the account never been set up (POSTING.md 2): the account's lines are folded into
the expense of their charge code, those without a charge code into shipping. They only change their account, so what is left balances
as the transaction did.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import NamedTuple

from app.domain.journal import JournalPart
from app.domain.money import Amounts
from app.domain.targets import BalanceKey
from app.domain.transaction import Ledger, Role, TransactionLine

OMITTABLE = (Role.ESTIMATE, Role.GRNI, Role.AP)
_GOES_WITH = {Role.AP: (Role.TAX, Role.PRICE_VARIANCE, Role.EXCHANGE_DIFFERENCE)}
_NOT_PROCUREMENT = frozenset({Role.ENTRY, Role.RECEIVABLE, Role.REVENUE})
"""Who has lines of these roles is an entry or a debtor's transaction: nothing in it is ever folded."""


class ShippingAccount(NamedTuple):
    """The account that shipping is posted to, by name and code."""

    account: str | None
    account_code: str


def omitted_roles(omit: Collection[str], commitments: str) -> tuple[str, ...]:
    """What an endpoint leaves out, in one order. To omit the commitments is to omit the Estimate."""
    wanted = {*omit, Role.ESTIMATE} if commitments == "omit" else set(omit)
    return tuple(str(role) for role in OMITTABLE if role in wanted)


def journal_parts(commitments: str) -> tuple[JournalPart, ...]:
    """The journals that a transaction may become. Where commitments go in one of their own, the other is called `actual` even if a
    transaction has none, so that a day has one journal of each kind."""
    return (JournalPart.ACTUAL, JournalPart.COMMITMENT) if commitments == "separate_journal" else (JournalPart.ALL,)


def shipping_account(lines: Iterable[TransactionLine]) -> ShippingAccount | None:
    """Where these lines post shipping, the last of them deciding; None where none of them does."""
    found = None
    for line in lines:
        if line.role is Role.SHIPPING:
            found = ShippingAccount(line.account, line.account_code)
    return found


def needs_shipping_account(lines: Sequence[TransactionLine], omit: Collection[str]) -> bool:
    """Whether something folds into shipping and these lines do not say where that is: the order's earlier ones do."""
    gone = _gone(lines, omit)
    folded = any(line.charge_code is None and line.role in gone and line.ledger is Ledger.ACTUAL for line in lines)
    return folded and shipping_account(lines) is None


def carried_lines(
    lines: Sequence[TransactionLine], *, omit: Collection[str], part: JournalPart, shipping: ShippingAccount | None = None
) -> tuple[TransactionLine, ...]:
    """The lines of one transaction that a journal of this part carries without these roles; none = it is not for that journal.

    `shipping` is asked where `needs_shipping_account`; lines that have nowhere to fold to stay. Where an order moves to another
    shipping account, what it was invoiced moves with it.
    """
    gone = _gone(lines, omit)
    kept = [line for line in lines if _is_of(part, line) and not (Role.ESTIMATE in gone and line.ledger is Ledger.COMMITMENT)]
    if not gone:
        return tuple(kept)
    place = shipping_account(lines) or shipping
    folded: set[BalanceKey] = set()
    groups: dict[BalanceKey, list[TransactionLine]] = {}
    for line in kept:
        target = _folds_into(line, place) if line.role in gone else None
        if target is not None:
            folded.add(target)
        groups.setdefault(target or _key(line), []).append(line)
    made = [line for key, group in groups.items() for line in (_summed(key, group) if key in folded else group)]
    return tuple(line._replace(line=number) for number, line in enumerate(made, start=1))


def debit_totals(lines: Iterable[TransactionLine]) -> Amounts:
    """What is debited, in document and base minor units."""
    document = base = 0
    for line in lines:
        if line.side == "debit":
            document += line.amount
            base += line.base_amount
    return Amounts(document, base)


def _gone(lines: Iterable[TransactionLine], omit: Collection[str]) -> frozenset[Role]:
    if not omit or any(line.role in _NOT_PROCUREMENT for line in lines):
        return frozenset()
    roles = [role for role in OMITTABLE if role in omit]
    return frozenset(roles).union(*(_GOES_WITH.get(role, ()) for role in roles))


def _is_of(part: JournalPart, line: TransactionLine) -> bool:
    return part is JournalPart.ALL or (part is JournalPart.COMMITMENT) == (line.ledger is Ledger.COMMITMENT)


def _key(line: TransactionLine) -> BalanceKey:
    return BalanceKey(line.order_line, line.role, line.ledger, line.account, line.account_code, line.charge_code)


def _folds_into(line: TransactionLine, shipping: ShippingAccount | None) -> BalanceKey | None:
    code = line.charge_code
    if code is not None:
        return BalanceKey(line.order_line, Role.EXPENSE, Ledger.ACTUAL, None, code, code)
    return None if shipping is None else BalanceKey(None, Role.SHIPPING, Ledger.ACTUAL, *shipping, None)


def _summed(key: BalanceKey, group: Sequence[TransactionLine]) -> Iterator[TransactionLine]:
    """One line, none where nothing is left, two where the document and the base amount have opposite signs."""
    signed = [(1 if line.side == "debit" else -1, line) for line in group]
    document, base = sum(sign * line.amount for sign, line in signed), sum(sign * line.base_amount for sign, line in signed)
    for amounts in (Amounts(document, 0), Amounts(0, base)) if document * base < 0 else (Amounts(document, base),):
        if amounts.document or amounts.base:
            yield TransactionLine(
                line=0,
                role=key.role,
                ledger=key.ledger,
                account=key.account,
                account_code=key.account_code,
                side="debit" if (amounts.document or amounts.base) > 0 else "credit",
                amount=abs(amounts.document),
                base_amount=abs(amounts.base),
                order_line=key.order_line,
                charge_code=key.charge_code,
                description=group[0].description,
            )
