"""Follows new evidence backwards through frames that are not settled yet. Knows masks, refuses to decide whose they are.

Pictures are read again from the source in small runs, last run first, so that memory does not
depend on how far back the repair goes. A track is followed until it agrees with what is known, is out of sight,
or comes upon another track: then the rest of the past is somebody else's.
"""

from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace

import numpy as np

from engine import geometry
from engine.geometry import center
from engine.masklets import replaced
from engine.ports import FrameSource, Segmenter, Session
from engine.rle import iou
from engine.tracks import box_of
from engine.types import Box, Clip, FrameBatch, FrameMasks, Image, Prompt, TrackMask

AGREES = 0.8
COLLIDES = 0.5
CALM = 3
RUN = 16


@dataclass(slots=True)
class Path:
    """The way of one track back from its prompt at ``start`` (x, y): masks by frame, and why it ended.

    ``met`` are other tracks that were found in its place; ``owner`` is the one of them that
    came from this very ball and jumped off it, if any.
    """

    start: tuple[float, float]
    masks: dict[int, TrackMask] = field(default_factory=dict)
    met: frozenset[int] = frozenset()
    owner: int | None = None
    ended: bool = False
    agreed: int = 0
    missing: int = 0

    def boxes(self) -> dict[int, Box]:
        """Return the tight boxes by frame."""
        return {frame: box_of(mask.rle) for frame, mask in self.masks.items()}


def follow_back(
    clip: Clip,
    rgb: Image,
    prompts: Sequence[Prompt],
    *,
    known: Mapping[int, FrameMasks],
    stop: int,
    source: FrameSource,
    segmenter: Segmenter,
) -> dict[int, Path]:
    """Follow prompted tracks from the frame of their prompts back to frame ``stop``, at most.

    Args:
        clip: what is looked at.
        rgb: the picture of the prompts' frame, uint8 (H, W, 3).
        prompts: boxes of one frame, a track each; the numbers of tracks that ``known`` does not have are free.
        known: masks of the frames before and of the prompts' frame itself, by frame.
        stop: the first frame that may change.
        source: where the pictures come from, again.
        segmenter: what carries the masks.

    Returns:
        The way of each prompted track, without the frame of the prompts.
    """
    paths = {prompt.track: Path(center(prompt.box or (0, 0, 0, 0))) for prompt in prompts}
    frame = prompts[0].frame
    if frame <= stop:
        return paths
    with (
        segmenter.open(clip, backward=True) as session,
        closing(backwards(clip, source=source, start=stop, stop=frame)) as pictures,
    ):
        session.step(frame, rgb, prompts)
        for earlier, picture in pictures:
            row = session.step(earlier, picture)
            _extend(paths, row, known, session)
            if all(path.ended for path in paths.values()):
                break
    return paths


def backwards(
    clip: Clip, *, source: FrameSource, start: int, stop: int, run: int = RUN
) -> Generator[tuple[int, Image], None, None]:
    """Yield frames ``stop - 1`` down to ``start`` with their pictures, holding ``run`` of them."""
    while stop > start:
        first = max(start, stop - run)
        with reading(source.batches(clip, size=1, start=first, stop=stop)) as batches:
            pictures = [batch.rgb[0] for batch in batches]  # one by one is without a copy: 100 MB
        for offset in range(stop - first - 1, -1, -1):
            yield first + offset, pictures[offset]
        stop = first


@contextmanager
def reading(batches: Iterator[FrameBatch]) -> Iterator[Iterator[FrameBatch]]:
    """Close the decoder behind ``batches`` at the end, however it comes."""
    try:
        yield batches
    finally:
        close = getattr(batches, "close", None)
        if close is not None:
            close()


def overlay_path(rows: dict[int, FrameMasks], track: int, path: Path) -> None:
    """Write a path into the frames under the number of ``track``, in place."""
    for frame, mask in path.masks.items():
        row = rows.get(frame, FrameMasks(frame))
        rows[frame] = replaced(row, [replace(mask, track=track)])


def _extend(
    paths: Mapping[int, Path], row: FrameMasks, known: Mapping[int, FrameMasks], session: Session
) -> None:
    """Take one more frame into every path that goes on; the session forgets those that ended."""
    masks = row.by_track()
    here = known.get(row.frame, FrameMasks(row.frame))
    for track, path in paths.items():
        if not path.ended:
            _take(path, masks.get(track), track, here)
            if path.ended:
                path.owner = _owner(path, row.frame, known)
                session.forget(track)


def _take(path: Path, mask: TrackMask | None, track: int, known: FrameMasks) -> None:
    """Add the mask to the path, or end it."""
    if mask is None:
        path.missing += 1
        path.ended = path.missing >= CALM
        return
    path.missing = 0
    rivals = _rivals(mask, track, known)
    if rivals:
        path.met, path.ended = rivals, True
        return
    own = known.by_track().get(track)
    agrees = own is not None and iou(mask.rle, own.rle) >= AGREES
    path.agreed = path.agreed + 1 if agrees else 0
    path.masks[known.frame] = mask
    path.ended = path.agreed >= CALM


def _rivals(mask: TrackMask, track: int, known: FrameMasks) -> frozenset[int]:
    """Return the other tracks that lie where the mask lies; boxes that are apart need no look at pixels."""
    box = box_of(mask.rle)
    return frozenset(
        other.track
        for other in known.masks
        if other.track != track
        and geometry.iou(box, box_of(other.rle)) > 0
        and iou(mask.rle, other.rle) > COLLIDES
    )


def _owner(path: Path, frame: int, known: Mapping[int, FrameMasks]) -> int | None:
    """Return the track that left the path's ball near ``frame``, where they meet, if one did.

    Masks of balls that touch run into one another for some frames, so the motion before
    is carried on over them: whoever is nearer to where it leads stayed on the ball.
    """
    ours = _center(path.masks.get(frame + CALM)) or path.start
    for track in sorted(path.met):
        theirs = _center(_mask_of(known, frame + CALM, track))
        before = _center(_mask_of(known, frame - CALM, track))
        if before is None or theirs is None:
            continue
        earlier = _center(_mask_of(known, frame - 2 * CALM, track)) or before
        x, y = (3 * b - 2 * e for b, e in zip(before, earlier, strict=True))
        if np.hypot(ours[0] - x, ours[1] - y) < np.hypot(theirs[0] - x, theirs[1] - y):
            return track
    return None


def _mask_of(known: Mapping[int, FrameMasks], frame: int, track: int) -> TrackMask | None:
    """Return a track's mask on a frame, or on the last frame known where that comes later."""
    row = known.get(min(frame, max(known)))
    return None if row is None else row.by_track().get(track)


def _center(mask: TrackMask | None) -> tuple[float, float] | None:
    return None if mask is None else center(box_of(mask.rle))
