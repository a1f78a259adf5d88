"""What Alembic runs to migrate: on the connection that ``db.schema`` hands over, inside its transaction."""

from alembic import context

from db.tables import Table

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Table.metadata,
    transactional_ddl=True,
)
context.run_migrations()
