"""Pictures of clips go with their clips: they say what their clips say, come and go with them, and are missed when they are gone."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from engine.ports.board import Card, Still
from engine.stages import Stage
from engine.types import Clip
from exports.board import names as n
from exports.fiftyone import FiftyOneBoard


def card(id_: str, stage: Stage = Stage.INGESTED) -> Card:
    clip = Clip(id_, "a" * 64, "/films/a.mp4", 0, 3, 64, 48, Fraction(30))
    return Card(clip, f"/copies/{id_}.mp4", stage, camera="hall-1")


@pytest.fixture
def stills(tmp_path: Path) -> tuple[Still, ...]:
    """Return two pictures that look like nothing in common."""
    found = []
    for k in range(2):
        path = tmp_path / f"{k}.jpg"
        Image.new("RGB", (32, 24), (100 * k, 0, 0)).save(path)
        found.append(Still(k, str(path), np.eye(2, dtype=np.float32)[k]))
    return tuple(found)


@pytest.fixture
def stocked(
    fiftyone: Any, board: FiftyOneBoard, stills: tuple[Still, ...]
) -> Iterator[FiftyOneBoard]:
    """Return a board with two clips and their pictures."""
    board.put_cards([card("a"), card("b")])
    for id_ in "ab":
        board.put_stills(id_, stills, made="nano-1")
    yield board
    if fiftyone.dataset_exists(board.dataset.name + n.STILLS):
        fiftyone.delete_dataset(board.dataset.name + n.STILLS)


def pictures(fiftyone: Any, board: FiftyOneBoard) -> list[tuple[str, int, str, str]]:
    """Return the clip, frame, stage and camera of every picture."""
    dataset = fiftyone.load_dataset(board.dataset.name + n.STILLS, reload=True)
    return sorted(zip(*dataset.values(["clip", "frame", "stage", "camera"]), strict=True))


def test_pictures_say_what_their_clips_say(fiftyone: Any, stocked: FiftyOneBoard) -> None:
    stocked.put_cards([card("b", Stage.ACCEPTED)])
    assert pictures(fiftyone, stocked) == [
        ("a", 0, "ingested", "hall-1"),
        ("a", 1, "ingested", "hall-1"),
        ("b", 0, "accepted", "hall-1"),
        ("b", 1, "accepted", "hall-1"),
    ]


def test_pictures_are_replaced_and_not_added_to(
    fiftyone: Any, stocked: FiftyOneBoard, stills: tuple[Still, ...]
) -> None:
    stocked.put_stills("a", stills[1:], made="nano-2")
    assert [one[:2] for one in pictures(fiftyone, stocked)] == [("a", 1), ("b", 0), ("b", 1)]
    assert {id_: held.stills for id_, held in stocked.held().items()} == {
        "a": "nano-2",
        "b": "nano-1",
    }


def test_pictures_go_with_their_clip(fiftyone: Any, stocked: FiftyOneBoard) -> None:
    stocked.drop(["a"])
    assert {one[0] for one in pictures(fiftyone, stocked)} == {"b"}


def test_pictures_that_were_not_put_to_the_end_are_not_held(
    stocked: FiftyOneBoard, stills: tuple[Still, ...]
) -> None:
    odd = Still(2, stills[0].path, "no vector")  # type: ignore[arg-type] # what cannot be put
    with pytest.raises(Exception, match="vector"):
        stocked.put_stills("a", [odd], made="nano-2")
    assert stocked.held()["a"].stills == ""
    stocked.put_stills("a", stills, made="nano-2")
    assert stocked.held()["a"].stills == "nano-2"


def test_pictures_whose_dataset_was_deleted_by_hand_are_not_held(
    fiftyone: Any, stocked: FiftyOneBoard, stills: tuple[Still, ...]
) -> None:
    fiftyone.delete_dataset(stocked.dataset.name + n.STILLS)
    assert {held.stills for held in stocked.held().values()} == {""}
    stocked.put_cards([card("a", Stage.ACCEPTED)])
    stocked.put_stills("a", stills, made="nano-1")
    assert [one[0] for one in pictures(fiftyone, stocked)] == ["a", "a"]
    assert [held.stills for held in stocked.held().values()] == ["nano-1", ""]


def test_pictures_of_another_schema_are_not_held_since_their_dataset_will_be_made_anew(
    fiftyone: Any, stocked: FiftyOneBoard, stills: tuple[Still, ...]
) -> None:
    dataset = fiftyone.load_dataset(stocked.dataset.name + n.STILLS)
    dataset.info[n.INFO] = {**dataset.info[n.INFO], n.SCHEMA_KEY: 0}
    dataset.save()
    assert {held.stills for held in stocked.held().values()} == {""}
    stocked.put_stills("b", stills, made="nano-1")
    assert [one[0] for one in pictures(fiftyone, stocked)] == ["b", "b"]
