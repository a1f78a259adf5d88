"""Which MongoDB is used, and what is said of one that does not serve: where it is, what is wrong, what to do; never its password."""

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import bson
import pymongo
import pytest

from engine.errors import EngineError, ServerError, SettingsError
from exports.board.database import check, database, shown
from exports.board.mongod import running

SECRET = "swordfish-9"  # noqa: S105 - of a server that only these tests see
REPLY, MESSAGE = 1, 2013


def answered(request: bytes, document: dict[str, Any]) -> bytes:
    """Return an answer as the wire has it, in the form in which was asked."""
    number, kind = struct.unpack("<i", request[4:8])[0], struct.unpack("<i", request[12:16])[0]
    body = bson.encode(document)
    if kind == MESSAGE:
        body, code = struct.pack("<IB", 0, 0) + body, MESSAGE
    else:
        body, code = struct.pack("<iqii", 8, 0, 0, 1) + body, REPLY
    return struct.pack("<iiii", 16 + len(body), 1, number, code) + body


@contextmanager
def serving(wire: int, version: str) -> Iterator[str]:
    """Answer as a MongoDB of another age does: to whatever it is asked, how old it is."""
    hello = {
        "ok": 1.0,
        "ismaster": True,
        "helloOk": True,
        "minWireVersion": 0,
        "maxWireVersion": wire,
        "maxBsonObjectSize": 2**24,
        "maxMessageSizeBytes": 48_000_000,
        "maxWriteBatchSize": 100_000,
        "readOnly": False,
        "version": version,
    }

    def serve(connection: socket.socket) -> None:
        with connection:
            while request := connection.recv(65536):
                connection.sendall(answered(request, hello))

    def listen() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=[connection], daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=listen, daemon=True).start()
        yield f"mongodb://ada:{SECRET}@127.0.0.1:{listener.getsockname()[1]}/?authSource=admin"


def refused(uri: str) -> EngineError:
    """Return what is said of a server that does not serve."""
    with pytest.raises(EngineError) as error:
        check(uri)
    assert SECRET not in str(error.value)
    return error.value


def test_one_that_serves_tells_its_version(mongod: str) -> None:
    assert check(mongod).startswith("6.")


@pytest.mark.parametrize(("wire", "version"), [(2, "2.6.0"), (5, "3.4.0")])
def test_one_that_the_driver_cannot_talk_to_is_too_old(wire: int, version: str) -> None:
    with serving(wire, version) as uri:
        error = refused(uri)
    assert isinstance(error, ServerError)
    assert "expected version 6.0 or newer" in str(error)
    assert "ENGINE_FIFTYONE_DATABASE_URI" in str(error)


def test_one_that_fiftyone_does_not_work_with_is_too_old() -> None:
    with serving(13, "5.0.31") as uri:
        error = refused(uri.replace(f"ada:{SECRET}@", "").replace("?authSource=admin", ""))
    assert isinstance(error, ServerError)
    assert "version 5.0.31" in str(error)
    assert "expected version 6.0 or newer" in str(error)


def test_one_that_does_not_answer_is_named_without_its_password() -> None:
    with socket.socket() as unheard:
        unheard.bind(("127.0.0.1", 0))
        port = unheard.getsockname()[1]
        error = refused(f"mongodb://ada:{SECRET}@127.0.0.1:{port}")
    assert isinstance(error, ServerError)
    assert f"no MongoDB answers at 127.0.0.1:{port}" in str(error)


@pytest.mark.parametrize(
    "uri",
    [
        f"http://ada:{SECRET}@host",
        f"mongodb://ada:{SECRET}@{SECRET}@host:27017",
        f"mongodb://ada:{SECRET}:x@host:{SECRET}",
        f"mongodb://host:{SECRET}",
        SECRET,
        "mongodb://",
    ],
)
def test_what_is_no_address_is_refused_without_repeating_it(uri: str) -> None:
    error = refused(uri)
    assert isinstance(error, SettingsError)
    assert "expected mongodb://" in str(error)
    assert error.__cause__ is None or SECRET not in str(error.__cause__)


def test_an_address_is_shown_without_login() -> None:
    given = f"mongodb://ada:{SECRET}@one:27018,two/admin?tls=false"
    assert shown(given) == "one:27018, two:27017"


def test_a_login_that_is_wrong_is_told_as_that(mongod: str) -> None:
    error = refused(mongod.replace("mongodb://", f"mongodb://ada:{SECRET}@"))
    assert isinstance(error, ServerError)
    assert "refuses" in str(error)


def test_where_one_is_named_none_is_started(mongod: str, tmp_path: Path) -> None:
    with database(tmp_path / "home", given=mongod) as uri:
        assert uri == mongod
        assert not (tmp_path / "home").exists()


def test_where_none_is_named_the_workspaces_own_is_started_and_ended(tmp_path: Path) -> None:
    with database(tmp_path) as uri, pymongo.MongoClient(uri) as client:
        assert client.admin.command("ping")["ok"] == 1
        assert running(tmp_path) is not None
    assert running(tmp_path) is None


def test_a_database_that_a_newer_fiftyone_has_changed_is_refused_and_left_alone(
    synced: Any,
) -> None:
    with synced.mongo() as mongo:
        mongo["config"].update_one({}, {"$set": {"version": "99.0.0"}})
        before = list(mongo["config"].find())
        said = synced.run("fiftyone", "sync", status=1).stderr
        assert "99.0.0" in said
        assert "error:" in said
        assert "Traceback" not in said
        assert list(mongo["config"].find()) == before


def test_a_named_server_is_used_for_the_whole_way(
    lead: Any, mongod: str, name: str, fiftyone: Any
) -> None:
    told = {"ENGINE_FIFTYONE_DATABASE_URI": mongod, "ENGINE_FIFTYONE_DATASET": name}
    lead.run("fiftyone", "sync", "--no-masks", **told)
    assert len(fiftyone.load_dataset(name)) == 3
    said = lead.run("fiftyone", "status", **told).stdout
    assert f"{shown(mongod)} (given)" in said
    assert f"{name}: 3 of 3 clips" in said
    assert not (lead.home / "db").exists()
    fiftyone.delete_dataset(name)
