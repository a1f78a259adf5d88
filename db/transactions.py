"""Opens transactions on SQLite and PostgreSQL alike, and tells the time; knows no tables."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeAlias

from sqlalchemy import URL, Connection, Engine, create_engine, event, func, select

from db.faults import translated

Clock: TypeAlias = Callable[[], datetime]
"""Returns the present moment with its time zone."""

BUSY_SECONDS = 30
"""How long a writer waits for another one before it gives up."""

_PAUSE = 0.01  # seconds
_PRIMARY = 0xFF  # SQLite's extended result codes carry their kind in the lowest byte


@dataclass(frozen=True, slots=True)
class Transactions:
    """The way to the database: every access is one of its transactions. ``clock`` replaces the database's time."""

    engine: Engine
    clock: Clock | None = None

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Open a transaction that sees one state of the database and does not wait for writers."""
        with translated(self.engine.url), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Open a transaction that is kept whole when the block ends, and undone when it raises."""
        engine = self.engine.execution_options(writes=True)
        with translated(self.engine.url), engine.begin() as connection:
            yield connection

    def now(self, connection: Connection) -> datetime:
        """Return the time on which all workers agree: that of the server, or of the one machine SQLite runs on."""
        if self.clock is not None:
            return self.clock()
        if connection.dialect.name == "postgresql":
            present: datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
            return present
        return datetime.now(UTC)


def connect(url: URL) -> Engine:
    """Return an engine with the settings this product relies on; nothing is opened yet."""
    if url.get_backend_name() == "sqlite":
        engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS})
        event.listen(engine, "connect", _configure_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    return create_engine(url, pool_pre_ping=True, connect_args={"connect_timeout": 10})


def _configure_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    """Take transactions over from the driver, which would begin them too late, and set the pragmas.

    WAL lets readers work beside a writer; with it, synchronous=NORMAL survives a killed process whole.
    """
    connection.isolation_level = None
    _use_wal(connection)
    for pragma in ("synchronous=NORMAL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _use_wal(connection: sqlite3.Connection) -> None:
    """Switch a database to WAL, which stays so. Several that switch a new one at once would wait for each other in vain.

    So none waits while it holds on to the file: each lets go and tries again.
    """
    give_up = time.monotonic() + BUSY_SECONDS
    connection.execute("PRAGMA busy_timeout=0")
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            break
        except sqlite3.OperationalError as error:
            busy = error.sqlite_errorcode & _PRIMARY == sqlite3.SQLITE_BUSY
            if not busy or time.monotonic() > give_up:
                raise
        time.sleep(_PAUSE)
    connection.execute(f"PRAGMA busy_timeout={1000 * BUSY_SECONDS}")


def _begin_sqlite(connection: Connection) -> None:
    """Take the write lock at once where writing is meant: upgrading a read lock later can fail without waiting."""
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
