"""A workspace from before the bridge is brought up to date: what was there stays, what is new works."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.operations import Operations
from sqlalchemy import column, create_engine, insert, inspect
from sqlalchemy import table as lightweight

from db import schema
from db.connect import Database, open_database, parse
from engine.errors import StoreError
from engine.ports import Link, OutsideProject, Role, State, TaskKind
from engine.stages import Stage

SERVER = [pytest.mark.postgres, pytest.mark.slow]
AT = "2026-09-01 12:00:00+00:00"
ROWS: dict[str, dict[str, Any]] = {
    "videos": {
        "sha256": "a" * 64, "source": "a.mp4", "media": "a.mp4", "width": 64, "height": 48,
        "rate_num": 30, "rate_den": 1, "frames": 96, "frame_map": "[]", "added": AT,
        "camera": "overhead", "licence": "CC-BY-4.0",
    },
    "clips": {
        "seq": 1, "id": "table-1", "video": "a" * 64, "media": "a.mp4", "start": 0, "frames": 96,
        "width": 64, "height": 48, "rate_num": 30, "rate_den": 1, "split": "val", "stage": "accepted",
    },
    "revisions": {
        "id": 7, "clip": "table-1", "parent": None, "kind": "manual", "author": "maria",
        "tracks": '[[1, "cue"]]', "provenance": "{}", "created": AT,
    },
    "jobs": {
        "id": 1, "what": "preannotate", "clip": "table-1", "settings": "", "state": "waiting",
        "worker": "", "attempt": 0, "deaths": 0, "error": "", "created": AT,
    },
    "actions": {
        "seq": 3, "clip": "table-1", "author": "maria", "body": '{"kind": "undo"}', "before": 7,
        "after": 7, "at": AT, "state": "done", "note": "",
    },
    "users": {"name": "maria", "role": "lead", "password": "$hash", "active": True},
    "pins": {
        "id": 1, "clip": "table-1", "frame": 95, "track": 0, "author": "maria", "text": "dark",
        "at": AT, "resolved_by": "",
    },
    "findings": {"revision": 7, "kind": "doubts", "text": "[]"},
}  # fmt: skip
"""Rows of tables that the third version had."""
NEW = {"outside_projects", "links", "deliveries"}


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=SERVER)])
def third(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the address of a database with the tables and the rows of the third version."""
    url = (
        f"sqlite:///{tmp_path / 'engine.db'}"
        if request.param == "sqlite"
        else str(request.getfixturevalue("empty_postgres"))
    )
    engine = create_engine(parse(url))
    with engine.begin() as connection:
        config = schema._config()
        config.attributes["connection"] = connection
        command.upgrade(config, "0003")
        for table, row in ROWS.items():
            connection.execute(insert(lightweight(table, *map(column, row))).values(row))
    engine.dispose()
    return url


def tables(url: str) -> set[str]:
    engine = create_engine(parse(url))
    names = set(inspect(engine).get_table_names())
    engine.dispose()
    return names


def test_before_the_upgrade_there_is_no_bridge_and_the_database_is_refused(third: str) -> None:
    assert not NEW & tables(third)
    with pytest.raises(StoreError, match=r"older version.*engine init"):
        open_database(third)


def test_the_upgrade_keeps_what_was_there_and_adds_empty_tables(third: str) -> None:
    with Database(third) as database:
        database.upgrade()
        database.upgrade()
    assert tables(third) >= NEW
    with open_database(third) as database:
        status = database.catalog.clip("table-1")
        assert (status.stage, status.head) == (Stage.ACCEPTED, 7)
        assert database.queue.counts("preannotate").waiting == 1
        (action,) = database.desk.actions.of("table-1")
        assert (action.seq, action.state, action.after) == (3, State.DONE, 7)
        assert [user.role for user in database.desk.users.users()] == [Role.LEAD]
        assert [pin.text for pin in database.desk.pins.of("table-1")] == ["dark"]
        assert database.desk.findings.get(7, "doubts") == "[]"
        assert database.bridge.projects() == ()
        assert database.bridge.links() == ()
        assert database.bridge.waiting() == database.bridge.deliveries("table-1") == ()


def test_the_bridge_works_on_clips_from_before(third: str) -> None:
    with Database(third) as database:
        database.upgrade()
        bridge = database.bridge
        project = bridge.put_project(OutsideProject("http://labels", TaskKind.CLIP, 4, "ab" * 32))
        link = bridge.put_link(Link(project.id, 11, "table-1", 7, "accepted"))
        told: dict[str, Any] = {"number": 3, "author": "maria", "body": {}, "digest": "d"}
        asked = bridge.receive(link, at=datetime(2026, 9, 2, tzinfo=UTC), **told)
        assert asked is not None
        bridge.settle(asked.id, State.DONE, after=7)
    with open_database(third) as database:
        assert database.bridge.projects() == (project,)
        assert database.bridge.links() == (link,)
        assert [one.after for one in database.bridge.deliveries("table-1")] == [7]
        assert database.bridge.waiting() == ()


def test_the_upgrade_is_made_whole_or_not_at_all(
    third: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    create, created = Operations.create_table, list[str]()

    def torn(self: Operations, table: str, *columns: Any, **more: Any) -> Any:
        if len(created) == len(NEW) - 1:
            raise KeyboardInterrupt
        created.append(table)
        return create(self, table, *columns, **more)

    with Database(third) as database, monkeypatch.context() as patch:
        patch.setattr(Operations, "create_table", torn)
        with pytest.raises(KeyboardInterrupt):
            database.upgrade()
    assert created
    assert not NEW & tables(third)
    with Database(third) as database:
        database.upgrade()
    assert tables(third) >= NEW
