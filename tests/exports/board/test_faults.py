"""Whatever FiftyOne's database and its driver raise leaves as our error, with the next step."""

import errno
import inspect
from types import ModuleType

import bson.errors
import mongoengine.errors
import pymongo.errors
import pytest

from engine.errors import DamagedChunk, ServerError
from exports.board.faults import fault, translated

ODD = {mongoengine.errors.LookUpError, mongoengine.errors.ValidationError}
"""About queries and values of its own objects, which we make none of."""


def raised_by(module: ModuleType) -> list[type[Exception]]:
    """Return all errors that a module knows, but for those of Python's sockets."""
    found = [kind for _, kind in inspect.getmembers(module, inspect.isclass)]
    return [
        kind
        for kind in found
        if issubclass(kind, Exception) and not issubclass(kind, OSError) and kind not in ODD
    ]


def made(kind: type[Exception]) -> Exception:
    """Return an error of a kind, whatever it wants to be told."""
    for arguments in (("it broke",), ({"writeErrors": []},), ({}, False)):
        try:
            return kind(*arguments)
        except (TypeError, AttributeError):
            continue
    raise AssertionError(f"{kind} cannot be made")


KINDS = [
    kind
    for module in (pymongo.errors, bson.errors, mongoengine.errors)
    for kind in raised_by(module)
]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: f"{kind.__module__}.{kind.__name__}")
def test_no_error_of_the_database_is_forgotten(kind: type[Exception]) -> None:
    with pytest.raises(ServerError, match=r"FiftyOne's database .+") as told, translated():
        raise made(kind)
    assert told.value.__cause__ is not None


def test_there_are_many_kinds_of_them() -> None:
    assert len(KINDS) > 30


def test_what_is_no_error_of_the_database_leaves_as_it_came() -> None:
    for error in (DamagedChunk("block 1"), FileNotFoundError("a.jpg"), KeyError("a")):
        with pytest.raises(type(error)) as told, translated():
            raise error
        assert told.value is error


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (pymongo.errors.ServerSelectionTimeoutError("no route"), "does not answer: see that"),
        (pymongo.errors.AutoReconnect("connection closed"), "does not answer: see that"),
        (pymongo.errors.OperationFailure("Authentication failed.", 18), "refuses the login"),
        (pymongo.errors.OperationFailure("not authorized", 13), "the role readWrite"),
        (pymongo.errors.OperationFailure("OutOfDiskSpace", 14031), "has no room: free some"),
        (pymongo.errors.OperationFailure("28: No space left on device"), "has no room: free some"),
        (pymongo.errors.ConfigurationError("wire version 5"), "wire version 5"),
        (pymongo.errors.InvalidURI("no port"), "correct ENGINE_FIFTYONE_DATABASE_URI"),
        (pymongo.errors.OperationFailure("bad", 2), "refused (bad"),
        (pymongo.errors.DuplicateKeyError("E11000", 11000), "one sync at a time"),
        (pymongo.errors.DocumentTooLarge("17 MB"), "refused (17 MB)"),
    ],
)
def test_each_says_what_to_do(error: Exception, words: str) -> None:
    assert words in str(fault(error))


@pytest.mark.parametrize("where", ["writeErrors", "writeConcernErrors"])
def test_of_many_writes_the_first_that_failed_is_told(where: str) -> None:
    failed = {where: [{"code": 14031, "errmsg": "no room"}, {"code": 11000, "errmsg": "twice"}]}
    assert "has no room" in str(fault(pymongo.errors.BulkWriteError(failed)))


def test_a_disk_of_ours_is_not_called_the_database_s() -> None:
    full = OSError(errno.ENOSPC, "No space left on device")
    with pytest.raises(OSError, match="No space left") as told, translated():
        raise full
    assert told.value is full


def test_the_server_s_answer_is_not_told_as_a_dictionary() -> None:
    answer = {"ok": 0.0, "code": 2, "errmsg": "bad"}
    told = str(fault(pymongo.errors.OperationFailure("bad", 2, answer)))
    assert "refused (bad):" in told
    assert "{" not in told
