"""What people said of a clip's tracks and what of it still stands, from the line of its revisions. Knows no masks that came of it.

A place is a frame and a track. What was said last of a place is all that counts there; an edit takes it along, or drops it.
What models drew anew, or an import brought, leaves nothing of before.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeAlias

from engine import rle
from engine.propagate_edits import Deed, Edit
from engine.propagate_log import edit_from_text, prompts_from_text
from engine.propagate_reading import stretches
from engine.types import Kind, Origin, Prompt, Revision
from engine.workflows.correct import EDIT, PROMPTS, RESTORED, SPREAD

Place: TypeAlias = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Standing:
    """Prompts that are in force, by place; places whose mask, or its absence, is a person's very own."""

    prompts: Mapping[Place, tuple[Prompt, ...]] = field(default_factory=dict)
    by_hand: frozenset[Place] = frozenset()


_NOTHING: Final = Standing()


def standing(line: Sequence[Revision]) -> Standing:
    """Return what stands at the end of a clip's ``line`` of revisions, oldest first.

    Raises:
        InputError: the record of a revision cannot be read.
    """
    known: dict[int | None, Standing] = {None: _NOTHING}
    now = _NOTHING
    for made in line:
        now = known[made.id] = _after(known.get(made.parent, _NOTHING), made, known)
    return now


def earlier(stands: Standing, prompts: Sequence[Prompt]) -> tuple[Prompt, ...]:
    """Return what was said before about the tracks of new prompts, but on their places."""
    tracks = {prompt.track for prompt in prompts}
    new = set(_places(prompts))
    return tuple(
        prompt
        for place, said in sorted(stands.prompts.items())
        if place[1] in tracks and place not in new
        for prompt in said
    )


def held(
    stands: Standing, prompts: Sequence[Prompt], *, shown: Collection[Place] = ()
) -> frozenset[Place]:
    """Return the places of the tracks of new prompts that stay as a person left them.

    Freed are the places of the prompts, and those of a ball that was said to be absent and is ``shown`` now.
    """
    tracks, new = {prompt.track for prompt in prompts}, set(_places(prompts))
    back = {place for place in shown if place not in stands.prompts}
    return frozenset(at for at in stands.by_hand if at[1] in tracks and at not in new | back)


def _after(before: Standing, made: Revision, known: Mapping[int | None, Standing]) -> Standing:
    """Return what stands after a revision."""
    said = made.provenance
    if made.kind is Kind.AUTO:
        return _NOTHING
    if RESTORED in said:
        return known.get(int(said[RESTORED]) if said[RESTORED] else None, _NOTHING)
    if EDIT in said:
        return _edited(before, edit_from_text(said[EDIT]))
    if PROMPTS not in said:
        return _NOTHING
    spread = json.loads(said.get(SPREAD, "{}"))
    return _said(before, prompts_from_text(said[PROMPTS]), spread)


def _said(before: Standing, prompts: Sequence[Prompt], spread: Mapping[str, Any]) -> Standing:
    """Add prompts; what is said of a place replaces what was said there before.

    A spread over the whole clip wrote down what it held. What asked for a few frames frees the places of its prompts, and of a
    ball that was said to be absent the whole run of frames: it is there again.
    """
    new: dict[Place, tuple[Prompt, ...]] = {}
    for prompt in prompts:
        place = prompt.frame, prompt.track
        new[place] = (*new.get(place, ()), prompt)
    prompts_now = {**before.prompts, **new}
    if spread.get("frames") is None:
        tracks = {track for _, track in new}
        others = {place for place in before.by_hand if place[1] not in tracks}
        wrote = {(frame, track) for frame, track in spread.get("held", ()) if track in tracks}
        return Standing(prompts_now, frozenset(others | wrote))
    painted = {place for place, said in new.items() if all(one.mask for one in said)}
    freed = {at for place in new.keys() - painted for at in _run_around(before, place)}
    return Standing(prompts_now, (before.by_hand - freed) | painted)


def _run_around(before: Standing, place: Place) -> Iterator[Place]:
    """Yield a place and, where it is in a run of frames without its ball by a person's hand, that run."""
    yield place
    gone = before.by_hand - before.prompts.keys()
    if place not in gone:
        return
    frame, track = place
    for run in stretches(sorted(at for at, whose in gone if whose == track)):
        if frame in run:
            yield from ((at, track) for at in run)


def _edited(before: Standing, edit: Edit) -> Standing:
    """Take what stands along with the masks of an edit, or drop it."""
    match edit.deed:
        case Deed.REPLACE:
            return _replaced(before, edit)
        case Deed.DELETE:
            gone = frozenset((frame, edit.track) for frame in edit.frames)
            left = {at: said for at, said in before.prompts.items() if at not in gone}
            return Standing(left, before.by_hand | gone)
        case Deed.SWAP | Deed.SPLIT:
            back = {edit.other: edit.track} if edit.deed is Deed.SWAP else {}
            return _moved(before, edit, {edit.track: edit.other, **back})
        case Deed.MERGE:
            return _merged(before, edit)
        case Deed.FILL:
            return replace(before, by_hand=before.by_hand - _inside(edit, edit.track))
        case Deed.RELABEL:
            return before


def _replaced(before: Standing, edit: Edit) -> Standing:
    """Put what was painted in the place of all that was said there; an empty mask says that nothing is there."""
    place = edit.frames.start, edit.track
    left = {at: said for at, said in before.prompts.items() if at != place}
    if edit.mask is not None and rle.area(edit.mask):
        left[place] = (Prompt(*place, mask=edit.mask, origin=Origin.PERSON),)
    return Standing(left, before.by_hand | {place})


def _moved(before: Standing, edit: Edit, numbers: Mapping[int, int]) -> Standing:
    """Give what was said on the edit's frames to other tracks."""

    def there(place: Place) -> Place:
        frame, track = place
        return (frame, numbers.get(track, track)) if frame in edit.frames else place

    prompts = {there(at): _renumbered(said, there(at)[1]) for at, said in before.prompts.items()}
    return Standing(prompts, frozenset(map(there, before.by_hand)))


def _merged(before: Standing, edit: Edit) -> Standing:
    """Make two tracks one on the edit's frames: of a ball in parts, what was said of a part is not said of the whole."""
    ours, theirs = _inside(edit, edit.track), _inside(edit, edit.other)
    both = {frame for frame, _ in ours if (frame, edit.other) in before.prompts}
    left = {
        at: said
        for at, said in before.prompts.items()
        if at not in theirs and not (at in ours and at[0] in both)
    }
    taken = {
        (at[0], edit.track): _renumbered(said, edit.track)
        for at, said in before.prompts.items()
        if at in theirs and (at[0], edit.track) not in before.prompts
    }
    return Standing({**left, **taken}, before.by_hand - ours - theirs)


def _inside(edit: Edit, track: int) -> frozenset[Place]:
    return frozenset((frame, track) for frame in edit.frames)


def _renumbered(said: Sequence[Prompt], track: int) -> tuple[Prompt, ...]:
    return tuple(replace(prompt, track=track) for prompt in said)


def _places(prompts: Iterable[Prompt]) -> Iterator[Place]:
    return ((prompt.frame, prompt.track) for prompt in prompts)
