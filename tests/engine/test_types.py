"""Values refuse to be wrong, and stay as they were made."""

from dataclasses import FrozenInstanceError, replace
from fractions import Fraction

import numpy as np
import pytest

from engine import rle
from engine.errors import InputError
from engine.types import (
    Clip,
    FrameBatch,
    FrameMasks,
    Masklet,
    Point,
    Prompt,
    Track,
    TrackMask,
    Video,
)

CLIP = Clip("a_1", "f00d", "a.mp4", 30, 300, 1920, 1080, Fraction(30000, 1001))
MASK = TrackMask(2, rle.empty((4, 4)))


@pytest.mark.parametrize("name", ["", "a b", "clip.v1", "../up", "ball\n"])
def test_a_clip_has_a_name_that_every_export_can_hold(name: str) -> None:
    with pytest.raises(InputError, match="letters, digits"):
        replace(CLIP, id=name)


@pytest.mark.parametrize("change", [{"frames": 0}, {"start": -1}, {"rate": Fraction(0)}])
def test_a_clip_holds_footage(change: dict[str, object]) -> None:
    with pytest.raises(InputError, match="describe no footage"):
        replace(CLIP, **change)


def test_seconds_are_exact_for_ntsc_rates() -> None:
    assert CLIP.seconds == pytest.approx(10.01)
    assert Video("f00d", "a.mp4", "a.mp4", 2, 2, Fraction(30000, 1001), 30000).seconds == 1001


def test_values_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        CLIP.frames = 3  # type: ignore[misc]  # the very point


@pytest.mark.parametrize(
    "pictures",
    [np.zeros((2, 4, 4), np.uint8), np.zeros((2, 4, 4, 4), np.uint8), np.zeros((2, 4, 4, 3))],
)
def test_a_batch_is_a_stack_of_rgb_bytes(pictures: np.ndarray) -> None:
    with pytest.raises(InputError, match="expected uint8"):
        FrameBatch(0, pictures)


def test_a_batch_shows_its_shape_and_not_its_pixels() -> None:
    batch = FrameBatch(8, np.zeros((2, 4, 6, 3), np.uint8))
    assert repr(batch) == "FrameBatch(first=8, rgb=uint8(2, 4, 6, 3))"
    assert len(batch) == 2


def test_a_prompt_says_something_and_one_thing() -> None:
    with pytest.raises(InputError, match="give a box, clicks or a mask"):
        Prompt(0, 1)
    with pytest.raises(InputError, match="not both"):
        Prompt(0, 1, mask=MASK.rle, points=(Point(1, 1),))
    assert Prompt(0, 1, box=(0, 0, 2, 2), points=(Point(1, 1, positive=False),)).mask is None


def test_masks_of_a_frame_come_in_order_and_once() -> None:
    other = replace(MASK, track=1)
    assert FrameMasks(0, (MASK, other)).masks == (other, MASK)
    with pytest.raises(InputError, match="appears twice"):
        FrameMasks(0, (MASK, MASK))


def test_a_masklet_is_ordered_and_frozen() -> None:
    column = Masklet(Track(2, "solid"), {5: MASK, 1: MASK})
    assert list(column.masks) == [1, 5]
    with pytest.raises(TypeError):
        column.masks[7] = MASK  # type: ignore[index]  # the very point
