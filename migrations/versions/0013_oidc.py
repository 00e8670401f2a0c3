"""People may sign in by OpenID Connect, with a password besides or without one."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "app_user",
        sa.Column(
            "oidc_name", sa.Text(), nullable=True, comment="what the OpenID Connect issuer calls the person; an e-mail address in lower case"
        ),
    )
    op.alter_column("app_user", "password_hash", nullable=True)
    op.create_unique_constraint(op.f("app_user_tenant_id_oidc_name_key"), "app_user", ["tenant_id", "oidc_name"])
    op.create_check_constraint(op.f("app_user_way_in_check"), "app_user", "password_hash IS NOT NULL OR oidc_name IS NOT NULL")
    op.create_check_constraint(
        op.f("app_user_oidc_name_check"),
        "app_user",
        """position('@' in oidc_name) = 0 OR oidc_name COLLATE "C" = lower(oidc_name COLLATE "C")""",
    )


def downgrade() -> None:
    op.drop_constraint(op.f("app_user_oidc_name_check"), "app_user", type_="check")
    op.drop_constraint(op.f("app_user_way_in_check"), "app_user", type_="check")
    op.drop_constraint(op.f("app_user_tenant_id_oidc_name_key"), "app_user", type_="unique")
    # The audit log names them, so they stay: disabled, with a hash that no password has, until the operator gives them one.
    op.execute("UPDATE app_user SET password_hash = '', active = false WHERE password_hash IS NULL")
    op.alter_column("app_user", "password_hash", nullable=False)
    op.drop_column("app_user", "oidc_name")
