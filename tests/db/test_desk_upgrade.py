"""A workspace from before the correction page is brought up to date: what was there stays, what is new works."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import column, create_engine, insert, inspect
from sqlalchemy import table as lightweight

from db import schema
from db.connect import Database, open_database, parse
from engine.errors import StoreError
from engine.ports import Role, State, User
from engine.stages import Stage

SERVER = [pytest.mark.postgres, pytest.mark.slow]
AT = "2026-06-01 12:00:00+00:00"
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
}  # fmt: skip
"""One row of each table that the second version had."""
NEW = {"actions", "claims", "users", "logins", "pins", "looks", "findings"}


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=SERVER)])
def second(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the address of a database with the tables and the rows of the second version."""
    url = (
        f"sqlite:///{tmp_path / 'engine.db'}"
        if request.param == "sqlite"
        else str(request.getfixturevalue("empty_postgres"))
    )
    engine = create_engine(parse(url))
    with engine.begin() as connection:
        config = schema._config()
        config.attributes["connection"] = connection
        command.upgrade(config, "0002")
        for table, row in ROWS.items():
            connection.execute(insert(lightweight(table, *map(column, row))).values(row))
    engine.dispose()
    return url


def tables(url: str) -> set[str]:
    engine = create_engine(parse(url))
    names = set(inspect(engine).get_table_names())
    engine.dispose()
    return names


def test_before_the_upgrade_there_is_no_desk_and_the_database_is_refused(second: str) -> None:
    assert not NEW & tables(second)
    with pytest.raises(StoreError, match=r"older version.*engine init"):
        open_database(second)


def test_the_upgrade_keeps_what_was_there_and_adds_empty_tables(second: str) -> None:
    with Database(second) as database:
        database.upgrade()
    assert tables(second) >= NEW
    with open_database(second) as database:
        video = database.catalog.video("a" * 64)
        assert video is not None
        assert (video.camera, video.licence) == ("overhead", "CC-BY-4.0")
        status = database.catalog.clip("table-1")
        assert (status.stage, status.head) == (Stage.ACCEPTED, 7)
        assert database.desk.users.users() == ()
        assert database.desk.actions.of("table-1") == ()
        assert database.desk.claims.holders() == {}


def test_the_desk_works_on_clips_from_before(second: str) -> None:
    with Database(second) as database:
        database.upgrade()
        desk = database.desk
        desk.claims.claim("table-1", user="maria", tab="t")
        asked = desk.actions.put("table-1", "maria", {"kind": "undo"}, before=7, tab="t")
        assert desk.actions.settle(asked.seq, State.DONE, after=7).after == 7
        desk.users.add(User("maria", Role.LEAD, "$hash"))
        desk.users.log_in("maria", token="token", lasts=timedelta(hours=1))  # noqa: S106 - a test's
        desk.findings.put(7, "doubts", "[]")
        desk.looks.put("table-1", author="maria", start=0, stop=96)
        desk.pins.put("table-1", frame=95, track=0, author="maria", text="dark")
    with open_database(second) as database:
        assert database.desk.findings.get(7, "doubts") == "[]"
        assert database.desk.looks.of("table-1") == ((0, 96, 0),)
        assert len(database.desk.pins.of("table-1")) == len(database.desk.actions.of("table-1"))
