"""The debtors ledger's master data as forms and tables: the same screens for each kind."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.api.csv_body import read_row
from app.api.debtors import DebtorRow
from app.api.gl_interfaces import GlInterfaceRow
from app.api.sales_territories import SalesTerritoryRow
from app.api.warehouses import WarehouseRow
from app.application.configure.master_kinds import DEBTOR, GL_INTERFACE, SALES_TERRITORY, WAREHOUSE, MasterKind
from app.domain.debtors import GlInterface, Master
from app.domain.errors import NotFound
from app.web.filled import Filled
from app.web.forms import Form


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A column of the file and a field of the form. `choices` names the list that it is searched in."""

    name: str
    label: str
    hint: str = ""
    choices: str = ""
    required: bool = False
    wide: bool = False
    longest: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class MasterForm:
    """`path` is the last part of its pages' addresses, `one` and `many` what people call a row and all of them, `about` what they are."""

    path: str
    one: str
    many: str
    about: str
    kind: MasterKind[Any]
    model: type[Any]
    fields: tuple[Field, ...]

    @property
    def choices(self) -> tuple[str, ...]:
        """The lists that its fields are searched in, each once."""
        return tuple(dict.fromkeys(field.choices for field in self.fields if field.choices))

    @property
    def labels(self) -> Mapping[str, str]:
        return {field.name: field.label for field in self.fields}

    def values(self, row: Master) -> Mapping[str, str]:
        """A row as its form shows it."""
        pair = row.pair if isinstance(row, GlInterface) else None
        known = {"for_warehouse": pair.warehouse if pair else "", "for_debtors": pair.debtors if pair else ""}
        return {field.name: known.get(field.name) or getattr(row, field.name, None) or "" for field in self.fields}

    def typed(self, form: Form) -> Mapping[str, str]:
        return {field.name: form.text(field.name) for field in self.fields}

    def row(self, values: Mapping[str, str]) -> Any:
        """The row that was typed. Raises `Invalid` with a fault per field."""
        return read_row(values, self.model).to_domain()

    def filled(self, row: Master) -> Filled:
        return Filled(values=self.values(row))


CODE = Field(name="code", label="Code", required=True)
NAME = Field(name="name", label="Name", required=True, longest=500)
RECORD = Field(name="gl_interface", label="GL interface", hint="Its record’s code, empty for none.", choices="gl-interfaces")

FORMS = (
    MasterForm(
        path="gl-interfaces",
        one="GL interface record",
        many="GL interface records",
        about="Which accounts a debtor transaction takes. The standard record is TOTAL.",
        kind=GL_INTERFACE,
        model=GlInterfaceRow,
        fields=(
            CODE,
            Field(name="description", label="Description", longest=500, wide=True),
            Field(
                name="trade_debtors_account",
                label="Trade debtors account",
                hint="The control account, an asset; in no record anything else.",
                choices="control-accounts",
                required=True,
            ),
            Field(name="invoice_account", label="Invoice account", hint="Of invoices and credit notes.", choices="accounts", required=True),
            Field(
                name="journal_account", label="Journal account", hint="Of debtors journals.", choices="accounts", required=True, wide=True
            ),
            Field(name="tax_account", label="Tax account", choices="accounts", required=True, wide=True),
            Field(
                name="for_warehouse", label="For warehouse", hint="With the next: the pair that it is for.", choices="warehouses", wide=True
            ),
            Field(name="for_debtors", label="For debtor or sales territory", hint="Whichever is the debtors key.", wide=True),
        ),
    ),
    MasterForm(
        path="warehouses",
        one="warehouse",
        many="Warehouses",
        about="A transaction’s own, or the default one of its debtor. Its record counts where the warehouse is a key.",
        kind=WAREHOUSE,
        model=WarehouseRow,
        fields=(CODE, NAME, RECORD),
    ),
    MasterForm(
        path="sales-territories",
        one="sales territory",
        many="Sales territories",
        about="Every debtor belongs to one. Its record counts where the sales territory is a key.",
        kind=SALES_TERRITORY,
        model=SalesTerritoryRow,
        fields=(CODE, NAME, RECORD),
    ),
    MasterForm(
        path="debtors",
        one="debtor",
        many="Debtors",
        about="Who owes, where they belong, and which record is theirs where the debtor is a key.",
        kind=DEBTOR,
        model=DebtorRow,
        fields=(
            CODE,
            NAME,
            Field(name="sales_territory", label="Sales territory", choices="sales-territories", required=True),
            RECORD,
            Field(
                name="default_warehouse",
                label="Default warehouse",
                hint="Taken where a transaction names none.",
                choices="warehouses",
                wide=True,
            ),
        ),
    ),
)


def form_of(path: str) -> MasterForm:
    """Raises `NotFound`."""
    for form in FORMS:
        if form.path == path:
            return form
    raise NotFound(f"there is no set-up of {path}")
