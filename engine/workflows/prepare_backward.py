"""A second opinion on masks: the same tracks followed from the end of the clip to its beginning. Knows ports, stores nothing."""

from collections.abc import Callable, Mapping
from contextlib import closing

from engine.ports import FrameSource, RevisionStore, Segmenter
from engine.repair import backwards
from engine.types import Clip, FrameMasks, Origin, Prompt


def followed_back(
    clip: Clip,
    revision: int,
    *,
    revisions: RevisionStore,
    source: FrameSource,
    segmenter: Segmenter,
    stop: Callable[[], bool] = lambda: False,
    progress: Callable[[int, int], None] = lambda *_: None,
) -> tuple[FrameMasks, ...] | None:
    """Return what a pass backwards draws, in the order of frames; None where ``stop`` ended it.

    A track begins with its last mask, and anew with each mask after which the revision has none. What is held are the
    masks of the clip, twice.

    Raises:
        VideoError: the clip's media is gone or does not decode.
        DamagedChunk: stored masks do not decode.
    """
    rows = {row.frame: row for row in revisions.frames(revision)}
    drawn: list[FrameMasks] = []
    with (
        segmenter.open(clip, backward=True) as session,
        closing(backwards(clip, source=source, start=0, stop=clip.frames)) as pictures,
    ):
        for frame, rgb in pictures:
            if stop():
                return None
            drawn.append(session.step(frame, rgb, _begun(rows, frame)))
            progress(clip.frames - frame, clip.frames)
    return tuple(reversed(drawn))


def _begun(rows: Mapping[int, FrameMasks], frame: int) -> list[Prompt]:
    """Return the masks of a frame whose tracks are not on the frame after it."""
    later = rows.get(frame + 1, FrameMasks(frame + 1)).by_track()
    return [
        Prompt(frame, mask.track, mask=mask.rle, origin=Origin.REPLAY)
        for mask in rows[frame].masks
        if mask.track not in later
    ]
