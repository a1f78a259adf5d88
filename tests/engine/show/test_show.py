"""What people see is what the masks say."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine import rle
from engine.media import decode
from engine.media.paint import color, outline, paint, zoomed
from engine.show.film import write_film
from engine.show.sheet import write_sheet
from engine.types import Clip, FrameBatch, FrameMasks, Track, TrackMask

SIZE = (96, 160)
CLIP = Clip("game-1", "f00d", "none.mp4", 0, 20, SIZE[1], SIZE[0], Fraction(30))
TRACKS = (Track(1, "cue"), Track(2, "solid"))


def disc(x: float, y: float, radius: float = 9) -> rle.RLE:
    rows, columns = np.mgrid[: SIZE[0], : SIZE[1]]
    return rle.encode((columns - x) ** 2 + (rows - y) ** 2 < radius**2)


def pictures() -> Iterator[FrameBatch]:
    for first in range(0, CLIP.frames, 8):
        yield FrameBatch(first, np.full((min(8, CLIP.frames - first), *SIZE, 3), 90, np.uint8))


def rows() -> Iterator[FrameMasks]:
    for frame in range(CLIP.frames):
        seen = [TrackMask(1, disc(30 + frame, 40))]
        seen += [TrackMask(2, disc(110, 60), 0.5)] if frame < 10 else []
        yield FrameMasks(frame, tuple(seen))


def test_paint_colours_the_mask_and_nothing_else() -> None:
    rgb = np.full((*SIZE, 3), 90, np.uint8)
    mask = disc(50, 50)
    painted = paint(rgb, FrameMasks(0, (TrackMask(3, mask),)))
    changed = (painted != rgb).any(-1)
    np.testing.assert_array_equal(changed, rle.decode(mask))
    assert (rgb == 90).all()


def test_the_rim_has_the_tracks_full_colour() -> None:
    mask = disc(50, 50)
    painted = paint(np.zeros((*SIZE, 3), np.uint8), FrameMasks(0, (TrackMask(3, mask),)))
    assert (painted[outline(rle.decode(mask))] == color(3)).all()


def test_the_outline_is_one_pixel_wide_and_inside() -> None:
    mask = rle.decode(disc(50, 50))
    rim = outline(mask)
    assert (mask & rim).sum() == rim.sum() < mask.sum() / 3


def test_names_are_written_above_the_ball() -> None:
    row = FrameMasks(0, (TrackMask(1, disc(50, 50)),))
    rgb = np.full((*SIZE, 3), 90, np.uint8)
    named = paint(rgb, row, names={1: "cue"})
    above = (named != paint(rgb, row))[:41]
    assert above.any()


@pytest.mark.parametrize("first", range(1, 22))
def test_neighbouring_tracks_differ_in_colour(first: int) -> None:
    gap = np.abs(np.subtract(color(first), color(first + 1))).sum()
    assert gap > 60


def test_a_look_beyond_the_picture_is_black() -> None:
    crop = zoomed(np.full((20, 20, 3), 255, np.uint8), (0, 0, 8, 8), side=32)
    assert crop.shape == (32, 32, 3)
    assert (crop[:6] == 0).all()


def test_the_film_has_every_frame_and_shows_the_masks(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    path = write_film(
        tmp_path / "new" / "film.mp4",
        CLIP,
        pictures=pictures(),
        frames=rows(),
        tracks=TRACKS,
        progress=lambda done, total: told.append((done, total)),
    )
    shown = list(decode(path))
    assert len(shown) == CLIP.frames
    assert told[-1] == (20, 20)
    assert np.abs(shown[5][60, 110].astype(int) - 90).max() > 25
    assert np.abs(shown[15][60, 110].astype(int) - 90).max() < 25


def test_the_sheet_has_frames_and_a_line_for_each_track(tmp_path: Path) -> None:
    path = write_sheet(tmp_path / "s.png", CLIP, pictures=pictures(), frames=rows(), tracks=TRACKS)
    with Image.open(path) as opened:
        page = np.asarray(opened)
    alone = write_sheet(
        tmp_path / "t.png", CLIP, pictures=pictures(), frames=rows(), tracks=TRACKS[:1]
    )
    with Image.open(alone) as opened:
        assert page.shape[0] > np.asarray(opened).shape[0]
    for track in TRACKS:
        assert (page == color(track.id)).all(-1).any()


def test_a_clip_without_balls_still_has_a_sheet(tmp_path: Path) -> None:
    nothing = (FrameMasks(frame) for frame in range(CLIP.frames))
    path = write_sheet(tmp_path / "s.png", CLIP, pictures=pictures(), frames=nothing, tracks=())
    assert path.stat().st_size > 0
