"""Alembic's entry: runs the steps on the connection that `cli.upgrading` hands over."""

from alembic import context

from hubbub.operate.state import metadata as of_operators
from hubbub.release.state import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=[metadata, of_operators],
    render_as_batch=True,  # SQLite alters a table by making it again
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
