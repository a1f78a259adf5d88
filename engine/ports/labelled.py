"""A clip with true masks from outside the workspace, read as often as wanted; knows no format."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from engine.types import Clip, FrameMasks, Image

Part: TypeAlias = tuple[Iterator[Image], Iterator[FrameMasks]]


@dataclass(frozen=True, slots=True)
class LabelledClip:
    """One clip with true masks.

    ``clip.media`` is the video file or the folder of JPEGs. ``labels`` says the class of each track;
    ``labelled`` are the 0-based frames that carry truth, in order. ``pictures`` is a fresh pass over all frames, uint8
    (H, W, 3); ``frames`` a fresh pass over the labelled ones, where a track that is not visible has no mask.
    ``seek``, where a format can, returns both passes for frames ``start`` up to ``stop`` alone.
    """

    clip: Clip
    labels: Mapping[int, str]
    labelled: tuple[int, ...]
    pictures: Callable[[], Iterator[Image]]
    frames: Callable[[], Iterator[FrameMasks]]
    seek: Callable[[int, int], Part] | None = None
