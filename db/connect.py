"""The database as one handle: its catalog, its revisions, its queue, what the correction page remembers, what ties it to an annotation tool, and what is asked of all clips at once. The only module others need of this package."""

from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from db import schema
from db.actions import SqlActionLog
from db.bridge import SqlBridge
from db.catalog import SqlCatalog
from db.claims import SqlClaims
from db.findings import SqlFindings
from db.looks import SqlLooks
from db.overview import SqlOverview
from db.pins import SqlPins
from db.queue import MAX_DEATHS, SqlJobQueue
from db.store import SqlRevisionStore
from db.transactions import Clock, Transactions, connect
from db.users import SqlUsers
from engine.errors import SettingsError, StoreError
from engine.ports import DeskStores

_SCHEMES = {
    "sqlite": "sqlite",
    "postgresql": "postgresql+psycopg",
    "postgres": "postgresql+psycopg",
}


class Database:
    """A database by its address; nothing is opened before it is used, and processes must not share one.

    Attributes:
        catalog: videos, clips, stages, events.
        revisions: annotations.
        queue: jobs.
        desk: what the page where people correct remembers.
        bridge: what ties clips to tasks of an annotation tool.
        overview: answers about all clips at once.
    """

    def __init__(self, url: str, *, now: Clock | None = None, max_deaths: int = MAX_DEATHS) -> None:
        """Take ``sqlite:///file`` or ``postgresql://...``; ``now`` replaces the database's clock.

        Raises:
            SettingsError: the address is of neither kind.
        """
        self.url = parse(url)
        self._transactions = Transactions(connect(self.url), clock=now)
        self.catalog = SqlCatalog(self._transactions)
        self.revisions = SqlRevisionStore(self._transactions)
        self.queue = SqlJobQueue(self._transactions, max_deaths=max_deaths)
        self.desk = _desk(self._transactions)
        self.bridge = SqlBridge(self._transactions)
        self.overview = SqlOverview(self._transactions)

    def upgrade(self) -> None:
        """Create the database's folder and tables, or bring them up to date; harmless when they are.

        Raises:
            StoreError: it was made by a newer version, or cannot be reached.
        """
        if self.url.get_backend_name() == "sqlite":
            _make_folder(Path(str(self.url.database)))
        schema.upgrade(self._transactions)

    def check(self) -> None:
        """Make sure that the database is there and of this version.

        Raises:
            StoreError: it is not; the message says what to do.
        """
        path = Path(str(self.url.database))
        if self.url.get_backend_name() == "sqlite" and not path.exists():
            raise StoreError(f"no database at {path}: run `engine init`")
        schema.check(self._transactions)

    def close(self) -> None:
        """Close all connections; closing twice is fine."""
        self._transactions.engine.dispose()

    def __enter__(self) -> Self:
        """Return the database itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close all connections."""
        self.close()


def open_database(url: str, *, now: Clock | None = None) -> Database:
    """Return the database at ``url``, checked to be of this version.

    Raises:
        SettingsError: the address is of no kind we know.
        StoreError: the database is missing, of another version, locked or unreachable; says what to do.
    """
    database = Database(url, now=now)
    try:
        database.check()
    except BaseException:
        database.close()
        raise
    return database


def parse(url: str) -> URL:
    """Return the address with the driver this product uses.

    Raises:
        SettingsError: it is no address, or of a database that is not supported. Shows no part that may be secret.
    """
    try:
        address = make_url(url)
        driver = _SCHEMES[address.get_backend_name()]
    except (ArgumentError, NoSuchModuleError, KeyError, ValueError):
        raise SettingsError(
            "the database address is neither sqlite:///FILE nor postgresql://USER:PASSWORD@HOST/NAME: "
            "correct ENGINE_DATABASE_URL"
        ) from None
    if driver == "sqlite" and address.database in (None, "", ":memory:"):
        raise SettingsError("a database in memory is gone with its process: use sqlite:///FILE")
    return address.set(drivername=driver)


def _desk(transactions: Transactions) -> DeskStores:
    return DeskStores(
        actions=SqlActionLog(transactions),
        claims=SqlClaims(transactions),
        users=SqlUsers(transactions),
        pins=SqlPins(transactions),
        looks=SqlLooks(transactions),
        findings=SqlFindings(transactions),
    )


def _make_folder(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(
            f"cannot create the folder {path.parent}: {error.strerror}; choose another"
        ) from error
