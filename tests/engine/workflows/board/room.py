"""A workspace in memory with a few tiny clips, a board, and everybody who touches either."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np

from engine import rle
from engine.errors import DamagedChunk, VideoError
from engine.evaluation.agreement import agree
from engine.fakes.board import MemoryBoard
from engine.fakes.queue import MemoryDatabase
from engine.fakes.store import ManualClock
from engine.ports import Event
from engine.ports.board import Still, Tag
from engine.stages import Move, Stage
from engine.types import Clip, FrameMasks, Kind, Revision, Track, TrackMask, Video
from engine.workflows.board.desk import BoardDesk
from engine.workflows.board.report import Answer, SyncReport
from engine.workflows.board.sync import sync

FRAMES = 6
UNSURE = 0.375  # so that there are doubts
SIZE = (24, 32)
TRACKS = (Track(1, "cue"), Track(2, "8"))
MODEL = {"segmenter": "nano", "segmenter_sha256": "14d9c3d49bcf"}

MADE = ("cards", "dropped", "masks", "films", "measured", "compared", "stills")
"""What a report counts."""

STAGES = {
    Stage.INGESTED: (),
    Stage.PREANNOTATED: ("draw",),
    Stage.IN_CORRECTION: ("draw", "correct"),
    Stage.SUBMITTED: ("draw", "submit"),
    Stage.ACCEPTED: ("draw", "accept"),
    Stage.REJECTED: ("draw", Move.REJECT),
    Stage.EXCLUDED: ("draw", Move.EXCLUDE),
}
"""How a clip gets to each stage."""


def rows(x: int) -> list[FrameMasks]:
    """Return a clip with a ball that lies and one that rolls away from ``x``."""
    return [FrameMasks(frame, (_ball(1, 3, 4), _ball(2, x + frame, 14))) for frame in range(FRAMES)]


def _ball(track: int, x: int, y: int) -> TrackMask:
    return TrackMask(track, rle.encode(np.ones((5, 5), bool), origin=(x, y), size=SIZE), UNSURE)


class Damaged:
    """Revisions of which some do not decode from their third frame on."""

    def __init__(self, revisions: Any) -> None:
        self._revisions, self.bad = revisions, set()

    def frames(self, revision: int, **span: Any) -> Iterator[FrameMasks]:
        for row in self._revisions.frames(revision, **span):
            if row.frame == 2 and revision in self.bad:
                raise DamagedChunk(f"revision {revision}, frames 0 to 32: damaged")
            yield row

    def __getattr__(self, name: str) -> Any:
        return getattr(self._revisions, name)


@dataclass
class Copies:
    """Makes browser copies by remembering them; the videos in ``missing`` are gone."""

    made: list[str] = field(default_factory=list)
    missing: set[str] = field(default_factory=set)

    def __call__(self, clip: Clip, *, stop: Callable[[], bool], progress: Any) -> bool:
        if clip.id in self.missing:
            raise VideoError(f"{clip.media} is gone")
        if stop() or clip.id in self.made:
            return False
        progress(clip.frames, clip.frames)
        self.made.append(clip.id)
        return True


@dataclass
class Pictures:
    """Makes one picture of each clip by the recipe ``name``."""

    name: str = "colours-1"

    def made(self, clip: Clip) -> str:
        return f"{self.name} {clip.media}"

    def __call__(self, clip: Clip, *, stop: Callable[[], bool]) -> tuple[Still, ...] | None:
        return None if stop() else (Still(0, f"/stills/{clip.id}.jpg", np.ones(1, np.float32)),)


class Room:
    """The workspace, its board, and what people do."""

    def __init__(self, clips: Sequence[str] = ("game-0", "game-1", "game-2")) -> None:
        self.clock = ManualClock()
        self.db = MemoryDatabase(now=self.clock)
        self.board, self.copies, self.pictures = MemoryBoard(), Copies(), Pictures()
        self.revisions = Damaged(self.db.revisions)
        self.alike: dict[str, tuple[str, ...]] = {}
        made = [self.clip(id_, place) for place, id_ in enumerate(clips)]
        video = Video("f00d", "a.mp4", "a.mp4", SIZE[1], SIZE[0], Fraction(30), 90, camera="north")
        self.db.catalog.add_video(video, made)
        self.desk = self.at()

    @staticmethod
    def clip(id_: str, place: int) -> Clip:
        return Clip(id_, "f00d", "a.mp4", FRAMES * place, FRAMES, SIZE[1], SIZE[0], Fraction(30))

    def at(self, **others: Any) -> BoardDesk:
        """Return a desk as a fresh process has it; ``others`` stand in for what is here."""
        return BoardDesk(
            **{
                "board": self.board,
                "catalog": self.db.catalog,
                "revisions": self.revisions,
                "overview": self.db.overview,
                "findings": self.db.desk.findings,
                "bridge": self.db.bridge,
                "film": lambda clip: f"/page/{clip.id}.mp4",
                "page_url": "http://page.test/",
                "target": 2000.0,
                "copy": self.copies,
                "judge": agree,
                "stills": self.pictures,
                "alike": lambda: self.alike,
                "now": self.clock,
                **others,
            }
        )

    def sync(self, **asked: Any) -> SyncReport:
        return sync(self.desk, **{"by": "lead", **asked})

    def stage(self, clip: str = "game-0") -> str:
        return str(self.db.catalog.clip(clip).stage)

    def head(self, clip: str = "game-0") -> int | None:
        return self.db.catalog.clip(clip).head

    def move(self, clip: str, move: Move, actor: str = "ada", note: str = "") -> None:
        self.clock.advance(60)
        self.db.catalog.move(clip, move, actor=actor, note=note)

    def draw(self, clip: str = "game-0", x: int = 10) -> int:
        """Let models draw a clip."""
        revision = self._store(clip, Kind.AUTO, "det-sam2", x)
        self.move(clip, Move.PREANNOTATE, "det-sam2")
        return revision

    def correct(self, clip: str = "game-0", by: str = "ada", x: int = 11) -> int:
        """Let somebody correct a clip."""
        revision = self._store(clip, Kind.MANUAL, by, x)
        self.move(clip, Move.CORRECT, by)
        return revision

    def submit(self, clip: str = "game-0", by: str = "ada") -> None:
        self.move(clip, Move.SUBMIT, by)

    def accept(self, clip: str = "game-0", by: str = "bo") -> None:
        self.move(clip, Move.ACCEPT, by)

    def forget(self, clip: str) -> None:
        """Let the workspace lose a clip."""
        shelf = self.db.catalog._shelf
        for kept in (shelf.clips, shelf.stages, shelf.priorities):
            kept.pop(clip)

    def _store(self, clip: str, kind: Kind, author: str, x: int) -> int:
        self.clock.advance(60)
        head = self.head(clip)
        provenance = MODEL if kind is Kind.AUTO else {}
        revision = Revision(clip, head, kind, author, TRACKS, provenance)
        return self.db.revisions.append(revision, rows(x)).id


def brought(stage: Stage) -> Room:
    """Return a room whose first clip is in a stage, with all of it on the board."""
    room = Room()
    for step in STAGES[stage]:
        if isinstance(step, Move):
            room.move("game-0", step)
        else:
            getattr(room, step)()
    assert room.stage() == stage
    room.sync()
    return room


def last(room: Room) -> Event:
    """Return the first clip's newest event."""
    return room.db.catalog.events("game-0")[-1]


def tagged(room: Room, *tags: Tag, **said: str) -> tuple[Answer, ...]:
    """Tag the first clip, sync, and return what was answered."""
    room.board.tag("game-0", *tags, **said)
    report = room.sync()
    return (*report.decided, *report.refused)


def counts(report: SyncReport) -> dict[str, int]:
    return {name: n for name in MADE if (n := getattr(report, name))}


def corrected(room: Room, clip: str = "game-0") -> None:
    """Bring a clip from drawing to acceptance, with changes."""
    room.draw(clip)
    room.correct(clip)
    room.submit(clip)
    room.accept(clip)
