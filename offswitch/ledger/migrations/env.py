"""Alembic's entry: the connection that holds the lock, one transaction per migration."""

from alembic import context

from offswitch.ledger.stop_tables import stops

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=stops.metadata, transaction_per_migration=True)
with context.begin_transaction():
    context.run_migrations()
connection.commit()
