"""Worked cases of dissection: a set-up in the contract's shape, what a transaction chooses, and the amounts that it must post.

Two debtors control accounts, four records. `Posts` are for an invoice; the other kinds follow from it by their direction, and journals
by posting to the record's journal account instead of its income."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

CHART = {
    "Trade Debtors": {"account_code": "1200", "type": "asset"},
    "Debtors Export": {"account_code": "1210", "type": "asset"},
    "Sales": {"account_code": "4010", "type": "income"},
    "Sales Export": {"account_code": "4020", "type": "income"},
    "Sales North": {"account_code": "4030", "type": "income"},
    "Consulting": {"account_code": "4900", "type": "income"},
    "Debtors Journal": {"account_code": "5900", "type": "expense"},
    "Export Journal": {"account_code": "5910", "type": "expense"},
    "North Journal": {"account_code": "5920", "type": "expense"},
    "GST Collected": {"account_code": "2300", "type": "liability"},
    "GST North": {"account_code": "2310", "type": "liability"},
}


def record(trade_debtors: str, invoice: str, journal: str, tax: str, **more: Any) -> dict[str, Any]:
    return {
        "description": f"{trade_debtors} and {invoice}",
        "trade_debtors_account": trade_debtors,
        "invoice_account": invoice,
        "journal_account": journal,
        "tax_account": tax,
    } | more


RECORDS = {
    "TOTAL": record("Trade Debtors", "Sales", "Debtors Journal", "GST Collected"),
    "EXP": record("Debtors Export", "Sales Export", "Export Journal", "GST Collected"),
    "NORTH": record("Trade Debtors", "Sales North", "North Journal", "GST North"),
    "D100-03": record("Debtors Export", "Sales", "Debtors Journal", "GST Collected", **{"for": {"warehouse": "03", "debtors": "D100"}}),
    "NSW-03": record("Debtors Export", "Sales North", "Export Journal", "GST North", **{"for": {"warehouse": "03", "debtors": "NSW"}}),
}
WAREHOUSES: dict[str, dict[str, Any]] = {
    "01": {"name": "North", "gl_interface": "NORTH"},
    "02": {"name": "Without a record", "gl_interface": None},
    "03": {"name": "Harbour", "gl_interface": None},
}
TERRITORIES: dict[str, dict[str, Any]] = {
    "NSW": {"name": "New South Wales", "gl_interface": "EXP"},
    "VIC": {"name": "Victoria", "gl_interface": None},
}
DEBTORS: dict[str, dict[str, Any]] = {
    "D100": {"name": "Acme", "sales_territory": "NSW", "gl_interface": "EXP", "default_warehouse": "01"},
    "D200": {"name": "Bolt", "sales_territory": "VIC", "gl_interface": None},
    "D300": {"name": "Cord", "sales_territory": "NSW", "gl_interface": "TOTAL", "default_warehouse": "02"},
}
JOURNAL_OF = {"Sales": "Debtors Journal", "Sales Export": "Export Journal", "Sales North": "North Journal"}
KINDS = ("invoice", "credit_note", "journal_debit", "journal_credit")


@dataclass(frozen=True, kw_only=True)
class Case:
    """`posts`: per record's share (control, income, tax account) the net and the tax, as text. `journal`: the accounts that journals
    post to instead of the incomes, where they are not `JOURNAL_OF`. `refused`: the code of the problem instead."""

    name: str
    option: dict[str, str]
    debtor: str = "D100"
    warehouse: str | None = None
    lines: tuple[dict[str, str], ...] = ({"description": "Work", "amount": "100.00"},)
    tax: str = "15.00"
    posts: tuple[tuple[str, str, str, str, str], ...] = ()
    journal: dict[str, str] = field(default_factory=dict)
    records: tuple[str, ...] = ()
    refused: str | None = None
    says: str = ""

    def data(self, kind: str, *, taxed: bool = True, number: str = "N-1") -> dict[str, Any]:
        """The data of the event."""
        given: dict[str, Any] = {
            "transaction_number": number,
            "kind": kind,
            "debtor": self.debtor,
            "date": "2026-11-03",
            "currency": "NZD",
            "lines": [dict(line) for line in self.lines],
        }
        return given | ({"warehouse": self.warehouse} if self.warehouse else {}) | ({"tax": self.tax} if taxed else {})

    def posted(self, kind: str, *, taxed: bool) -> set[tuple[str, str, str, str]]:
        """Role, account, side and amount of every line."""
        debtors, others = ("debit", "credit") if kind in ("invoice", "journal_debit") else ("credit", "debit")
        role = "adjustment" if kind.startswith("journal") else "revenue"
        sums: dict[tuple[str, str, str], Decimal] = {}
        for control, income, tax_account, net, tax in self.posts:
            contra = (self.journal.get(income) or JOURNAL_OF.get(income, income)) if role == "adjustment" else income
            parts = [(("receivable", control, debtors), Decimal(net)), ((role, contra, others), Decimal(net))]
            if taxed:
                parts += [(("receivable", control, debtors), Decimal(tax)), (("tax", tax_account, others), Decimal(tax))]
            for key, amount in parts:
                sums[key] = sums.get(key, Decimal(0)) + amount
        return {(*key, str(amount)) for key, amount in sums.items() if amount}


def combination(warehouse: str = "none", debtors: str = "none") -> dict[str, str]:
    return {"option": "combination", "warehouse_key": warehouse, "debtors_key": debtors}


TOTAL, DISSECT, GL_DISSECT = {"option": "total"}, {"option": "dissect"}, {"option": "gl_dissect"}
STANDARD = (("Trade Debtors", "Sales", "GST Collected", "100.00", "15.00"),)
EXPORT = (("Debtors Export", "Sales Export", "GST Collected", "100.00", "15.00"),)
NORTH = (("Trade Debtors", "Sales North", "GST North", "100.00", "15.00"),)


def chosen(*choices: tuple[str, str], by: str = "gl_interface") -> tuple[dict[str, str], ...]:
    return tuple({"description": f"Part {place}", "amount": amount, by: code} for place, (code, amount) in enumerate(choices, start=1))


POSTING = (
    Case(name="total", option=TOTAL, posts=STANDARD, records=("TOTAL",)),
    Case(name="total, whatever the warehouse", option=TOTAL, debtor="D200", warehouse="02", posts=STANDARD, records=("TOTAL",)),
    Case(name="combination without keys", option=combination(), posts=STANDARD, records=("TOTAL",)),
    Case(name="by the default warehouse", option=combination("warehouse"), posts=NORTH, records=("NORTH",)),
    Case(name="by the given warehouse", option=combination("warehouse"), debtor="D200", warehouse="01", posts=NORTH, records=("NORTH",)),
    Case(name="by the given one before the default", option=combination("warehouse"), debtor="D300", warehouse="01", posts=NORTH),
    Case(name="by the debtor", option=combination("none", "debtor"), posts=EXPORT, records=("EXP",)),
    Case(name="by the sales territory", option=combination("none", "sales_territory"), debtor="D300", posts=EXPORT, records=("EXP",)),
    Case(
        name="by debtor and warehouse without a pair",
        option=combination("warehouse", "debtor"),
        posts=(("Debtors Export", "Sales North", "GST North", "100.00", "15.00"),),
        records=("EXP", "NORTH"),
    ),
    Case(
        name="by territory and warehouse without a pair",
        option=combination("warehouse", "sales_territory"),
        debtor="D300",
        warehouse="01",
        posts=(("Debtors Export", "Sales North", "GST North", "100.00", "15.00"),),
        records=("EXP", "NORTH"),
    ),
    Case(
        name="by the pair of debtor and warehouse",
        option=combination("warehouse", "debtor"),
        warehouse="03",
        posts=(("Debtors Export", "Sales", "GST Collected", "100.00", "15.00"),),
        records=("D100-03",),
    ),
    Case(
        name="by the pair of territory and warehouse",
        option=combination("warehouse", "sales_territory"),
        warehouse="03",
        posts=(("Debtors Export", "Sales North", "GST North", "100.00", "15.00"),),
        journal={"Sales North": "Export Journal"},
        records=("NSW-03",),
    ),
    Case(name="dissect, one record", option=DISSECT, lines=chosen(("EXP", "60.00"), ("EXP", "40.00")), posts=EXPORT, records=("EXP",)),
    Case(
        name="dissect, records with other controls and taxes",
        option=DISSECT,
        lines=chosen(("TOTAL", "10.00"), ("NORTH", "10.00"), ("EXP", "10.00")),
        tax="1.00",
        posts=(
            ("Trade Debtors", "Sales", "GST Collected", "10.00", "0.34"),
            ("Trade Debtors", "Sales North", "GST North", "10.00", "0.33"),
            ("Debtors Export", "Sales Export", "GST Collected", "10.00", "0.33"),
        ),
        records=("TOTAL", "NORTH", "EXP"),
    ),
    Case(
        name="dissect, a line of nothing takes no tax",
        option=DISSECT,
        lines=chosen(("NORTH", "0"), ("EXP", "100.00")),
        posts=EXPORT,
        records=("NORTH", "EXP"),
    ),
    Case(
        name="gl_dissect",
        option=GL_DISSECT,
        lines=chosen(("Consulting", "70.00"), ("Sales Export", "30.00"), by="gl_account"),
        posts=(
            ("Trade Debtors", "Consulting", "GST Collected", "70.00", "10.50"),
            ("Trade Debtors", "Sales Export", "GST Collected", "30.00", "4.50"),
        ),
        journal={"Sales Export": "Sales Export"},
        records=("TOTAL",),
    ),
)

REFUSED = (
    Case(name="total and a chosen record", option=TOTAL, lines=chosen(("EXP", "1.00")), refused="wrong-dissection"),
    Case(name="total and a chosen account", option=TOTAL, lines=chosen(("Sales", "1.00"), by="gl_account"), refused="wrong-dissection"),
    Case(name="combination and a chosen record", option=combination(), lines=chosen(("TOTAL", "1.00")), refused="wrong-dissection"),
    Case(name="no warehouse", option=combination("warehouse"), debtor="D200", refused="warehouse-missing", says="no default warehouse"),
    Case(
        name="a warehouse without a record",
        option=combination("warehouse"),
        debtor="D300",
        refused="gl-interface-missing",
        says="PUT /v1/warehouses/02",
    ),
    Case(
        name="a debtor without a record",
        option=combination("none", "debtor"),
        debtor="D200",
        refused="gl-interface-missing",
        says="PUT /v1/debtors/D200",
    ),
    Case(
        name="a territory without a record",
        option=combination("none", "sales_territory"),
        debtor="D200",
        refused="gl-interface-missing",
        says="PUT /v1/sales-territories/VIC",
    ),
    Case(
        name="both without a record",
        option=combination("warehouse", "debtor"),
        debtor="D200",
        warehouse="02",
        refused="gl-interface-missing",
        says="PUT /v1/debtors/D200; warehouse 02 has no GL interface record: set it in PUT /v1/warehouses/02",
    ),
    Case(
        name="another key's pair does not help",
        option=combination("warehouse", "debtor"),
        debtor="D300",
        warehouse="03",
        refused="gl-interface-missing",
        says="PUT /v1/warehouses/03",
    ),
    Case(name="an unknown debtor", option=TOTAL, debtor="D999", refused="unknown-debtor", says="PUT /v1/debtors/D999"),
    Case(name="an unknown warehouse", option=TOTAL, warehouse="99", refused="unknown-warehouse", says="PUT /v1/warehouses/99"),
    Case(name="dissect without a choice", option=DISSECT, refused="wrong-dissection", says="every line"),
    Case(name="dissect with an account", option=DISSECT, lines=chosen(("Sales", "1.00"), by="gl_account"), refused="wrong-dissection"),
    Case(name="dissect, not on the list", option=DISSECT, lines=chosen(("NONE", "1.00")), refused="unknown-gl-interface", says="NONE"),
    Case(name="gl_dissect without a choice", option=GL_DISSECT, refused="wrong-dissection", says="every line"),
    Case(name="gl_dissect with a record", option=GL_DISSECT, lines=chosen(("TOTAL", "1.00")), refused="wrong-dissection"),
    Case(
        name="gl_dissect, not on the chart",
        option=GL_DISSECT,
        lines=chosen(("Nowhere", "1.00"), by="gl_account"),
        refused="unknown-account",
        says="Nowhere",
    ),
    Case(
        name="gl_dissect, a control account",
        option=GL_DISSECT,
        lines=chosen(("Debtors Export", "1.00"), by="gl_account"),
        refused="wrong-dissection",
        says="control account",
    ),
    Case(name="nothing to post", option=TOTAL, lines=({"amount": "0"},), tax="0.00", refused="invalid", says="nothing to post"),
)
