"""Brings a database to the tables this program expects, by migrations; knows nothing of their content."""

from enum import Enum, auto
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from db.faults import shown
from db.transactions import Transactions
from engine.errors import StoreError

_FOLDER = Path(__file__).parent / "migrations"
_UPGRADE_LOCK = 7_430_118_220_016
"""Any number: it keeps two upgrades of one PostgreSQL database apart."""


class State(Enum):
    """How a database's tables compare with what this program expects."""

    EMPTY = auto()
    OLDER = auto()
    CURRENT = auto()
    NEWER = auto()


def state(connection: Connection) -> State:
    """Compare a database with the newest migration of this program."""
    current = MigrationContext.configure(connection).get_current_revision()
    script = ScriptDirectory.from_config(_config())
    if current is None:
        return State.EMPTY
    if current == script.get_current_head():
        return State.CURRENT
    known = {migration.revision for migration in script.walk_revisions()}
    return State.OLDER if current in known else State.NEWER


def check(transactions: Transactions) -> None:
    """Make sure that the tables are those this program expects.

    Raises:
        StoreError: they are missing, older or newer; the message says what to do.
    """
    with transactions.read() as connection:
        found = state(connection)
    name = shown(transactions.engine.url)
    if found is State.EMPTY:
        raise StoreError(f"database {name} is empty: run `engine init`")
    if found is State.OLDER:
        raise StoreError(
            f"database {name} was made by an older version: make a backup, then run `engine init`"
        )
    if found is State.NEWER:
        raise StoreError(
            f"database {name} was made by a newer version: install that version to use it"
        )


def upgrade(transactions: Transactions) -> None:
    """Create the tables, or bring them up to date, in one transaction. Safe to repeat, and to run twice at once.

    Raises:
        StoreError: the database was made by a newer version of this program.
    """
    with transactions.write() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _UPGRADE_LOCK})
        if state(connection) is State.NEWER:
            name = shown(transactions.engine.url)
            raise StoreError(
                f"database {name} was made by a newer version: install that version to use it"
            )
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _config() -> Config:
    """Return Alembic's settings, made here: there is no file of them to forget or to edit."""
    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    return config
