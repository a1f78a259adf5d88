"""Stills lie in a dataset of their own, sort by likeness, and come and go with their clips."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.errors import SettingsError
from engine.media.thumbnail import thumbnail
from engine.ports.board import Still
from exports.board.stills import (
    CHART,
    FRAME,
    LIKENESS,
    describe_stills,
    drop_stills,
    put_stills,
    settled,
)

FACTS = {
    "stage": "submitted",
    "camera": "overhead",
    "split": "train",
    "page": "http://page/ui/?clip=a",
}


def vector(*numbers: float) -> np.ndarray:
    return np.array(numbers, np.float32) / np.float32(np.linalg.norm(numbers))


@pytest.fixture
def picture(tmp_path: Path) -> str:
    path = tmp_path / "still.jpg"
    path.write_bytes(thumbnail(np.full((90, 160, 3), 80, np.uint8)))
    return str(path)


@pytest.fixture
def shown(fiftyone: Any, name: str) -> Iterator[Any]:
    """Return what loads the dataset of stills as another process would."""
    yield lambda: fiftyone.load_dataset(f"{name}-stills", reload=True)
    if fiftyone.dataset_exists(f"{name}-stills"):
        fiftyone.delete_dataset(f"{name}-stills")


@pytest.fixture
def put(fiftyone: Any, name: str, picture: str) -> Any:
    def stills(clip: str, *vectors: np.ndarray, workspace: str = "w", **facts: str) -> None:
        found = [Still(30 * k, picture, one) for k, one in enumerate(vectors)]
        put_stills(fiftyone, name, workspace, clip, found, facts={**FACTS, **facts})

    return stills


def test_a_still_says_which_frame_of_which_clip_it_is_and_where_the_clip_stands(
    put, shown, picture: str
) -> None:
    put("a", vector(1, 0, 0), vector(0, 1, 0))
    first, second = shown()
    assert (first.clip, first[FRAME], second[FRAME]) == ("a", 0, 30)
    assert (first.stage, first.camera, first.split, first.page) == tuple(FACTS.values())
    assert first.filepath == picture
    assert np.array_equal(first[LIKENESS], vector(1, 0, 0))


def test_what_is_put_twice_is_there_once(put, shown) -> None:
    for _ in range(2):
        put("a", vector(1, 0, 0), vector(0, 1, 0))
        put("b", vector(0, 0, 1))
    assert sorted(shown().values("clip")) == ["a", "a", "b"]


def test_the_likest_still_comes_first_also_among_those_put_after_the_index_was_made(
    put, shown
) -> None:
    put("a", vector(1, 0, 0))
    shown().load_brain_results(LIKENESS)
    put("b", vector(0, 1, 0))
    put("c", vector(1, 0.1, 0))
    dataset = shown()
    dataset.clear_cache()
    asked = dataset.match({"clip": "a"}).first().id
    assert dataset.sort_by_similarity(asked, brain_key=LIKENESS).values("clip") == ["a", "c", "b"]


def test_a_clip_that_is_gone_is_found_by_nobody(fiftyone: Any, name: str, put, shown) -> None:
    put("a", vector(1, 0, 0))
    put("b", vector(1, 0.1, 0))
    drop_stills(fiftyone, name, ["b", "nobody"])
    dataset = shown()
    dataset.clear_cache()
    assert dataset.sort_by_similarity(dataset.first().id, brain_key=LIKENESS).values("clip") == [
        "a"
    ]


def test_the_chart_has_a_point_for_every_still_once_it_is_settled(
    fiftyone: Any, name: str, put, shown
) -> None:
    rng = np.random.default_rng(1)
    put("a", *(vector(*rng.normal(size=5)) for _ in range(9)))
    put("b", vector(1, 0, 0, 0, 0))
    settled(fiftyone, name)
    dataset = shown()
    dataset.clear_cache()
    chart = dataset.load_brain_results(CHART)
    assert sorted(chart.sample_ids) == sorted(dataset.values("id"))
    assert chart.points.shape == (10, 2)
    assert np.isfinite(chart.points).all()


def test_stages_follow_the_clips_without_the_stills_being_put_again(
    fiftyone: Any, name: str, put, shown
) -> None:
    put("a", vector(1, 0, 0))
    put("b", vector(0, 1, 0))
    describe_stills(fiftyone, name, {"a": {**FACTS, "stage": "accepted"}, "nobody": FACTS})
    assert dict(zip(*shown().values(["clip", "stage"]), strict=True)) == {
        "a": "accepted",
        "b": "submitted",
    }


def test_nothing_is_done_where_there_are_no_stills(fiftyone: Any, name: str) -> None:
    describe_stills(fiftyone, name, {"a": FACTS})
    drop_stills(fiftyone, name, ["a"])
    settled(fiftyone, name)
    assert not fiftyone.dataset_exists(f"{name}-stills")


def test_a_dataset_that_somebody_else_made_is_refused_and_stays(
    fiftyone: Any, name: str, put, shown, picture: str
) -> None:
    foreign = fiftyone.Dataset(f"{name}-stills", persistent=True)
    foreign.add_sample(fiftyone.Sample(filepath=picture))
    with pytest.raises(SettingsError, match="fiftyone_dataset"):
        put("a", vector(1, 0, 0))
    assert len(shown()) == 1


def test_a_half_made_dataset_and_one_of_another_workspace_are_made_anew(
    fiftyone: Any, name: str, put, shown
) -> None:
    fiftyone.Dataset(f"{name}-stills", persistent=True)
    put("a", vector(1, 0, 0))
    put("b", vector(1, 0, 0), workspace="another")
    assert shown().values("clip") == ["b"]


def test_vectors_of_another_embedder_begin_the_dataset_anew(put, shown) -> None:
    put("a", vector(1, 0, 0))
    put("b", vector(1, 0, 0, 0), vector(0, 1, 0, 0))
    assert shown().values("clip") == ["b", "b"]


def test_a_clip_put_without_stills_has_none(put, shown) -> None:
    put("a", vector(1, 0, 0))
    put("b", vector(0, 1, 0))
    put("a")
    assert shown().values("clip") == ["b"]


def test_the_app_shows_the_clip_s_name_first_and_what_is_said_of_it_together(put, shown) -> None:
    put("a", vector(1, 0, 0))
    config = shown().app_config
    assert config.active_fields.paths == ["clip"]
    groups = {group.name: group.paths for group in config.sidebar_groups}
    assert groups["still"] == ["clip", FRAME, "stage", "camera", "split", "page"]
    assert LIKENESS in groups["metadata"]
