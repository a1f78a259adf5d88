"""Turns what a database driver raises into this product's errors; knows no tables and prints no password."""

import errno
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from json import JSONDecodeError
from pathlib import Path

from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from engine.errors import DiskFull, EngineError, StoreError

_ROOM = 1 << 20
"""Bytes below which an input/output error of SQLite is a full disk that it could not name."""


@contextmanager
def translated(url: URL) -> Iterator[None]:
    """Run database work; whatever a driver raises inside leaves as one of our errors.

    Raises:
        DiskFull: the disk, or the server's, has no room; the transaction was undone.
        StoreError: anything else that the database refuses, with what to do about it.
    """
    try:
        yield
    except DBAPIError as error:
        raise _fault(error, url) from error
    except SQLAlchemyError as error:
        raise StoreError(f"database {shown(url)}: {error}") from error
    except JSONDecodeError as error:
        raise StoreError(
            f"database {shown(url)} holds text where JSON belongs ({error}): restore a backup"
        ) from error


@contextmanager
def room_for(what: str) -> Iterator[None]:
    """Run work on files; a full disk inside leaves as our error, everything else as it came.

    Raises:
        DiskFull: the disk, or the user's share of it, is full.
    """
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull(f"no room left for {what}: free some and run again ({error})") from error
        raise


def shown(url: URL) -> str:
    """Return the address as it may be shown: without the password."""
    return url.render_as_string(hide_password=True)


def _fault(error: DBAPIError, url: URL) -> EngineError:
    if isinstance(error.orig, sqlite3.Error):
        return _sqlite_fault(error.orig, url)
    return _server_fault(error, url)


_SQLITE_ADVICE = {
    "SQLITE_BUSY": "is locked by another program: wait for it, or stop it, and run again",
    "SQLITE_LOCKED": "is locked by another program: wait for it, or stop it, and run again",
    "SQLITE_CANTOPEN": "cannot be opened: run `engine init` first, or correct the path",
    "SQLITE_NOTADB": "is not a database: correct the path, or restore a backup",
    "SQLITE_CORRUPT": "is damaged: restore a backup",
    "SQLITE_READONLY": "is read-only for this user: correct the permissions of the file and its folder",
}


def _sqlite_fault(error: sqlite3.Error, url: URL) -> EngineError:
    """Decide by SQLite's own error names; extended ones begin with the basic one."""
    name = getattr(error, "sqlite_errorname", "")
    if name == "SQLITE_FULL" or (name.startswith("SQLITE_IOERR") and _full(url)):
        return DiskFull(
            f"no room left for database {shown(url)}: free some and run again; nothing was changed"
        )
    if "no such table" in str(error):
        return StoreError(f"database {shown(url)} is not set up: run `engine init`")
    for prefix, advice in _SQLITE_ADVICE.items():
        if name.startswith(prefix):
            return StoreError(f"database {shown(url)} {advice}")
    return StoreError(f"database {shown(url)} refused: {error} ({name or type(error).__name__})")


def _full(url: URL) -> bool:
    folder = Path(url.database or ".").parent
    return folder.exists() and shutil.disk_usage(folder).free < _ROOM


_SERVER_ADVICE = {
    "3D000": "does not exist on the server: create it, or correct ENGINE_DATABASE_URL",
    "28P01": "refuses the password: correct ENGINE_DATABASE_URL",
    "28000": "refuses this user: correct ENGINE_DATABASE_URL",
    "42P01": "is not set up: run `engine init`",
    "53300": "has no connection left: stop some workers, or raise max_connections",
    "55P03": "is locked by another program: wait for it, or stop it, and run again",
    "57P03": "is starting up: run again in a moment",
}


def _server_fault(error: DBAPIError, url: URL) -> EngineError:
    """Decide by SQLSTATE; before a connection stands there is none, and only words tell."""
    state, words = getattr(error.orig, "sqlstate", None), str(error.orig)
    if state == "53100":
        return DiskFull(
            f"no room left on the server of {shown(url)}: free some and run again; nothing was changed"
        )
    if state in _SERVER_ADVICE:
        return StoreError(f"database {shown(url)} {_SERVER_ADVICE[state]}")
    if "password" in words:
        return StoreError(
            f"database {shown(url)} refuses the password: correct ENGINE_DATABASE_URL"
        )
    if "does not exist" in words:
        return StoreError(
            f"database {shown(url)}: {words.strip().splitlines()[-1]}: correct ENGINE_DATABASE_URL"
        )
    if state is None or state.startswith(("08", "57")):
        return StoreError(
            f"the server of database {shown(url)} cannot be reached: start it, or correct ENGINE_DATABASE_URL"
        )
    return StoreError(f"database {shown(url)} refused: {words.strip()} ({state})")
