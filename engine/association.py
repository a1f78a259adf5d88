"""Which detections become prompts; birth, return and death of tracks. Knows boxes, refuses to know pictures and models.

A look at a frame compares the detector's boxes with those of the masks on the very same frame. A detection
without a mask is a candidate; only after it has been followed backwards does ``admit`` decide
whether it is a ball that was lost or a new one, because only then is known where it came from.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from engine.assignment import Affinity, assign
from engine.errors import SettingsError
from engine.geometry import area, center, common, height, iou, iou_matrix, width
from engine.tracks import Tracked, Tracks, born, hit, with_changes
from engine.types import Box, Detection


@dataclass(frozen=True, slots=True)
class Rules:
    """Thresholds of identity. Lengths are in ball diameters, times in frames, overlaps and scores 0..1.

    Attributes:
        confidence: a detection of a lower score says nothing.
        sure: a track is kept for good after one detection of this score (that of the published Det-SAM2) or two of any.
        same: a box and a mask of at least this overlap are one ball.
        agree: above this overlap the mask needs no correction by the box.
        crowd: a box that covers more than this part of a second ball's box is of both balls, and corrects neither.
        covered: a detection that overlaps a mask more than this is never a new ball.
        misses: looks in a row without the detector's word that end a track which is not kept for good.
        ghost: looks in a row without the detector's word that give up a mask which has left the place where it was detected.
        patience: frames that a ball may stay out of sight.
        speed: how far a ball moves in one frame.
        reach: how far a ball of the same class may have gone while out of sight.
        twin: two masks of a higher overlap show one ball.
        twin_frames: frames that twins are watched before one of them goes.
    """

    confidence: float = 0.25
    sure: float = 0.85
    same: float = 0.3
    agree: float = 0.6
    crowd: float = 0.6
    covered: float = 0.5
    misses: int = 2
    ghost: int = 3
    patience: int = 150
    speed: float = 1.0
    reach: float = 10.0
    twin: float = 0.7
    twin_frames: int = 5

    def __post_init__(self) -> None:
        """Refuse thresholds outside their range."""
        for name in ("confidence", "sure", "same", "agree", "crowd", "covered", "twin"):
            if not 0 <= getattr(self, name) <= 1:
                raise SettingsError(f"{name}={getattr(self, name)}: expected a number from 0 to 1")
        for name in ("misses", "ghost", "patience", "twin_frames"):
            if getattr(self, name) < 1:
                raise SettingsError(f"{name}={getattr(self, name)}: expected at least 1")


@dataclass(frozen=True, slots=True)
class Look:
    """What a look at one frame told.

    ``agreed`` and ``disputed`` pair tracks with the detections that found them, by whether mask and box fit;
    ``candidates`` are detections without a mask; ``dropped`` are tracks that never were balls, ``strayed``
    those whose masks have left their balls.
    """

    tracks: Tracks
    agreed: tuple[tuple[int, Detection], ...] = ()
    disputed: tuple[tuple[int, Detection], ...] = ()
    candidates: tuple[Detection, ...] = ()
    dropped: tuple[int, ...] = ()
    strayed: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Candidate:
    """A detection and the way it came: ``path`` holds its boxes by frame, followed backwards.

    ``met`` are the tracks whose earlier masks lie on that way; ``owner`` is the one of them that by its motion was
    on this ball and jumped off it.
    """

    detection: Detection
    path: Mapping[int, Box]
    met: frozenset[int] = frozenset()
    owner: int | None = None


def look(
    tracks: Tracks,
    boxes: Mapping[int, Box],
    detections: Sequence[Detection],
    *,
    rules: Rules,
    counts: bool = True,
) -> Look:
    """Compare the boxes of a frame's masks, by track, with the detections of the same frame.

    The detector's silence never hides a ball: it only counts against tracks that it has not
    confirmed, only if it found at least half of what is visible, and only in looks that
    count: those out of turn follow so close on others that they would say the same twice.
    """
    heard = [found for found in detections if found.score >= rules.confidence]
    visible = sorted(boxes)
    affinity = _overlap(heard, [boxes[track] for track in visible], rules)
    pairs = {visible[column]: heard[row] for row, column in assign(affinity)}
    matched = set(map(id, pairs.values()))
    changed = with_changes(
        tracks, [hit(known, pairs[known.id]) for known in tracks.alive if known.id in pairs]
    )
    if counts and heard and len(pairs) * 2 >= len(visible):
        changed = _missed(changed, pairs)
    fits = {
        track: iou(boxes[track], found.box) >= rules.agree or _is_crowded(found.box, boxes, rules)
        for track, found in pairs.items()
    }
    return Look(
        changed,
        agreed=tuple(pair for pair in pairs.items() if fits[pair[0]]),
        disputed=tuple(pair for pair in pairs.items() if not fits[pair[0]]),
        candidates=tuple(
            found
            for found in heard
            if id(found) not in matched and not _is_covered(found.box, boxes.values(), rules)
        ),
        dropped=tuple(known.id for known in changed.alive if _is_spurious(known, rules)),
        strayed=tuple(
            known.id
            for known in changed.alive
            if known.id in boxes and _has_strayed(known, boxes[known.id], rules)
        ),
    )


def admit(
    tracks: Tracks,
    candidates: Sequence[Candidate],
    *,
    visible: Mapping[int, str],
    rules: Rules,
) -> tuple[Tracks, tuple[int, ...]]:
    """Decide for each candidate which track it is: one that jumped off it, one of the lost, or a new one.

    ``visible`` are the tracks with a mask on the frame of the detections, with the label of the
    detection that found them there, "" for none. Returns the tracks with the
    detections counted, and each candidate's track, in their order.
    """
    owned = _owned(tracks, candidates, visible)
    lost = [
        known
        for known in tracks.alive
        if known.id not in visible and known.id not in owned.values()
    ]
    affinity = np.array(
        [[_kinship(candidate, known, rules) for known in lost] for candidate in candidates]
    ).reshape(len(candidates), len(lost))
    affinity[list(owned), :] = 0
    returned = owned | {row: lost[column].id for row, column in assign(affinity)}
    ids = []
    for row, candidate in enumerate(candidates):
        ids.append(returned.get(row, tracks.next_id))
        back = tracks.get(ids[-1])
        if back is None:
            tracks = born(tracks, candidate.detection)
        else:
            found = candidate.detection
            back = replace(hit(back, found), box=found.box, seen=found.frame)
            tracks = with_changes(tracks, [back])
    return tracks, tuple(ids)


def _owned(
    tracks: Tracks, candidates: Sequence[Candidate], visible: Mapping[int, str]
) -> dict[int, int]:
    """Return the candidates, by row, that a visible track has left, each track once.

    It has left if what it shows now is no ball to the detector; or, where the candidate is of its class,
    if that is a ball of another class, or its motion says so.
    """
    claims: dict[int, int] = {}
    for row, candidate in enumerate(candidates):
        for known in tracks.alive:
            now = visible.get(known.id)
            moved = now != known.label or known.id == candidate.owner
            same = known.label == candidate.detection.label
            left = now == "" or (now is not None and moved and same)
            if known.id in candidate.met and left:
                claims.setdefault(row, known.id)
    return {row: track for track, row in {track: row for row, track in claims.items()}.items()}


def _is_crowded(box: Box, boxes: Mapping[int, Box], rules: Rules) -> bool:
    """Tell whether a detection is of more than one ball: it covers two that are known apart."""
    return sum(common(box, other) > rules.crowd * area(other) for other in boxes.values()) > 1


def is_kept(known: Tracked, rules: Rules) -> bool:
    """Tell whether the detector has confirmed a track: once for sure, or twice."""
    return known.hits >= 2 or known.best >= rules.sure


def _is_spurious(known: Tracked, rules: Rules) -> bool:
    return known.misses >= rules.misses and not is_kept(known, rules)


def _has_strayed(known: Tracked, box: Box, rules: Rules) -> bool:
    """Tell a ghost from a ball at rest that the detector overlooks: the ball is where it was detected."""
    moved = iou(known.found, box) < rules.same
    return moved and known.misses >= rules.ghost and is_kept(known, rules)


def _missed(tracks: Tracks, found: Mapping[int, Detection]) -> Tracks:
    """Count a miss against every track that this look did not find."""
    return with_changes(
        tracks,
        [
            replace(known, misses=known.misses + 1)
            for known in tracks.alive
            if known.id not in found
        ],
    )


def _overlap(detections: Sequence[Detection], boxes: Sequence[Box], rules: Rules) -> Affinity:
    """Return float (detections, boxes): how well they fit, 0 where they cannot be one ball.

    A mask that is cut by an arm lies inside its detection or shares its centre: both count.
    """
    found = [detection.box for detection in detections]
    overlap = iou_matrix(found, boxes)
    near = np.array([[_nearness(a, b) for b in boxes] for a in found]).reshape(overlap.shape)
    inside = np.array([[_inside(a, b) for b in boxes] for a in found]).reshape(overlap.shape)
    fits = (overlap >= rules.same) | (near >= 0.5) | (inside >= 0.8)
    return np.where(fits, 0.01 + overlap + 0.1 * near, 0.0)


def _nearness(a: Box, b: Box) -> float:
    """Return 1 for one centre, falling to 0 where the centres are a diameter apart."""
    return max(0.0, 1 - _distance(a, b) / max(_diameter(a), _diameter(b)))


def _inside(a: Box, b: Box) -> float:
    """Return the share of the smaller box that lies in the other."""
    both = area((max(a[0], b[0]), max(a[1], b[1]), min(a[2], b[2]), min(a[3], b[3])))
    return both / max(1e-9, min(area(a), area(b)))


def _is_covered(box: Box, masks: Iterable[Box], rules: Rules) -> bool:
    return any(iou(box, mask) > rules.covered or _inside(box, mask) > 0.8 for mask in masks)


def _kinship(candidate: Candidate, known: Tracked, rules: Rules) -> float:
    """Return how likely a candidate is a ball that was lost, 0 where it cannot be.

    Two things seen at one time are two balls. Otherwise its way back must lead to the place where the ball
    was lost; the further, the more the class counts.
    """
    first = min(candidate.path, default=candidate.detection.frame)
    if known.seen >= first:
        return 0.0
    box = candidate.path.get(first, candidate.detection.box)
    far = _distance(box, known.box) / max(_diameter(box), _diameter(known.box))
    if known.id in candidate.met:
        return 3.0 - min(1.0, far / 10)
    if far <= 1:
        return 2.0 - far
    reach = min(rules.reach, 1 + rules.speed * (first - known.seen))
    same = candidate.detection.label == known.label
    return 1 - far / reach if same and far < reach else 0.0


def _distance(a: Box, b: Box) -> float:
    """Return the distance of two boxes' centres in pixels."""
    (x, y), (u, v) = center(a), center(b)
    return float(np.hypot(x - u, y - v))


def _diameter(box: Box) -> float:
    return max(1.0, width(box), height(box))
