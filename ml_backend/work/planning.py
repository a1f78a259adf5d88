"""From what somebody changed in Label Studio to the steps that store it, in their order. Stores nothing."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from engine import rle
from engine.ports import Delivery
from engine.propagate_edits import Deed, Edit
from engine.types import Clip, Origin, Prompt, Revision, Track
from ml_backend.boxes.changes import Changes, changes
from ml_backend.boxes.regions import parse
from ml_backend.pages.frame_changes import FrameChanges, frame_changes
from ml_backend.translate import result_to_tracks
from ml_backend.work.base import Base, Result, result_of, steps_of
from ml_backend.work.standing import Place


@dataclass(frozen=True, slots=True)
class Plan:
    """The steps that a delivery comes to: ``edits`` in this order, then a spread of all ``prompts``.

    ``labels`` are the classes of new tracks and ``drawn`` the tracks that people's own regions became. A spread leaves the places
    ``held`` alone, whatever it draws there, and may draw a ball anew that was absent and is ``shown`` since.
    """

    edits: tuple[Edit, ...] = ()
    prompts: tuple[Prompt, ...] = ()
    labels: Mapping[int, str] = field(default_factory=dict)
    drawn: Mapping[str, int] = field(default_factory=dict)
    held: frozenset[Place] = frozenset()
    shown: frozenset[Place] = frozenset()

    def __bool__(self) -> bool:
        """Tell whether there is anything to do."""
        return bool(self.edits or self.prompts)


def plan(
    delivery: Delivery,
    base: Base,
    clip: Clip,
    line: Sequence[Revision],
    *,
    pages: Sequence[int] | None,
) -> Plan:
    """Return what a delivery comes to on a clip's ``line`` of revisions; ``pages`` are the frames of a task of key frames, else None.

    It is the same before and after some of its steps were stored, unless others added tracks before the first of them.

    Raises:
        InputError: what was delivered is no annotation of such a task.
    """
    result, tracks = result_of(delivery), tracks_before(line, delivery)
    if pages is not None:
        painted = frame_changes(
            base.result, result, clip, frames=pages, tracks=tracks, known=base.known
        )
        return plan_of_masks(painted, clip)
    moved = changes(base.result, result, clip, tracks=tracks, known=base.known)
    return plan_of_boxes(moved, clip, shown=_shown(base.result, result, clip, moved))


def plan_of_boxes(changes: Changes, clip: Clip, *, shown: frozenset[Place] = frozenset()) -> Plan:
    """Return the steps for changed boxes: classes, then tracks that go, then spans without a ball, then boxes."""
    whole = range(clip.frames)
    edits = [
        *_relabelled(changes.relabelled, clip),
        *(Edit(Deed.DELETE, track, whole) for track in changes.deleted),
        *(
            Edit(Deed.DELETE, track, span)
            for track, spans in changes.absent.items()
            if track not in changes.labels
            for span in spans
        ),
    ]
    absent = frozenset(
        (frame, track)
        for track, spans in changes.absent.items()
        for span in spans
        for frame in span
    )
    return Plan(tuple(edits), changes.prompts, changes.labels, changes.drawn, absent, shown)


def plan_of_masks(changes: FrameChanges, clip: Clip) -> Plan:
    """Return the steps for changed masks: classes, then balls that are not there, then the very pixels, then their spread."""
    nothing = rle.empty((clip.height, clip.width))
    hidden = dict.fromkeys(sorted(changes.hidden), nothing)
    painted = {**hidden, **dict(sorted(changes.painted.items()))}
    edits = [
        *_relabelled(changes.relabelled, clip),
        *(
            Edit(Deed.REPLACE, track, range(frame, frame + 1), label=changes.labels.get(track, ""), mask=mask)
            for (frame, track), mask in painted.items()
        ),
    ]  # fmt: skip
    prompts = [
        Prompt(frame, track, mask=mask, origin=Origin.PERSON)
        for (frame, track), mask in sorted(changes.painted.items())
        if rle.area(mask)
    ]
    return Plan(tuple(edits), tuple(prompts), changes.labels, changes.drawn, frozenset(painted))


def tracks_before(line: Sequence[Revision], delivery: Delivery) -> tuple[Track, ...]:
    """Return the tracks that a delivery met: those of the revision before its first step, else of the newest."""
    done = steps_of(line, delivery)
    if not done:
        return line[-1].tracks if line else ()
    first = done[min(done)]
    return next((made.tracks for made in line if made.id == first.parent), ())


def _relabelled(labels: Mapping[int, str], clip: Clip) -> Iterator[Edit]:
    for track, label in labels.items():
        yield Edit(Deed.RELABEL, track, range(clip.frames), label=label)


def _shown(base: Result, result: Result, clip: Clip, moved: Changes) -> frozenset[Place]:
    """Return the places of tracks with new prompts on which there is a box that was not there before."""
    tracks = {prompt.track for prompt in moved.prompts}
    if not tracks:
        return frozenset()
    then, now = (_boxes(one, clip, moved.drawn) for one in (base, result))
    return frozenset(place for place in now - then if place[1] in tracks)


def _boxes(result: Result, clip: Clip, drawn: Mapping[str, int]) -> set[Place]:
    """Return the places on which there is a box of a known or a drawn track."""
    found: set[Place] = set()
    for id_, region in result_to_tracks(result, clip).items():
        name = parse(id_)
        track = drawn.get(id_) if name is None else name.track
        if track is not None:
            found |= {(int(frame), track) for frame in np.flatnonzero(region.visible)}
    return found
