"""A MongoDB of the workspace's own: one for all who use it, gone with the last, and adopted when a crash left it behind."""

from pathlib import Path
from typing import Any

import pymongo

from exports.board.mongod import own_mongod, running


def ask(uri: str) -> dict[str, Any]:
    with pymongo.MongoClient(uri) as client:
        return dict(client.admin.command("ping"))


def test_it_answers_while_it_is_used_and_is_gone_afterwards(tmp_path: Path) -> None:
    with own_mongod(tmp_path) as server:
        assert ask(server.uri)["ok"] == 1
        assert running(tmp_path) == server
    assert running(tmp_path) is None


def test_fiftyone_uses_it(fiftyone: Any, mongod: str, name: str) -> None:
    made = fiftyone.Dataset(name, persistent=True)
    with pymongo.MongoClient(mongod) as client:
        assert client["fiftyone"]["datasets"].find_one({"name": name})
    made.delete()
