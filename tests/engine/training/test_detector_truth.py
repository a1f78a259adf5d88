"""Which balls and pockets a detector is asked to find: those that can be seen."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import rle
from engine.models.yolo import CLASSES
from engine.training.detector_truth import (
    BALL_INDEX,
    POCKET_INDEX,
    ball_boxes,
    large_enough,
    mask_boxes,
    pocket_boxes,
)
from engine.types import RLE, FrameMasks, TrackMask

HIGH, WIDE = 96, 160


def disc(x: float, y: float, radius: float) -> RLE:
    row, column = np.mgrid[:HIGH, :WIDE] + 0.5
    return rle.encode((column - x) ** 2 + (row - y) ** 2 < radius**2)


def truth(label: str, number: int | None = 0, **more: object) -> dict[str, Any]:
    """Return the truth of one frame with one ball of radius 10."""
    coded = disc(40, 30, 10)
    mask = {"track": 1, **rle.to_coco(coded), "box": rle.bbox(coded)}
    return {
        "objects": [{"track": 1, "label": label, "number": number}],
        "masks": [[mask]],
        **more,
    }


def pocket(x: float, y: float, *, visible: bool = True, **more: object) -> dict[str, object]:
    return {"x": x, "y": y, "radius": 8.0, "visible": visible, **more}


def kinds(found: list[tuple[int, tuple[float, float, float, float]]]) -> list[str]:
    return [CLASSES[label] for label, _ in found]


@pytest.mark.parametrize(
    ("label", "number", "profile", "kind"),
    [
        ("stripe", 11, "eight-ball", "stripe"),
        ("blue", 5, "snooker", "blue"),
        ("plain", 1, None, "red"),
        ("plain", 7, None, "black"),
        ("plain", 3, "carom", "plain"),
        ("plain", None, "carom", "plain"),
        ("measles", 0, "eight-ball", "ball"),
    ],
)
def test_a_ball_is_asked_for_by_the_kind_that_its_game_gives_it(
    label: str, number: int | None, profile: str | None, kind: str
) -> None:
    given = {} if profile is None else {"profile": profile}
    assert kinds(ball_boxes(truth(label, number, **given), 0)) == [kind]


def test_a_box_is_that_of_the_mask() -> None:
    assert ball_boxes(truth("cue"), 0) == [(CLASSES.index("cue"), (30, 20, 50, 40))]


def test_masks_of_any_dataset_are_balls_of_unknown_kind() -> None:
    masks = FrameMasks(3, (TrackMask(1, disc(40, 30, 10)), TrackMask(2, disc(100, 60, 9))))
    assert mask_boxes(masks) == [(BALL_INDEX, (30, 20, 50, 40)), (BALL_INDEX, (91, 51, 109, 69))]
    assert mask_boxes(FrameMasks(3)) == []


@pytest.mark.parametrize(("radius", "kept"), [(2, 1), (5, 2)])
def test_a_sliver_among_whole_balls_is_not_asked_for(radius: float, kept: int) -> None:
    masks = FrameMasks(0, (TrackMask(1, disc(40, 30, 10)), TrackMask(2, disc(100, 60, radius))))
    assert len(mask_boxes(masks)) == kept


@given(st.lists(st.integers(0, 400), max_size=8))
def test_balls_are_only_ever_taken_away(areas: list[int]) -> None:
    balls = [(0, (0.0, 0.0, 10.0, 10.0 + area)) for area in areas]
    kept = large_enough(balls, areas)
    assert [ball for ball in balls if ball in kept] == kept
    assert all(ball in kept for ball, area in zip(balls, areas, strict=True) if area == 400)


def test_pockets_that_are_seen_are_asked_for() -> None:
    shape = (HIGH, WIDE, 3)
    seen = {"pockets": [[pocket(50, 40), pocket(100, 40, visible=False)]]}
    assert pocket_boxes(truth("cue", **seen), 0, shape) == [(POCKET_INDEX, (42, 32, 58, 48))]


def test_a_pockets_own_box_is_better_than_its_radius() -> None:
    seen = {"pockets": [[pocket(50, 40, box=[40, 35, 60, 45])]]}
    assert pocket_boxes(truth("cue", **seen), 0, (HIGH, WIDE)) == [(POCKET_INDEX, (40, 35, 60, 45))]


@pytest.mark.parametrize(
    ("x", "box"), [(4, (0, 32, 12, 48)), (1, (0, 32, 9, 48)), (-1, None), (-40, None)]
)
def test_a_pocket_at_the_pictures_edge_is_clipped_and_soon_left_out(
    x: float, box: tuple[float, ...] | None
) -> None:
    found = pocket_boxes(truth("cue", pockets=[[pocket(x, 40)]]), 0, (HIGH, WIDE))
    assert [one for _, one in found] == ([] if box is None else [box])


@pytest.mark.parametrize("given", [{}, {"pockets": []}, {"pockets": None}])
def test_truth_without_pockets_asks_for_none(given: dict[str, object]) -> None:
    assert pocket_boxes(truth("cue", **given), 0, (HIGH, WIDE)) == []
