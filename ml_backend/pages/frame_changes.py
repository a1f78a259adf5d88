"""What somebody changed on the masks of a clip's pages, told from what they were shown and what they left. Knows no boxes, no time and no server."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from engine import rle
from engine.types import RLE, Clip, Track
from ml_backend.pages.owners import Owners
from ml_backend.pages.strokes import Stroke, strokes

_Places: TypeAlias = dict[tuple[int, int], RLE]
_Owned: TypeAlias = tuple[int | None, Stroke]


@dataclass(frozen=True, slots=True)
class FrameChanges:
    """What to do so that the masks are as somebody left them; empty where nothing was touched.

    ``painted`` are the masks that a (frame, track) has now, ``hidden`` those places where a track was and is not any more, on that
    frame alone. ``relabelled`` says the classes of tracks that are known, ``labels`` those of new ones. ``drawn`` names the tracks
    of regions that people drew by the ids of those: hand it to the next comparison as ``known``.
    """

    painted: Mapping[tuple[int, int], RLE] = field(default_factory=dict)
    hidden: frozenset[tuple[int, int]] = frozenset()
    relabelled: Mapping[int, str] = field(default_factory=dict)
    labels: Mapping[int, str] = field(default_factory=dict)
    drawn: Mapping[str, int] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Tell whether there is anything to do."""
        return any((self.painted, self.hidden, self.relabelled))


def frame_changes(
    base: Sequence[Mapping[str, Any]],
    result: Sequence[Mapping[str, Any]],
    clip: Clip,
    *,
    frames: Sequence[int],
    tracks: Sequence[Track],
    known: Mapping[str, int] | None = None,
) -> FrameChanges:
    """Compare what was shown (``base``) with what somebody left (``result``), both as Label Studio stores them.

    Args:
        base: brush regions, and others, which are passed over.
        result: as above.
        clip: the clip, for the size and number of its frames.
        frames: those that the task's pages show.
        tracks: those of the newest revision; painting one that is no more makes it anew, hiding it does nothing.
        known: tracks of regions that people drew earlier; see ``FrameChanges.drawn``.

    A stroke belongs to the track that its id names, or its note ("track 5"), else to the ball that it covers: see ``owners``.
    All strokes of a ball on a page are one mask.

    Raises:
        InputError: a region is not as Label Studio stores one; the message names it.
    """
    before, after = (strokes(one, clip, frames=frames) for one in (base, result))
    owners = Owners(tracks, known or {})
    owners.show([*after, *before])
    were = [(owners.old(one), one) for one in before]
    owned = _owned(owners, after, were)
    then, now = _places(were), _places(owned)
    there = {track.id for track in tracks}
    painted = {place: mask for place, mask in now.items() if then.get(place) != mask}
    return FrameChanges(
        painted,
        frozenset(place for place in then.keys() - now.keys() if place[1] in there),
        _relabelled(before, owned, tracks),
        {track: owners.labels[track] for _, track in painted if track in owners.labels},
        {one.id: track for track, one in owned if track is not None and one.name is None},
    )


def _owned(owners: Owners, after: Iterable[Stroke], were: Sequence[_Owned]) -> list[_Owned]:
    """Return the strokes that were left, with their tracks: those from before keep theirs, the others find one."""
    unchanged = {stroke: track for track, stroke in were}
    ids = {stroke.id: track for track, stroke in were if track is not None}
    return [
        (unchanged[one] if one in unchanged else ids.get(one.id) or owners.of(one), one)
        for one in after
    ]


def _places(owned: Iterable[_Owned]) -> _Places:
    """Return what is painted of each track on each frame."""
    masks: dict[tuple[int, int], list[RLE]] = {}
    for track, stroke in owned:
        if track is not None:
            masks.setdefault((stroke.frame, track), []).append(stroke.mask)
    return {place: rle.merge(found) for place, found in sorted(masks.items())}


def _relabelled(
    before: Iterable[Stroke],
    owned: Iterable[_Owned],
    tracks: Sequence[Track],
) -> dict[int, str]:
    """Return the classes that people gave to known tracks: the one given on most pages, of equals the first."""
    labels = {track.id: track.label for track in tracks}
    were = {stroke.id: stroke.label for stroke in before}
    votes: dict[int, Counter[str]] = {}
    for track, stroke in owned:
        if track in labels and stroke.label and stroke.id in were and stroke.label != were[stroke.id]:  # fmt: skip
            votes.setdefault(track, Counter())[stroke.label] += 1
    chosen = {track: votes[track].most_common(1)[0][0] for track in sorted(votes)}
    return {track: label for track, label in chosen.items() if label != labels[track]}
