"""Pictures are drawn whatever a clip is like: balls at the edge, tracks nobody sees, one frame, odd shapes."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from engine import rle
from engine.media import probe
from engine.media.paint import color, outline, paint, text, zoomed
from engine.show.film import write_film
from engine.show.sheet import write_sheet
from engine.types import Clip, FrameBatch, FrameMasks, Track, TrackMask

places = st.floats(-20, 180)


def clip(frames: int, *, width: int = 160, height: int = 96) -> Clip:
    return Clip("game-1", "f00d", "none.mp4", 0, frames, width, height, Fraction(30))


def pictures(shown: Clip) -> Iterator[FrameBatch]:
    size = (1, shown.height, shown.width, 3)
    return (FrameBatch(k, np.full(size, 90, np.uint8)) for k in range(shown.frames))


def ball(shown: Clip, x: float, y: float, radius: float = 9) -> TrackMask | None:
    rows, columns = np.mgrid[: shown.height, : shown.width]
    inside = (columns - x) ** 2 + (rows - y) ** 2 < radius**2
    return TrackMask(1, rle.encode(inside)) if inside.any() else None


@given(x=places, y=places, radius=st.floats(0.5, 40))
def test_a_ball_at_any_place_is_painted_where_its_mask_is(
    x: float, y: float, radius: float
) -> None:
    shown = clip(1)
    mask = ball(shown, x, y, radius)
    if mask is None:
        return
    rgb = np.full((96, 160, 3), 90, np.uint8)
    painted = paint(rgb, FrameMasks(0, (mask,)), names={1: "cue"})
    inside = rle.decode(mask.rle)
    plain = paint(rgb, FrameMasks(0, (mask,)))
    assert ((plain != rgb).any(-1) == inside).all()
    assert painted.shape == rgb.shape
    assert (plain[outline(inside)] == color(1)).all()


@given(x=places, y=places, wide=st.floats(1, 60), high=st.floats(1, 60), side=st.integers(8, 80))
def test_a_look_at_any_box_is_a_square_of_the_size_asked_for(
    x: float, y: float, wide: float, high: float, side: int
) -> None:
    rgb = np.full((96, 160, 3), 90, np.uint8)
    look = zoomed(rgb, (x, y, x + wide, y + high), side=side)
    assert (look.shape, look.dtype) == ((side, side, 3), np.uint8)


@given(st.lists(st.integers(0, 500), min_size=2, max_size=2, unique=True))
def test_neighbours_in_number_have_colours_that_differ(tracks: list[int]) -> None:
    first, second = tracks
    if abs(first - second) <= 3:
        assert sum(abs(a - b) for a, b in zip(color(first), color(second), strict=True)) > 60


def test_text_beyond_the_picture_changes_nothing() -> None:
    rgb = np.full((40, 60, 3), 90, np.uint8)
    assert (text(rgb, "far away", at=(500, 500)) == rgb).all()


@pytest.mark.parametrize("frames", [1, 2, 13])
@pytest.mark.parametrize(("width", "height"), [(160, 96), (90, 160), (640, 40)])
def test_a_sheet_of_any_length_and_shape_has_a_line_for_every_track(
    frames: int, width: int, height: int, tmp_path: Path
) -> None:
    shown = clip(frames, width=width, height=height)
    mask = ball(shown, 20, 20)
    rows = [FrameMasks(k, (mask,) if mask else ()) for k in range(frames)]
    heights = []
    for count in (1, 2):
        tracks = [Track(1, "cue"), Track(2, "never seen")][:count]
        path = write_sheet(
            tmp_path / f"{count}.png", shown, pictures=pictures(shown), frames=rows, tracks=tracks
        )
        with Image.open(path) as page:
            heights.append(page.height)
    assert heights[1] > heights[0]


def test_a_clip_without_a_ball_is_shown_all_the_same(tmp_path: Path) -> None:
    shown = clip(3)
    rows = [FrameMasks(k) for k in range(3)]
    given_ = {"pictures": pictures(shown), "frames": rows, "tracks": ()}
    assert write_sheet(tmp_path / "none.png", shown, **given_).is_file()
    given_ = {"pictures": pictures(shown), "frames": rows}
    assert probe(write_film(tmp_path / "deep" / "none.mp4", shown, **given_)).frames == 3
