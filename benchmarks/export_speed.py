"""How fast datasets are written, against the plain loop, side by side in one run, with memory.

    python benchmarks/export_speed.py --clips 60 --frames 300 --balls 16 --out /scratch/export

Makes one 1080p recording (H.264, a keyframe each second, as ingest's working copies are), a workspace whose clips all
show it, with the masks of moving balls in SQLite, then exports it. The plain loop is what a first script does: one
process, pycocotools decodes and encodes every mask, Pillow saves every picture, PyAV every video; nothing is verified.
Ours is `engine export` as it is, with everything read from the database and verified on disk afterwards. ``--foreign``
gives the recording frames that cannot be cut without encoding them anew (B-frames), as cameras write them.
"""

import argparse
import json
import resource
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pycocotools import mask as coco

from db.connect import Database
from engine import rle
from engine.adapters.video_pyav import PyavFrameSource
from engine.media import VideoWriter
from engine.stages import Move
from engine.types import Clip, FrameMasks, Kind, Revision, Track, TrackMask, Video
from engine.workflows.export import export
from engine.workflows.selection import Selection
from exports.palette import voc_palette
from exports.registry import exporter

SIZE, RATE, RADIUS = (1080, 1920), Fraction(30), 14
GRAIN = 0.8
"""Grey levels of texture: 0.2 MB a frame as JPEG, which is what a real recording of a table at 1080p takes."""


def places(frame: int, balls: int) -> list[tuple[int, int]]:
    """Return the centre (x, y) of each ball: all on lines of their own, some faster than others."""
    gap = (SIZE[0] - 200) // balls
    return [
        (100 + (97 * k + frame * (k % 5)) % (SIZE[1] - 200), 100 + gap * k) for k in range(balls)
    ]


def picture(frame: int, balls: int, cloth: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return one frame: textured cloth and balls."""
    rgb = cloth.copy()
    rows, columns = np.mgrid[-RADIUS : RADIUS + 1, -RADIUS : RADIUS + 1]
    disc = rows**2 + columns**2 <= RADIUS**2
    for k, (x, y) in enumerate(places(frame, balls)):
        patch = rgb[y - RADIUS : y + RADIUS + 1, x - RADIUS : x + RADIUS + 1]
        patch[disc] = (40 + 12 * k % 200, 200 - 9 * k % 180, 60 + 30 * k % 190)
    return rgb


def footage(path: Path, frames: int, balls: int, *, foreign: bool) -> None:
    """Write the recording."""
    grain = np.random.default_rng(0).normal(0, GRAIN, (*SIZE, 1))
    ramp = np.linspace(60, 120, SIZE[1])[None, :, None]
    cloth = (np.array([0.4, 1.0, 0.6]) * ramp + grain).clip(8, 240).astype(np.uint8)
    if not foreign:
        with VideoWriter(path, width=SIZE[1], height=SIZE[0], rate=RATE) as writer:
            for frame in range(frames):
                writer.write(picture(frame, balls, cloth))
        return
    with av.open(str(path), "w") as container:
        stream = container.add_stream(
            "libx264", rate=RATE, options={"crf": "18", "preset": "veryfast"}
        )
        stream.width, stream.height, stream.pix_fmt = SIZE[1], SIZE[0], "yuv420p"
        for frame in range(frames):
            shown = av.VideoFrame.from_ndarray(picture(frame, balls, cloth))
            container.mux(stream.encode(shown))
        container.mux(stream.encode(None))


def rows(frames: int, balls: int) -> Iterator[FrameMasks]:
    """Yield the true masks."""
    y, x = np.mgrid[-RADIUS : RADIUS + 1, -RADIUS : RADIUS + 1]
    disc = x**2 + y**2 <= RADIUS**2
    for frame in range(frames):
        yield FrameMasks(
            frame,
            tuple(
                TrackMask(
                    k + 1, rle.encode(disc, origin=(x - RADIUS, y - RADIUS), size=SIZE), 0.9, 0.95
                )
                for k, (x, y) in enumerate(places(frame, balls))
            ),
        )


def workspace(folder: Path, media: Path, clips: int, frames: int, balls: int) -> Database:
    """Make a workspace whose accepted clips all show the recording."""
    database = Database(f"sqlite:///{folder}/engine.db")
    database.upgrade()
    tracks = tuple(Track(k + 1, "ball") for k in range(balls))
    masks = tuple(rows(frames, balls))
    for number in range(clips):
        name = f"clip-{number:03d}"
        video = Video(f"{number:064x}", str(media), str(media), SIZE[1], SIZE[0], RATE, frames)
        clip = Clip(name, video.sha256, str(media), 0, frames, SIZE[1], SIZE[0], RATE)
        database.catalog.add_video(video, [clip])
        made = database.revisions.append(
            Revision(name, None, Kind.AUTO, "benchmark", tracks), masks
        )
        database.catalog.move(name, Move.PREANNOTATE, actor="benchmark")
        database.catalog.move(name, Move.ACCEPT, actor="benchmark", revision=made.id)
    return database


def plain(name: str, database: Database, out: Path, clips: int) -> int:
    """Write ``clips`` clips by the plain loop; return the number of frames."""
    done = 0
    for status in database.catalog.clips()[:clips]:
        done += PLAIN[name](status.clip, database.revisions.frames(status.head or 0), out)
    return done


def pictures(clip: Clip) -> Iterator[NDArray[np.uint8]]:
    """Yield the pictures as a first script decodes them."""
    with av.open(clip.media) as container:
        for frame in container.decode(video=0):
            yield frame.to_ndarray(format="rgb24")


def plain_sav(clip: Clip, frames: Iterator[FrameMasks], out: Path) -> int:
    """Masks decoded and encoded one by one, JPEG by Pillow, mp4 by PyAV."""
    folder = out / "JPEGImages" / clip.id
    folder.mkdir(parents=True)
    masklet, areas, number = [], [], -1
    with VideoWriter(out / f"{clip.id}.mp4", width=SIZE[1], height=SIZE[0], rate=RATE) as writer:
        for number, (rgb, row) in enumerate(zip(pictures(clip), frames, strict=True)):
            writer.write(rgb)
            Image.fromarray(rgb).save(folder / f"{number:05d}.jpg", quality=95, subsampling=0)
            line, sizes = [], []
            for mask in row.masks:
                pixels = coco.decode({"size": list(SIZE), "counts": mask.rle.counts})
                sizes.append(int(pixels.sum()))
                coded: dict[str, Any] = coco.encode(np.asfortranarray(pixels))
                line.append({"size": coded["size"], "counts": coded["counts"].decode()})
            masklet.append(line)
            areas.append(sizes)
    (out / f"{clip.id}_manual.json").write_text(json.dumps({"masklet": masklet, "areas": areas}))
    return number + 1


def plain_davis(clip: Clip, frames: Iterator[FrameMasks], out: Path) -> int:
    """Masks decoded and painted one by one, JPEG and PNG by Pillow."""
    stills, labels = out / "JPEGImages" / clip.id, out / "Annotations" / clip.id
    for folder in (stills, labels):
        folder.mkdir(parents=True)
    number = -1
    for number, (rgb, row) in enumerate(zip(pictures(clip), frames, strict=True)):
        Image.fromarray(rgb).save(stills / f"{number:05d}.jpg", quality=95, subsampling=0)
        canvas = np.zeros(SIZE, np.uint8)
        for mask in row.masks:
            pixels = coco.decode({"size": list(SIZE), "counts": mask.rle.counts})
            canvas[pixels.astype(bool)] = mask.track
        shown = Image.fromarray(canvas, mode="P")
        shown.putpalette(voc_palette())
        shown.save(labels / f"{number:05d}.png")
    return number + 1


PLAIN: dict[str, Callable[[Clip, Iterator[FrameMasks], Path], int]] = {
    "sav": plain_sav,
    "davis": plain_davis,
}


def ours(name: str, database: Database, out: Path, workers: int) -> int:
    """Export everything; return the number of frames."""
    report = export(
        database.catalog,
        database.revisions,
        PyavFrameSource(threads=1),
        replace(exporter(name), workers=workers, fresh=True),
        out=out,
        selection=Selection(),
    )
    return report.frames


def peak() -> tuple[float, float]:
    """Return the peak memory of this process and of its largest child so far, in MiB."""
    own, children = (
        resource.getrusage(who).ru_maxrss / 1024
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return own, children


def main() -> None:
    """Run the comparison and print one line of JSON for each format."""
    read = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    read.add_argument("--clips", type=int, default=60)
    read.add_argument("--plain-clips", type=int, default=1, help="clips for the plain loop")
    read.add_argument("--frames", type=int, default=300)
    read.add_argument("--balls", type=int, default=16)
    read.add_argument("--workers", type=int, default=4)
    read.add_argument("--formats", nargs="+", default=["sav", "davis"])
    read.add_argument("--foreign", action="store_true")
    read.add_argument("--out", type=Path, required=True)
    given = read.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    media = given.out / "recording.mp4"
    footage(media, given.frames, given.balls, foreign=given.foreign)
    (given.out / "engine.db").unlink(missing_ok=True)
    database = workspace(given.out, media, given.clips, given.frames, given.balls)
    for name in given.formats:
        rates = {}
        for way in ("plain", "ours"):
            folder = given.out / way
            shutil.rmtree(folder, ignore_errors=True)
            began = time.perf_counter()
            if way == "plain":
                done = plain(name, database, folder, given.plain_clips)
            else:
                done = ours(name, database, folder, given.workers)
            rates[way] = done / (time.perf_counter() - began)
            shutil.rmtree(folder)
        own, child = peak()
        print(
            json.dumps(
                {
                    "format": name,
                    "clips": given.clips,
                    "plain_fps": round(rates["plain"], 2),
                    "ours_fps": round(rates["ours"], 2),
                    "ratio": round(rates["ours"] / rates["plain"], 2),
                    "peak_mib": round(own),
                    "peak_worker_mib": round(child),
                }
            )
        )


if __name__ == "__main__":
    main()
