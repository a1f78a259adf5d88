"""`engine fiftyone sync`: what it brings, that it changes nothing the second time, and how it is kept to a part."""

import json
from typing import Any

import pytest


def report(lead: Any, *words: str) -> dict[str, Any]:
    """Sync, and return the report."""
    return dict(json.loads(lead.run("fiftyone", "sync", "--json", *words).stdout))


def made(told: dict[str, Any]) -> dict[str, int]:
    """Return what a sync made, where it made any."""
    what = ("cards", "dropped", "masks", "films", "measured", "compared", "stills")
    return {name: told[name] for name in what if told[name]}


@pytest.fixture
def clips(lead: Any) -> list[str]:
    with lead.database() as database:
        return [one.clip.id for one in database.catalog.clips()]


def test_first_in_parts_then_the_rest_then_nothing(lead: Any, clips: list[str]) -> None:
    quick = report(lead, "--no-masks")
    assert made(quick) == {"cards": 3}
    assert lead.standing()["waiting"] == 3

    one = report(lead, clips[1])
    assert {name: made(one)[name] for name in ("masks", "films", "measured")} == {
        "masks": 1,
        "films": 1,
        "measured": 1,
    }
    with lead.mongo() as mongo:
        place = mongo["datasets"].find_one({"name": "billiards"})["sample_collection_name"]
        shown = {each["clip"] for each in mongo[place].find({"engine_masks": {"$ne": None}})}
    assert shown == {clips[1]}

    rest = report(lead)
    assert {name: made(rest)[name] for name in ("masks", "films", "measured")} == {
        "masks": 2,
        "films": 2,
        "measured": 2,
    }
    assert made(report(lead)) == {}
    assert lead.run("fiftyone", "sync").stdout == "3 clips: in step\n"


def test_a_dataset_that_is_made_anew_is_whole_again(synced: Any) -> None:
    again = report(synced, "--rebuild")
    assert (again["cards"], again["masks"]) == (3, 3)
    assert again["films"] == again["measured"] == 0  # kept beside the clips
    now = synced.standing()
    assert (now["held"], now["masks"]) == (3, 3)


def test_it_is_furnished(synced: Any) -> None:
    with synced.mongo() as mongo:
        made = mongo["datasets"].find_one({"name": "billiards"})
        assert len(made["saved_views"]) > 10
        assert len(made["workspaces"]) >= 1
        assert made["app_config"]["color_scheme"]
        assert made["info"]["engine"]["progress"]


def test_a_clip_that_there_is_not_is_refused(lead: Any) -> None:
    assert "no clip" in lead.run("fiftyone", "sync", "game-9", status=2).stderr
