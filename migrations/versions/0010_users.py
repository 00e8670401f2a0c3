"""People who use the screens, their sessions, failed tries to sign in, and journals by when they were finished."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "app_user",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("roles", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False, comment="argon2id, with its salt and settings"),
        sa.Column("active", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "name", name=op.f("app_user_pkey")),
        sa.CheckConstraint(
            "roles <@ array['viewer', 'sender', 'marker', 'set_up'] and cardinality(roles) > 0", name=op.f("app_user_roles_check")
        ),
    )
    op.create_table(
        "user_session",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("user_name", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("notice", postgresql.JSONB(), comment="what the next page says, once"),
        sa.PrimaryKeyConstraint("tenant_id", "token_hash", name=op.f("user_session_pkey")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "user_name"],
            ["app_user.tenant_id", "app_user.name"],
            ondelete="CASCADE",
            name=op.f("user_session_tenant_id_user_name_fkey"),
        ),
    )
    op.create_index(op.f("user_session_tenant_id_user_name_idx"), "user_session", ["tenant_id", "user_name"])
    op.create_table(
        "sign_in_failure",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False, comment="name:… or address:…"),
        sa.Column("failures", sa.Integer(), nullable=False, comment="in a row"),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "key", name=op.f("sign_in_failure_pkey")),
    )
    op.create_index(
        "journal_finished_idx", "journal", ["tenant_id", "finished_at"], postgresql_where=sa.text("finished_at is not null")
    )


def downgrade() -> None:
    op.drop_index("journal_finished_idx", "journal")
    op.drop_table("sign_in_failure")
    op.drop_table("user_session")
    op.drop_table("app_user")
