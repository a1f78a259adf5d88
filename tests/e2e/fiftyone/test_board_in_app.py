"""An app that runs shows what was put since, as soon as it is asked again: it keeps no copy that a page reloaded would still show."""

import base64
import io
import json
import urllib.request
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine import rle
from engine.ports.board import Card, Layer
from engine.stages import Stage
from engine.types import Clip, FrameMasks, Mask, Track, TrackMask
from exports.board import names as n
from exports.board.app import Starting, app
from exports.fiftyone import FiftyOneBoard, open_board

NAME = "shown"
CLIP = Clip("table-0", "a" * 64, "/films/a.mp4", 0, 3, 64, 48, Fraction(30))
CARD = Card(CLIP, "/copies/a.mp4", Stage.PREANNOTATED, annotator="ada")

Ask = Callable[[str, Any], Any]


@pytest.fixture(scope="module")
def serving(mongod: str, home: Path) -> Iterator[Ask]:
    """Return what asks an app that started before there was anything to show."""
    with app(mongod, home, dataset=NAME, port=0) as starting:
        assert starting.wait()
        yield lambda path, body: _asked(starting, path, body)


def _asked(starting: Starting, path: str, body: Any) -> Any:
    address = f"http://{starting.app.address}:{starting.app.port}/{path}"
    request = urllib.request.Request(
        address, json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 - as above
        return json.load(answer)


@pytest.fixture
def board(serving: Ask, fiftyone: Any, mongod: str, home: Path) -> Iterator[FiftyOneBoard]:  # noqa: ARG001 - the app runs first
    with open_board(mongod, home=home, dataset=NAME, workspace="w", rebuild=True) as board:
        board.drop(list(board.held()))
        yield board
    fiftyone.delete_dataset(NAME)


GRID = """query Grid($name: String!) {
  samples(dataset: $name, view: []) { ... on SampleItemStrConnection {
    edges { node { ... on VideoSample { id sample } } } } } }"""


def grid(ask: Ask) -> dict[str, Any]:
    """Return the clips that the app's grid shows, by their names."""
    found = ask("graphql", {"query": GRID, "variables": {"name": NAME}})
    samples = [edge["node"]["sample"] for edge in found["data"]["samples"]["edges"]]
    return {one[n.CLIP]: one for one in samples}


def frames(ask: Ask) -> list[Any]:
    """Return the frames of the clip as the app's player asks for them."""
    sample = grid(ask)[CLIP.id]
    asked = {"frameNumber": 1, "frameCount": 3, "numFrames": 3, "dataset": NAME, "view": []}
    found: list[Any] = ask("frames", asked | {"sampleId": sample["_id"]})["frames"]
    return found


def pixels(detection: Any) -> Mask:
    """Return the mask that the player draws in the detection's box."""
    mask: Mask = np.load(io.BytesIO(zlib.decompress(base64.b64decode(detection["mask"]))))
    return mask


def layer(revision: int, mask: Mask) -> Layer:
    ball = TrackMask(3, rle.encode(mask, origin=(16, 24), size=(48, 64)), 0.75)
    return Layer(revision, (Track(3, "cue"),), (FrameMasks(1, (ball,)),))


def test_clips_come_change_and_go_without_a_new_start(serving: Ask, board: FiftyOneBoard) -> None:
    assert grid(serving) == {}
    board.put_cards([CARD])
    assert grid(serving)[CLIP.id][n.STAGE] == "pre-annotated"
    other = replace(CARD, clip=replace(CLIP, id="table-1"))
    board.put_cards([replace(CARD, stage=Stage.ACCEPTED, priority=True), other])
    found = grid(serving)
    assert list(found) == ["table-0", "table-1"]
    assert (found["table-0"][n.STAGE], found["table-0"]["tags"]) == ("accepted", ["priority"])
    board.drop(["table-0"])
    assert list(grid(serving)) == ["table-1"]


def test_masks_are_drawn_where_they_are_and_new_ones_take_their_place(
    serving: Ask, board: FiftyOneBoard
) -> None:
    board.put_cards([CARD])
    board.put_masks(CLIP, layer(1, np.eye(4, dtype=bool)))
    [frame] = frames(serving)
    [ball] = frame[n.MASKS]["detections"]
    assert frame["frame_number"] == 2
    assert (ball["label"], ball["index"], ball["confidence"]) == ("cue", 3, 0.75)
    assert ball["bounding_box"] == [0.25, 0.5, 0.0625, 4 / 48]
    assert np.array_equal(pixels(ball), np.eye(4, dtype=bool))
    board.put_masks(CLIP, layer(2, np.ones((2, 4), bool)), layer(1, np.eye(4, dtype=bool)))
    [frame] = frames(serving)
    [ball], [before] = frame[n.MASKS]["detections"], frame[n.DRAWN]["detections"]
    assert np.array_equal(pixels(ball), np.ones((2, 4), bool))
    assert np.array_equal(pixels(before), np.eye(4, dtype=bool))


def test_a_dataset_that_was_made_anew_is_shown_under_its_name(
    serving: Ask, board: FiftyOneBoard, mongod: str, home: Path
) -> None:
    board.put_cards([CARD])
    assert list(grid(serving)) == ["table-0"]
    with open_board(mongod, home=home, dataset=NAME, workspace="w", rebuild=True) as again:
        assert grid(serving) == {}
        again.put_cards([replace(CARD, stage=Stage.REJECTED)])
        assert grid(serving)["table-0"][n.STAGE] == "rejected"
