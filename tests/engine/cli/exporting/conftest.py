"""A workspace with an accepted clip of an overhead camera and a drawn one of nobody knows which, drawn by no network."""

import subprocess
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from db.connect import open_database
from engine import rle
from engine.media import VideoWriter
from engine.stages import Move
from engine.types import FrameMasks, Kind, Revision, Track, TrackMask

Run = Callable[..., subprocess.CompletedProcess[str]]
WIDE, HIGH, FRAMES = 160, 90, 24


def disc(x: float, y: float, radius: float = 8.0) -> np.ndarray:
    """Return bool (HIGH, WIDE): the pixels of a ball."""
    row, column = np.mgrid[:HIGH, :WIDE] + 0.5
    inside: np.ndarray = (column - x) ** 2 + (row - y) ** 2 < radius**2
    return inside


def film(path: Path, *, red: int) -> Path:
    """Write 24 frames of a rolling ball and a resting one."""
    with VideoWriter(path, width=WIDE, height=HIGH, rate=Fraction(30)) as writer:
        for frame in range(FRAMES):
            rgb = np.full((HIGH, WIDE, 3), (red, 90, 60), np.uint8)
            rgb[disc(30 + 3 * frame, 40)] = 240
            rgb[disc(120, 70)] = (200, 30, 30)
            writer.write(rgb)
    return path


def masks(frame: int) -> FrameMasks:
    """Return the true masks of a frame."""
    rolling, resting = (rle.encode(disc(x, y)) for x, y in ((30 + 3 * frame, 40), (120, 70)))
    return FrameMasks(frame, (TrackMask(1, rolling, 0.9, 0.9), TrackMask(2, resting, 0.9, 0.9)))


@pytest.fixture
def clips(run: Run, tmp_path: Path) -> list[str]:
    """Make a workspace with an accepted clip of an overhead camera and a drawn one of nobody knows which."""
    run("init")
    run("ingest", str(film(tmp_path / "one.mp4", red=10)), "--split", "train", "--camera", "overhead", "--licence", "CC0")  # fmt: skip
    run("ingest", str(film(tmp_path / "two.mp4", red=30)), "--split", "val")
    with open_database(f"sqlite:///{tmp_path / 'workspace' / 'engine.db'}") as database:
        names = [status.clip.id for status in database.catalog.clips()]
        for name in names:
            tracks = (Track(1, "cue"), Track(2, "solid"))
            made = Revision(name, None, Kind.AUTO, "det-sam2", tracks, {"segmenter": "nano"})
            stored = database.revisions.append(made, map(masks, range(FRAMES)))
            database.catalog.move(name, Move.PREANNOTATE, actor="det-sam2", revision=stored.id)
        database.catalog.move(names[0], Move.ACCEPT, actor="maria")
    return names
