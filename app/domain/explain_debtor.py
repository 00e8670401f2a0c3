"""Debtor transactions explained: which record each line took, and why; which lines and taxes an amount is the sum of."""

from collections.abc import Sequence

from app.domain.debtor_transaction import contra_role, tax_shares
from app.domain.dissection import Choice
from app.domain.events import DebtorTransaction
from app.domain.explain import LineExplanation, signed
from app.domain.explain_parts import ExplanationMismatch
from app.domain.explain_words import Money
from app.domain.money import Amounts
from app.domain.transaction import AccountTransaction, Role, TransactionLine


def explain_debtor(
    transaction: AccountTransaction, event: DebtorTransaction, choices: Sequence[Choice], *, reversal: bool
) -> tuple[LineExplanation, ...]:
    """`event` and `choices`: of the transaction itself, or of the one that it reverses. Raises `ExplanationMismatch` where the event's
    lines do not add up to what is posted: a bug."""
    return tuple(_explain(transaction, event, choices, line, reversal=reversal) for line in transaction.lines)


def _explain(
    transaction: AccountTransaction, event: DebtorTransaction, choices: Sequence[Choice], line: TransactionLine, *, reversal: bool
) -> LineExplanation:
    currency, parts, why = event.currency, [], dict[str, None]()
    for position, (given, choice, tax) in enumerate(zip(event.lines, choices, tax_shares(event), strict=True), start=1):
        amount = _share(line, event, choice, given.amount, tax)
        if amount:
            parts.append((position, amount))
            why |= dict.fromkeys(choice.why)
    if sum(amount for _, amount in parts) != line.amount:
        raise ExplanationMismatch(f"{event.kind} {event.transaction_number}: {parts} is not the {line.amount} of line {line.line}")
    money = Money(document=transaction.currency, base=transaction.base_currency)
    origin = f"It mirrors {event.kind.replace('_', ' ')} {event.transaction_number}: the same accounts and amounts with the sides changed."
    whole = " + ".join(f"{currency.to_text(amount)} of line {position}" for position, amount in parts[:20])
    more = f" and {len(parts) - 20} more lines" if len(parts) > 20 else ""
    return LineExplanation(
        line=line,
        change=signed(line),
        because=(
            *((origin,) if reversal else ()),
            *(f"{each[0].upper()}{each[1:]}." for each in [*why][:20]),
            f"{_WHAT[line.role]}: {whole}{more}. This line: {line.side} {money.both(Amounts(line.amount, line.base_amount))}.",
        ),
        figures={"lines": [{"line": str(position), "amount": currency.to_text(amount)} for position, amount in parts]},
    )


_WHAT = {
    Role.RECEIVABLE: "Amounts with their part of the tax",
    Role.REVENUE: "Amounts net of tax",
    Role.ADJUSTMENT: "Amounts net of tax",
    Role.TAX: "Tax, spread over the lines by value",
}


def _share(line: TransactionLine, event: DebtorTransaction, choice: Choice, net: int, tax: int) -> int:
    """What a line of the event has in a posted one."""
    account = (line.account, line.account_code)
    if line.role is Role.RECEIVABLE:
        return net + tax if account == (choice.control.name, choice.control.code) else 0
    if line.role is Role.TAX:
        return tax if account == (choice.tax.name, choice.tax.code) else 0
    return net if line.role is contra_role(event) and account == (choice.contra.name, choice.contra.code) else 0
