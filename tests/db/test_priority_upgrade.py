"""A workspace from before priorities is brought up to date: no clip has one, and every clip can get one."""

from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import column, create_engine, insert, inspect
from sqlalchemy import table as lightweight

from db import schema
from db.connect import Database, open_database, parse
from engine.errors import StoreError
from engine.stages import Move, Stage

SERVER = [pytest.mark.postgres, pytest.mark.slow]
AT = "2026-10-01 12:00:00+00:00"
ROWS: dict[str, dict[str, Any]] = {
    "videos": {
        "sha256": "a" * 64, "source": "a.mp4", "media": "a.mp4", "width": 64, "height": 48,
        "rate_num": 30, "rate_den": 1, "frames": 96, "frame_map": "[]", "added": AT,
        "camera": "overhead", "licence": "CC-BY-4.0",
    },
    "clips": {
        "seq": 1, "id": "table-1", "video": "a" * 64, "media": "a.mp4", "start": 0, "frames": 96,
        "width": 64, "height": 48, "rate_num": 30, "rate_den": 1, "split": "val",
        "stage": "submitted",
    },
    "revisions": {
        "id": 7, "clip": "table-1", "parent": None, "kind": "manual", "author": "maria",
        "tracks": '[[1, "cue"]]', "provenance": "{}", "created": AT,
    },
    "events": {
        "id": 2, "clip": "table-1", "move": "submit", "stage": "submitted", "actor": "maria",
        "revision": 7, "at": AT, "note": "done",
    },
}  # fmt: skip
"""Rows of tables that the fourth version had."""


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=SERVER)])
def fourth(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the address of a database with the tables and the rows of the fourth version."""
    url = (
        f"sqlite:///{tmp_path / 'engine.db'}"
        if request.param == "sqlite"
        else str(request.getfixturevalue("empty_postgres"))
    )
    engine = create_engine(parse(url))
    with engine.begin() as connection:
        config = schema._config()
        config.attributes["connection"] = connection
        command.upgrade(config, "0004")
        for table, row in ROWS.items():
            connection.execute(insert(lightweight(table, *map(column, row))).values(row))
        if connection.dialect.name == "postgresql":  # rows that bring their number take none
            connection.exec_driver_sql("SELECT setval('events_id_seq', 2)")
    engine.dispose()
    return url


def columns(url: str) -> set[str]:
    """Return the names of what is kept of a clip."""
    engine = create_engine(parse(url))
    names = {column["name"] for column in inspect(engine).get_columns("clips")}
    engine.dispose()
    return names


def test_before_the_upgrade_there_is_no_priority_and_the_database_is_refused(fourth: str) -> None:
    assert columns(fourth) == set(ROWS["clips"])
    with pytest.raises(StoreError, match=r"older version.*engine init"):
        open_database(fourth)


def test_the_upgrade_keeps_what_was_there_and_no_clip_has_priority(fourth: str) -> None:
    with Database(fourth) as database:
        database.upgrade()
        database.upgrade()
    assert columns(fourth) == {*ROWS["clips"], "priority"}
    with open_database(fourth) as database:
        (status,) = database.catalog.clips()
        assert (status.stage, status.head, status.priority) == (Stage.SUBMITTED, 7, False)
        assert [event.note for event in database.catalog.events("table-1")] == ["done"]


def test_clips_from_before_get_priority_and_lose_it(fourth: str) -> None:
    with Database(fourth) as database:
        database.upgrade()
        assert database.catalog.move("table-1", Move.PRIORITISE, actor="ada") is Stage.SUBMITTED
    with open_database(fourth) as database:
        assert database.catalog.clip("table-1").priority
        database.catalog.move("table-1", Move.DEFER, actor="ada")
        assert not database.catalog.clip("table-1").priority
        assert [event.move for event in database.overview.events()["table-1"]] == [
            Move.SUBMIT,
            Move.PRIORITISE,
            Move.DEFER,
        ]
