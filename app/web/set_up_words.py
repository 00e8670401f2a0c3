"""Plain words for what is set up: the posting manager's accounts and policies, how an endpoint stands, what a mapping lacks."""

from collections.abc import Mapping

AUTHORISATION_SHORT: Mapping[str, str] = {
    "not_authorised": "Not authorised",
    "choose_organisation": "Choose its organisation",
    "authorised": "Authorised",
    "reconnect": "Reconnect",
}

LACK: Mapping[str, str] = {
    "not-mapped": "The mapping leads it nowhere",
    "unknown-account": "The ERP has no such account",
    "inactive-account": "The ERP has switched the account off",
}

ROLE: Mapping[str, tuple[str, str]] = {
    "estimate_account": (
        "Estimate",
        "Credited with what is ordered and not received. A liability; none: nothing is posted at order time.",
    ),
    "grni_account": (
        "Goods received, not invoiced",
        "Credited with what is received and not invoiced yet. A liability; the same account as Estimate: both are netted; none: "
        "receipts post nothing.",
    ),
    "ap_account": (
        "Accounts payable",
        "Credited with matched invoices. A liability; none: an invoice only takes Estimate and GRNI back, since the ERP books its own.",
    ),
    "shipping_account": ("Shipping", "Debited with shipping, freight and handling. An expense; none: they are spread over the lines."),
    "tax_account": ("Recoverable tax", "Debited with the recoverable tax of invoices; none: it goes to expense."),
    "price_variance_account": ("Price variance", "Takes what an invoice bills above or below the order; none: it stays in expense."),
    "exchange_difference_account": (
        "Exchange difference",
        "Takes what the rate of an invoice differs from that of its receipt; none: it stays in expense.",
    ),
    "commitment_offset_account": (
        "Commitment offset",
        "Debited against Estimate, in a ledger of commitments: expense is then debited at receipt; none: at order time.",
    ),
}
"""The posting manager's accounts: what they are called, and what they do."""

POLICY: Mapping[str, tuple[str, str, Mapping[str, str]]] = {
    "charge_spread_basis": (
        "Charges are spread by",
        "Header charges that have no account of their own.",
        {"value": "Value of the lines", "quantity": "Quantity", "equal": "Equal parts"},
    ),
    "grni_balance": (
        "Invoice ahead of its receipt",
        "Or a return after its invoice.",
        {"non_negative": "Takes Estimate back; the receipt then posts nothing", "signed": "Is a debit on GRNI until the receipt comes"},
    ),
    "credit_reopens": (
        "A credit by quantity",
        "Whether what is credited is expected again.",
        {"always": "Opens the quantity again", "after_return": "Opens only what was returned"},
    ),
    "closed_period": (
        "A date in a closed period",
        "What happens to an event that is dated so.",
        {"next_open": "Is posted on the first open day after it", "reject": "Is refused"},
    ),
    "cutoff_days": ("Cut-off days", "So many days after its end a closed period still takes postings, 0 to 366.", {}),
}
"""The posting manager's policies: what they are called, what they are about, and what may be chosen."""

AUTHORISATION: Mapping[str, str] = {
    "not_authorised": "Not authorised",
    "choose_organisation": "Authorised, and its organisation has yet to be chosen",
    "authorised": "Authorised",
    "reconnect": "Not authorised any more: reconnect",
}


def role(value: str) -> str:
    """`grni_account` → Goods received, not invoiced."""
    return ROLE[value][0]
