"""The schema as SQLAlchemy tables: what queries are built from. Triggers and functions are in `migrations/`.

Every table's primary key begins with `tenant_id`. Money is bigint minor units, never a float, with its currency beside it.
"""

from app.adapters.postgres.tables.base import metadata
from app.adapters.postgres.tables.debtor_batches import debtor_batch, debtor_batch_item
from app.adapters.postgres.tables.debtors import debtor, debtor_dissection, debtor_document, gl_interface, sales_territory, warehouse
from app.adapters.postgres.tables.delivery import (
    attempt,
    batch,
    batch_item,
    delivery,
    endpoint_flow,
    erp_endpoint,
    journal,
    journal_step,
    journal_transaction,
    lane,
    poll_lease,
)
from app.adapters.postgres.tables.erp_chart import erp_account, erp_chart_pull, erp_reference_data
from app.adapters.postgres.tables.events import event, order_event, subject_lock
from app.adapters.postgres.tables.ledger import account_transaction, account_transaction_line
from app.adapters.postgres.tables.orders import order_invoice, purchase_order, purchase_order_line, supplier_document
from app.adapters.postgres.tables.reports import ledger_day, ledger_fold, ledger_month
from app.adapters.postgres.tables.setup import account, api_key, audit_log, period, posting_manager_version, tenant
from app.adapters.postgres.tables.sign_in import erp_authorisation, erp_consent
from app.adapters.postgres.tables.users import app_user, sign_in_failure, user_session

__all__ = [
    "account",
    "account_transaction",
    "account_transaction_line",
    "api_key",
    "app_user",
    "attempt",
    "audit_log",
    "batch",
    "batch_item",
    "debtor",
    "debtor_batch",
    "debtor_batch_item",
    "debtor_dissection",
    "debtor_document",
    "delivery",
    "endpoint_flow",
    "erp_account",
    "erp_authorisation",
    "erp_chart_pull",
    "erp_consent",
    "erp_endpoint",
    "erp_reference_data",
    "event",
    "gl_interface",
    "journal",
    "journal_step",
    "journal_transaction",
    "lane",
    "ledger_day",
    "ledger_fold",
    "ledger_month",
    "metadata",
    "order_event",
    "order_invoice",
    "period",
    "poll_lease",
    "posting_manager_version",
    "purchase_order",
    "purchase_order_line",
    "sales_territory",
    "sign_in_failure",
    "subject_lock",
    "supplier_document",
    "tenant",
    "user_session",
    "warehouse",
]
