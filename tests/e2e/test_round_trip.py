"""A dataset that is exported, imported elsewhere and exported again is the same, byte for byte, as far as its format goes.

The real command line, database and video; what may differ are our own side files, which say where masks come from.
"""

import json
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from db.connect import open_database
from engine import rle
from engine.cli.app import app
from engine.media import VideoWriter
from engine.media.cutting import frames_in
from engine.stages import Move
from engine.types import FrameMasks, Kind, Revision, Track, TrackMask

HIGH, WIDE, FRAMES = 96, 128, 20
TRACKS = tuple(Track(n, label) for n, label in enumerate(("cue", "solid", "stripe", "eight"), 1))
CARRIED = ("sav", "sav-val", "davis", "mose", "youtube-vis", "coco", "mots", "frames")
FLAT = ("davis", "mose", "mots")
"""One number a pixel: what a ball loses to one in front of it does not come back."""

OURS = ("README.md", "engine.json", "manifest.json")
Engine = Callable[..., str]


def disc(x: float, y: float, radius: float = 9) -> rle.RLE:
    rows, columns = np.mgrid[:HIGH, :WIDE]
    return rle.encode((columns - x) ** 2 + (rows - y) ** 2 < radius**2)


def drawn(frame: int, *, corrected: bool = False) -> FrameMasks:
    """One ball all through, one late, one that goes and comes back behind the first, one corrected by a person."""
    masks = [TrackMask(1, disc(20 + 2 * frame, 40), 0.9, 0.97)]
    if frame >= 3:
        masks.append(TrackMask(2, disc(100, 70), 0.8, 0.9))
    if not 6 <= frame < 9:
        masks.append(TrackMask(3, disc(45, 48), 0.7, 0.8))
    masks.append(TrackMask(4, disc(80, 20, 8 if corrected and frame < 5 else 7), 0.95, 0.9))
    return FrameMasks(frame, tuple(masks))


def film(path: Path, *, frames: int = FRAMES) -> Path:
    with VideoWriter(path, width=WIDE, height=HIGH, rate=Fraction(30)) as writer:
        for frame in range(frames):
            rgb = np.full((HIGH, WIDE, 3), (30, 110, 60), np.uint8)
            for mask in drawn(frame).masks:
                rgb[rle.decode(mask.rle)] = 60 * mask.track
            writer.write(rgb)
    return path


def engine(workspace: Path) -> Engine:
    """Return the command line on a workspace; a command that fails fails the test."""

    def run(*words: str) -> str:
        answer = CliRunner().invoke(app, ["--workspace", str(workspace), *words])
        assert answer.exit_code == 0, (words, answer.output, answer.exception)
        return answer.stdout

    return run


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """A workspace with one clip that a model has drawn, a person has corrected, and somebody has accepted."""
    folder = tmp_path_factory.mktemp("first")
    run = engine(folder / "workspace")
    run("init")
    run("ingest", str(film(folder / "game.mp4")), "--split", "train", "--camera", "top")
    (clip,) = json.loads(run("status", "--json"))["clips"]
    name = clip["clip"]["id"]
    database = open_database(f"sqlite:///{folder / 'workspace' / 'engine.db'}")
    try:
        auto = Revision(name, None, Kind.AUTO, "det-sam2", TRACKS, {"segmenter": "nano"})
        made = database.revisions.append(auto, (drawn(k) for k in range(FRAMES)))
        database.catalog.move(name, Move.PREANNOTATE, actor="det-sam2")
        hand = Revision(name, made.id, Kind.MANUAL, "maria", TRACKS)
        database.revisions.append(hand, (drawn(k, corrected=True) for k in range(5)))
        database.catalog.move(name, Move.SUBMIT, actor="maria")
    finally:
        database.close()
    run("accept", name, "--by", "maria")
    return run


def content(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield what a format says: every file but our own."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        ours = name in OURS or name.startswith("card/")
        if path.is_file() and not ours:
            yield name, path.read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize("name", CARRIED)
def test_an_export_that_is_imported_and_exported_again_is_the_same(
    name: str, first: Engine, tmp_path: Path
) -> None:
    first("export", "--format", name, str(tmp_path / "one"))
    second = engine(tmp_path / "workspace")
    second("init")
    if name == "sav":  # the models' own masklets are a revision of their own
        second("import", str(tmp_path / "one"), "--auto", "--by", "maria")
    second("import", str(tmp_path / "one"), "--by", "maria")
    second("accept", "--all", "--by", "maria")
    second("export", "--format", name, str(tmp_path / "two"))
    one, two = dict(content(tmp_path / "one")), dict(content(tmp_path / "two"))
    assert len(one) >= FRAMES
    assert sorted(one) == sorted(two)
    assert [path for path in one if one[path] != two[path]] == []


@pytest.mark.slow
@pytest.mark.parametrize("name", CARRIED)
def test_an_export_that_comes_back_to_its_own_workspace_changes_nothing(
    name: str, first: Engine, tmp_path: Path
) -> None:
    before = first("status", "--json")
    first("export", "--format", name, str(tmp_path / "one"))
    assert first("verify", str(tmp_path / "one"), "--against", _workspace(first)).startswith("good")
    if name not in FLAT:
        assert "nothing differs" in first("import", str(tmp_path / "one"), "--by", "maria")
    assert first("status", "--json") == before


def _workspace(run: Engine) -> str:
    """Return the folder of a workspace, as `engine init` names it."""
    return str(json.loads(run("init", "--json"))["workspace"])


@pytest.mark.slow
def test_a_video_that_does_not_show_the_pictures_is_not_brought_along(
    first: Engine, tmp_path: Path
) -> None:
    first("export", "--format", "sav", str(tmp_path / "one"))
    (video,) = (tmp_path / "one").glob("*.mp4")
    film(video, frames=FRAMES - 3)
    second = engine(tmp_path / "workspace")
    second("init")
    second("import", str(tmp_path / "one"), "--by", "maria")
    assert not list((tmp_path / "workspace" / "media").rglob("*.mp4"))
    second("accept", "--all", "--by", "maria")
    second("export", "--format", "sav", str(tmp_path / "two"))
    (again,) = (tmp_path / "two").glob("*.mp4")
    assert frames_in(again) == FRAMES
