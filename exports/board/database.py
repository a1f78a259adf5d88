"""Which MongoDB FiftyOne uses, and whether it serves: the one somebody names, else the workspace's own. Never tells an address's password."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from engine.errors import EngineError, ServerError, SettingsError
from exports.board import environment
from exports.board.faults import advice, said
from exports.board.mongod import own_mongod

OLDEST: Final = (6, 0)
"""The oldest MongoDB that FiftyOne 1.22 works with."""
PATIENCE: Final = 5000
"""Milliseconds in which a server must answer."""


@contextmanager
def database(home: Path, *, given: str = "") -> Iterator[str]:
    """Yield the address of a MongoDB that answers: ``given``, else the one whose data lie in ``home``, which may start with the block.

    Raises:
        SettingsError: FiftyOne is not installed, or ``given`` is no address.
        ServerError: the server does not start or answer, or is too old.
    """
    environment.refuse_missing()
    if given:
        check(given)
        yield given
        return
    with own_mongod(home) as server:
        check(server.uri)
        yield server.uri


def check(uri: str) -> str:
    """Make sure that a MongoDB answers with which FiftyOne works, and return its version.

    Raises:
        SettingsError, ServerError: as in ``database``.
    """
    import pymongo  # noqa: PLC0415 - comes with the extra
    from pymongo import errors  # noqa: PLC0415 - as above

    place = shown(uri)
    try:
        client: pymongo.MongoClient[Any]
        with pymongo.MongoClient(uri, serverSelectionTimeoutMS=PATIENCE) as client:
            version = str(client.server_info()["version"])
    except errors.ServerSelectionTimeoutError as error:
        raise ServerError(
            f"no MongoDB answers at {place}; start it, or take ENGINE_FIFTYONE_DATABASE_URI (or FIFTYONE_DATABASE_URI) away "
            "to have one in the workspace"
        ) from error
    except errors.ConfigurationError as error:
        raise _too_old(place, str(error)) from error
    except errors.PyMongoError as error:
        refused = f"refuses ({said(error)}): correct ENGINE_FIFTYONE_DATABASE_URI"
        raise ServerError(f"the MongoDB at {place} {advice(error) or refused}") from error
    if tuple(map(int, version.split(".")[:2])) < OLDEST:
        raise _too_old(place, f"version {version}")
    return version


def shown(uri: str) -> str:
    """Return where a server is, as may be told: without login and password.

    Raises:
        SettingsError: this is no address of a MongoDB.
    """
    from pymongo import errors, uri_parser  # noqa: PLC0415 - comes with the extra

    try:
        nodes = uri_parser.parse_uri(uri)["nodelist"]
    except (errors.PyMongoError, ValueError) as error:
        raise SettingsError(
            "ENGINE_FIFTYONE_DATABASE_URI (or fiftyone_database_uri in the settings, or FIFTYONE_DATABASE_URI): not the address of a "
            "MongoDB; expected mongodb://USER:PASSWORD@HOST:27017, with whatever is no "
            "letter or digit in the password written as %XX"
        ) from error.with_traceback(None)
    return ", ".join(f"{host}:{port}" for host, port in nodes)


def _too_old(place: str, found: str) -> EngineError:
    """Return what is to be said of a server that is too old."""
    return ServerError(
        f"the MongoDB at {place} is none that FiftyOne works with ({found}); expected version {OLDEST[0]}.{OLDEST[1]} or newer: "
        "update it, or take ENGINE_FIFTYONE_DATABASE_URI away to have one in the workspace"
    )
