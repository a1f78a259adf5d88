"""Turns what FiftyOne and its database raise into this product's errors, at one place; knows no datasets, prints no password."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from typing import Any, Final

from engine.errors import ServerError

_NO_ROOM: Final = 14031
_ADVICE: Final[Mapping[int, str]] = {
    13: "does not let this user in there: correct the login in ENGINE_FIFTYONE_DATABASE_URI, or give the user the role readWrite",
    18: "refuses the login: correct ENGINE_FIFTYONE_DATABASE_URI",
    _NO_ROOM: "has no room: free some on its disk, start it again and sync again",
    11000: "was written to by somebody else at the same time: sync again, with one sync at a time",
    10334: "takes no document that large: sync again without this clip's masks (--no-masks)",
}
_FULL: Final = ("no space left", "disk full", "out of disk")
"""What messages say of a full disk that carry no number."""


@contextmanager
def translated() -> Iterator[None]:
    """Do something with FiftyOne; whatever its database raises inside leaves as our error.

    Raises:
        ServerError: with the next step.
    """
    from bson.errors import BSONError  # noqa: PLC0415 - an extra
    from pymongo.errors import PyMongoError  # noqa: PLC0415 - as above

    between = import_module("mongoengine.errors").MongoEngineException

    try:
        yield
    except (PyMongoError, BSONError, between) as error:
        raise fault(error) from error


def fault(error: Exception) -> ServerError:
    """Return what to tell of an error of the database, of its driver, or of what FiftyOne lays between."""
    if known := advice(error):
        return _told(known)
    words = said(error)
    kinds = {one.__name__ for one in type(error).__mro__}
    if "ConfigurationError" in kinds:
        return _told(
            f"cannot be used ({words}): correct ENGINE_FIFTYONE_DATABASE_URI, or use a server of another version"
        )
    if "ConnectionFailure" in kinds:
        return _told(
            "does not answer: see that its server runs, and sync again; what was written stays"
        )
    return _told(
        f"refused ({words}): sync again, and if that does not help, make the dataset anew with --rebuild"
    )


def advice(error: Exception) -> str:
    """Return what to do about an error that is known by its number, "" for any other."""
    if _full(str(error)):
        return _ADVICE[_NO_ROOM]
    code = _code(error)
    return "" if code is None else _ADVICE.get(code, "")


def said(error: Exception) -> str:
    """Return what an error says, without the server's answer, which its driver adds as a dictionary."""
    return str(error).partition(", full error: ")[0]


def _told(what: str) -> ServerError:
    return ServerError(f"FiftyOne's database {what}")


def _full(words: str) -> bool:
    """Say whether the server's disk has no room."""
    return any(one in words.lower() for one in _FULL)


def _code(error: Exception) -> int | None:
    """Return the server's number for what went wrong, of several the first."""
    details: Any = getattr(error, "details", None) or {}
    inner = details.get("writeErrors") or details.get("writeConcernErrors") or [details]
    code = inner[0].get("code", getattr(error, "code", None))
    return code if isinstance(code, int) else None
