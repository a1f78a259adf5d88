"""Makes clips ready to be opened: what a detector sees of them, and where a person should look. Knows ports, no screens.

A detector looks at a clip once; what it saw serves every later revision. Whatever is found is kept and never found twice.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from statistics import median
from typing import Protocol, runtime_checkable

from engine.billiards.classes import PROFILES
from engine.billiards.guess import ANY, AUTO
from engine.doubts import Doubt, doubts
from engine.geometry import iou
from engine.ports import Detector, Findings, FrameSource, RevisionStore
from engine.repair import reading
from engine.types import Box, Clip, Detection, FrameBatch, FrameMasks, Revision
from engine.workflows.findings import (
    DOUBTS,
    WITNESSES,
    Witnesses,
    doubts_to_text,
    kept_witnesses,
    witnesses_to_text,
)

EVERY = 10
"""Frames from one look of the detector to the next: three looks a second at 30 frames/s."""

SAME_POCKET = 0.3
THROUGHOUT = 0.5

Told = Callable[[int, int], None]


class Look(Protocol):
    """What one frame shows to a detector that knows more than balls."""

    @property
    def balls(self) -> tuple[Detection, ...]:
        """Balls, best score first."""
        ...

    @property
    def pockets(self) -> tuple[Detection, ...]:
        """Openings of pockets, best score first."""
        ...

    @property
    def game(self) -> str:
        """The game that the balls fit."""
        ...


@runtime_checkable
class Looker(Protocol):
    """A detector that finds pockets too and knows games."""

    def look(self, batch: FrameBatch) -> Sequence[Look]:
        """Return what every frame of the batch shows."""
        ...


@dataclass(frozen=True, slots=True)
class _Balls:
    """What a detector of balls alone says of a frame."""

    balls: tuple[Detection, ...]
    pockets: tuple[Detection, ...] = ()
    game: str = ANY


def seen_by(
    detector: Detector,
    clip: Clip,
    *,
    source: FrameSource,
    name: str,
    every: int = EVERY,
    stop: Callable[[], bool] = lambda: False,
    progress: Told = lambda *_: None,
) -> Witnesses | None:
    """Return what a detector sees on every ``every``-th frame of a clip; None where ``stop`` ended it.

    ``name`` is the detector's, for the record.

    Raises:
        VideoError: the clip's media is gone or does not decode.
    """
    looks: list[tuple[int, Look]] = []
    with reading(source.batches(clip, size=1)) as batches:
        for batch in batches:
            if stop():
                return None
            if batch.first % every == 0:
                looks.append((batch.first, look_at(detector, batch)[0]))
                progress(batch.first + 1, clip.frames)
    progress(clip.frames, clip.frames)
    return witnesses(looks, name=name, every=every)


def witnesses(looks: Sequence[tuple[int, Look]], *, name: str, every: int) -> Witnesses:
    """Return what looks at frames, in order, come to: the game most agree on, and the pockets that stay."""
    return Witnesses(
        name,
        every,
        _game([look for _, look in looks]),
        lasting([[pocket.box for pocket in look.pockets] for _, look in looks]),
        tuple((frame, look.balls) for frame, look in looks),
    )


def lasting(looks: Sequence[Sequence[Box]]) -> tuple[Box, ...]:
    """Return the boxes that are on more than half of the looks at the same place: a camera that moves leaves none."""
    places: list[list[Box]] = []
    for box in chain.from_iterable(looks):
        place = next((one for one in places if iou(one[0], box) >= SAME_POCKET), None)
        if place is None:
            places.append([box])
        else:
            place.append(box)
    return tuple(_middle(place) for place in places if len(place) > THROUGHOUT * len(looks))


def doubts_of(
    revisions: RevisionStore,
    findings: Findings,
    clip: Clip,
    revision: Revision,
    *,
    game: str = AUTO,
    backward: Iterable[FrameMasks] | None = None,
) -> tuple[Doubt, ...]:
    """Return where a person should look in a revision, found with what is kept of the clip, and keep it.

    ``game`` is the profile that people chose, "auto" where they leave it to the detector.

    Raises:
        DamagedChunk: stored masks do not decode.
    """
    seen = witnesses_of(revisions, findings, clip.id)
    guessed = ANY if seen is None else seen.game
    found = doubts(
        revisions.frames(revision.id),
        revision.tracks,
        size=(clip.height, clip.width),
        rate=clip.rate,
        pockets=() if seen is None else seen.pockets,
        detections=None if seen is None else seen.looks,
        backward=backward,
        game=guessed if game == AUTO else game,
    )
    findings.put(revision.id, DOUBTS, doubts_to_text(found, passes=backward is not None))
    return found


def witnesses_of(revisions: RevisionStore, findings: Findings, clip: str) -> Witnesses | None:
    """Return what a detector saw of a clip, or None where it has not looked yet."""
    history = revisions.history(clip)
    return kept_witnesses(findings, history[0].id) if history else None


def keep_witnesses(
    revisions: RevisionStore, findings: Findings, clip: str, seen: Witnesses
) -> None:
    """Keep what a detector saw of a clip that has a revision, for all of its revisions."""
    findings.put(revisions.history(clip)[0].id, WITNESSES, witnesses_to_text(seen))


def look_at(detector: Detector, batch: FrameBatch) -> Sequence[Look]:
    """Return what each picture of a batch shows."""
    if isinstance(detector, Looker):
        return detector.look(batch)
    return [_Balls(balls) for balls in detector.detect(batch)]


def _game(looks: Sequence[Look]) -> str:
    """Return the game that most looks agree on; of several, the first by name."""
    votes = Counter(look.game for look in looks if look.game in PROFILES and look.game != ANY)
    return min(votes, key=lambda name: (-votes[name], name), default=ANY)


def _middle(boxes: Sequence[Box]) -> Box:
    """Return the box whose sides are the medians of others' sides."""
    x0, y0, x1, y1 = (float(median(side)) for side in zip(*boxes, strict=True))
    return x0, y0, x1, y1
