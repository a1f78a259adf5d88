"""Label Studio's frame n shows the picture n - 1, and a track's box lies on it as its mask does.

Every picture carries its number as black and white blocks; the mask of every frame lies in a place of its own. Both are read
back from the pixels on the screen.
"""

from fractions import Fraction

import numpy as np
import pytest

from db.connect import Database
from engine import rle
from engine.media import VideoWriter
from engine.stages import Move
from engine.types import FrameMasks, Kind, Revision, Track, TrackMask

HIGH, WIDE, FRAMES = 384, 640, 90
BITS, BLOCK, CELL, COLUMNS = 8, 48, 32, 20
RATES = (Fraction(30), Fraction(30000, 1001))
LOOKED_AT = (0, 1, 19, 20, 30, 45, 60, 61, 88, 89)


def picture(frame: int) -> np.ndarray:
    """Return a picture, uint8 (H, W, 3), that tells its number in white blocks from the lowest bit on."""
    rgb = np.full((HIGH, WIDE, 3), (30, 110, 60), np.uint8)
    rgb[:BLOCK] = 0
    for bit in range(BITS):
        if frame >> bit & 1:
            rgb[:BLOCK, bit * BLOCK : (bit + 1) * BLOCK] = 255
    return rgb


def corner(frame: int) -> tuple[int, int]:
    """Return where a frame's mask begins: in no other frame's place."""
    line, column = divmod(frame, COLUMNS)
    return column * CELL + 8, BLOCK + line * CELL + 8


def masks(frame: int) -> FrameMasks:
    """Return a row with one square mask."""
    square = rle.encode(np.ones((16, 16), bool), origin=corner(frame), size=(HIGH, WIDE))
    return FrameMasks(frame, (TrackMask(1, square, 1.0, 1.0),))


@pytest.fixture(scope="module")
def numbered(connect, tmp_path_factory):
    """Return a workspace with a clip of each rate that tell their frames' numbers, and are in Label Studio."""
    films = tmp_path_factory.mktemp("numbered")
    for rate in RATES:
        film = films / f"{rate.denominator}.mp4"
        with VideoWriter(film, width=WIDE, height=HIGH, rate=rate) as writer:
            for frame in range(FRAMES):
                writer.write(picture(frame))
    stack = connect(tmp_path_factory.mktemp("empty"))
    stack.engine("init")
    stack.engine("ingest", str(films), "--split", "train")
    with stack.database() as database:
        _draw(database)
    stack.set_up()
    return stack


def _draw(database: Database) -> None:
    for status in database.catalog.clips():
        clip = status.clip
        assert clip.frames == FRAMES
        revision = Revision(clip.id, None, Kind.AUTO, "model", (Track(1, "red"),))
        database.revisions.append(revision, (masks(frame) for frame in range(FRAMES)))
        database.catalog.move(clip.id, Move.PREANNOTATE, actor="model")


@pytest.fixture(params=RATES, ids=["30", "29.97"])
def opened(request, numbered, editor):
    """Return a clip's task, open in a browser."""
    with numbered.database() as database:
        clips = [each.clip for each in database.catalog.clips()]
    clip = next(each.id for each in clips if each.rate == request.param)
    numbered.until(lambda: numbered.link(clip).revision)
    return editor().open(numbered, clip)


def number(editor, seen):
    """Return the number in the picture on the screen."""
    bits = (
        editor.look((bit + 0.5) * BLOCK, BLOCK / 2, within=seen)[0] > 127 for bit in range(BITS)
    )
    return sum(white << bit for bit, white in enumerate(bits))


def outline(editor, seen):
    """Return the middle of the red box on the screen, in pixels of the picture."""
    (x0, y0), (x1, y1) = editor.at(0, BLOCK), editor.at(WIDE, HIGH)
    cut = seen[round(y0) : round(y1), round(x0) : round(x1)].astype(int)
    ys, xs = np.nonzero((cut[..., 0] > 170) & (cut[..., 1] < 90) & (cut[..., 2] < 90))
    scale = (x1 - x0) / WIDE
    return (xs.min() + xs.max() + 1) / 2 / scale, (ys.min() + ys.max() + 1) / 2 / scale + BLOCK


def test_every_frame_shows_its_own_picture_with_its_own_box(opened):
    for frame in LOOKED_AT:
        opened.seek(frame)
        seen = opened.pixels()
        x, y = corner(frame)
        assert number(opened, seen) == frame
        assert outline(opened, seen) == pytest.approx((x + 8, y + 8), abs=1.5)
