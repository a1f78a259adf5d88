"""Carries corrections from their frame both ways through a clip. Knows masks that stand, no truth.

A corrected track is followed until it agrees with what stood there, comes to a frame that was corrected before, or is
lost: then what stood there stays.
"""

from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field

from engine.ports import FrameSource, Segmenter, Session
from engine.repair import backwards, reading
from engine.rle import iou
from engine.types import RLE, Clip, Image, Prompt, TrackMask

AGREES = 0.95
CALM = 2  # frames one after the other
LOST = 5  # frames without a mask where one stood

Column = dict[int, RLE]  # one track's masks by frame


@dataclass(slots=True)
class _Way:
    """One track on its way: how long it has agreed with what stood, how long it was lost, whether it has ended."""

    agreed: int = 0
    lost: int = 0
    ended: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands before the correction: each track's masks, and the frames where a person has settled it."""

    columns: Mapping[int, Column]
    settled: Mapping[int, frozenset[int]] = field(default_factory=dict)


def carry(
    clip: Clip,
    rgb: Image,
    prompts: Sequence[Prompt],
    *,
    standing: Standing,
    source: FrameSource,
    segmenter: Segmenter,
) -> dict[int, Column]:
    """Return the new masks of the prompted tracks by track and frame, without the frame of the prompts itself.

    Args:
        clip: what is corrected.
        rgb: the picture of the prompts' frame, uint8 (H, W, 3).
        prompts: of one frame, one or more a track.
        standing: what stands now.
        source: where the pictures come from.
        segmenter: what carries the masks.
    """
    frame = prompts[0].frame
    new: dict[int, Column] = {prompt.track: {} for prompt in prompts}
    for backward in (False, True):
        with (
            segmenter.open(clip, backward=backward) as session,
            closing(_pictures(clip, source, frame, backward=backward)) as pictures,
        ):
            session.step(frame, rgb, prompts)
            _follow(session, pictures, new, standing)
    return new


def _pictures(
    clip: Clip, source: FrameSource, frame: int, *, backward: bool
) -> Generator[tuple[int, Image], None, None]:
    """Yield the frames after ``frame``, or those before it, with their pictures."""
    if backward:
        yield from backwards(clip, source=source, start=0, stop=frame)
        return
    with reading(source.batches(clip, start=frame + 1)) as batches:
        for batch in batches:
            yield from enumerate(batch.rgb, batch.first)


def _follow(
    session: Session,
    pictures: Iterator[tuple[int, Image]],
    new: dict[int, Column],
    standing: Standing,
) -> None:
    """Extend the columns frame by frame until every track has ended."""
    ways = {track: _Way() for track in new}
    for frame, picture in pictures:
        for track, way in ways.items():
            if not way.ended and frame in standing.settled.get(track, frozenset()):
                _end(session, track, way)
        if all(way.ended for way in ways.values()):
            return
        masks = session.step(frame, picture).by_track()
        for track, way in ways.items():
            if not way.ended:
                stood = standing.columns.get(track, {}).get(frame)
                _extend(new[track], frame, way, masks.get(track), stood)
                if way.agreed >= CALM or way.lost >= LOST:
                    _end(session, track, way)


def _extend(
    column: Column, frame: int, way: _Way, mask: TrackMask | None, stood: RLE | None
) -> None:
    """Take one frame of one track; what stood stays where nothing new was drawn."""
    if mask is None:
        way.lost += stood is not None
        return
    way.lost = 0
    way.agreed = way.agreed + 1 if stood is not None and iou(mask.rle, stood) >= AGREES else 0
    column[frame] = mask.rle


def _end(session: Session, track: int, way: _Way) -> None:
    """Follow a track no further."""
    way.ended = True
    session.forget(track)
