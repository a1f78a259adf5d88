"""Shows that the memory of pre-annotation does not grow with the length of the clip.

    python benchmarks/preannotate_memory.py [--real]

Draws 1080p videos of 300 and 900 frames, pre-annotates each in a fresh process and prints the peak of its
memory and its frames per second, and the ratio of the two peaks. Without --real, detector and segmenter are the
exact fakes: what remains is everything that this project does around the networks.
"""

import argparse
import hashlib
import resource
import subprocess
import sys
import tempfile
import time
from fractions import Fraction
from pathlib import Path

from db.connect import Database
from engine.adapters.video_pyav import PyavFrameSource
from engine.fakes.detector import ColourDetector
from engine.fakes.scene import CLOTH, Disc, Scene, rests, rolls
from engine.fakes.segmenter import ColourSegmenter
from engine.media import VideoWriter
from engine.pipeline import DetSam2
from engine.ports import Detector, Segmenter
from engine.types import Clip, Detection, FrameBatch, Video
from engine.workflows.pre_annotate import pre_annotate

WIDE, HIGH, LENGTHS = 1920, 1080, (300, 900)


def scene(frames: int) -> Scene:
    """Return 15 balls at rest and one that rolls to and fro, all of radius 18 px."""
    colours = [(60 + 12 * i, 255 - 14 * i, 200 - 9 * i) for i in range(16)]
    places = [(300 + 90 * i, 300 + 120 * (i % 4)) for i in range(15)]
    still = [Disc(c, "ball", rests(*p), 18) for c, p in zip(colours[1:], places, strict=True)]
    return Scene([Disc(colours[0], "cue", rolls(100, 950, dx=1.5), 18), *still], frames, WIDE, HIGH)


class Nearest:
    """The exact detector, for pictures whose colours suffered from compression: it knows where the discs are."""

    def __init__(self, world: Scene) -> None:
        """Keep the scene."""
        self._world = world

    def detect(self, batch: FrameBatch) -> list[tuple[Detection, ...]]:
        """Return the discs of every frame."""
        exact = ColourDetector(self._world.labels)
        painted = [self._world.paint(self._world.clip, batch.first + i) for i in range(len(batch))]
        return [
            exact.detect(FrameBatch(batch.first + i, rgb[None]))[0] for i, rgb in enumerate(painted)
        ]


def measure(path: Path, frames: int, *, real: bool) -> None:
    """Pre-annotate one video and print megabytes and frames per second."""
    detector, segmenter = parts(frames, real=real)
    with tempfile.TemporaryDirectory() as folder, Database(f"sqlite:///{folder}/engine.db") as desk:
        desk.upgrade()
        rate = Fraction(30)
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        clip = Clip("clip", content, str(path), 0, frames, WIDE, HIGH, rate)
        desk.catalog.add_video(
            Video(content, str(path), str(path), WIDE, HIGH, rate, frames), [clip]
        )
        begin = time.perf_counter()
        report = pre_annotate(
            catalog=desk.catalog,
            queue=desk.queue,
            revisions=desk.revisions,
            source=PyavFrameSource(),
            detector=detector,
            segmenter=segmenter,
            worker="benchmark",
            settings=DetSam2(),
        )
        seconds = time.perf_counter() - begin
    (drawn,) = report.done
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{peak:.1f} {frames / seconds:.2f} {drawn.tracks}")


def parts(frames: int, *, real: bool) -> tuple[Detector, Segmenter]:
    """Return the exact fakes, or what the default settings name."""
    if not real:
        return Nearest(scene(frames)), ColourSegmenter(tolerance=40)
    from engine import wiring  # noqa: PLC0415 - torch only where it is measured
    from engine.config import read_settings  # noqa: PLC0415

    settings = read_settings()
    made = wiring.preannotation(settings)
    return made["detector"], made["segmenter"]


def write(path: Path, frames: int) -> None:
    """Draw the video."""
    world = scene(frames)
    still = Scene(world.discs[1:], frames, WIDE, HIGH).paint(world.clip, 0)
    with VideoWriter(path, width=WIDE, height=HIGH, rate=Fraction(30)) as video:
        for frame in range(frames):
            rgb = still.copy()
            rgb[900:1000] = CLOTH
            rolling = Scene(world.discs[:1], frames, WIDE, 1000)
            band = rolling.paint(rolling.clip, frame)[900:1000]
            rgb[900:1000] = band
            video.write(rgb)


def main() -> None:
    """Measure both lengths in processes of their own and compare."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--real", action="store_true", help="with the networks of the settings")
    options.add_argument("--one", nargs=2, metavar=("VIDEO", "FRAMES"), help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.one:
        measure(Path(chosen.one[0]), int(chosen.one[1]), real=chosen.real)
        return
    peaks = []
    with tempfile.TemporaryDirectory() as folder:
        for frames in LENGTHS:
            path = Path(folder) / f"{frames}.mp4"
            write(path, frames)
            command = [sys.executable, __file__, "--one", str(path), str(frames)]
            told = subprocess.run(  # noqa: S603 - this very script
                command + ["--real"] * chosen.real, check=True, capture_output=True, text=True
            )
            peak, speed, tracks = told.stdout.split()[-3:]
            peaks.append(float(peak))
            print(f"{frames:>4} frames: peak {peak:>8} MiB, {speed:>6} frames/s, {tracks} tracks")
    print(f"ratio of the peaks: {peaks[1] / peaks[0]:.3f} (at most 1.10 is wanted)")


if __name__ == "__main__":
    main()
