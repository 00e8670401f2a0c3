"""The ledger summed by day, and by month without charge codes, for reports that would otherwise read all of history.
Made from the ledger, and makeable again."""

from sqlalchemy import Column, Date, Index, Numeric, Table, Text

from app.adapters.postgres.tables.base import Xid8, metadata, tenant_id

ledger_fold = Table(
    "ledger_fold",
    metadata,
    tenant_id(),
    Column("summed_before", Xid8, nullable=False, comment="transactions written before it are in ledger_day and ledger_month"),
)

ledger_day = Table(
    "ledger_day",
    metadata,
    tenant_id(),
    Column("accounting_date", Date, primary_key=True),
    Column("role", Text, primary_key=True),
    Column("account", Text, primary_key=True, comment="empty where the line has none"),
    Column("account_code", Text, primary_key=True),
    Column("charge_code", Text, primary_key=True, comment="empty where the line has none"),
    Column("debit", Numeric, nullable=False),
    Column("credit", Numeric, nullable=False),
    Index("ledger_day_charge_code_idx", "tenant_id", "charge_code", "account_code"),
)

ledger_month = Table(
    "ledger_month",
    metadata,
    tenant_id(),
    Column("month", Date, primary_key=True, comment="its first day"),
    Column("role", Text, primary_key=True),
    Column("account", Text, primary_key=True, comment="empty where the line has none"),
    Column("account_code", Text, primary_key=True),
    Column("debit", Numeric, nullable=False),
    Column("credit", Numeric, nullable=False),
)
