"""Plain words for what the software calls by one: statuses, levels, actions, outcomes."""

from collections.abc import Mapping
from typing import Any

from app.domain.debtors import Option
from app.domain.delivery import ValidationLevel
from app.domain.events import DebtorKind
from app.domain.journal import JournalStatus as J
from app.domain.transaction import Role

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

OPTION: Mapping[str, tuple[str, str]] = {
    Option.TOTAL: ("Total", "Every transaction takes the standard record TOTAL."),
    Option.COMBINATION: (
        "Combination",
        "The record follows from the master files: from the warehouse, from the debtor or its sales territory, or from both together.",
    ),
    Option.DISSECT: ("Dissect", "Whoever enters a transaction chooses a GL interface record for each line."),
    Option.GL_DISSECT: (
        "GL dissect",
        "Whoever enters a transaction chooses an account of the chart for each line. Control account and tax account are those of TOTAL.",
    ),
}
"""The options of dissection: what they are called, and what they do."""

DEBTOR_KIND: Mapping[str, str] = {
    DebtorKind.INVOICE: "Invoice",
    DebtorKind.CREDIT_NOTE: "Credit note",
    DebtorKind.JOURNAL_DEBIT: "Journal debit",
    DebtorKind.JOURNAL_CREDIT: "Journal credit",
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
    "debtor.delete": "Deleted a debtor",
    "debtor.load": "Loaded debtors from a file",
    "debtor.put": "Set up a debtor",
    "debtor_dissection.put": "Set how debtor transactions are dissected",
    "debtor_batch.change": "Changed the control total of a batch",
    "debtor_batch.discard": "Discarded a batch of debtor transactions",
    "debtor_batch.enter": "Entered a debtor transaction in a batch",
    "debtor_batch.open": "Opened a batch of debtor transactions",
    "debtor_batch.post": "Posted a batch of debtor transactions",
    "debtor_batch.remove": "Removed a debtor transaction from a batch",
    "debtor_transaction.enter": "Entered a debtor transaction",
    "debtor_transaction.reverse": "Reversed a debtor transaction",
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
    "gl_interface.delete": "Deleted a GL interface record",
    "gl_interface.load": "Loaded GL interface records from a file",
    "gl_interface.put": "Set up a GL interface record",
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
    "sales_territory.delete": "Deleted a sales territory",
    "sales_territory.load": "Loaded sales territories from a file",
    "sales_territory.put": "Set up a sales territory",
    "secrets.rotate": "Sealed credentials with a new key",
    "session.end": "Signed out",
    "session.start": "Signed in",
    "tenant.create": "Made the organisation",
    "tenant.update": "Changed the organisation",
    "user.add": "Added a user",
    "user.disable": "Disabled a user",
    "user.enable": "Let a user in again",
    "user.password": "Gave a user a new password",
    "user.oidc": "Changed as whom a user signs in at the issuer",
    "warehouse.delete": "Deleted a warehouse",
    "warehouse.load": "Loaded warehouses from a file",
    "warehouse.put": "Set up a warehouse",
}

ROLE: Mapping[str, str] = {
    Role.ESTIMATE: "Estimate",
    Role.GRNI: "GRNI",
    Role.AP: "AP",
    Role.EXPENSE: "Expense",
    Role.SHIPPING: "Shipping",
    Role.TAX: "Tax",
    Role.PRICE_VARIANCE: "Price variance",
    Role.EXCHANGE_DIFFERENCE: "Exchange difference",
    Role.COMMITMENT_OFFSET: "Commitment offset",
    Role.RECEIVABLE: "Trade debtors",
    Role.REVENUE: "Revenue",
    Role.ADJUSTMENT: "Adjustment",
    Role.ENTRY: "Entry",
}

ORDER_TONE: Mapping[str, str] = {"open": "busy", "closed": "", "cancelled": "warn"}

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
