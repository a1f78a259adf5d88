"""The number of the frame that the page tells is burnt into the picture it shows, and into the masks over it.

Every picture carries its number as black and white blocks, every frame's mask lies in a place of its own. Both are read
back from the pixels on the page.
"""

from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from db.connect import open_database
from engine import rle
from engine.cli.app import app
from engine.media import VideoWriter
from engine.stages import Move
from engine.types import FrameMasks, Kind, Revision, Track, TrackMask

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.timeout(400)]

HIGH, WIDE, FRAMES = 384, 640, 90
BITS, BLOCK = 8, 48
CELL, COLUMNS = 32, 20
RATES = (Fraction(30), Fraction(30000, 1001))

READ = Path(__file__).with_name("numbers.js").read_text().split("*/")[1]
SHAPE = {"bits": BITS, "block": BLOCK, "cell": CELL, "columns": COLUMNS, "frames": FRAMES}

PLAY = """([read, shape, ms]) => new Promise((done) => {
  const { stage } = window.annotator;
  const look = eval(read);
  const seen = [];
  stage.addEventListener("frame", () => seen.push(look(shape)));
  stage.player.play();
  setTimeout(() => { stage.player.pause(); done(seen); }, ms);
})"""


def picture(frame: int) -> np.ndarray:
    """Return a picture, uint8 (H, W, 3), that tells its number in white blocks from the lowest bit on."""
    rgb = np.full((HIGH, WIDE, 3), (30, 110, 60), np.uint8)
    rgb[:BLOCK] = 0
    for bit in range(BITS):
        if frame >> bit & 1:
            rgb[:BLOCK, bit * BLOCK : (bit + 1) * BLOCK] = 255
    return rgb


def masks(frame: int) -> FrameMasks:
    """Return a row whose only mask lies where no other frame has one."""
    line, column = divmod(frame, COLUMNS)
    x, y = column * CELL + 8, BLOCK + line * CELL + 8
    square = rle.encode(np.ones((16, 16), bool), origin=(x, y), size=(HIGH, WIDE))
    return FrameMasks(frame, (TrackMask(1, square, 1.0, 1.0),))


@pytest.fixture(scope="module", params=RATES, ids=["30", "29.97"])
def numbered(request, tmp_path_factory):
    """Return a workspace with one clip that tells its frames' numbers, and the clip's name."""
    folder = tmp_path_factory.mktemp("numbered")
    film, workspace = folder / "numbers.mp4", folder / "workspace"
    with VideoWriter(film, width=WIDE, height=HIGH, rate=request.param) as writer:
        for frame in range(FRAMES):
            writer.write(picture(frame))
    for words in (("init",), ("ingest", str(film), "--split", "train")):
        done = CliRunner().invoke(app, ["--workspace", str(workspace), *words])
        assert done.exit_code == 0, done.output
    return workspace, _masked(workspace, request.param)


def _masked(workspace: Path, rate: Fraction) -> str:
    database = open_database(f"sqlite:///{workspace / 'engine.db'}")
    try:
        clip = database.catalog.clips()[0].clip
        assert clip.frames == FRAMES
        assert clip.rate == rate
        revision = Revision(clip.id, None, Kind.AUTO, "model", (Track(1, "cue"),))
        database.revisions.append(revision, (masks(frame) for frame in range(FRAMES)))
        database.catalog.move(clip.id, Move.PREANNOTATE, actor="model")
    finally:
        database.close()
    return clip.id


@pytest.fixture(scope="module")
def place(numbered, serve_all):
    """Return the server and where on it the clip is open."""
    workspace, clip = numbered
    served = serve_all(workspace)
    return served, f"{served.url}/ui/?clip={clip}"


@pytest.fixture
def page(place, tab):
    """Return a tab in which nothing is open."""
    return tab(place[0]).page


def _filled(page, address):
    """Open an address and return the page as soon as it shows a picture; masks are filled, so that they can be read."""
    page.goto(address)
    page.wait_for_function("() => window.annotator?.stage.frame >= 0")
    page.evaluate("annotator.stage.setDisplay({ masks: 'fill' })")
    return page


@pytest.fixture
def opened(place, page):
    """Return the page with the clip open, as soon as it shows a picture."""
    return _filled(page, place[1])


@pytest.fixture
def film(opened):
    """Return the page with the clip open and its video ready."""
    opened.wait_for_function("() => window.annotator.stage.player.ready")
    return opened


def shown(page, frame):
    """Return [told, in the picture, in the masks] once the page tells the frame."""
    page.wait_for_function("(frame) => window.annotator.stage.frame === frame", arg=frame)
    page.wait_for_function("() => window.annotator.stage.isFresh(window.annotator.stage.frame)")
    page.evaluate("() => new Promise((next) => requestAnimationFrame(() => setTimeout(next)))")
    return page.evaluate(READ, SHAPE)


def seek(page, frame):
    """Go to a frame and return what is shown."""
    page.evaluate("(frame) => window.annotator.stage.player.seek(frame)", frame)
    return shown(page, frame)


def test_before_the_video_is_ready_single_pictures_tell_their_numbers(page, place):
    page.route("**/video.mp4*", lambda route: route.abort())
    _filled(page, place[1])
    assert shown(page, 0) == [0] * 3
    for frame in (FRAMES - 1, 44, 45):
        assert seek(page, frame) == [frame] * 3
    assert not page.evaluate("() => window.annotator.stage.player.ready")


def test_a_video_that_could_not_be_had_is_tried_again(page, place):
    page.route("**/video.mp4*", lambda route: route.abort())
    _filled(page, place[1])
    page.unroute("**/video.mp4*")
    page.wait_for_function("() => window.annotator.stage.player.ready")
    assert seek(page, 33) == [33] * 3


def test_after_every_seek_the_number_told_is_in_the_picture_and_in_the_masks(film):
    for frame in (FRAMES - 1, 0, 44, 45, 43, 1, 88, 29, 30, 31):
        assert seek(film, frame) == [frame] * 3


def test_after_every_step_too(film):
    frame = 20
    seek(film, frame)
    for by in (1, 1, 1, -1, -1, 10, 10, -5):
        film.evaluate("(by) => window.annotator.stage.player.step(by)", by)
        frame += by
        assert shown(film, frame) == [frame] * 3


def test_many_steps_at_once_arrive_where_they_lead(film):
    seek(film, 10)
    film.evaluate("() => { for (let i = 0; i < 25; i++) window.annotator.stage.player.step(1); }")
    assert shown(film, 35) == [35] * 3


def test_in_playback_no_picture_is_shown_with_the_masks_of_another(film):
    seek(film, 0)
    seen = film.evaluate(PLAY, [READ, SHAPE, 2000])
    assert len({told for told, _, _ in seen}) > 10
    assert [row for row in seen if len(set(row)) > 1] == []
    film.wait_for_function("() => !window.annotator.stage.player.playing")
    assert len(set(film.evaluate(READ, SHAPE))) == 1, "paused in playback"


def test_a_loop_shows_its_own_frames_and_no_others(film):
    film.evaluate("() => window.annotator.stage.player.setLoop([40, 50])")
    seek(film, 45)
    seen = film.evaluate(PLAY, [READ, SHAPE, 2500])
    assert {told for told, _, _ in seen} <= set(range(40, 50))
    assert any(a > b for (a, _, _), (b, _, _) in pairwise(seen)), "it began anew"
    assert [row for row in seen if len(set(row)) > 1] == []


def test_a_clip_that_is_played_to_its_end_rests_on_its_last_frame(film):
    seek(film, FRAMES - 20)
    film.evaluate("() => window.annotator.stage.player.play()")
    film.wait_for_function("() => !window.annotator.stage.player.playing")
    assert shown(film, FRAMES - 1) == [FRAMES - 1] * 3
