"""The nouns: clips, frames, detections, prompts, masks, revisions. Knows no library but numpy.

Frame numbers are 0-based and count from the first frame of the clip; ranges are half-open. Pixels: x to the
right, y down, origin at the top left corner of the top left pixel; boxes are ``(x0, y0, x1, y1)``,
half-open. Rates are exact fractions, times are seconds.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from fractions import Fraction
from types import MappingProxyType
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine.errors import InputError

Box: TypeAlias = tuple[float, float, float, float]
Image: TypeAlias = NDArray[np.uint8]
Mask: TypeAlias = NDArray[np.bool_]


class Origin(StrEnum):
    """Who asked: the detector, a person, a repetition of the log, or an imported dataset."""

    DETECTOR = "detector"
    PERSON = "person"
    REPLAY = "replay"
    IMPORT = "import"


class Kind(StrEnum):
    """How a revision came to be: by the models alone, or with a person's hand in it."""

    AUTO = "auto"
    MANUAL = "manual"


@dataclass(frozen=True, slots=True)
class Video:
    """One source file, known by its content.

    ``sha256`` is that of the source; ``media`` is what is decoded: the source itself, or a constant-rate
    working copy. ``frame_map`` is empty where the two agree frame by frame; otherwise entry k is
    the source frame that picture k of the working copy shows. ``camera`` and ``licence`` are names that
    people gave, "" where nobody did.
    """

    sha256: str
    source: str
    media: str
    width: int
    height: int
    rate: Fraction
    frames: int
    frame_map: tuple[int, ...] = ()
    camera: str = ""
    licence: str = ""

    @property
    def seconds(self) -> float:
        """Duration in seconds: frames over rate."""
        return float(self.frames / self.rate)


@dataclass(frozen=True, slots=True)
class Clip:
    """A range of a video's frames: the unit of work. Frame 0 of the clip is frame ``start`` of ``media``."""

    id: str
    video: str
    media: str
    start: int
    frames: int
    width: int
    height: int
    rate: Fraction
    split: str = "train"

    def __post_init__(self) -> None:
        """Refuse what no exporter and no decoder could hold."""
        if not self.id or not self.id.replace("-", "").replace("_", "").isalnum():
            raise InputError(f"clip id {self.id!r}: use letters, digits, '-' and '_' only")
        if self.start < 0 or self.frames < 1 or self.rate <= 0:
            raise InputError(
                f"clip {self.id}: {self.start=} {self.frames=} {self.rate=} describe no footage"
            )

    @property
    def seconds(self) -> float:
        """Duration in seconds: frames over rate."""
        return float(self.frames / self.rate)


@dataclass(frozen=True, slots=True)
class FrameBatch:
    """Consecutive pictures: ``rgb`` uint8 (N, H, W, 3), of which ``rgb[0]`` is frame ``first`` of the clip."""

    first: int
    rgb: Image

    def __post_init__(self) -> None:
        """Refuse arrays that are not a stack of RGB pictures."""
        if self.rgb.ndim != 4 or self.rgb.shape[-1] != 3 or self.rgb.dtype != np.uint8:
            raise InputError(f"expected uint8 (N, H, W, 3), got {self.rgb.dtype} {self.rgb.shape}")

    def __len__(self) -> int:
        """Return the number of pictures."""
        return len(self.rgb)

    def __repr__(self) -> str:
        """Show the shape, not the pixels."""
        return f"FrameBatch(first={self.first}, rgb={self.rgb.dtype}{self.rgb.shape})"


@dataclass(frozen=True, slots=True)
class Detection:
    """A detector's opinion on one frame: ``box`` xyxy in pixels, ``score`` 0..1."""

    frame: int
    box: Box
    label: str
    score: float


@dataclass(frozen=True, slots=True)
class RLE:
    """A mask as compressed COCO run lengths (column-major): ``size`` is (height, width)."""

    size: tuple[int, int]
    counts: bytes


@dataclass(frozen=True, slots=True)
class Point:
    """A click at (x, y) pixels: ``positive`` says "this", otherwise "not this"."""

    x: float
    y: float
    positive: bool = True


@dataclass(frozen=True, slots=True)
class Prompt:
    """Evidence about one track on one frame: a box, clicks, a mask, or a box together with clicks.

    A person's click and a detector's box are the same thing to everything that follows.
    """

    frame: int
    track: int
    box: Box | None = None
    points: tuple[Point, ...] = ()
    mask: RLE | None = None
    origin: Origin = Origin.DETECTOR

    def __post_init__(self) -> None:
        """Refuse a prompt that says nothing, or two things at once."""
        if self.mask is not None and (self.box is not None or self.points):
            raise InputError(
                f"prompt for track {self.track}: give a mask, or a box and clicks, not both"
            )
        if self.mask is None and self.box is None and not self.points:
            raise InputError(f"prompt for track {self.track}: give a box, clicks or a mask")


@dataclass(frozen=True, slots=True)
class TrackMask:
    """One ball on one frame: ``score`` is the probability that it is there, ``stability`` how sure its edge is.

    Both are 0..1. A track that is not visible has no ``TrackMask`` on that frame: never an empty one.
    """

    track: int
    rle: RLE
    score: float = 1.0
    stability: float = 1.0


@dataclass(frozen=True, slots=True)
class FrameMasks:
    """Every visible track of one frame, in the order of track numbers, each at most once."""

    frame: int
    masks: tuple[TrackMask, ...] = ()

    def __post_init__(self) -> None:
        """Put the tracks in order and refuse doubles."""
        ordered = tuple(sorted(self.masks, key=lambda mask: mask.track))
        if len({mask.track for mask in ordered}) != len(ordered):
            raise InputError(
                f"frame {self.frame}: a track appears twice in {[m.track for m in ordered]}"
            )
        object.__setattr__(self, "masks", ordered)

    def by_track(self) -> dict[int, TrackMask]:
        """Return the masks by track number."""
        return {mask.track: mask for mask in self.masks}


@dataclass(frozen=True, slots=True)
class Track:
    """Identity of one ball through a clip. Its class ``label`` is an attribute; ``id`` starts at 1."""

    id: int
    label: str


@dataclass(frozen=True, slots=True)
class Masklet:
    """One track through time: masks by frame, only where it is visible."""

    track: Track
    masks: Mapping[int, TrackMask] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Freeze the mapping, in the order of frames."""
        object.__setattr__(self, "masks", MappingProxyType(dict(sorted(self.masks.items()))))


@dataclass(frozen=True, slots=True)
class Revision:
    """One immutable version of a clip's annotation. ``parent`` is None for the first; ``id`` is 0 until stored.

    ``tracks`` lists every track of the whole revision (not only the changed ones); ``provenance`` says
    with which models, settings and code it was made.
    """

    clip: str
    parent: int | None
    kind: Kind
    author: str
    tracks: tuple[Track, ...]
    provenance: Mapping[str, str] = field(default_factory=dict)
    id: int = 0
    created: datetime | None = None
