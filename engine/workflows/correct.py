"""A person's corrections as child revisions: who may, on which parent, and how each can be repeated. Knows ports, no screens.

A correction is stored with all that it was made of, so that a repetition gives the same masks. A clip that is
accepted has to be reopened first.
"""

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from importlib.metadata import version
from itertools import chain
from types import MappingProxyType
from typing import Any

from engine.errors import InputError, SelectionError, StaleParent
from engine.masklets import complete
from engine.ports import Catalog, FrameSource, RevisionStore, Segmenter
from engine.propagate import Correction, Ground, Rows, Rule, correct
from engine.propagate_edits import Edit, changes, tracks_after
from engine.propagate_log import edit_to_text, prompts_to_text
from engine.propagate_reading import differing, restored
from engine.stages import Move, after
from engine.types import Clip, FrameMasks, Kind, Prompt, Revision, Track

PROMPTS, EARLIER, SPREAD = "prompts", "earlier_prompts", "spread"
EDIT, RESTORED = "edit", "restored"
"""Entries of a provenance: prompts, range, rule and steps of a correction; an edit; the revision gone back to."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person asks for on what was shown: ``parent`` is the revision's id, None where the clip has none.

    ``labels`` says the class of each track that is new; for ``earlier``, ``frames`` and ``rule`` see
    ``engine.propagate.correct``. ``held`` are places (frame, track) that keep the mask they have, or have none;
    track 0 stands for every track of the frame.
    """

    clip: str
    parent: int | None
    prompts: Sequence[Prompt]
    earlier: Sequence[Prompt] = ()
    frames: range | None = None
    rule: Rule = field(default_factory=Rule)
    labels: Mapping[int, str] = field(default_factory=dict)
    held: frozenset[tuple[int, int]] = frozenset()


@dataclass(frozen=True, slots=True)
class Model:
    """What reads pictures and draws. ``names`` is for the record: ``segmenter`` and ``segmenter_sha256``."""

    source: FrameSource
    segmenter: Segmenter
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Desk:
    """Where corrections come from and go to, and in whose name."""

    catalog: Catalog
    revisions: RevisionStore
    author: str


def correct_clip(
    desk: Desk,
    asked: Asked,
    model: Model,
    *,
    stop: Callable[[], bool] = lambda: False,
    progress: Callable[[FrameMasks], None] = lambda _: None,
) -> Revision | None:
    """Spread prompts and store what changed as a child of the revision that was shown; None where nothing changed.

    What was drawn before ``stop`` said so is stored; see ``engine.propagate.correct`` for it and ``progress``.

    Raises:
        StaleParent: somebody else's revision came in between, before or while the model worked; nothing was stored.
        StageError: the clip's stage allows no correction; an accepted one has to be reopened first.
        InputError: a prompt is outside the range or the picture, or names a new track without its class.
    """
    clip, parent = _open(desk, asked.clip, asked.parent)
    _with_new(parent, asked)
    done = draw(desk.revisions, clip, asked, model, stop=stop, progress=progress)
    return keep(desk, asked, done, names=model.names)


def draw(
    revisions: RevisionStore,
    clip: Clip,
    asked: Asked,
    model: Model,
    *,
    stop: Callable[[], bool] = lambda: False,
    progress: Callable[[FrameMasks], None] = lambda _: None,
) -> Correction:
    """Return what prompts come to, storing nothing; places that are held are left out.

    It may run in another process than ``keep``, and on a parent that is the newest no more: ``keep`` looks at that.

    Raises:
        InputError: as in ``engine.propagate.correct``.
    """
    parent = None if asked.parent is None else revisions.revision(asked.parent)
    done = correct(
        Ground(clip, rows_of(revisions, clip, parent), model.source, model.segmenter),
        asked.prompts,
        earlier=asked.earlier,
        frames=asked.frames,
        rule=asked.rule,
        stop=stop,
        progress=progress,
    )
    return without_held(done, asked.held)


def keep(
    desk: Desk, asked: Asked, done: Correction, *, names: Mapping[str, str]
) -> Revision | None:
    """Store what was drawn as a child of the revision that it was drawn on; None where nothing changed.

    Raises:
        StaleParent, StageError, InputError: as in ``correct_clip``.
    """
    clip, parent = _open(desk, asked.clip, asked.parent)
    tracks = _with_new(parent, asked)
    if not done.masks:
        return None
    rows = done.rows(rows_of(desk.revisions, clip, parent))
    return _store(desk, clip, parent, rows, tracks=tracks, said={**names, **_record(asked, done)})


def without_held(done: Correction, held: Collection[tuple[int, int]]) -> Correction:
    """Return a correction that leaves places (frame, track) alone; track 0 stands for every track of the frame."""
    if not held:
        return done
    masks = {
        frame: {
            track: mask
            for track, mask in row.items()
            if (frame, track) not in held and (frame, 0) not in held
        }
        for frame, row in done.masks.items()
    }
    return replace(done, masks={frame: row for frame, row in masks.items() if row})


def edit_clip(
    desk: Desk,
    clip: str,
    edit: Edit,
    *,
    parent: int | None,
    names: Mapping[str, str] = MappingProxyType({}),
) -> Revision | None:
    """Store an edit as a child of the revision that was shown; None where it changes nothing.

    ``names`` goes into the record with it.

    Raises:
        StaleParent, StageError: as in ``correct_clip``.
        InputError: a track is not there, or a gap has no rims.
    """
    found, base = _open(desk, clip, parent)
    tracks = tracks_after(edit, base.tracks if base else ())
    rows = changes(edit, rows_of(desk.revisions, found, base))
    said = {**names, EDIT: edit_to_text(edit)}
    return _store(desk, found, base, rows, tracks=tracks, said=said)


def restore(
    desk: Desk,
    clip: str,
    *,
    parent: int,
    to: int | None,
    frames: Iterable[int] | None = None,
    names: Mapping[str, str] = MappingProxyType({}),
) -> Revision | None:
    """Store the masks of the clip's revision ``to`` as a child of the one shown; None where they are the same.

    Undo is to go back to the revision before; redo, to go to the one that was left. Nothing is lost by either.
    ``to`` None is what was there before the first revision: nothing. ``frames`` are all those that may differ, where the
    caller knows them; only they are read. ``names`` goes into the record.

    Raises:
        StaleParent, StageError: as in ``correct_clip``.
        SelectionError: there is no revision ``to`` of this clip.
    """
    found, head = _open(desk, clip, parent)
    target = None if to is None else desk.revisions.revision(to)
    if target is not None and target.clip != clip:
        raise SelectionError(f"revision {to} is of clip {target.clip}, not of {clip}")
    now, then = (rows_of(desk.revisions, found, one) for one in (head, target))
    differ = differing(now, then, range(found.frames) if frames is None else frames)
    tracks = () if target is None else target.tracks
    said = {**names, RESTORED: "" if to is None else str(to)}
    return _store(desk, found, head, restored(then, differ), tracks=tracks, said=said)


def rows_of(revisions: RevisionStore, clip: Clip, revision: Revision | None) -> Rows:
    """Return a revision's rows by range; those of a clip without one are empty."""
    if revision is None:
        return lambda start, stop: complete((), start=start, stop=stop)
    number = revision.id
    return lambda start, stop: revisions.frames(number, start=start, stop=min(stop, clip.frames))


def _open(desk: Desk, clip: str, parent: int | None) -> tuple[Clip, Revision | None]:
    """Return a clip and the revision to be changed, if the clip may be and nobody else has changed it."""
    status = desk.catalog.clip(clip)
    after(status.stage, Move.CORRECT)
    if status.head != parent:
        raise StaleParent(
            f"clip {clip}: revision {parent} was shown, the newest is {status.head}; "
            "look at it and repeat the change there"
        )
    return status.clip, None if parent is None else desk.revisions.revision(parent)


def _with_new(parent: Revision | None, asked: Asked) -> tuple[Track, ...]:
    """Return the tracks of the child: those of the parent and the new ones."""
    known = {track.id: track for track in parent.tracks} if parent else {}
    for prompt in asked.prompts:
        if prompt.track not in known:
            if not asked.labels.get(prompt.track):
                raise InputError(
                    f"track {prompt.track} is new in clip {asked.clip}: name its class in ``labels``"
                )
            known[prompt.track] = Track(prompt.track, asked.labels[prompt.track])
    return tuple(known[number] for number in sorted(known))


def _store(
    desk: Desk,
    clip: Clip,
    parent: Revision | None,
    rows: Iterable[FrameMasks],
    *,
    tracks: tuple[Track, ...],
    said: Mapping[str, str],
) -> Revision | None:
    """Store a child with the rows that changed.

    The clip moves first: what is stored on a clip is always that of a clip in correction, also after a crash in between.
    """
    changed = iter(rows)
    first = next(changed, None)
    if first is None and tracks == (parent.tracks if parent else ()):
        return None
    number = None if parent is None else parent.id
    provenance = {**said, "version": version("billiards-engine")}
    child = Revision(clip.id, number, Kind.MANUAL, desk.author, tracks, provenance)
    desk.catalog.move(clip.id, Move.CORRECT, actor=desk.author, revision=number)
    return desk.revisions.append(child, _together(first, changed))


def _together(first: FrameMasks | None, rest: Iterator[FrameMasks]) -> Iterator[FrameMasks]:
    """Return the rows with the one that was looked at already."""
    return rest if first is None else chain((first,), rest)


def _record(asked: Asked, done: Correction) -> dict[str, str]:
    """Return all that a repetition needs, but the model."""
    tracks = {prompt.track for prompt in asked.prompts}
    frames = asked.frames
    spread: dict[str, Any] = {
        "frames": None if frames is None else [frames.start, frames.stop],
        "rule": asdict(asked.rule),
        "steps": done.steps,
        "stopped": done.stopped,
    }
    held = sorted(place for place in asked.held if place[1] in tracks or place[1] == 0)
    spread |= {"held": held} if held else {}
    earlier = [prompt for prompt in asked.earlier if prompt.track in tracks]
    said = {PROMPTS: prompts_to_text(asked.prompts), SPREAD: json.dumps(spread, sort_keys=True)}
    return {**said, EARLIER: prompts_to_text(earlier)} if earlier else said
