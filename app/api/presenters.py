"""Domain objects as the wire has them (CONTRACT.md 4, 5 and 7). Money leaves as text with all of its currency's digits."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from app.api.errors import stored_problem
from app.api.ids import Kind, format_id
from app.application.ports.delivery import Attempt
from app.application.ports.events import EventStatus, StoredEvent
from app.application.ports.journals import Journal, JournalSummary
from app.application.ports.orders import OrderSummary
from app.application.ports.transactions import PostedTransaction
from app.application.recorded import EventResult
from app.application.select_journals import JournalDetails
from app.domain.delivery import Problem
from app.domain.journal import JournalLine
from app.domain.money import Amounts, Currency, from_millionths
from app.domain.order import Order, OrderLine
from app.domain.posting import OrderView
from app.domain.targets import BalanceKey
from app.domain.transaction import DebtorDetails, Role, Supplier, TransactionLine

Json = dict[str, Any]

CREDIT_POSITIVE = frozenset({Role.ESTIMATE, Role.GRNI, Role.AP})


def instant(moment: datetime | None) -> str | None:
    """RFC 3339 in UTC."""
    return None if moment is None else moment.isoformat().replace("+00:00", "Z")


def show_supplier(supplier: Supplier | None) -> Json | None:
    return None if supplier is None else {"code": supplier.code, "name": supplier.name}


def show_transaction(posted: PostedTransaction) -> Json:
    transaction = posted.transaction
    order = transaction.subject.number if transaction.subject.type == "order" else None
    return {
        "id": format_id(Kind.TRANSACTION, transaction.id),
        "sequence": posted.place & (2**64 - 1),
        "event_id": format_id(Kind.EVENT, transaction.event_id),
        "event_type": transaction.event_type,
        "subject": {"type": transaction.subject.type, "number": transaction.subject.number},
        "order_number": order,
        "supplier": show_supplier(transaction.supplier),
        **show_debtor_details(transaction.subject.number, transaction.debtor),
        "document": {
            "type": transaction.document.type,
            "number": transaction.document.number,
            "date": transaction.document.date.isoformat(),
        },
        "accounting_date": transaction.accounting_date.isoformat(),
        "currency": transaction.currency.code,
        "base_currency": transaction.base_currency.code,
        "posted_at": instant(posted.posted_at),
        "description": transaction.description,
        "lines": [show_transaction_line(line, transaction.currency, transaction.base_currency) for line in transaction.lines],
        "delivery": [
            {
                "endpoint": each.endpoint,
                "journal_id": format_id(Kind.JOURNAL, each.journal_id),
                "status": each.status,
                "erp_reference": each.erp_reference,
            }
            for each in posted.delivery
        ],
    }


def show_debtor_details(debtor: str, found: DebtorDetails | None) -> Json:
    """What a debtor's transaction carries. `gl_interface` is null where it took accounts of several records."""
    if found is None:
        return {"debtor": None, "warehouse": None, "sales_territory": None, "gl_interface": None, "gl_interfaces": []}
    return {
        "debtor": debtor,
        "warehouse": found.warehouse,
        "sales_territory": found.sales_territory,
        "gl_interface": found.gl_interfaces[0] if len(found.gl_interfaces) == 1 else None,
        "gl_interfaces": list(found.gl_interfaces),
    }


def show_transaction_line(line: TransactionLine, currency: Currency, base: Currency) -> Json:
    return {
        "line": line.line,
        "role": line.role,
        "ledger": line.ledger,
        "account": line.account,
        "account_code": line.account_code,
        "side": line.side,
        "amount": currency.to_text(line.amount),
        "base_amount": base.to_text(line.base_amount),
        "order_line": line.order_line,
        "charge_code": line.charge_code,
        "description": line.description,
    }


def show_result(result: EventResult) -> Json:
    """What became of an event: CONTRACT.md 4."""
    shown: Json = {
        "event_id": format_id(Kind.EVENT, result.event_id),
        "status": result.status,
        "duplicate": result.duplicate,
        "order_number": result.order_numbers[0] if len(result.order_numbers) == 1 else None,
        "order_numbers": list(result.order_numbers),
        "transactions": [show_transaction(each) for each in result.transactions],
    }
    if result.status is not EventStatus.POSTED and result.problem is not None:
        shown["problem"] = stored_problem(result.problem)
    return shown


def show_event(event: StoredEvent) -> Json:
    return {
        "event_id": format_id(Kind.EVENT, event.id),
        "source": event.source,
        "id": event.external_id,
        "type": event.type,
        "time": instant(event.occurred_at),
        "received_at": instant(event.received_at),
        "status": event.status,
        "order_numbers": list(event.subjects),
        "waits_for": list(event.waits_for),
        "problem": None if event.problem is None else stored_problem(event.problem),
        "data": dict(event.data),
    }


def show_order_summary(order: OrderSummary) -> Json:
    return {
        "order_number": order.number,
        "supplier": {"code": order.supplier_code, "name": order.supplier_name} if order.supplier_code else None,
        "currency": order.currency,
        "status": order.status,
        "version": order.version,
    }


def show_order(view: OrderView, order: Order, transactions: Iterable[PostedTransaction]) -> Json:
    """An order with the state of its lines, its balances and its transactions."""
    return {
        "order_number": order.number,
        "supplier": show_supplier(order.supplier),
        "currency": order.currency.code,
        "base_currency": order.base_currency.code,
        "status": "cancelled" if order.cancelled else "closed" if order.closed else "open",
        "version": order.version,
        "posting_manager_version": order.manager_version,
        "charges": [{"kind": charge.kind, "amount": order.currency.to_text(charge.amount)} for charge in order.charges],
        "lines": [_order_line(order, line) for _, line in sorted(order.lines.items())],
        "balances": show_balances(view, order),
        "transactions": [show_transaction(each) for each in transactions],
    }


def _order_line(order: Order, line: OrderLine) -> Json:
    return {
        "line_number": line.number,
        "sku": line.sku,
        "description": line.description,
        "unit": line.unit,
        "matching": line.matching,
        "by_amount": line.by_amount,
        "ordered": str(from_millionths(line.terms.quantity)),
        "unit_price": str(from_millionths(line.terms.unit_price)),
        "received": str(from_millionths(line.received)),
        "invoiced": str(from_millionths(line.invoiced)),
        "total": order.currency.to_text(line.terms.total),
        "closed": line.closed,
        "receiving_closed": line.receiving_closed,
        "account_codes": [
            {"code": code, "weight": str(from_millionths(weight))}
            for code, weight in zip(line.coding.codes, line.coding.weights, strict=True)
        ],
    }


def show_balances(view: OrderView, order: Order) -> list[Json]:
    """Per role, account and charge code, summed over the lines; estimate, grni and ap credit positive, the others debit positive."""
    totals: dict[tuple[Role, str | None, str, str | None], Amounts] = {}
    for balances in view.posted.values():
        for key, amounts in balances.items():
            _add(totals, key, amounts)
    return [
        {
            "role": role,
            "account": account,
            "account_code": account_code,
            "charge_code": charge_code,
            "amount": order.currency.to_text(_positive(role) * amounts.document),
            "base_amount": order.base_currency.to_text(_positive(role) * amounts.base),
        }
        for (role, account, account_code, charge_code), amounts in totals.items()
        if amounts.document or amounts.base
    ]


def _add(totals: dict[tuple[Role, str | None, str, str | None], Amounts], key: BalanceKey, amounts: Amounts) -> None:
    name = (key.role, key.account, key.account_code, key.charge_code)
    before = totals.get(name, Amounts(0, 0))
    totals[name] = Amounts(before.document + amounts.document, before.base + amounts.base)


def _positive(role: Role) -> int:
    return 1 if role in CREDIT_POSITIVE else -1


def show_journal(journal: Journal) -> Json:
    """A journal's header. `number` is null ("TBA") until the ERP has booked it."""
    return {
        "id": format_id(Kind.JOURNAL, journal.id),
        "endpoint": journal.endpoint,
        "reference": journal.reference,
        "number": journal.number,
        "accounting_date": journal.accounting_date.isoformat(),
        "posting_date": (journal.posting_date or journal.accounting_date).isoformat(),
        "part": journal.part,
        "gathering": journal.gathering,
        "currency": journal.currency.code,
        "base_currency": journal.base_currency.code,
        "debit_total": journal.currency.to_text(journal.debit_total),
        "base_debit_total": journal.base_currency.to_text(journal.base_debit_total),
        "description": journal.description,
        "status": journal.status,
        "version": journal.version,
        "held": journal.held,
        "validation_level": journal.validation_level,
        "problems": [_problem(problem) for problem in journal.problems],
        "reason_code": journal.reason_code,
        "reason": journal.reason,
        "created_at": instant(journal.created_at),
        "finished_at": instant(journal.finished_at),
    }


def show_listed_journal(journal: Journal, blocked_by: Mapping[UUID, Sequence[UUID]]) -> Json:
    """With the earlier journals of its lane that it waits for."""
    return {**show_journal(journal), "blocked_by": [format_id(Kind.JOURNAL, each) for each in blocked_by.get(journal.id, ())]}


def show_journal_details(details: JournalDetails, transactions: Iterable[PostedTransaction]) -> Json:
    """With its lines, which problems name by number, its transactions, every attempt, and what it waits for. Until it is finished each
    line shows what the ERP would get now as well, and `mapping_problems` what keeps it from being sent."""
    unmapped = {problem.line for problem in details.sent.problems} if details.sent else set()
    sent = {line.line: line for line in details.sent.document.lines if line.line not in unmapped} if details.sent else {}
    return {
        **show_journal(details.journal),
        "omit": list(details.journal.omit),
        "lines": [_journal_line(line, sent.get(line.line)) for line in details.lines],
        "mapping_problems": [_problem(problem) for problem in details.sent.problems] if details.sent else [],
        "blocked_by": [format_id(Kind.JOURNAL, each) for each in details.blocked_by],
        "transactions": [show_transaction(each) for each in transactions],
        "attempts": [_attempt(attempt) for attempt in details.attempts],
        "history": [
            {"at": instant(step.at), "actor": step.actor, "action": step.action, "status": step.status, "reason": step.reason}
            for step in details.steps
        ],
    }


def _journal_line(line: JournalLine, erp: JournalLine | None) -> Json:
    return {
        "line": line.line,
        "role": line.role,
        "ledger": line.ledger,
        "account": line.account,
        "account_code": line.account_code,
        "side": line.side,
        "amount": f"{line.amount:f}",
        "base_amount": f"{line.base_amount:f}",
        "charge_code": line.charge_code,
        "description": line.description,
        "erp": erp and {"account_code": erp.account_code, "dimensions": dict(erp.dimensions), "tax_code": erp.tax_code},
    }


def _problem(problem: Problem) -> Json:
    return {"line": problem.line, "code": problem.code, "message": problem.message, "severity": problem.severity}


def _attempt(attempt: Attempt) -> Json:
    return {
        "id": format_id(Kind.ATTEMPT, attempt.id),
        "purpose": attempt.purpose,
        "started_at": instant(attempt.started_at),
        "finished_at": instant(attempt.finished_at),
        "duration_ms": attempt.duration_ms,
        "outcome": attempt.outcome,
        "detail": attempt.detail,
        "status_code": attempt.status_code,
        "request": attempt.request,
        "response": attempt.response,
    }


def show_summary(summary: JournalSummary, base: Currency) -> Mapping[str, Any]:
    """Over all history: what is not posted to the GL."""
    return {
        "oldest_not_sent": summary.oldest_not_sent and summary.oldest_not_sent.isoformat(),
        "transactions_not_posted": {"count": summary.transactions_not_posted, "debit_total": base.to_text(summary.debit_total)},
    }
