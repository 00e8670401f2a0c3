"""The debtors ledger's set-up: GL interface records, how they are chosen, and what names them; and the numbers that were used."""

from sqlalchemy import CheckConstraint, Column, ForeignKeyConstraint, Index, Table, Text, UniqueConstraint, Uuid
from sqlalchemy.dialects.postgresql import ARRAY

from app.adapters.postgres.tables.base import metadata, tenant_id

gl_interface = Table(
    "gl_interface",
    metadata,
    tenant_id(),
    Column("code", Text, primary_key=True),
    Column("description", Text, nullable=False),
    Column("trade_debtors_account", Text, nullable=False),
    Column("invoice_account", Text, nullable=False),
    Column("journal_account", Text, nullable=False),
    Column("tax_account", Text, nullable=False),
    Column("for_warehouse", Text, comment="with for_debtors: the pair that it is for, which need not be set up yet"),
    Column("for_debtors", Text, comment="a debtor or a sales territory, whichever is the debtors key"),
    *(
        ForeignKeyConstraint(["tenant_id", name], ["account.tenant_id", "account.name"])
        for name in ("trade_debtors_account", "invoice_account", "journal_account", "tax_account")
    ),
    UniqueConstraint("tenant_id", "for_warehouse", "for_debtors"),
    CheckConstraint("(for_warehouse is null) = (for_debtors is null)", name="pair"),
    CheckConstraint("trade_debtors_account not in (invoice_account, journal_account, tax_account)", name="control"),
)

debtor_dissection = Table(
    "debtor_dissection",
    metadata,
    tenant_id(),
    Column("option", Text, nullable=False),
    Column("warehouse_key", Text, nullable=False),
    Column("debtors_key", Text, nullable=False),
    CheckConstraint("option in ('total', 'combination', 'dissect', 'gl_dissect')", name="option"),
    CheckConstraint("warehouse_key in ('none', 'warehouse')", name="warehouse_key"),
    CheckConstraint("debtors_key in ('none', 'debtor', 'sales_territory')", name="debtors_key"),
    CheckConstraint("option = 'combination' or (warehouse_key = 'none' and debtors_key = 'none')", name="keys"),
)

warehouse = Table(
    "warehouse",
    metadata,
    tenant_id(),
    Column("code", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("gl_interface", Text),
    ForeignKeyConstraint(["tenant_id", "gl_interface"], ["gl_interface.tenant_id", "gl_interface.code"]),
    Index(None, "tenant_id", "gl_interface"),
)

sales_territory = Table(
    "sales_territory",
    metadata,
    tenant_id(),
    Column("code", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("gl_interface", Text),
    ForeignKeyConstraint(["tenant_id", "gl_interface"], ["gl_interface.tenant_id", "gl_interface.code"]),
    Index(None, "tenant_id", "gl_interface"),
)

debtor = Table(
    "debtor",
    metadata,
    tenant_id(),
    Column("code", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("sales_territory", Text, nullable=False),
    Column("gl_interface", Text),
    Column("default_warehouse", Text),
    ForeignKeyConstraint(["tenant_id", "sales_territory"], ["sales_territory.tenant_id", "sales_territory.code"]),
    ForeignKeyConstraint(["tenant_id", "gl_interface"], ["gl_interface.tenant_id", "gl_interface.code"]),
    ForeignKeyConstraint(["tenant_id", "default_warehouse"], ["warehouse.tenant_id", "warehouse.code"]),
    Index(None, "tenant_id", "sales_territory"),
    Index(None, "tenant_id", "gl_interface"),
    Index(None, "tenant_id", "default_warehouse"),
)

debtor_document = Table(
    "debtor_document",
    metadata,
    tenant_id(),
    Column("kind", Text, primary_key=True),
    Column("number", Text, primary_key=True),
    Column("event_id", Uuid, nullable=False),
    Column("reversed_by", Uuid, comment="the event that reversed it: once"),
    Column("debtor", Text, nullable=False),
    Column("warehouse", Text),
    Column("sales_territory", Text, nullable=False),
    Column("gl_interfaces", ARRAY(Text), nullable=False),
    ForeignKeyConstraint(["tenant_id", "event_id"], ["event.tenant_id", "event.event_id"]),
    ForeignKeyConstraint(["tenant_id", "reversed_by"], ["event.tenant_id", "event.event_id"]),
    ForeignKeyConstraint(["tenant_id", "debtor"], ["debtor.tenant_id", "debtor.code"]),
    ForeignKeyConstraint(["tenant_id", "warehouse"], ["warehouse.tenant_id", "warehouse.code"]),
    ForeignKeyConstraint(["tenant_id", "sales_territory"], ["sales_territory.tenant_id", "sales_territory.code"]),
    CheckConstraint("kind in ('invoice', 'credit_note', 'journal_debit', 'journal_credit')", name="kind"),
    CheckConstraint("cardinality(gl_interfaces) > 0", name="gl_interfaces"),
    CheckConstraint("reversed_by <> event_id", name="reversed_by"),
    Index(None, "tenant_id", "debtor"),
    Index(None, "tenant_id", "warehouse"),
    Index(None, "tenant_id", "sales_territory"),
    Index("debtor_document_gl_interfaces_idx", "gl_interfaces", postgresql_using="gin"),
)
