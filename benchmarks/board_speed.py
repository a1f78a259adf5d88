"""What it costs to bring a dataset into FiftyOne, against the loop through its public calls, side by side in one run.

    python benchmarks/board_speed.py --clips 60 --frames 300 --balls 16

Starts a MongoDB of its own in a folder that goes away, stores the masks of balls that move on every frame in SQLite, and puts
cards and masks as `engine fiftyone sync` does, each mask read from the database. ``--rest`` is the share of balls that lie
still, as most do in real clips. The public loop is what a first script does: FiftyOne's objects, a sample saved at a time.
"""

import argparse
import json
import resource
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from db.connect import Database
from engine import rle
from engine.ports.board import Agreement, Card, Happening, Layer, Measures, TableEvent
from engine.stages import Stage
from engine.types import Clip, FrameMasks, Kind, Revision, Track, TrackMask, Video
from exports.board.app import Starting, app
from exports.board.environment import load
from exports.board.inside import inside
from exports.board.mongod import Running, own_mongod
from exports.fiftyone import FiftyOneBoard, open_board

SIZE, RATE, RADIUS = (1080, 1920), Fraction(30), 22
MB = 1 << 20


def clip(number: int, frames: int) -> Clip:
    """Return one of the clips, all cut from one recording."""
    return Clip(f"clip-{number:04}", "a" * 64, "/films/a.mp4", 0, frames, SIZE[1], SIZE[0], RATE)


def card(number: int, frames: int) -> Card:
    """Return a card on which everything is said."""
    events = tuple(TableEvent(Happening.COLLISION, 9 * k, 9 * k + 2, (1, 2), 0.9) for k in range(9))
    measures = Measures(0.95, 16, 16, 4.5, 3, 1.25, ("jump", "gap"), events)
    figures = dict.fromkeys(range(frames), 0.9)
    agreement = Agreement(1, 2, 0.93, dict.fromkeys(range(1, 17), 0.93), {1: 1}, (), figures)
    one = clip(number, frames)
    now = datetime.now(UTC)
    return Card(
        one, f"/films/copies/{one.id}.mp4", Stage.ACCEPTED, 3, 3, "hall-1", "nano", "ada", "bea", "", now, now,
        1, 20, 3.5, page=f"http://127.0.0.1:7860/ui/?clip={one.id}", measures=measures, agreement=agreement,
    )  # fmt: skip


def rows(frames: int, balls: int, rest: float) -> Iterator[FrameMasks]:
    """Yield masks of discs: each ball on a line of its own, with a shape of its own; some lie still."""
    span = np.arange(2 * RADIUS) - RADIUS + 0.5
    for frame in range(frames):
        found = []
        for ball in range(balls):
            step = 0 if ball < rest * balls else frame
            x, y = (97 * ball + step * (1 + ball % 5)) % (SIZE[1] - 60), 10 + 64 * ball
            edge = RADIUS - 0.5 + 0.4 * np.sin(step + ball)
            disc = span[:, None] ** 2 + span**2 <= edge**2
            found.append(TrackMask(ball + 1, rle.encode(disc, origin=(x, y), size=SIZE), 0.97, 0.9))
        yield FrameMasks(frame, tuple(found))


def stored(database: Database, options: argparse.Namespace) -> tuple[Revision, ...]:
    """Store the masks of as many clips as there shall be, and return their revisions."""
    clips = [clip(number, options.frames) for number in range(options.clips)]
    video = Video("a" * 64, "/films/a.mp4", "/films/a.mp4", SIZE[1], SIZE[0], RATE, options.frames)
    database.catalog.add_video(video, clips)
    tracks = tuple(Track(ball + 1, str(ball)) for ball in range(options.balls))
    masks = tuple(rows(options.frames, options.balls, options.rest))
    return tuple(
        database.revisions.append(Revision(one.id, None, Kind.AUTO, "nano", tracks), masks)
        for one in clips
    )


def layer(database: Database, revision: Revision) -> Layer:
    """Return the masks of a revision, to be read while they are put."""
    return Layer(revision.id, revision.tracks, database.revisions.frames(revision.id))


def by_public_calls(fiftyone: Any, masks: Sequence[Layer], frames: int) -> None:
    """Write clips as a first script does."""
    dataset = fiftyone.Dataset("plain")
    for number, one in enumerate(masks):
        about = clip(number, frames)
        metadata = fiftyone.VideoMetadata(frame_rate=30.0, total_frame_count=about.frames)
        sample = fiftyone.Sample(
            filepath=f"/films/{about.id}.mp4", metadata=metadata, clip=about.id
        )
        labels = {track.id: track.label for track in one.tracks}
        for row in one.rows:
            found = [plain(fiftyone, mask, labels) for mask in row.masks]
            sample.frames[row.frame + 1] = fiftyone.Frame(
                masks=fiftyone.Detections(detections=found)
            )
        dataset.add_sample(sample)
    dataset.delete()


def plain(fiftyone: Any, mask: TrackMask, labels: Mapping[int, str]) -> Any:
    """Return a mask as FiftyOne's object."""
    x0, y0, x1, y1 = (int(side) for side in rle.bbox(mask.rle) or (0, 0, 0, 0))
    high, wide = mask.rle.size
    return fiftyone.Detection(
        label=labels[mask.track],
        index=mask.track,
        confidence=mask.score,
        stability=mask.stability,
        bounding_box=[x0 / wide, y0 / high, (x1 - x0) / wide, (y1 - y0) / high],
        mask=rle.decode_crop(mask.rle, (x0, y0, x1, y1)),
    )


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds that something took, and how many of them our process computed: the rest it waited."""

    wall: float
    own: float

    def __str__(self) -> str:
        """Show both."""
        return f"{self.wall:.2f} s ({self.own:.2f} s of our own)"


def timed(what: Callable[[], object]) -> Spent:
    """Return how long something takes."""
    begin, own = time.perf_counter(), time.process_time()
    what()
    return Spent(time.perf_counter() - begin, time.process_time() - own)


def said(what: str, value: object) -> None:
    """Print a line of the table."""
    print(f"| {what} | {value} |", flush=True)


def measured(options: argparse.Namespace, folder: Path, server: Running) -> None:
    """Measure one thing after another and print each."""
    with Database(f"sqlite:///{folder}/engine.db") as database:
        database.upgrade()
        revisions = stored(database, options)
        said("load FiftyOne", timed(lambda: load(server.uri, folder)))
        said("writer, memory before", f"{peak():.0f} MB")
        fiftyone = load(server.uri, folder)
        with open_board(server.uri, home=folder, dataset="bench", workspace="bench") as board:
            cards(board, options)
            masks(board, database, revisions, options)
            sizes(fiftyone, board)
            if options.app:
                shown(server.uri, folder)
        said("make a dataset", timed(lambda: another(server.uri, folder)))
        said("writer, peak memory", f"{peak():.0f} MB")
        some = [layer(database, revision) for revision in revisions[: options.plain]]
        spent = timed(lambda: by_public_calls(fiftyone, some, options.frames))
        said(
            f"{len(some)} clips through public calls",
            f"{spent}, {spent.wall / len(some):.2f} s a clip",
        )
    said("mongod, memory", f"{psutil.Process(server.pid).memory_info().rss / MB:.0f} MB")


def shown(uri: str, folder: Path) -> None:
    """Measure the app: when it answers, and what it holds after it has been asked for clips and for masks."""
    with app(uri, folder, dataset="bench", port=0) as starting:
        said("start the app", timed(starting.wait))
        grid = """query Grid { samples(dataset: "bench", view: [], first: 60) { ... on SampleItemStrConnection {
          edges { node { ... on VideoSample { id } } } } } }"""
        found = asked(starting, "graphql", {"query": grid})["data"]["samples"]["edges"]
        wanted = {
            "frameNumber": 1,
            "frameCount": 300,
            "numFrames": 300,
            "dataset": "bench",
            "view": [],
        }
        for edge in found:
            asked(starting, "frames", wanted | {"sampleId": edge["node"]["id"]})
        processes = [root := psutil.Process(starting.app.pid), *root.children(recursive=True)]
        held = sum(one.memory_info().rss for one in processes) / MB
        said(f"app, memory after the masks of {len(found)} clips", f"{held:.0f} MB")


def asked(starting: Starting, path: str, body: object) -> Any:
    """Return what the app answers."""
    address = f"http://{starting.app.address}:{starting.app.port}/{path}"
    head = {"Content-Type": "application/json"}
    request = urllib.request.Request(address, json.dumps(body).encode(), head)
    with urllib.request.urlopen(request, timeout=120) as answer:  # noqa: S310 - as above
        return json.load(answer)


def peak() -> float:
    """Return the most memory that our process has had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / MB


def another(uri: str, folder: Path) -> None:
    """Make a dataset."""
    with open_board(uri, home=folder, dataset="another", workspace="bench"):
        pass


def cards(board: FiftyOneBoard, options: argparse.Namespace) -> None:
    """Measure cards, all new, all again, and what is asked before each sync."""
    all_ = [card(number, options.frames) for number in range(options.cards)]
    said(f"cards of {len(all_)} clips, new", timed(lambda: board.put_cards(all_)))
    said(f"cards of {len(all_)} clips, again", timed(lambda: board.put_cards(all_)))
    said("ask what is held", timed(board.held))


def masks(
    board: FiftyOneBoard,
    database: Database,
    revisions: Sequence[Revision],
    options: argparse.Namespace,
) -> None:
    """Measure masks: reading alone, one clip, then all."""

    def put(number: int) -> None:
        board.put_masks(clip(number, options.frames), layer(database, revisions[number]))

    said("read the rows of a clip", timed(lambda: list(layer(database, revisions[0]).rows)))
    one = timed(lambda: put(0))
    said(
        "masks of a clip",
        f"{one}, {one.wall / float(options.frames / RATE):.3f} s for a second of video",
    )
    said("masks of a clip, again", timed(lambda: put(0)))
    every = timed(lambda: [put(number) for number in range(options.clips)])
    said(f"masks of {options.clips} clips", f"{every}, {every.wall / options.clips:.2f} s a clip")


def sizes(fiftyone: Any, board: FiftyOneBoard) -> None:
    """Print how much MongoDB holds."""
    place = inside(fiftyone, board.dataset)
    for what, collection in (("clips", place.samples), ("frames", place.frames)):
        held = collection.aggregate([{"$collStats": {"storageStats": {}}}]).next()["storageStats"]
        size, disk = held["size"] / MB, (held["storageSize"] + held["totalIndexSize"]) / MB
        said(f"{held['count']} documents of {what}", f"{size:.1f} MB, {disk:.1f} MB on disk")


def main() -> None:
    """Read the options and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", type=int, default=60)
    parser.add_argument("--cards", type=int, default=1000)
    parser.add_argument("--frames", type=int, default=300)
    parser.add_argument("--balls", type=int, default=16)
    parser.add_argument("--rest", type=float, default=0.0, help="share of balls that lie still")
    parser.add_argument("--plain", type=int, default=3, help="clips through public calls")
    parser.add_argument("--app", action="store_true", help="start the app too, and ask it")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, own_mongod(Path(folder)) as server:
        measured(options, Path(folder), server)


if __name__ == "__main__":
    main()
