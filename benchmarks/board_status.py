"""What the status sync of many clips costs, on a real database and a real MongoDB.

    python benchmarks/board_status.py --clips 1000 --actions 20

Makes a workspace of clips at all stages with five events, two revisions and ``--actions`` actions each, and measures of every
newest revision. Then it does what `engine fiftyone sync --no-masks` does: everything new, nothing new, and one clip moved.
"""

import argparse
import dataclasses
import tempfile
import time
from fractions import Fraction
from pathlib import Path

from engine import wiring
from engine.config import Settings
from engine.ports.board import Happening, Measures, TableEvent
from engine.stages import Move
from engine.types import Clip, FrameMasks, Kind, Revision, Track, Video
from engine.wiring import Workbench
from engine.workflows.board.sync import sync
from engine.workflows.measures import MEASURES, measures_to_text
from exports.board.furnishing import furnish

STORY = (
    Move.PREANNOTATE,
    Move.CORRECT,
    Move.SUBMIT,
    Move.REJECT,
    Move.CORRECT,
    Move.SUBMIT,
    Move.ACCEPT,
)
EVENTS = tuple(TableEvent(Happening.COLLISION, 9 * k, 9 * k + 2, (1, 2), 0.9) for k in range(9))
FIGURES = Measures(0.95, 16, 16, 4.5, 3, 1.25, ("jump", "gap"), EVENTS)
TRACKS = tuple(Track(k, "solid") for k in range(1, 17))
MODELS = {
    "segmenter": "nano",
    "segmenter_sha256": "1" * 64,
    "detector": "yolo",
    "detector_sha256": "3" * 64,
}


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", type=int, default=1000)
    parser.add_argument("--actions", type=int, default=20)
    told = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(workspace=Path(folder))
        with wiring.workbench(settings, create=True) as bench:
            fill(bench, told.clips, told.actions)
            measure(settings, bench)


def fill(bench: Workbench, clips: int, actions: int) -> None:
    """Make the workspace."""
    ids = [f"clip-{number:05}" for number in range(clips)]
    made = [
        Clip(one, "a" * 64, "/films/a.mp4", 300 * k, 300, 1920, 1080, Fraction(30))
        for k, one in enumerate(ids)
    ]
    video = Video(
        "a" * 64,
        "/films/a.mp4",
        "/films/a.mp4",
        1920,
        1080,
        Fraction(30),
        300 * clips,
        camera="hall-1",
    )
    bench.catalog.add_video(video, made)
    for number, one in enumerate(ids):
        parent = None
        for kind, who in ((Kind.AUTO, "engine"), (Kind.MANUAL, f"person {number % 5}")):
            new = Revision(one, parent, kind, who, TRACKS, MODELS if kind is Kind.AUTO else {})
            parent = bench.revisions.append(new, [FrameMasks(0)]).id
        bench.desk.findings.put(parent or 0, MEASURES, measures_to_text(FIGURES))
        for move in STORY[: number % len(STORY) + 1]:
            bench.catalog.move(one, move, actor=f"person {number % 5}", note="as seen")
        bench.desk.claims.claim(one, user="person", tab="t")
        for k in range(actions):
            bench.desk.actions.put(
                one, f"person {number % 5}", {"kind": "look", "k": k}, before=parent, tab="t"
            )


def measure(settings: Settings, bench: Workbench) -> None:
    """Sync three times, and say how long each took."""
    with wiring.board(settings) as board:
        desk = dataclasses.replace(wiring.board_desk(bench, board))
        for what in ("all clips new", "nothing new", "one clip moved"):
            if what == "one clip moved":
                bench.catalog.move("clip-00000", Move.REJECT, actor="person 0", note="look again")
            began, cpu = time.perf_counter(), time.process_time()
            report = sync(desk, by="person 0", masks=False, costly=False)
            furnish(board.dataset)
            spent = time.perf_counter() - began, time.process_time() - cpu
            print(
                f"{what:<16} {report.cards:>5} cards   {spent[0]:.2f} s, of which {spent[1]:.2f} s ours"
            )


if __name__ == "__main__":
    main()
