"""The tables: set-up, events, orders, the ledger, journals and their delivery."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import UserDefinedType

revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


class Xid8(UserDefinedType):
    def get_col_spec(self, **_):
        return 'xid8'


def upgrade() -> None:
    op.execute("CREATE SEQUENCE ledger_sequence")
    op.create_table('account',
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('account_code', sa.Text(), nullable=False),
    sa.Column('type', sa.Text(), nullable=False),
    sa.Column('active', sa.Boolean(), server_default='true', nullable=False),
    sa.CheckConstraint("type in ('liability', 'expense', 'asset', 'equity', 'income')", name=op.f('account_type_check')),
    sa.PrimaryKeyConstraint('tenant_id', 'name', name=op.f('account_pkey'))
    )
    op.create_index(op.f('account_tenant_id_account_code_idx'), 'account', ['tenant_id', 'account_code'], unique=False)
    op.create_table('api_key',
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('key_id', sa.Uuid(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('hash', sa.LargeBinary(), nullable=False),
    sa.Column('scopes', postgresql.ARRAY(sa.Text()), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('tenant_id', 'key_id', name=op.f('api_key_pkey')),
    sa.UniqueConstraint('hash', name=op.f('api_key_hash_key'))
    )
    op.create_table('audit_log',
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('audit_id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('actor', sa.Text(), nullable=False),
    sa.Column('command', sa.Text(), nullable=False),
    sa.Column('subject', sa.Text(), nullable=False),
    sa.Column('detail', postgresql.JSONB(astext_type=sa.Text()), server_default='{}', nullable=False),
    sa.PrimaryKeyConstraint('tenant_id', 'audit_id', name=op.f('audit_log_pkey'))
    )
    op.create_table('erp_endpoint',
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('adapter', sa.Text(), nullable=False),
    sa.Column('url', sa.Text(), nullable=False),
    sa.Column('environment', sa.Text(), nullable=False),
    sa.Column('settings', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('credentials', sa.LargeBinary(), nullable=True, comment='AES-GCM, bound to this row'),
    sa.Column('delivery', sa.Text(), nullable=False),
    sa.Column('grouping', sa.Text(), nullable=False),
    sa.Column('release', sa.Text(), nullable=False),
    sa.Column('omit', postgresql.ARRAY(sa.Text()), nullable=False),
    sa.Column('commitments', sa.Text(), nullable=False),
    sa.Column('minimum_validation', sa.Text(), nullable=True),
    sa.Column('starts_on', sa.Date(), nullable=False),
    sa.Column('mapping', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('description_template', sa.Text(), nullable=True),
    sa.Column('rate_limit_per_minute', sa.Integer(), nullable=False),
    sa.Column('max_concurrency', sa.Integer(), nullable=False),
    sa.Column('paused', sa.Boolean(), server_default='false', nullable=False),
    sa.Column('paused_reason', sa.Text(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.PrimaryKeyConstraint('tenant_id', 'name', name=op.f('erp_endpoint_pkey'))
    )
    op.create_table('event',
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('event_id', sa.Uuid(), nullable=False),
    sa.Column('source', sa.Text(), nullable=False),
    sa.Column('external_id', sa.Text(), nullable=False, comment="the sender's id: with source the idempotency key"),
    sa.Column('type', sa.Text(), nullable=False),
    sa.Column('occurred_at', sa.DateTime(timezone=True), nullable=True, comment='when it happened, as the sender says'),
    sa.Column('data', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('fingerprint', sa.LargeBinary(), nullable=False, comment='SHA-256 of type and data as canonical JSON'),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('problem', postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    sa.Column('waits_for', postgresql.ARRAY(sa.Text()), server_default='{}', nullable=False),
    sa.Column('subjects', postgresql.ARRAY(sa.Text()), server_default='{}', nullable=False, comment='the orders it is about'),
    sa.Column('arrival', sa.BigInteger(), server_default=sa.text("nextval('ledger_sequence')"), nullable=False),
    sa.Column('applied', sa.BigInteger(), nullable=True, comment="position in the log of what moved balances: drawn under the order's lock"),
    sa.Column('decision', postgresql.JSONB(astext_type=sa.Text()), nullable=True, comment='what it was decided with: accounting dates and posting manager versions'),
    sa.Column('received_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('written_in', Xid8(), server_default=sa.text('pg_current_xact_id()'), nullable=False),
    sa.CheckConstraint("status in ('posted', 'parked', 'refused', 'discarded')", name=op.f('event_status_check')),
    sa.PrimaryKeyConstraint('tenant_id', 'event_id', name=op.f('event_pkey')),
    sa.UniqueConstraint('tenant_id', 'source', 'external_id', name=op.f('event_tenant_id_source_external_id_key'))
    )
    op.create_index('event_applied_idx', 'event', ['tenant_id', 'applied'], unique=True, postgresql_where=sa.text('applied is not null'))
    op.create_index('event_parked_idx', 'event', ['waits_for'], unique=False, postgresql_using='gin', postgresql_where=sa.text("status = 'parked'"))
    op.create_index(op.f('event_tenant_id_written_in_arrival_idx'), 'event', ['tenant_id', 'written_in', 'arrival'], unique=False)
    op.create_index('event_waiting_idx', 'event', ['tenant_id', 'arrival'], unique=False, postgresql_where=sa.text("status in ('parked', 'refused')"))
    op.create_table('lane',
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('endpoint', sa.Text(), nullable=False),
    sa.Column('lane_key', sa.Text(), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=True, comment='when a worker should look at its head; null = nothing to do'),
    sa.Column('leased_until', sa.DateTime(timezone=True), nullable=True, comment='a worker has it until then'),
    sa.Column('fence', sa.BigInteger(), server_default='0', nullable=False, comment="grows with every lease; an older holder's word is void"),
    sa.PrimaryKeyConstraint('tenant_id', 'endpoint', 'lane_key', name=op.f('lane_pkey'))
    )
    op.create_index('lane_due_idx', 'lane', ['tenant_id', 'endpoint', 'due_at'], unique=False, postgresql_where=sa.text('due_at is not null'))
    op.create_table('order_event',
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('order_number', sa.Text(), nullable=False),
    sa.Column('applied', sa.BigInteger(), nullable=False, comment="the event's position in the log"),
    sa.Column('event_id', sa.Uuid(), nullable=False),
    sa.Column('accounting_date', sa.Date(), nullable=False),
    sa.PrimaryKeyConstraint('tenant_id', 'order_number', 'applied', name=op.f('order_event_pkey'))
    )
    op.create_table('period',
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('starts_on', sa.Date(), nullable=False),
    sa.Column('ends_on', sa.Date(), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.CheckConstraint("status in ('open', 'closed')", name=op.f('period_status_check')),
    sa.CheckConstraint('starts_on <= ends_on', name=op.f('period_dates_check')),
    sa.PrimaryKeyConstraint('tenant_id', 'name', name=op.f('period_pkey'))
    )
    op.create_table('posting_manager_version',
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('document', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('accounts', postgresql.JSONB(astext_type=sa.Text()), nullable=False, comment='the accounts it names, as they were: name → code and type'),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.PrimaryKeyConstraint('tenant_id', 'version', name=op.f('posting_manager_version_pkey'))
    )
    op.create_table('purchase_order',
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('order_number', sa.Text(), nullable=False),
    sa.Column('sequence', sa.BigInteger(), server_default=sa.text("nextval('ledger_sequence')"), nullable=False),
    sa.Column('written_in', Xid8(), server_default=sa.text('pg_current_xact_id()'), nullable=False),
    sa.Column('supplier_code', sa.Text(), nullable=True),
    sa.Column('supplier_name', sa.Text(), nullable=True),
    sa.Column('currency', sa.Text(), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('manager_version', sa.Integer(), nullable=False),
    sa.Column('state', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('posted', postgresql.JSONB(astext_type=sa.Text()), nullable=False, comment='balances without a line: shipping on its own account'),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("status in ('open', 'closed', 'cancelled')", name=op.f('purchase_order_status_check')),
    sa.PrimaryKeyConstraint('tenant_id', 'order_number', name=op.f('purchase_order_pkey'))
    )
    op.create_index(op.f('purchase_order_tenant_id_written_in_sequence_idx'), 'purchase_order', ['tenant_id', 'written_in', 'sequence'], unique=False)
    op.create_table('subject_lock',
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('number', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('tenant_id', 'kind', 'number', name=op.f('subject_lock_pkey'))
    )
    op.create_table('supplier_document',
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('supplier_code', sa.Text(), nullable=False),
    sa.Column('number', sa.Text(), nullable=False),
    sa.Column('event_id', sa.Uuid(), nullable=False),
    sa.PrimaryKeyConstraint('tenant_id', 'supplier_code', 'number', name=op.f('supplier_document_pkey'))
    )
    op.create_table('tenant',
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('base_currency', sa.Text(), nullable=False),
    sa.Column('time_zone', sa.Text(), nullable=False),
    sa.Column('reference_prefix', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.PrimaryKeyConstraint('tenant_id', name=op.f('tenant_pkey')),
    sa.UniqueConstraint('name', name=op.f('tenant_name_key')),
    sa.UniqueConstraint('reference_prefix', name=op.f('tenant_reference_prefix_key'))
    )
    op.create_table('account_transaction',
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('transaction_id', sa.Uuid(), nullable=False),
    sa.Column('sequence', sa.BigInteger(), server_default=sa.text("nextval('ledger_sequence')"), nullable=False),
    sa.Column('written_in', Xid8(), server_default=sa.text('pg_current_xact_id()'), nullable=False),
    sa.Column('event_id', sa.Uuid(), nullable=False),
    sa.Column('event_type', sa.Text(), nullable=False),
    sa.Column('subject_type', sa.Text(), nullable=False),
    sa.Column('subject_number', sa.Text(), nullable=False),
    sa.Column('supplier_code', sa.Text(), nullable=True),
    sa.Column('supplier_name', sa.Text(), nullable=True),
    sa.Column('document_type', sa.Text(), nullable=False),
    sa.Column('document_number', sa.Text(), nullable=False),
    sa.Column('document_date', sa.Date(), nullable=False),
    sa.Column('accounting_date', sa.Date(), nullable=False),
    sa.Column('currency', sa.Text(), nullable=False),
    sa.Column('currency_digits', sa.Integer(), nullable=False),
    sa.Column('base_currency', sa.Text(), nullable=False),
    sa.Column('base_digits', sa.Integer(), nullable=False),
    sa.Column('description', sa.Text(), nullable=False),
    sa.Column('posted_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("subject_type in ('order', 'debtor', 'entry')", name=op.f('account_transaction_subject_type_check')),
    sa.ForeignKeyConstraint(['tenant_id', 'event_id'], ['event.tenant_id', 'event.event_id'], name=op.f('account_transaction_tenant_id_event_id_fkey')),
    sa.PrimaryKeyConstraint('tenant_id', 'transaction_id', name=op.f('account_transaction_pkey'))
    )
    op.create_index('account_transaction_subject_idx', 'account_transaction', ['tenant_id', 'subject_number', 'sequence'], unique=False)
    op.create_index(op.f('account_transaction_tenant_id_accounting_date_idx'), 'account_transaction', ['tenant_id', 'accounting_date'], unique=False)
    op.create_index(op.f('account_transaction_tenant_id_event_id_idx'), 'account_transaction', ['tenant_id', 'event_id'], unique=False)
    op.create_index(op.f('account_transaction_tenant_id_written_in_sequence_idx'), 'account_transaction', ['tenant_id', 'written_in', 'sequence'], unique=True)
    op.create_table('journal',
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('journal_id', sa.Uuid(), nullable=False),
    sa.Column('sequence', sa.BigInteger(), server_default=sa.text("nextval('ledger_sequence')"), nullable=False),
    sa.Column('endpoint', sa.Text(), nullable=False),
    sa.Column('reference', sa.Text(), nullable=False, comment='ours, fixed for life: what the ERP stores and is asked for'),
    sa.Column('number', sa.Text(), nullable=True, comment="the ERP's own, once booked"),
    sa.Column('accounting_date', sa.Date(), nullable=False),
    sa.Column('currency', sa.Text(), nullable=False),
    sa.Column('currency_digits', sa.Integer(), nullable=False),
    sa.Column('base_currency', sa.Text(), nullable=False),
    sa.Column('base_digits', sa.Integer(), nullable=False),
    sa.Column('debit_total', sa.BigInteger(), nullable=False),
    sa.Column('base_debit_total', sa.BigInteger(), nullable=False),
    sa.Column('description', sa.Text(), nullable=False),
    sa.Column('lane_key', sa.Text(), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('version', sa.Integer(), server_default='1', nullable=False),
    sa.Column('held', sa.Boolean(), server_default='false', nullable=False),
    sa.Column('validation_level', sa.Text(), nullable=True),
    sa.Column('problems', postgresql.JSONB(astext_type=sa.Text()), server_default='[]', nullable=False),
    sa.Column('reason_code', sa.Text(), nullable=True, comment='why it is marked as sent'),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("(status = 'marked_as_sent') = (reason_code is not null)", name=op.f('journal_marked_check')),
    sa.CheckConstraint("status in ('open', 'valid', 'invalid', 'queued', 'sending', 'sent', 'rejected', 'failed', 'unknown', 'marked_as_sent')", name=op.f('journal_status_check')),
    sa.CheckConstraint('char_length(reference) <= 20', name=op.f('journal_reference_check')),
    sa.ForeignKeyConstraint(['tenant_id', 'endpoint'], ['erp_endpoint.tenant_id', 'erp_endpoint.name'], name=op.f('journal_tenant_id_endpoint_fkey')),
    sa.PrimaryKeyConstraint('tenant_id', 'journal_id', name=op.f('journal_pkey')),
    sa.UniqueConstraint('tenant_id', 'reference', name=op.f('journal_tenant_id_reference_key'))
    )
    op.create_index(op.f('journal_tenant_id_endpoint_accounting_date_sequence_idx'), 'journal', ['tenant_id', 'endpoint', 'accounting_date', 'sequence'], unique=False)
    op.create_index(op.f('journal_tenant_id_endpoint_lane_key_sequence_idx'), 'journal', ['tenant_id', 'endpoint', 'lane_key', 'sequence'], unique=False)
    op.create_index('journal_unsent_idx', 'journal', ['tenant_id', 'endpoint', 'accounting_date'], unique=False, postgresql_where=sa.text("status not in ('sent', 'marked_as_sent')"))
    op.create_table('order_invoice',
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('order_number', sa.Text(), nullable=False),
    sa.Column('supplier_code', sa.Text(), nullable=False),
    sa.Column('number', sa.Text(), nullable=False),
    sa.Column('state', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.ForeignKeyConstraint(['tenant_id', 'order_number'], ['purchase_order.tenant_id', 'purchase_order.order_number'], name=op.f('order_invoice_tenant_id_order_number_fkey')),
    sa.PrimaryKeyConstraint('tenant_id', 'order_number', 'supplier_code', 'number', name=op.f('order_invoice_pkey'))
    )
    op.create_index(op.f('order_invoice_tenant_id_number_supplier_code_idx'), 'order_invoice', ['tenant_id', 'number', 'supplier_code'], unique=False)
    op.create_table('purchase_order_line',
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('order_number', sa.Text(), nullable=False),
    sa.Column('line_number', sa.Integer(), nullable=False),
    sa.Column('state', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('posted', postgresql.JSONB(astext_type=sa.Text()), nullable=False, comment='what is posted for the line, per role, account and charge code'),
    sa.ForeignKeyConstraint(['tenant_id', 'order_number'], ['purchase_order.tenant_id', 'purchase_order.order_number'], name=op.f('purchase_order_line_tenant_id_order_number_fkey')),
    sa.PrimaryKeyConstraint('tenant_id', 'order_number', 'line_number', name=op.f('purchase_order_line_pkey'))
    )
    op.create_table('account_transaction_line',
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('transaction_id', sa.Uuid(), nullable=False),
    sa.Column('line', sa.Integer(), nullable=False),
    sa.Column('role', sa.Text(), nullable=False),
    sa.Column('ledger', sa.Text(), nullable=False),
    sa.Column('account', sa.Text(), nullable=True),
    sa.Column('account_code', sa.Text(), nullable=False),
    sa.Column('side', sa.Text(), nullable=False),
    sa.Column('amount', sa.BigInteger(), nullable=False),
    sa.Column('base_amount', sa.BigInteger(), nullable=False),
    sa.Column('order_line', sa.Integer(), nullable=True),
    sa.Column('charge_code', sa.Text(), nullable=True),
    sa.Column('description', sa.Text(), nullable=False),
    sa.CheckConstraint("ledger in ('actual', 'commitment')", name=op.f('account_transaction_line_ledger_check')),
    sa.CheckConstraint("side in ('debit', 'credit')", name=op.f('account_transaction_line_side_check')),
    sa.CheckConstraint('amount >= 0 and base_amount >= 0 and amount + base_amount > 0', name=op.f('account_transaction_line_amounts_check')),
    sa.ForeignKeyConstraint(['tenant_id', 'transaction_id'], ['account_transaction.tenant_id', 'account_transaction.transaction_id'], name=op.f('account_transaction_line_tenant_id_transaction_id_fkey')),
    sa.PrimaryKeyConstraint('tenant_id', 'transaction_id', 'line', name=op.f('account_transaction_line_pkey'))
    )
    op.create_index('account_transaction_line_account_code_idx', 'account_transaction_line', ['tenant_id', 'account_code'], unique=False)
    op.create_table('attempt',
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('attempt_id', sa.Uuid(), nullable=False),
    sa.Column('journal_id', sa.Uuid(), nullable=False),
    sa.Column('purpose', sa.Text(), nullable=False),
    sa.Column('fence', sa.BigInteger(), nullable=False, comment='0 where a person asked, outside any lane lease'),
    sa.Column('started_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('request', sa.Text(), nullable=False, comment='the body as sent, written before the call'),
    sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('status_code', sa.Integer(), nullable=True),
    sa.Column('response', sa.Text(), nullable=True),
    sa.Column('duration_ms', sa.Integer(), nullable=True),
    sa.Column('outcome', sa.Text(), nullable=True),
    sa.Column('detail', postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    sa.CheckConstraint("purpose in ('validate', 'send', 'find')", name=op.f('attempt_purpose_check')),
    sa.ForeignKeyConstraint(['tenant_id', 'journal_id'], ['journal.tenant_id', 'journal.journal_id'], name=op.f('attempt_tenant_id_journal_id_fkey')),
    sa.PrimaryKeyConstraint('tenant_id', 'attempt_id', name=op.f('attempt_pkey'))
    )
    op.create_index(op.f('attempt_tenant_id_journal_id_started_at_idx'), 'attempt', ['tenant_id', 'journal_id', 'started_at'], unique=False)
    op.create_table('delivery',
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('journal_id', sa.Uuid(), nullable=False),
    sa.Column('endpoint', sa.Text(), nullable=False),
    sa.Column('lane_key', sa.Text(), nullable=False),
    sa.Column('position', sa.BigInteger(), nullable=False),
    sa.Column('wanted', sa.Boolean(), nullable=False, comment="released for sending: by the endpoint's rule or by a person"),
    sa.Column('done', sa.Boolean(), server_default='false', nullable=False),
    sa.Column('failures', sa.Integer(), server_default='0', nullable=False),
    sa.Column('next_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['tenant_id', 'journal_id'], ['journal.tenant_id', 'journal.journal_id'], name=op.f('delivery_tenant_id_journal_id_fkey')),
    sa.PrimaryKeyConstraint('tenant_id', 'journal_id', name=op.f('delivery_pkey'))
    )
    op.create_index('delivery_waiting_idx', 'delivery', ['tenant_id', 'endpoint', 'lane_key', 'position'], unique=False, postgresql_where=sa.text('not done'))
    op.create_table('journal_transaction',
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('journal_id', sa.Uuid(), nullable=False),
    sa.Column('transaction_id', sa.Uuid(), nullable=False),
    sa.Column('endpoint', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['tenant_id', 'journal_id'], ['journal.tenant_id', 'journal.journal_id'], name=op.f('journal_transaction_tenant_id_journal_id_fkey')),
    sa.ForeignKeyConstraint(['tenant_id', 'transaction_id'], ['account_transaction.tenant_id', 'account_transaction.transaction_id'], name=op.f('journal_transaction_tenant_id_transaction_id_fkey')),
    sa.PrimaryKeyConstraint('tenant_id', 'journal_id', 'transaction_id', name=op.f('journal_transaction_pkey')),
    sa.UniqueConstraint('tenant_id', 'transaction_id', 'endpoint', name=op.f('journal_transaction_tenant_id_transaction_id_endpoint_key'))
    )


def downgrade() -> None:
    op.drop_table('journal_transaction')
    op.drop_index('delivery_waiting_idx', table_name='delivery', postgresql_where=sa.text('not done'))
    op.drop_table('delivery')
    op.drop_index(op.f('attempt_tenant_id_journal_id_started_at_idx'), table_name='attempt')
    op.drop_table('attempt')
    op.drop_index('account_transaction_line_account_code_idx', table_name='account_transaction_line')
    op.drop_table('account_transaction_line')
    op.drop_table('purchase_order_line')
    op.drop_index(op.f('order_invoice_tenant_id_number_supplier_code_idx'), table_name='order_invoice')
    op.drop_table('order_invoice')
    op.drop_index('journal_unsent_idx', table_name='journal', postgresql_where=sa.text("status not in ('sent', 'marked_as_sent')"))
    op.drop_index(op.f('journal_tenant_id_endpoint_lane_key_sequence_idx'), table_name='journal')
    op.drop_index(op.f('journal_tenant_id_endpoint_accounting_date_sequence_idx'), table_name='journal')
    op.drop_table('journal')
    op.drop_index(op.f('account_transaction_tenant_id_written_in_sequence_idx'), table_name='account_transaction')
    op.drop_index(op.f('account_transaction_tenant_id_event_id_idx'), table_name='account_transaction')
    op.drop_index(op.f('account_transaction_tenant_id_accounting_date_idx'), table_name='account_transaction')
    op.drop_index('account_transaction_subject_idx', table_name='account_transaction')
    op.drop_table('account_transaction')
    op.drop_table('tenant')
    op.drop_table('supplier_document')
    op.drop_table('subject_lock')
    op.drop_index(op.f('purchase_order_tenant_id_written_in_sequence_idx'), table_name='purchase_order')
    op.drop_table('purchase_order')
    op.drop_table('posting_manager_version')
    op.drop_table('period')
    op.drop_table('order_event')
    op.drop_index('lane_due_idx', table_name='lane', postgresql_where=sa.text('due_at is not null'))
    op.drop_table('lane')
    op.drop_index('event_waiting_idx', table_name='event', postgresql_where=sa.text("status in ('parked', 'refused')"))
    op.drop_index(op.f('event_tenant_id_written_in_arrival_idx'), table_name='event')
    op.drop_index('event_parked_idx', table_name='event', postgresql_using='gin', postgresql_where=sa.text("status = 'parked'"))
    op.drop_index('event_applied_idx', table_name='event', postgresql_where=sa.text('applied is not null'))
    op.drop_table('event')
    op.drop_table('erp_endpoint')
    op.drop_table('audit_log')
    op.drop_table('api_key')
    op.drop_index(op.f('account_tenant_id_account_code_idx'), table_name='account')
    op.drop_table('account')
    op.execute("DROP SEQUENCE ledger_sequence")
