"""How many pots, cushions and collisions of rendered clips are told from masks alone, and how many of those told are right.

    engine synth --preset mixed --clips 30 --seconds 6 --seed 82 --out clips/
    python benchmarks/table_events.py clips/ [--no-pockets] [--list]
    engine ingest clips/ && engine preannotate
    python benchmarks/table_events.py clips/ --workspace workspace/

Exact masks first; with a workspace the masks that it has of these clips, and the pockets that its detector saw. An event is found
where one of its kind is told of its balls at most 3 frames before or after; one found counts once. Balls that hit one another at once,
as in a break, are one collision, found where two of them are told. Events of balls that are not seen in the frames before may
be told and need not: no mask shows them. With a workspace a track stands for the ball that it overlaps most about the time.
"""

import argparse
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.billiards.events import table_events
from engine.config import read_settings
from engine.datasets.rendered import entries
from engine.geometry import iou
from engine.ports.board import Happening, TableEvent
from engine.rle import bbox
from engine.types import Box, Clip, FrameMasks
from engine.wiring import Workbench, workbench
from engine.workflows.prepare import witnesses_of

NEAR = 3
SEEN = 3
TOGETHER = 2
OVERLAP = 0.3
NAMES = {"pot": Happening.POT, "cushion": Happening.CUSHION, "ball-ball": Happening.COLLISION}


@dataclass(frozen=True, slots=True)
class Fact:
    """What happened: on which frames, to which balls."""

    kind: Happening
    frames: tuple[int, ...]
    balls: frozenset[int]

    def is_told_by(self, event: TableEvent, balls: frozenset[int]) -> bool:
        """Tell whether an event that was told of ``balls`` is this one."""
        shared = len(self.balls & balls)
        enough = shared >= (2 if self.kind is Happening.COLLISION else 1)
        first, last = event.start - NEAR, event.stop - 1 + NEAR
        near = any(first <= frame <= last for frame in self.frames)
        return self.kind is event.kind and enough and near


@dataclass(frozen=True, slots=True)
class Case:
    """A clip: what happened, the true masks, and the masks and pockets by which events are told."""

    name: str
    clip: Clip
    true: tuple[Fact, ...]
    unseen: tuple[Fact, ...]
    rows: tuple[FrameMasks, ...]
    drawn: tuple[FrameMasks, ...]
    pockets: tuple[Box, ...]


def cases(folder: Path, bench: Workbench | None, *, pockets: bool) -> Iterator[Case]:
    """Yield the clips of a folder; with a workspace those that it has masks of."""
    held = (
        {} if bench is None else {Path(one.clip.media).stem: one for one in bench.catalog.clips()}
    )
    for entry in entries(folder):
        found = entry.open(entry.name)
        raw = json.loads((folder / f"{entry.name}.json").read_text())
        rows = tuple(found.frames())
        true, unseen = (tuple(happened(raw, seen=seen)) for seen in (True, False))
        if bench is None:
            boxes = openings(raw) if pockets else ()
            yield Case(entry.name, found.clip, true, unseen, rows, rows, boxes)
            continue
        ours = next((one.clip for name, one in held.items() if name.startswith(entry.name)), None)
        head = None if ours is None else bench.revisions.head(ours.id)
        if ours is not None and head is not None:
            seen = witnesses_of(bench.revisions, bench.desk.findings, ours.id)
            boxes = seen.pockets if seen is not None and pockets else ()
            drawn = tuple(bench.revisions.frames(head.id))
            yield Case(entry.name, ours, true, unseen, rows, drawn, boxes)


def openings(raw: dict[str, Any]) -> tuple[Box, ...]:
    """Return the pockets that are seen on the first frame, none where the camera moves."""
    if "poses" in raw["camera"] or not raw["pockets"]:
        return ()
    boxes = [pocket["box"] for pocket in raw["pockets"][0] if pocket["visible"]]
    return tuple((box[0], box[1], box[2], box[3]) for box in boxes)


def happened(raw: dict[str, Any], *, seen: bool) -> list[Fact]:
    """Return what happened to balls that are seen, or to others; collisions at once are one."""
    shown = [{mask["track"] for mask in row} for row in raw["masks"]]
    out: list[Fact] = []
    for event in sorted(raw["events"], key=lambda one: one["frame"]):
        kind, frame, balls = NAMES.get(event["kind"]), event["frame"], frozenset(event["tracks"])
        around = set[int]().union(*shown[max(0, frame - SEEN) : frame + 1])
        late = frame >= len(shown) - SEEN and kind is not Happening.POT
        told = balls <= around and frame >= TOGETHER and not late
        if kind is not None and told == seen:
            out = _joined(out, Fact(kind, (frame,), balls))
    return out


def _joined(out: list[Fact], new: Fact) -> list[Fact]:
    """Return what happened with one event more; collisions of the same balls at once become one."""
    same = [
        old
        for old in out
        if new.kind is old.kind is Happening.COLLISION
        and new.frames[0] - max(old.frames) <= TOGETHER
        and old.balls & new.balls
    ]
    frames = tuple(frame for one in [*same, new] for frame in one.frames)
    balls = frozenset[int]().union(*(one.balls for one in [*same, new]))
    return [*(old for old in out if old not in same), Fact(new.kind, frames, balls)]


def balls_of(event: TableEvent, case: Case) -> frozenset[int]:
    """Return the true balls that the tracks of an event stand for."""
    if case.drawn is case.rows:
        return frozenset(event.tracks)
    votes: Counter[tuple[int, int]] = Counter()
    for frame in range(max(0, event.start - NEAR), min(len(case.rows), event.stop + NEAR)):
        drawn, true = case.drawn[frame].by_track(), case.rows[frame].by_track()
        ours = {track: bbox(drawn[track].rle) for track in event.tracks if track in drawn}
        for track, box in ours.items():
            for ball, mask in true.items():
                other = bbox(mask.rle)
                if box and other and iou(box, other) > OVERLAP:
                    votes[track, ball] += 1
    best = {track: ball for (track, ball), _ in reversed(votes.most_common())}
    return frozenset(best.values())


def judged(
    case: Case, events: Sequence[TableEvent]
) -> tuple[list[Fact], list[TableEvent], list[TableEvent]]:
    """Return what was missed, what was rightly told, and what was told and did not happen.

    What happened where no mask shows it counts for neither when it is told.
    """
    missed, right, wrong = list(case.true), [], []
    for event in events:
        balls = balls_of(event, case)
        found = next((one for one in missed if one.is_told_by(event, balls)), None)
        if found is not None:
            missed.remove(found)
            right.append(event)
        elif not any(one.is_told_by(event, balls) for one in case.unseen):
            wrong.append(event)
    return missed, right, wrong


def measure(
    folder: Path, bench: Workbench | None, *, pockets: bool, listed: bool
) -> dict[tuple[Happening, str], int]:
    """Return counts by kind: what happened, was told, was right, and how right the sure ones are."""
    counts: Counter[tuple[Happening, str]] = Counter()
    for case in cases(folder, bench, pockets=pockets):
        events = table_events(case.drawn, case.clip, pockets=case.pockets)
        missed, right, wrong = judged(case, events)
        counts.update((one.kind, "happened") for one in case.true)
        counts.update((one.kind, "missed") for one in missed)
        counts.update((one.kind, "right") for one in right)
        counts.update((one.kind, "told") for one in [*right, *wrong])
        counts.update((one.kind, f"right with {one.certainty}") for one in right)
        counts.update((one.kind, f"told with {one.certainty}") for one in [*right, *wrong])
        for miss in missed if listed else ():
            print(f"{case.name}: missed {miss.kind} {min(miss.frames)} {sorted(miss.balls)}")
        for one in wrong if listed else ():
            print(f"{case.name}: wrong {one.kind} {one.start} {one.tracks} {one.certainty}")
    return counts


def main() -> None:
    """Print recall and precision of each kind."""
    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ask.add_argument("folder", type=Path)
    ask.add_argument("--workspace", type=Path)
    ask.add_argument("--no-pockets", action="store_true")
    ask.add_argument("--list", action="store_true", help="name every event missed or wrong")
    args = ask.parse_args()
    asked: dict[str, Any] = {"pockets": not args.no_pockets, "listed": args.list}
    if args.workspace is None:
        counts = measure(args.folder, None, **asked)
    else:
        with workbench(read_settings(workspace=args.workspace)) as bench:
            counts = measure(args.folder, bench, **asked)
    for kind in Happening:
        happened, told = counts[kind, "happened"], counts[kind, "told"]
        found, right = happened - counts[kind, "missed"], counts[kind, "right"]
        print(
            f"{kind:10} found {found:4} of {happened:4} = {found / max(1, happened):4.0%}   "
            f"right {right:4} of {told:4} = {right / max(1, told):4.0%}"
        )
    for kind, what in sorted(key for key in counts if key[1].startswith("told with")):
        right = counts[kind, what.replace("told", "right")]
        print(f"  {kind:10} {what:15} {right} of {counts[kind, what]} right")


if __name__ == "__main__":
    main()
