"""What somebody removes on either side, or what is not ours, is told or put right, and never harms the engine."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from engine.stages import Stage


@contextmanager
def dataset(mongo: Any) -> Iterator[dict[str, Any]]:
    """Look at the dataset's own document."""
    found = mongo["datasets"].find_one({"name": "billiards"})
    assert found is not None
    yield found


def clips(mongo: Any) -> set[str]:
    """Return the clips that are held."""
    with dataset(mongo) as found:
        return {one["clip"] for one in mongo[found["sample_collection_name"]].find()}


def tag(mongo: Any, clip: str, *tags: str) -> None:
    """Set tags as FiftyOne does."""
    with dataset(mongo) as found:
        done = mongo[found["sample_collection_name"]].update_one(
            {"clip": clip}, {"$set": {"tags": list(tags)}}
        )
        assert done.matched_count == 1


def names(lead: Any) -> list[str]:
    """Return the clips that the engine has."""
    with lead.database() as database:
        return [one.clip.id for one in database.catalog.clips()]


def test_a_dataset_that_was_deleted_by_hand_is_filled_again(synced: Any) -> None:
    before = synced.truth()
    with synced.mongo() as mongo:
        with dataset(mongo) as found:
            for key in ("sample_collection_name", "frame_collection_name"):
                mongo[found[key]].drop()
            mongo["datasets"].delete_one({"name": "billiards"})
        said = synced.run("fiftyone", "sync").stdout
        assert "3 with new masks" in said
        assert clips(mongo) == set(names(synced))
    assert synced.truth() == before


def test_a_clip_that_was_deleted_in_fiftyone_comes_back(synced: Any) -> None:
    first, *others = names(synced)
    with synced.mongo() as mongo:
        with dataset(mongo) as found:
            mongo[found["sample_collection_name"]].delete_one({"clip": first})
        assert clips(mongo) == set(others)
        assert "1 with new masks" in synced.run("fiftyone", "sync").stdout
        assert clips(mongo) == {first, *others}


def test_a_clip_that_is_gone_from_the_engine_goes_from_fiftyone(synced: Any) -> None:
    first, *others = names(synced)
    with sqlite3.connect(synced.workspace / "engine.db") as connection:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        for (table,) in tables.fetchall():
            columns = {row[1] for row in connection.execute(f"PRAGMA table_info({table})")}
            for column in {"clip", "clip_id"} & columns:
                connection.execute(f"DELETE FROM {table} WHERE {column} = ?", [first])  # noqa: S608 - names of our own tables
        connection.execute("DELETE FROM clips WHERE id = ?", [first])
    assert synced.standing()["gone"] == 1
    with synced.mongo() as mongo:
        assert "1 gone" in synced.run("fiftyone", "sync").stdout
        assert clips(mongo) == set(others)


def test_a_dataset_of_that_name_that_is_not_ours_is_left_alone(lead: Any) -> None:
    with lead.mongo() as mongo:
        foreign = {
            "name": "billiards",
            "sample_collection_name": "samples.x",
            "info": {"by": "ada"},
        }
        mongo["datasets"].insert_one(foreign)
        said = lead.run("fiftyone", "sync", status=2).stderr
        assert "that the engine did not make" in said
        assert "ENGINE_FIFTYONE_DATASET" in said
        assert list(mongo["datasets"].find({}, {"_id": 0})) == [
            {key: value for key, value in foreign.items() if key != "_id"}
        ]
        lead.run("fiftyone", "sync", "--no-masks", ENGINE_FIFTYONE_DATASET="table-3")
        assert {one["name"] for one in mongo["datasets"].find()} >= {"billiards", "table-3"}


def test_another_workspace_gets_no_dataset_of_this_one(synced: Any) -> None:
    (synced.home / "id").write_text("another")
    said = synced.run("fiftyone", "sync", status=2).stderr
    assert "shows another workspace" in said
    assert "ENGINE_FIFTYONE_DATASET" in said


def test_a_dataset_of_a_newer_program_is_refused_and_left_alone(synced: Any) -> None:
    with synced.mongo() as mongo:
        mongo["datasets"].update_one({"name": "billiards"}, {"$set": {"info.engine.schema": 999}})
        with dataset(mongo) as before:
            said = synced.run("fiftyone", "sync", status=1).stderr
            assert "schema 999" in said
            assert "update this program" in said
            with dataset(mongo) as after:
                assert after == before


def test_a_dataset_of_an_older_program_is_made_anew_and_keeps_what_waits(synced: Any) -> None:
    first = names(synced)[0]
    with synced.mongo() as mongo:
        mongo["datasets"].update_one({"name": "billiards"}, {"$set": {"info.engine.schema": 0}})
        tag(mongo, first, "exclude")
        synced.run("fiftyone", "sync", "--by", "ada")
        with dataset(mongo) as found:
            assert found["info"]["engine"]["schema"] > 0
    with synced.database() as database:
        assert database.catalog.clip(first).stage is Stage.EXCLUDED


@pytest.mark.parametrize("option", [[], ["--rebuild"]])
def test_a_tag_comes_back_as_a_decision_in_the_leads_name(synced: Any, option: list[str]) -> None:
    first, second, _ = names(synced)
    with synced.mongo() as mongo:
        tag(mongo, first, "redo")
        tag(mongo, second, "priority")
        assert set(synced.standing()["tagged"]) == {first, second}
        done = synced.run("fiftyone", "sync", "--by", "ada", *option)
        said = done.stderr if option else done.stdout
        assert f"decided  {first}: redo by ada" in said
        assert synced.standing()["tagged"] == {}
    with synced.database() as database:
        assert database.catalog.clip(first).stage is Stage.REJECTED
        assert database.catalog.events(first)[-1].actor == "ada"
        assert database.catalog.clip(second).priority
