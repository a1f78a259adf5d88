"""Revisions and the catalog in memory, exact and gone with the process. Refuses to know files and servers."""

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches

import numpy as np

from engine.errors import InputError, SelectionError, StageError, StaleParent
from engine.ports import ClipStatus, Event
from engine.stages import Move, Stage, after, priority_after
from engine.types import Clip, FrameMasks, Revision, Video

Clock = Callable[[], datetime]


class ManualClock:
    """A clock that stands still until it is told to go on."""

    def __init__(self) -> None:
        """Begin at an arbitrary moment."""
        self.now = datetime(2030, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        """Return the present moment."""
        return self.now

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.now += timedelta(seconds=seconds)


def wall_clock() -> datetime:
    """Return the present moment of this machine, with its zone."""
    return datetime.now(UTC)


@dataclass(slots=True)
class Shelf:
    """What the three stores share: everything that was ever written, by its key."""

    now: Clock = wall_clock
    videos: dict[str, Video] = field(default_factory=dict)
    clips: dict[str, Clip] = field(default_factory=dict)
    stages: dict[str, Stage] = field(default_factory=dict)
    priorities: dict[str, bool] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    revisions: dict[int, Revision] = field(default_factory=dict)
    changed: dict[int, dict[int, FrameMasks]] = field(default_factory=dict)

    def clip(self, clip: str) -> Clip:
        """Return a clip, or raise SelectionError naming the nearest."""
        if clip not in self.clips:
            near = ", ".join(get_close_matches(clip, self.clips, cutoff=0.5)) or "nothing like it"
            raise SelectionError(f"no clip {clip!r}; known is {near}")
        return self.clips[clip]

    def head(self, clip: str) -> int | None:
        """Return the id of the newest revision, or None."""
        return max((r.id for r in self.revisions.values() if r.clip == clip), default=None)

    def accepted(self, clip: str) -> int | None:
        """Return the accepted revision while the clip is accepted, or None."""
        if self.stages[clip] is not Stage.ACCEPTED:
            return None
        return [e.revision for e in self.events if e.clip == clip and e.move is Move.ACCEPT][-1]

    def refuse_stale(self, revision: Revision) -> None:
        """Raise StaleParent where the parent is not the newest revision."""
        head = self.head(revision.clip)
        if revision.parent != head:
            raise StaleParent(
                f"clip {revision.clip}: parent {revision.parent}, newest {head}; read it and try again"
            )

    def next_stage(self, clip: str, move: Move, *, revision: int | None) -> Stage:
        """Return where a move leads, or raise StageError."""
        stage = after(self.stages[clip], move)
        priority_after(move, priority=self.priorities[clip])
        if move is Move.ACCEPT and revision is None:
            raise StageError(f"clip {clip} has no masks to accept: pre-annotate it first")
        return stage

    def store(self, revision: Revision, frames: dict[int, FrameMasks]) -> Revision:
        """Store a revision that was checked before."""
        stored = dataclasses.replace(revision, id=len(self.revisions) + 1, created=self.now())
        self.revisions[stored.id] = stored
        self.changed[stored.id] = frames
        return stored

    def log(
        self, clip: str, move: Move, stage: Stage, actor: str, revision: int | None, note: str = ""
    ) -> None:
        """Move a clip and write the event."""
        self.stages[clip] = stage
        self.priorities[clip] = priority_after(move, priority=self.priorities[clip])
        self.events.append(Event(clip, move, stage, actor, revision, self.now(), note))


def checked(frames: Iterable[FrameMasks], clip: Clip) -> dict[int, FrameMasks]:
    """Return the frames by number with scores as float32, or raise InputError where they do not fit the clip."""
    kept: dict[int, FrameMasks] = {}
    for frame in frames:
        last = max(kept, default=-1)
        if not last < frame.frame < clip.frames:
            raise InputError(
                f"clip {clip.id}: frame {frame.frame} after {last}, of {clip.frames}; give them in order"
            )
        if any(mask.rle.size != (clip.height, clip.width) for mask in frame.masks):
            raise InputError(
                f"clip {clip.id}, frame {frame.frame}: expected masks of {(clip.height, clip.width)}"
            )
        kept[frame.frame] = FrameMasks(
            frame.frame,
            tuple(
                dataclasses.replace(
                    mask,
                    score=float(np.float32(mask.score)),
                    stability=float(np.float32(mask.stability)),
                )
                for mask in frame.masks
            ),
        )
    return kept


class MemoryRevisionStore:
    """``engine.ports.RevisionStore`` in memory."""

    def __init__(self, shelf: Shelf) -> None:
        """Share ``shelf`` with the other stores."""
        self._shelf = shelf

    def append(self, revision: Revision, frames: Iterable[FrameMasks]) -> Revision:
        """Store the revision with its changed frames."""
        kept = checked(frames, self._shelf.clip(revision.clip))
        self._shelf.refuse_stale(revision)
        return self._shelf.store(revision, kept)

    def head(self, clip: str) -> Revision | None:
        """Return the clip's newest revision, or None."""
        head = self._shelf.head(clip)
        return None if head is None else self._shelf.revisions[head]

    def revision(self, revision: int) -> Revision:
        """Return one revision, or raise SelectionError."""
        if revision not in self._shelf.revisions:
            raise SelectionError(
                f"no revision {revision}; there are 1 to {len(self._shelf.revisions)}"
            )
        return self._shelf.revisions[revision]

    def history(self, clip: str) -> tuple[Revision, ...]:
        """Return all revisions of a clip, oldest first."""
        return tuple(r for r in self._shelf.revisions.values() if r.clip == clip)

    def frames(
        self, revision: int, *, start: int = 0, stop: int | None = None
    ) -> Iterator[FrameMasks]:
        """Yield every frame of the range once, from the youngest ancestor that has it."""
        stored = self.revision(revision)
        size = self._shelf.clips[stored.clip].frames
        last = size if stop is None else stop
        if not 0 <= start <= last <= size:
            raise InputError(f"frames {start} to {last}: clip {stored.clip} has 0 to {size}")
        whole: dict[int, FrameMasks] = {}
        for ancestor in self.history(stored.clip):
            whole |= self._shelf.changed[ancestor.id] if ancestor.id <= revision else {}
        return (whole.get(frame, FrameMasks(frame)) for frame in range(start, last))


class MemoryCatalog:
    """``engine.ports.Catalog`` in memory."""

    def __init__(self, shelf: Shelf) -> None:
        """Share ``shelf`` with the other stores."""
        self._shelf = shelf

    def add_video(self, video: Video, clips: Sequence[Clip]) -> bool:
        """Store a video with its clips; return False when its content is known already."""
        ids = [clip.id for clip in clips]
        if any(clip.video != video.sha256 for clip in clips):
            raise InputError(f"clips {ids}: expected all to be of video {video.sha256}")
        if video.sha256 in self._shelf.videos:
            return False
        if len(set(ids)) != len(ids) or not self._shelf.clips.keys().isdisjoint(ids):
            raise InputError(f"clip ids must be new and all different, got {ids}")
        self._shelf.videos[video.sha256] = video
        self._shelf.clips |= {clip.id: clip for clip in clips}
        self._shelf.stages |= dict.fromkeys(ids, Stage.INGESTED)
        self._shelf.priorities |= dict.fromkeys(ids, False)
        return True

    def video(self, sha256: str) -> Video | None:
        """Return the video of this content, or None."""
        return self._shelf.videos.get(sha256)

    def describe(
        self, sha256: str, *, camera: str | None = None, licence: str | None = None
    ) -> Video:
        """Say which camera took a video, or under which licence it is."""
        if sha256 not in self._shelf.videos:
            raise SelectionError(f"no video of content {sha256}; add it first")
        known = self._shelf.videos[sha256]
        self._shelf.videos[sha256] = dataclasses.replace(
            known,
            camera=known.camera if camera is None else camera,
            licence=known.licence if licence is None else licence,
        )
        return self._shelf.videos[sha256]

    def clip(self, clip: str) -> ClipStatus:
        """Return one clip, or raise SelectionError."""
        found = self._shelf.clip(clip)
        shelf = self._shelf
        head, accepted = shelf.head(clip), shelf.accepted(clip)
        return ClipStatus(found, shelf.stages[clip], head, accepted, shelf.priorities[clip])

    def clips(self, *, stages: Sequence[Stage] = ()) -> tuple[ClipStatus, ...]:
        """Return the clips in one of ``stages`` (default: all), in the order they were added."""
        found = [self.clip(clip) for clip in self._shelf.clips]
        return tuple(status for status in found if not stages or status.stage in stages)

    def move(
        self, clip: str, move: Move, *, actor: str, revision: int | None = None, note: str = ""
    ) -> Stage:
        """Take a clip one step on, write the event, return the new stage."""
        self._shelf.clip(clip)
        head = self._shelf.head(clip)
        if revision is not None and revision != head:
            raise StaleParent(
                f"clip {clip}: revision {revision} was shown, the newest is {head}; look again"
            )
        stage = self._shelf.next_stage(clip, move, revision=head)
        self._shelf.log(clip, move, stage, actor, head, note)
        return stage

    def events(self, clip: str) -> tuple[Event, ...]:
        """Return the clip's history, oldest first."""
        return tuple(event for event in self._shelf.events if event.clip == clip)
