"""From the wire's data to the domain's events: text to integers, codes to currencies, undated events to their tenant's day."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from app.application.events_in import schemas
from app.application.ports.currencies import Currencies
from app.domain import events
from app.domain.accounts import Coding
from app.domain.errors import Fault, Invalid
from app.domain.money import ONE, Currency, extended, millionths
from app.domain.transaction import Supplier


def to_domain(event_type: str, data: schemas.EventData, default_date: date, currencies: Currencies) -> events.Event:
    """The domain's event. Raises `Invalid` where the currency is unknown or an amount has more decimals than it."""
    return _TRANSLATE[event_type](data, default_date, currencies)


def _currency(code: str, currencies: Currencies) -> Currency:
    found = currencies.get(code)
    if found is None:
        message = f"{code} is not a currency of ISO 4217"
        raise Invalid(message, Fault(pointer="/data/currency", message=message))
    return found


def _supplier(data: schemas.SupplierData | None) -> Supplier | None:
    return None if data is None else Supplier(code=data.code, name=data.name)


def _coding(shares: Sequence[schemas.AccountCodeData]) -> Coding:
    weights = (share.percentage if share.percentage is not None else share.amount for share in shares)
    return Coding(tuple(share.code for share in shares), tuple(millionths(weight) for weight in weights if weight is not None))


def _ordered_line(position: int, line: schemas.OrderLineData, currency: Currency) -> events.OrderedLine:
    if line.amount is not None:
        currency.to_minor(line.amount, f"/data/lines/{position}/amount")
        quantity, unit_price = millionths(line.amount), ONE
    else:
        assert line.quantity is not None and line.unit_price is not None  # noqa: PT018, S101 - the schema demands them
        quantity, unit_price = millionths(line.quantity), millionths(line.unit_price)
    return events.OrderedLine(
        number=line.line_number,
        sku=line.sku,
        description=line.description or line.sku,
        unit=line.unit,
        quantity=quantity,
        unit_price=unit_price,
        tax_rate=millionths(line.non_recoverable_tax_rate),
        by_amount=line.amount is not None,
        matching=events.Matching(line.matching),
        coding=_coding(line.account_codes),
    )


def _charges(charges: Sequence[schemas.OrderChargeData], currency: Currency) -> tuple[events.Charge, ...]:
    return tuple(
        events.Charge(
            kind=events.ChargeKind(charge.kind),
            amount=currency.to_minor(charge.amount, f"/data/charges/{position}/amount"),
            order_number=charge.order_number if isinstance(charge, schemas.InvoiceChargeData) else None,
        )
        for position, charge in enumerate(charges)
    )


def _order(data: schemas.OrderCreatedData, default_date: date, currencies: Currencies) -> events.OrderCreated:
    currency = _currency(data.currency, currencies)
    terms: dict[str, Any] = {
        "document_date": data.order_date or default_date,
        "opening": data.opening,
        "order_number": data.order_number,
        "currency": currency,
        "exchange_rate": data.exchange_rate,
        "supplier": _supplier(data.supplier),
        "lines": tuple(_ordered_line(position, line, currency) for position, line in enumerate(data.lines)),
        "charges": _charges(data.charges, currency),
    }
    if isinstance(data, schemas.OrderChangedData):
        return events.OrderChanged(version=data.version, **terms)
    return events.OrderCreated(**terms)


def _flag(kind: type[events.Event]) -> Callable[[schemas.OrderFlagData, date, Currencies], events.Event]:
    def translate(data: schemas.OrderFlagData, default_date: date, currencies: Currencies) -> events.Event:
        fields: dict[str, Any] = {
            "document_date": data.date or default_date,
            "opening": data.opening,
            "order_number": data.order_number,
            "reason": data.reason,
        }
        if isinstance(data, schemas.OrderClosedData | schemas.ReceivingClosedData):
            fields["line_numbers"] = tuple(data.line_numbers or ())
        return kind(**fields)

    return translate


def _receipt(kind: type[events.GoodsReceived]) -> Callable[[schemas.GoodsReceivedData, date, Currencies], events.Event]:
    def translate(data: schemas.GoodsReceivedData, default_date: date, currencies: Currencies) -> events.Event:
        return kind(
            document_date=data.receipt_date or default_date,
            opening=data.opening,
            order_number=data.order_number,
            receipt_number=data.receipt_number,
            exchange_rate=data.exchange_rate,
            lines=tuple(
                events.ReceivedLine(
                    line_number=line.line_number,
                    quantity=None if line.quantity is None else millionths(line.quantity),
                    amount=None if line.amount is None else millionths(line.amount),
                )
                for line in data.lines
            ),
        )

    return translate


def _invoice_line(position: int, line: schemas.InvoiceLineData, currency: Currency) -> events.InvoiceLine:
    quantity = None if line.quantity is None else millionths(line.quantity)
    if line.amount is not None:
        amount = currency.to_minor(line.amount, f"/data/lines/{position}/amount")
    else:
        assert quantity is not None and line.unit_price is not None  # noqa: PT018, S101 - the schema demands them
        amount = extended(quantity, millionths(line.unit_price), 0, currency.digits)
    return events.InvoiceLine(
        order_number=line.order_number, line_number=line.line_number, quantity=quantity, amount=amount, final=line.final
    )


def _invoice(data: schemas.InvoiceMatchedData, default_date: date, currencies: Currencies) -> events.InvoiceMatched:
    currency = _currency(data.currency, currencies)
    fields: dict[str, Any] = {
        "document_date": data.invoice_date or default_date,
        "opening": data.opening,
        "invoice_number": data.invoice_number,
        "supplier": _supplier(data.supplier),
        "currency": currency,
        "exchange_rate": data.exchange_rate,
        "lines": tuple(_invoice_line(position, line, currency) for position, line in enumerate(data.lines)),
        "charges": _charges(data.charges, currency),
        "tax": tuple(
            events.Tax(amount=currency.to_minor(tax.amount, f"/data/tax/{position}/amount"), recoverable=tax.recoverable)
            for position, tax in enumerate(data.tax)
        ),
    }
    if isinstance(data, schemas.InvoiceCreditedData):
        return events.InvoiceCredited(credits_invoice=data.credits_invoice, **fields)
    return events.InvoiceMatched(**fields)


def _cancelled_invoice(data: schemas.InvoiceCancelledData, default_date: date, currencies: Currencies) -> events.InvoiceCancelled:
    return events.InvoiceCancelled(
        document_date=data.date or default_date,
        opening=data.opening,
        invoice_number=data.invoice_number,
        supplier=_supplier(data.supplier),
        reason=data.reason,
    )


def _reposted(data: schemas.OrderRepostedData, default_date: date, currencies: Currencies) -> events.OrderReposted:
    return events.OrderReposted(document_date=default_date, order_number=data.order_number, manager_version=data.posting_manager_version)


def _rolled(data: schemas.CommitmentsRolledData, default_date: date, currencies: Currencies) -> events.CommitmentsRolled:
    return events.CommitmentsRolled(document_date=data.date, order_number=data.order_number, period=data.period)


def _entry(data: schemas.EntryRecordedData, default_date: date, currencies: Currencies) -> events.EntryRecorded:
    currency = _currency(data.currency, currencies)
    return events.EntryRecorded(
        document_date=data.date or default_date,
        opening=data.opening,
        transaction_number=data.transaction_number,
        description=data.description,
        currency=currency,
        exchange_rate=data.exchange_rate,
        lines=tuple(
            events.EntryLine(
                account=line.account,
                account_code=line.account_code,
                side=line.side,
                amount=currency.to_minor(line.amount, f"/data/lines/{position}/amount"),
                description=line.description,
            )
            for position, line in enumerate(data.lines)
        ),
    )


def _reversal(data: schemas.EntryReversedData, default_date: date, currencies: Currencies) -> events.EntryReversed:
    return events.EntryReversed(
        document_date=data.date or default_date,
        opening=data.opening,
        transaction_number=data.transaction_number,
        reason=data.reason,
    )


def debtor_transaction(
    data: schemas.DebtorDocumentData, number: str, default_date: date, currencies: Currencies
) -> events.DebtorTransaction:
    """A debtor transaction under this number."""
    currency = _currency(data.currency, currencies)
    return events.DebtorTransaction(
        document_date=data.date or default_date,
        opening=data.opening,
        transaction_number=number,
        kind=events.DebtorKind(data.kind),
        debtor=data.debtor,
        warehouse=data.warehouse,
        currency=currency,
        exchange_rate=data.exchange_rate,
        lines=tuple(
            events.DebtorLine(
                description=line.description,
                amount=currency.to_minor(line.amount, f"/data/lines/{position}/amount"),
                gl_interface=line.gl_interface,
                gl_account=line.gl_account,
            )
            for position, line in enumerate(data.lines)
        ),
        tax=currency.to_minor(data.tax, "/data/tax"),
    )


def _debtor(data: schemas.DebtorTransactionData, default_date: date, currencies: Currencies) -> events.DebtorTransaction:
    return debtor_transaction(data, data.transaction_number, default_date, currencies)


def _debtor_reversal(data: schemas.DebtorReversedData, default_date: date, currencies: Currencies) -> events.DebtorReversed:
    return events.DebtorReversed(
        document_date=data.date or default_date,
        opening=data.opening,
        transaction_number=data.transaction_number,
        kind=events.DebtorKind(data.kind),
        reason=data.reason,
    )


_TRANSLATE: dict[str, Callable[..., events.Event]] = {
    "order.created": _order,
    "order.changed": _order,
    "order.cancelled": _flag(events.OrderCancelled),
    "order.closed": _flag(events.OrderClosed),
    "order.reopened": _flag(events.OrderReopened),
    "receiving.closed": _flag(events.ReceivingClosed),
    "receiving.reopened": _flag(events.ReceivingReopened),
    "goods.received": _receipt(events.GoodsReceived),
    "goods.returned": _receipt(events.GoodsReturned),
    "invoice.matched": _invoice,
    "invoice.credited": _invoice,
    "invoice.cancelled": _cancelled_invoice,
    "order.reposted": _reposted,
    "commitments.rolled": _rolled,
    "entry.recorded": _entry,
    "entry.reversed": _reversal,
    "debtor.transaction": _debtor,
    "debtor.reversed": _debtor_reversal,
}
