"""What people said of a clip and what of it is in force: a pure fold over deeds. Knows no masks that came of it, no undo.

A place is a frame and a track. Clicks on a place add up; a box begins it afresh; a brush replaces all that was said
there; what is hidden or deleted there drops it. Identity edits take what was said along to the track that has the masks then.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias, TypeVar

from annotator_ui.session_deeds import (
    ConfirmDeed,
    Deed,
    EditDeed,
    HideDeed,
    PromptDeed,
    SpreadDeed,
    Why,
)
from engine import rle
from engine.propagate_edits import Deed as Change
from engine.propagate_edits import Edit
from engine.propagate_reading import stretches
from engine.types import RLE, Box, Origin, Point, Prompt

Place: TypeAlias = tuple[int, int]
_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True)
class Spoken:
    """What is in force on one place: a box or a mask, then clicks. ``said`` numbers the action that spoke last.

    ``spread`` says that a spread has taken all of it through time.
    """

    points: tuple[Point, ...] = ()
    box: Box | None = None
    mask: RLE | None = None
    said: int = 0
    spread: bool = False

    @property
    def painted(self) -> bool:
        """Whether the place shows the very pixels of a brush, and not what the model made of them and of clicks."""
        return self.mask is not None and not self.points

    def prompts(self, place: Place) -> tuple[Prompt, ...]:
        """Return it as prompts, a mask first."""
        frame, track = place
        masks = () if self.mask is None else (Prompt(frame, track, mask=self.mask, origin=_BY),)
        if self.box is None and not self.points:
            return masks
        return *masks, Prompt(frame, track, self.box, self.points, origin=_BY)


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that is in force: by place what was said, and what is hidden; what was deleted; frames that are confirmed."""

    spoken: Mapping[Place, Spoken] = field(default_factory=dict)
    hidden: Mapping[Place, Why] = field(default_factory=dict)
    gone: frozenset[Place] = frozenset()
    confirmed: frozenset[int] = frozenset()

    def by_hand(self) -> frozenset[Place]:
        """Return the places whose mask, or its absence, is a person's very own: painted, hidden, deleted."""
        painted = {place for place, said in self.spoken.items() if said.painted}
        return self.gone.union(self.hidden, painted)


def told(evidence: Evidence, deed: Deed, *, seq: int, stopped: bool = False) -> Evidence:
    """Return what is in force after a deed, which is no undo and no redo.

    A spread settles what was said before it was asked for: a click that came while it ran is still to be spread. One
    that was ``stopped`` settles nothing.
    """
    new = evidence
    match deed:
        case PromptDeed(erases=True):
            new = _hide(evidence, (deed.frame, deed.track), Why.ABSENT)
        case PromptDeed():
            new = _say(evidence, deed, seq)
        case HideDeed():
            new = _hide(evidence, (deed.frame, deed.track), deed.why)
        case SpreadDeed() if not stopped:
            new = _settle(evidence, deed, seq)
        case EditDeed(edit=edit):
            new = _edited(evidence, edit)
        case ConfirmDeed(frames=frames, on=on):
            known = evidence.confirmed
            new = replace(evidence, confirmed=known | set(frames) if on else known - set(frames))
    return new


def to_spread(evidence: Evidence, deed: SpreadDeed) -> dict[Place, Spoken]:
    """Return what a spread takes through time, by place in order."""
    return {
        place: said
        for place, said in sorted(evidence.spoken.items())
        if not said.spread
        and (deed.tracks is None or place[1] in deed.tracks)
        and (deed.frames is None or place[0] in deed.frames)
    }


def _say(evidence: Evidence, deed: PromptDeed, seq: int) -> Evidence:
    """Add a prompt. What was hidden or deleted there is so no more: of a deleted run, all around the frame."""
    place = deed.frame, deed.track
    before = evidence.spoken.get(place, Spoken())
    if deed.point is not None:
        new = replace(before, points=(*before.points, deed.point), said=seq, spread=False)
    else:
        new = Spoken(box=deed.box, mask=deed.mask, said=seq)
    hidden = {at: why for at, why in evidence.hidden.items() if at != place}
    gone = evidence.gone - _run_around(evidence.gone, place)
    return replace(evidence, spoken={**evidence.spoken, place: new}, hidden=hidden, gone=gone)


def _run_around(places: frozenset[Place], place: Place) -> frozenset[Place]:
    """Return the run of frames of one track in ``places`` that holds ``place``; none where it is not among them."""
    frame, track = place
    runs = stretches(sorted(at for at, whose in places if whose == track))
    return frozenset((at, track) for run in runs if frame in run for at in run)


def _hide(evidence: Evidence, place: Place, why: Why) -> Evidence:
    """Hide a place; what was said there is in force no more."""
    return replace(
        evidence,
        spoken={at: said for at, said in evidence.spoken.items() if at != place},
        hidden={**evidence.hidden, place: why},
        gone=evidence.gone - {place},
    )


def _settle(evidence: Evidence, deed: SpreadDeed, seq: int) -> Evidence:
    """Mark what a spread has taken through time."""
    taken = {
        place: replace(said, spread=True)
        for place, said in to_spread(evidence, deed).items()
        if said.said < seq
    }
    return replace(evidence, spoken={**evidence.spoken, **taken})


def _edited(evidence: Evidence, edit: Edit) -> Evidence:
    """Take what was said along with the masks."""
    match edit.deed:
        case Change.SWAP:
            return _renumbered(evidence, edit, {edit.track: edit.other, edit.other: edit.track})
        case Change.SPLIT:
            return _renumbered(evidence, edit, {edit.track: edit.other})
        case Change.MERGE:
            return _merged(evidence, edit)
        case Change.DELETE:
            places = frozenset((frame, edit.track) for frame in edit.frames)
            left = _without(evidence, edit)
            return replace(left, gone=left.gone | places)
        case Change.FILL:
            inside = _inside(edit, edit.track)
            hidden = {at: why for at, why in evidence.hidden.items() if not inside(at)}
            gone = frozenset(at for at in evidence.gone if not inside(at))
            return replace(evidence, hidden=hidden, gone=gone)
        case _:
            return evidence


def _inside(edit: Edit, track: int) -> Callable[[Place], bool]:
    """Return what says whether a place is one of ``track`` in the edit's frames."""
    return lambda place: place[1] == track and place[0] in edit.frames


def _without(evidence: Evidence, edit: Edit) -> Evidence:
    """Drop all of a track in the edit's frames."""
    inside = _inside(edit, edit.track)
    return replace(
        evidence,
        spoken={at: said for at, said in evidence.spoken.items() if not inside(at)},
        hidden={at: why for at, why in evidence.hidden.items() if not inside(at)},
    )


def _renumbered(evidence: Evidence, edit: Edit, numbers: Mapping[int, int]) -> Evidence:
    """Give what was said in the edit's frames to other tracks."""

    def moved(place: Place) -> Place:
        frame, track = place
        return (frame, numbers.get(track, track)) if frame in edit.frames else place

    return replace(
        evidence,
        spoken=_keyed(evidence.spoken, moved),
        hidden=_keyed(evidence.hidden, moved),
        gone=frozenset(map(moved, evidence.gone)),
    )


def _keyed(values: Mapping[Place, _Value], moved: Callable[[Place], Place]) -> dict[Place, _Value]:
    return {moved(place): value for place, value in values.items()}


def _merged(evidence: Evidence, edit: Edit) -> Evidence:
    """Make two tracks one in the edit's frames: what is not there is so only where neither was."""
    pairs = {(frame, edit.track): (frame, edit.other) for frame in edit.frames}
    both = {ours for ours, theirs in pairs.items() if _absent(evidence, ours, theirs)}
    touched = pairs.keys() | set(pairs.values())
    spoken = {at: said for at, said in evidence.spoken.items() if at not in touched}
    for ours, theirs in pairs.items():
        said = [evidence.spoken[at] for at in (ours, theirs) if at in evidence.spoken]
        one = _joined(said) if len(said) > 1 else said[0] if said else None
        spoken |= {ours: one} if one is not None else {}
    hidden = {at: why for at, why in evidence.hidden.items() if at not in touched or at in both}
    gone = frozenset(at for at in evidence.gone if at not in touched or at in both)
    return replace(evidence, spoken=spoken, hidden=hidden, gone=gone)


def _absent(evidence: Evidence, *places: Place) -> bool:
    """Return whether each of some places is hidden or deleted."""
    return all(place in evidence.hidden or place in evidence.gone for place in places)


def _joined(said: Sequence[Spoken]) -> Spoken | None:
    """Return what was said of two parts of one ball as said of the whole.

    "Not this" of one part may have meant the other, so it is dropped. A painted part counts more than a box.
    """
    points = tuple(point for one in said for point in one.points if point.positive)
    masks = [one.mask for one in said if one.mask is not None]
    boxes = [one.box for one in said if one.box is not None]
    if not points and not masks and not boxes:
        return None
    return Spoken(
        points,
        _hull(boxes) if boxes and not masks else None,
        rle.merge(masks) if masks else None,
        max(one.said for one in said),
        all(one.spread for one in said),
    )


def _hull(boxes: Iterable[Box]) -> Box:
    """Return the smallest box around some."""
    x0, y0, x1, y1 = zip(*boxes, strict=True)
    return min(x0), min(y0), max(x1), max(y1)


_BY = Origin.PERSON
