"""The state of an order as JSON, and back. Integers stay integers: nothing here can round."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from app.domain.accounts import Coding
from app.domain.events import Charge, ChargeKind, Matching
from app.domain.money import SAME_CURRENCY, Amounts
from app.domain.order import NO_LAYERS, HeaderInvoiced, Invoiced, InvoicedLine, Layers, Order, OrderInvoice, OrderLine, Terms, stacked
from app.domain.targets import BalanceKey, Balances
from app.domain.transaction import Ledger, Role

Json = dict[str, Any]


def line_to_json(line: OrderLine) -> Json:
    return {
        "sku": line.sku,
        "description": line.description,
        "unit": line.unit,
        "matching": line.matching,
        "by_amount": line.by_amount,
        "terms": _terms(line.terms),
        "coding": _coding(line.coding),
        "layers": [[layer.quantity, _terms(layer.terms), str(layer.rate), _coding(layer.coding)] for layer in line.layers],
        "received": line.received,
        "invoiced": line.invoiced,
        "returned": line.returned,
        "credited_after_return": line.credited_after_return,
        "goods": line.goods,
        "sums": [[_coding(part.coding), str(part.rate), part.total, part.tax, part.variance, part.exchange] for part in line.sums],
        "receiving_closed": line.receiving_closed,
        "closed": line.closed,
        "closed_by": line.closed_by,
    }


def line_from_json(number: int, found: Json, digits: int) -> OrderLine:
    return OrderLine(
        number=number,
        sku=found["sku"],
        description=found["description"],
        unit=found["unit"],
        matching=Matching(found["matching"]),
        by_amount=found["by_amount"],
        terms=_read_terms(found["terms"], digits),
        coding=_read_coding(found["coding"]),
        layers=_read_layers(found["layers"], digits),
        received=found["received"],
        invoiced=found["invoiced"],
        returned=found["returned"],
        credited_after_return=found["credited_after_return"],
        goods=found["goods"],
        sums=tuple(Invoiced(_read_coding(coding), read_rate(rate), *amounts) for coding, rate, *amounts in found["sums"]),
        receiving_closed=found["receiving_closed"],
        closed=found["closed"],
        closed_by=found["closed_by"],
    )


def _read_layers(found: Sequence[Any], digits: int) -> Layers:
    layers = NO_LAYERS
    for quantity, terms, rate, coding in found:
        layers = stacked(layers, quantity, _read_terms(terms, digits), read_rate(rate), _read_coding(coding))
    return layers


def header_columns(order: Order) -> dict[str, Any]:
    """What of an order's own row stands in columns."""
    return {
        "supplier_code": order.supplier and order.supplier.code,
        "supplier_name": order.supplier and order.supplier.name,
        "currency": order.currency.code,
        "status": "cancelled" if order.cancelled else "closed" if order.closed else "open",
        "version": order.version,
        "manager_version": order.manager_version,
    }


def header_to_json(order: Order) -> Json:
    return {
        "base_currency": order.base_currency.code,
        "rate": str(order.rate),
        "charges": [[charge.kind, charge.amount] for charge in order.charges],
        "header": [[str(part.rate), part.shipping, part.tax] for part in order.header],
        "charges_invoiced": dict(order.charges_invoiced),
        "tax_invoiced": order.tax_invoiced,
        "closed": order.closed,
        "cancelled": order.cancelled,
    }


def read_charges(found: Json) -> tuple[Charge, ...]:
    return tuple(Charge(kind=ChargeKind(kind), amount=amount) for kind, amount in found["charges"])


def read_header(found: Json) -> tuple[HeaderInvoiced, ...]:
    return tuple(HeaderInvoiced(read_rate(rate), shipping, tax) for rate, shipping, tax in found["header"])


def invoice_to_json(invoice: OrderInvoice) -> Json:
    return {
        "rate": str(invoice.rate),
        "credit_note": invoice.credit_note,
        "lines": {
            str(number): [_coding(line.coding), line.quantity, line.goods, line.total, line.tax, line.variance, line.exchange]
            for number, line in invoice.lines.items()
        },
        "shipping": invoice.shipping,
        "header_tax": invoice.header_tax,
        "cancelled": invoice.cancelled,
        "credited_by": list(invoice.credited_by),
        "kinds": dict(invoice.kinds),
        "tax": invoice.tax,
    }


def invoice_from_json(supplier: str, number: str, found: Json) -> OrderInvoice:
    return OrderInvoice(
        supplier=supplier,
        number=number,
        rate=read_rate(found["rate"]),
        credit_note=found["credit_note"],
        lines={int(line): InvoicedLine(_read_coding(coding), *amounts) for line, (coding, *amounts) in found["lines"].items()},
        shipping=found["shipping"],
        header_tax=found["header_tax"],
        cancelled=found["cancelled"],
        credited_by=tuple(found["credited_by"]),
        kinds={ChargeKind(kind): amount for kind, amount in found["kinds"].items()},
        tax=found["tax"],
    )


def balances_to_json(balances: Balances) -> list[list[Any]]:
    return [
        [key.role, key.ledger, key.account, key.account_code, key.charge_code, amounts.document, amounts.base]
        for key, amounts in balances.items()
    ]


def balances_from_json(order_line: int | None, found: Sequence[Sequence[Any]]) -> Mapping[BalanceKey, Amounts]:
    return {
        BalanceKey(order_line, Role(role), Ledger(ledger), account, account_code, charge_code): Amounts(document, base)
        for role, ledger, account, account_code, charge_code, document, base in found
    }


def read_rate(text: str) -> Fraction:
    """A rate; that of one currency is the constant, which arithmetic takes a short cut for."""
    return SAME_CURRENCY if text == "1" else Fraction(text)


def _terms(terms: Terms) -> list[int]:
    return [terms.quantity, terms.unit_price, terms.tax_rate, terms.share, terms.total]


def _read_terms(found: Sequence[int], digits: int) -> Terms:
    quantity, unit_price, tax_rate, share, total = found
    return Terms(quantity, unit_price, tax_rate, share, digits, total)


def _coding(coding: Coding) -> list[list[Any]]:
    return [list(coding.codes), list(coding.weights)]


def _read_coding(found: Sequence[Sequence[Any]]) -> Coding:
    codes, weights = found
    return Coding(tuple(codes), tuple(weights))
