"""The bodies of test messages."""

from datetime import date
from typing import Any, Literal

from app.api.parameters import Answer
from app.application.configure.send_test_messages import TestMessage, TestPurpose
from app.application.events_in.values import Name, Positive, Strict
from app.application.settle_delivery import outcome_json
from app.domain.delivery import Purpose, Validation
from app.domain.journal import JournalLine

LONGEST_BODY = 10_000


class TestMessagesBody(Strict):
    """`account_code`: what the order is coded to, by default the first active expense account; `amount` in the base currency;
    `purpose`: by default `send` to a test ERP and `validate` to a live one."""

    account_code: Name | None = None
    amount: Positive | None = None
    purpose: Literal[Purpose.VALIDATE, Purpose.SEND] | None = None


class TestMessageAnswer(Answer):
    """`reference`, `lines` and `request` are missing where the event posts nothing, `request` where the mapping leads a line nowhere
    (then `outcome` is `invalid`), `outcome` where the ERP was not called with it. Lines are on the ERP's accounts. `outcome` is `valid`,
    `invalid`, or what a sending came to; `response` is cut after 10,000 characters."""

    event_type: str
    reference: str | None = None
    accounting_date: date | None = None
    description: str | None = None
    lines: list[dict[str, Any]] = []
    request: str | None = None
    status: int | None = None
    response: str | None = None
    duration_ms: int | None = None
    outcome: str | None = None
    number: str | None = None
    reason: str | None = None
    problems: list[dict[str, Any]] = []


class TestMessagesAnswer(Answer):
    purpose: TestPurpose
    messages: list[TestMessageAnswer]


def show_test_message(message: TestMessage) -> TestMessageAnswer:
    """As the wire has it."""
    shown: dict[str, Any] = {"event_type": message.event_type}
    if message.document is not None:
        shown |= {name: getattr(message.document, name) for name in ("reference", "accounting_date", "description")}
        shown |= {"lines": [_line(line) for line in message.document.lines]}
    if message.prepared is not None:
        shown |= {"request": message.prepared.body}
    if message.exchange is not None:
        body = message.exchange.body[:LONGEST_BODY]
        shown |= {"status": message.exchange.status, "response": body, "duration_ms": message.exchange.duration_ms}
    if message.outcome is not None:
        name, detail = outcome_json(message.outcome)
        if isinstance(message.outcome, Validation):
            name = "valid" if message.outcome.valid else "invalid"
        shown |= {"outcome": name, **{key: detail[key] for key in ("number", "reason", "problems") if key in detail}}
    return TestMessageAnswer(**shown)


def _line(line: JournalLine) -> dict[str, Any]:
    return {
        "line": line.line,
        "role": line.role,
        "ledger": line.ledger,
        "account": line.account,
        "account_code": line.account_code,
        "side": line.side,
        "amount": format(line.amount, "f"),
        "base_amount": format(line.base_amount, "f"),
        "charge_code": line.charge_code,
        "description": line.description,
        "dimensions": dict(line.dimensions),
        "tax_code": line.tax_code,
    }
