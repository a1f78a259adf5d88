"""What is known of every ball through a clip: identity, class votes, where it was last seen. Knows no pictures.

A track's id never changes and never means a class: the class is what most of the detector's votes,
weighted by their scores, say it is. All values are immutable; functions return new ones.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from engine.rle import bbox
from engine.types import RLE, Box, Detection, FrameMasks, Prompt, Track


@dataclass(frozen=True, slots=True)
class Tracked:
    """One ball that may still be seen: ``box`` (xyxy pixels) is where it was on frame ``seen``.

    ``votes`` are label and summed score; ``hits`` counts detections that agreed with it, ``misses`` the looks
    in a row that should have found it and did not; ``best`` is the highest score of a detection, ``found`` the
    box of the latest.
    """

    id: int
    box: Box
    seen: int
    born: int
    votes: tuple[tuple[str, float], ...] = ()
    hits: int = 0
    misses: int = 0
    best: float = 0.0
    found: Box = (0.0, 0.0, 0.0, 0.0)

    @property
    def label(self) -> str:
        """The class with the greatest vote; of equal ones the first in the alphabet."""
        return min(self.votes, key=lambda vote: (-vote[1], vote[0]), default=("ball", 0.0))[0]


@dataclass(frozen=True, slots=True)
class Twins:
    """Two tracks on one ball since frame ``since``; ``wrong`` is the one that is to go, last apart in ``box``.

    ``seen`` is the frame of that ``box``, -1 where the track was never apart from ``other``.
    """

    wrong: int
    other: int
    since: int
    box: Box
    seen: int


@dataclass(frozen=True, slots=True)
class Tracks:
    """All tracks of a clip so far; ids count up from 1 and are never used twice."""

    next_id: int = 1
    alive: tuple[Tracked, ...] = ()
    ended: tuple[Track, ...] = ()
    twins: tuple[Twins, ...] = ()

    def get(self, track: int) -> Tracked | None:
        """Return the living track of this id."""
        return next((known for known in self.alive if known.id == track), None)

    def named(self) -> tuple[Track, ...]:
        """Return every track that there ever was, with its class as known today, in the order of ids."""
        living = tuple(Track(known.id, known.label) for known in self.alive)
        return tuple(sorted((*self.ended, *living), key=lambda track: track.id))


def box_of(mask: RLE) -> Box:
    """Return the tight box of a mask that is not empty; an empty one has a box without area."""
    return bbox(mask) or (0.0, 0.0, 0.0, 0.0)


def boxes_of(row: FrameMasks) -> dict[int, Box]:
    """Return the tight boxes of a frame's masks by track."""
    return {mask.track: box_of(mask.rle) for mask in row.masks}


def observe(tracks: Tracks, frame: int, boxes: Mapping[int, Box]) -> Tracks:
    """Note where the tracks are seen on a frame: ``boxes`` by track."""
    return with_changes(
        tracks,
        (
            replace(known, box=boxes[known.id], seen=frame)
            for known in tracks.alive
            if known.id in boxes
        ),
    )


def hit(known: Tracked, detection: Detection) -> Tracked:
    """Count a detection that agrees with a track: its score votes for its label."""
    votes = dict(known.votes)
    votes[detection.label] = votes.get(detection.label, 0.0) + detection.score
    return replace(
        known,
        votes=tuple(votes.items()),
        hits=known.hits + 1,
        misses=0,
        best=max(known.best, detection.score),
        found=detection.box,
    )


def born(tracks: Tracks, detection: Detection) -> Tracks:
    """Begin a track with the next id."""
    fresh = Tracked(tracks.next_id, detection.box, detection.frame, detection.frame)
    return replace(tracks, next_id=tracks.next_id + 1, alive=(*tracks.alive, hit(fresh, detection)))


def with_changes(tracks: Tracks, changed: Iterable[Tracked]) -> Tracks:
    """Put changed tracks in the place of those with their ids."""
    new = {known.id: known for known in changed}
    return replace(tracks, alive=tuple(new.get(known.id, known) for known in tracks.alive))


def end(tracks: Tracks, ids: Iterable[int]) -> Tracks:
    """End tracks for good: they keep their name and can never be seen again."""
    gone = set(ids)
    ended = tuple(Track(known.id, known.label) for known in tracks.alive if known.id in gone)
    return replace(
        tracks,
        alive=tuple(known for known in tracks.alive if known.id not in gone),
        ended=tracks.ended + ended,
        twins=tuple(t for t in tracks.twins if t.wrong not in gone and t.other not in gone),
    )


def lose(tracks: Tracks, track: int, *, box: Box, seen: int) -> Tracks:
    """Put a track back to where it was last seen for certain: lost, not ended."""
    known = tracks.get(track)
    kept = tuple(pair for pair in tracks.twins if track not in (pair.wrong, pair.other))
    changed = [] if known is None else [replace(known, box=box, seen=seen)]
    return replace(with_changes(tracks, changed), twins=kept)


def expired(tracks: Tracks, *, frame: int, patience: int) -> tuple[int, ...]:
    """Return the tracks that nobody has seen for more than ``patience`` frames."""
    return tuple(known.id for known in tracks.alive if frame - known.seen > patience)


def prompt(track: int, detection: Detection) -> Prompt:
    """Turn a detection into a prompt for a track."""
    return Prompt(detection.frame, track, box=detection.box)


def prompts_of(pairs: Sequence[tuple[int, Detection]]) -> tuple[Prompt, ...]:
    """Turn pairs of track and detection into prompts, in the order of tracks."""
    return tuple(prompt(track, found) for track, found in sorted(pairs, key=lambda pair: pair[0]))
