"""Plain words for what the software calls by one: statuses, levels, actions, outcomes."""

from collections.abc import Mapping
from typing import Any

from app.domain.delivery import ValidationLevel
from app.domain.journal import JournalStatus as J

STATUS: Mapping[str, str] = {
    J.OPEN: "Open",
    J.VALID: "Valid",
    J.INVALID: "Not valid",
    J.QUEUED: "Waiting to be sent",
    J.SENDING: "Being sent",
    J.SENT: "Sent",
    J.REJECTED: "Rejected",
    J.FAILED: "Failed",
    J.UNKNOWN: "No answer",
    J.MARKED_AS_SENT: "Marked as sent",
}

MEANING: Mapping[str, str] = {
    J.OPEN: "It has not been checked with the GL since it was made or changed. Validate it first.",
    J.VALID: "The GL said that it would take it as it is. It can be sent.",
    J.INVALID: "The GL, or our own rules, would not take it. Mend what is named, in the mapping or in the ERP, and validate it again.",
    J.QUEUED: "It is released, and goes out as soon as the endpoint and the earlier journals of its order let it.",
    J.SENDING: "It is on its way to the ERP at this moment.",
    J.SENT: "The ERP has booked it.",
    J.REJECTED: "The ERP refused to book it. Mend what is named, then retry: later journals of the same order wait for it.",
    J.FAILED: "It could not be delivered, again and again. Nothing was booked. Retry once the ERP can be reached.",
    J.UNKNOWN: "It went out and no answer came back, so nobody knows yet whether the ERP booked it. Glint looks it up in the ERP by its "
    "reference before anything is sent again, so it cannot be booked twice. You need do nothing; Retry looks it up at once.",
    J.MARKED_AS_SENT: "A person took it out of delivery. Glint did not send it.",
}

TONE: Mapping[str, str] = {
    J.VALID: "good",
    J.SENT: "good",
    J.INVALID: "bad",
    J.REJECTED: "bad",
    J.FAILED: "bad",
    J.UNKNOWN: "warn",
    J.QUEUED: "busy",
    J.SENDING: "busy",
}

LEVEL: Mapping[str, str] = {
    ValidationLevel.LOCAL: "our own rules",
    ValidationLevel.REFERENCE_DATA: "what the ERP told of its accounts and periods",
    ValidationLevel.DRAFT: "a draft in the ERP",
    ValidationLevel.ERP_DRY_RUN: "the ERP’s own trial booking",
}

ACTION: Mapping[str, str] = {
    "validate": "validated",
    "send": "released for sending",
    "retry": "retried",
    "hold": "held",
    "release": "let go",
    "mark_as_sent": "marked as sent",
    "unmark": "mark taken back",
    "redate": "given another posting date",
    "found_booked": "found in the ERP",
    "late transaction": "reopened for a late transaction",
}

OUTCOME: Mapping[str, str] = {
    "booked": "Booked",
    "accepted_async": "Taken into a job",
    "rejected": "Rejected",
    "throttled": "Too fast: wait",
    "retryable": "Not reached: try again",
    "unknown": "No answer",
    "unauthorised": "Sign-in refused",
    "misconfigured": "Wrongly set up",
    "validation": "Checked",
    "found_booked": "Found, booked",
    "found_draft": "Found as a draft",
    "absent": "Not there",
    "cannot_tell": "Could not tell",
    "waiting": "Waiting",
    "refused": "Refused",
    "asked": "Waiting for the ERP to ask",
}

COMMAND: Mapping[str, str] = {
    "account.delete": "Deleted an account",
    "account.put": "Set up an account",
    "endpoint.authorisation_lost": "Lost the authorisation of an endpoint",
    "endpoint.authorise": "Began to authorise an endpoint",
    "endpoint.authorised": "Authorised an endpoint",
    "endpoint.authorise_refused": "Was refused to authorise an endpoint",
    "endpoint.chart_load": "Loaded an ERP’s chart of accounts",
    "endpoint.chart_pull": "Asked an ERP for its chart of accounts",
    "endpoint.choose_organisation": "Chose the organisation of an endpoint",
    "endpoint.delete": "Deleted an endpoint",
    "endpoint.pause": "Paused an endpoint",
    "endpoint.put": "Set up an endpoint",
    "endpoint.put_mapping": "Changed an endpoint’s mapping",
    "endpoint.resume": "Let an endpoint go on",
    "endpoint.revoke": "Revoked an endpoint’s authorisation",
    "endpoint.test": "Tested an endpoint",
    "endpoint.test_messages": "Sent test messages",
    "event.discard": "Discarded an event",
    "event.retry": "Retried an event",
    "journal.hold": "Held a journal",
    "journal.redate": "Gave a journal another posting date",
    "journal.release": "Let a held journal go",
    "journal.retry": "Retried a journal",
    "journal.unmark": "Took a mark back",
    "journals.mark_as_sent": "Marked journals as sent",
    "journals.send": "Sent journals",
    "journals.validate": "Validated journals",
    "key.create": "Made a key",
    "key.revoke": "Revoked a key",
    "period.put": "Set up a period",
    "period.roll_commitments": "Rolled commitments",
    "posting_manager.put": "Set up the posting manager",
    "posting_manager.repost": "Moved orders to the newest posting manager",
    "secrets.rotate": "Sealed credentials with a new key",
    "session.end": "Signed out",
    "session.start": "Signed in",
    "tenant.create": "Made the organisation",
    "tenant.update": "Changed the organisation",
    "user.add": "Added a user",
    "user.disable": "Disabled a user",
    "user.enable": "Let a user in again",
    "user.password": "Gave a user a new password",
}

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

PURPOSE: Mapping[str, str] = {"validate": "Validate", "send": "Send", "find": "Look up"}


def status(value: str) -> str:
    return STATUS.get(value, value)


def outcome(value: str | None) -> str:
    """Of an attempt, or of a journal in a batch; none while it is under way."""
    if value is None:
        return "Under way"
    return OUTCOME.get(value) or STATUS.get(value) or words(value)


def attempt(value: str | None, detail: Mapping[str, Any] | None) -> str:
    """Of a call; a check says what it found."""
    if value != "validation":
        return outcome(value)
    errors = [each for each in (detail or {}).get("problems", ()) if each.get("severity", "error") == "error"]
    return "Not valid" if errors else "Valid"


def command(value: str) -> str:
    """An entry of the audit log."""
    return COMMAND.get(value) or words(value)


def sentence(text: str) -> str:
    """With a capital and a full stop."""
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")


def words(value: str) -> str:
    """`not_required` → Not required."""
    text = value.replace("_", " ").replace(".", ": ")
    return text[:1].upper() + text[1:]
