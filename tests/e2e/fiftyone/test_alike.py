"""A copy of a recording is known as one on the board after a sync, and stays out of the way once it is excluded."""

from collections.abc import Callable, Mapping
from fractions import Fraction
from importlib.resources import files
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from engine.media import VideoWriter, decode

FRAMES = 60


@pytest.fixture
def lead(make_lead: Callable[[Path], Any], tmp_path: Path) -> Any:
    """Return a lead with the bundled shot, and a copy of it that was compressed harder."""
    lead = make_lead(tmp_path / "workspace")
    shot = list(islice(decode(str(files("engine").joinpath("assets/demo.mp4"))), FRAMES))
    for name, crf in (("shot", 18), ("copy", 34)):
        path = tmp_path / f"{name}.mp4"
        with VideoWriter(path, width=960, height=540, rate=Fraction(30), crf=crf) as writer:
            for rgb in shot:
                writer.write(rgb)
    lead.run("init")
    lead.run("ingest", str(tmp_path / "shot.mp4"), str(tmp_path / "copy.mp4"))
    return lead


def samples(lead: Any, dataset: str) -> list[Mapping[str, Any]]:
    """Return what a dataset holds, as it lies in the database."""
    with lead.mongo() as database:
        found = database.datasets.find_one({"name": dataset})
        return [] if found is None else list(database[found["sample_collection_name"]].find())


def alike(lead: Any) -> dict[str, list[str]]:
    """Return what the board says is alike, by the names of recordings."""
    return {
        one["clip"].partition("-")[0]: [name.partition("-")[0] for name in one.get("alike") or ()]
        for one in samples(lead, "billiards")
    }


def test_a_copy_is_known_and_an_excluded_one_tells_of_what_and_is_not_in_the_way(lead: Any) -> None:
    lead.run("fiftyone", "sync")
    assert alike(lead) == {"shot": ["copy"], "copy": ["shot"]}
    stills = samples(lead, "billiards-stills")
    assert sorted({one["clip"].partition("-")[0] for one in stills}) == ["copy", "shot"]
    assert sorted({one["frame"] for one in stills}) == [0, 30, 59]
    assert all(Path(one["filepath"]).is_file() for one in stills)

    clip = next(one["clip"] for one in stills if one["clip"].startswith("copy"))
    lead.run("accept", "--exclude", clip)
    lead.run("fiftyone", "sync", "--no-masks")
    assert alike(lead) == {"shot": [], "copy": ["shot"]}
    stages = {one["clip"]: one["stage"] for one in samples(lead, "billiards-stills")}
    assert stages[clip] == "excluded"
