"""A workspace for measuring the backend: clips of 16 balls after simulated breaks, with masks as a segmenter leaves them. Measures nothing.

Nothing is rendered. The balls run as the physics of the renderer has them run, until they rest or fall, and each is a disc in
the picture whose edge trembles from frame to frame.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np

from engine import rle
from engine.cli import actions
from engine.config import Settings
from engine.stages import Move
from engine.synth.camera import Camera, Floats
from engine.synth.physics import Moment
from engine.synth.preset import named
from engine.synth.situation import random_situation
from engine.synth.table import random_table
from engine.synth.views import random_camera
from engine.types import Clip, FrameMasks, Kind, Revision, Track, TrackMask, Video
from engine.wiring import Workbench, workbench

RATE = Fraction(30)
VIEWS = ("overhead", "oblique", "broadcast")
BEFORE = 0.5
"""Seconds before the strike at which a clip begins."""


@dataclass(frozen=True, slots=True)
class Shot:
    """The tracks of a clip and its masks, frame by frame."""

    tracks: tuple[Track, ...]
    rows: tuple[FrameMasks, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """The workspace, and the ids of its clips."""

    settings: Settings
    clips: Sequence[str]


def make(
    folder: Path, *, clips: int, shots: int, frames: int, size: tuple[int, int], noise: float
) -> Case:
    """Fill a new workspace in ``folder`` with clips that show ``shots`` different shots by turns."""
    settings = Settings(workspace=folder / "workspace")
    actions.init(settings)
    shown = [shot(seed, frames=frames, size=size, noise=noise) for seed in range(shots)]
    ids = [f"table-{number:04d}" for number in range(clips)]
    with workbench(settings) as bench:
        for number, clip in enumerate(ids):
            store(bench, clip, shown[number % shots], number=number, size=size)
    return Case(settings, ids)


def shot(seed: int, *, frames: int, size: tuple[int, int], noise: float) -> Shot:
    """Return the masks of a break that begins after half a second, seen by a camera drawn by lot."""
    rng = np.random.default_rng(seed)
    table = random_table(rng, "pool")
    played = random_situation(rng, table, "eight-ball", kind="break")
    view = VIEWS[seed % len(VIEWS)]
    camera = random_camera(rng, table, size, view, preset=named("mixed"), focus=np.zeros(2))
    tracks = tuple(Track(number, look.label) for number, look in enumerate(played.looks, 1))
    moments = (played.shot.at(frame / float(RATE) - BEFORE) for frame in range(frames))
    rows = (
        FrameMasks(
            frame, discs(camera, moment, table.ball, noise=rng.normal(0, noise, len(tracks)))
        )
        for frame, moment in enumerate(moments)
    )
    return Shot(tracks, tuple(rows))


def discs(camera: Camera, moment: Moment, ball: float, *, noise: Floats) -> tuple[TrackMask, ...]:
    """Return the masks of one moment; ``noise`` (n,) is what is added to the radii, in pixels."""
    places, depths = camera.project(moment.place)
    radii = camera.focal * ball / depths + noise
    size = camera.height, camera.width
    found = (
        disc(track, x, y, radius, size=size) if alive else None
        for track, ((x, y), radius, alive) in enumerate(
            zip(places.tolist(), radii.tolist(), moment.alive, strict=True), 1
        )
    )
    return tuple(mask for mask in found if mask is not None)


def disc(
    track: int, x: float, y: float, radius: float, *, size: tuple[int, int]
) -> TrackMask | None:
    """Return a disc as a mask, None where it is out of the picture."""
    left, top = max(0, int(x - radius) - 1), max(0, int(y - radius) - 1)
    right, bottom = min(size[1], int(x + radius) + 2), min(size[0], int(y + radius) + 2)
    if left >= right or top >= bottom:
        return None
    down, across = np.mgrid[top:bottom, left:right]
    inside = (across + 0.5 - x) ** 2 + (down + 0.5 - y) ** 2 <= radius**2
    if not inside.any():
        return None
    return TrackMask(track, rle.encode(inside, origin=(left, top), size=size), 0.97, 0.98)


def store(bench: Workbench, clip: str, shown: Shot, *, number: int, size: tuple[int, int]) -> None:
    """Put a clip with its first revision into a workspace, as a pre-annotation leaves it."""
    frames = len(shown.rows)
    video = Video(f"{number:064x}", "film.mp4", "film.mp4", *size, RATE, frames)
    known = Clip(clip, video.sha256, video.media, 0, frames, *size, RATE)
    bench.catalog.add_video(video, [known])
    revision = Revision(clip, None, Kind.AUTO, "benchmark", shown.tracks)
    bench.revisions.append(revision, shown.rows)
    bench.catalog.move(clip, Move.PREANNOTATE, actor="benchmark")
