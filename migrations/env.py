"""Alembic's environment: it runs on the connection that `app.adapters.postgres.migrate` hands it."""

from alembic import context

from app.adapters.postgres.tables import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, transaction_per_migration=True)
with context.begin_transaction():
    context.run_migrations()
