"""Tracks as Label Studio's video boxes, both ways. Here end its frames that count from 1 and its percents; it refuses to know who changed what."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from engine.types import Clip, FrameMasks, Track
from ml_backend.keyframes import Shown


def tracks_to_result(
    clip: Clip,
    revision: int,
    tracks: Sequence[Track],
    rows: Iterable[FrameMasks],
    *,
    tolerance: float = 1.0,
) -> list[dict[str, Any]]:
    """Return one region for each track that is visible on any frame, in the order of ``tracks``.

    Every side of every box shown is within ``tolerance`` pixels of the mask's box, and a box is shown on exactly the frames where
    there is a mask. ``rows`` are the clip's frames, in order.
    """
    raise NotImplementedError


def result_to_tracks(result: Sequence[Mapping[str, Any]], clip: Clip) -> Mapping[str, Shown]:
    """Return what the editor shows of each region that is a track of boxes, by the regions' ids (see ``regions.Region``).

    Raises:
        InputError: a region is not as Label Studio stores one; the message names it.
    """
    raise NotImplementedError
