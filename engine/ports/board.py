"""What shows the dataset to leads: clips with facts about them, masks frame by frame, tags that come back. Knows no tool and no database.

Nothing that a board holds is a truth of its own: emptied, it is filled again from the workspace. Only tags that were not yet
acted on live there alone.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from engine.stages import Stage
from engine.types import Clip, FrameMasks, Track


class Tag(StrEnum):
    """What a lead can ask for by tagging a clip: correct it again, leave it out, take it first."""

    REDO = "redo"
    EXCLUDE = "exclude"
    PRIORITY = "priority"


class Happening(StrEnum):
    """What can happen on a table."""

    POT = "pot"
    CUSHION = "cushion"
    COLLISION = "collision"


@dataclass(frozen=True, slots=True)
class TableEvent:
    """Something that happened on frames ``start`` up to ``stop`` to the balls ``tracks``; ``certainty`` is 0..1."""

    kind: Happening
    start: int
    stop: int
    tracks: tuple[int, ...]
    certainty: float = 1.0


@dataclass(frozen=True, slots=True)
class Measures:
    """What the masks of one revision come to.

    ``quality`` is the mean over masks of score times stability, ``balls`` how many tracks there are and ``together`` how many
    are visible at once at most; ``moving`` is seconds on which any ball moves. ``doubts`` counts places to look at and
    ``severity`` sums their severities, each 0..1; ``signs`` are the kinds of doubt, most frequent first.
    """

    quality: float
    balls: int
    together: int
    moving: float
    doubts: int
    severity: float
    signs: tuple[str, ...]
    events: tuple[TableEvent, ...]


@dataclass(frozen=True, slots=True)
class Agreement:
    """How a revision that models drew (``drawn``) agrees with another (``true``), that people accepted or other models drew.

    ``j`` is the mean of J over balls and frames on which either shows the ball, ``by_track`` that of each ball of ``true``, 0
    where it is missed; ``extra`` are the tracks of ``drawn`` that serve no ball of ``true``. ``served`` says which track of
    ``drawn`` stands for which of ``true``. ``frames`` is the mean J of each frame that shows a ball.
    """

    drawn: int
    true: int
    j: float
    by_track: Mapping[int, float]
    served: Mapping[int, int]
    extra: tuple[int, ...]
    frames: Mapping[int, float]


@dataclass(frozen=True, slots=True)
class Card:
    """All that is said of a clip without its masks. What is None or empty is not known, or does not apply.

    ``film`` is the copy that browsers play, which may still have to be made. ``model`` names what drew, ``annotator`` who
    corrected last, ``reviewer`` who judged last, ``reason`` why it was rejected, excluded or reopened, as long as it stands where
    that brought it. ``since`` is when it came into its stage, ``rejections`` how often it was rejected; ``actions`` and
    ``minutes`` are the work on the page. ``page`` and ``task`` are addresses of the clip on the correction page and in Label
    Studio. ``alike`` are clips that show almost the same, the likest first. ``said`` is what became of the last tag.
    """

    clip: Clip
    film: str
    stage: Stage
    revision: int | None = None
    accepted: int | None = None
    camera: str = ""
    model: str = ""
    annotator: str = ""
    reviewer: str = ""
    reason: str = ""
    since: datetime | None = None
    accepted_at: datetime | None = None
    rejections: int = 0
    actions: int = 0
    minutes: float = 0.0
    priority: bool = False
    page: str = ""
    task: str = ""
    alike: tuple[str, ...] = ()
    said: str = ""
    measures: Measures | None = None
    agreement: Agreement | None = None


@dataclass(frozen=True, slots=True)
class Layer:
    """Masks of one revision, as one field of every frame.

    ``rows`` come in the order of frames. ``doubtful`` says on which frames which tracks are doubted (0: the picture), and
    how much, 0..1; ``overlap`` is the J of a mask with the one it is compared with, by frame and track.
    """

    revision: int
    tracks: Sequence[Track]
    rows: Iterable[FrameMasks]
    doubtful: Mapping[int, Mapping[int, float]] = field(default_factory=dict)
    overlap: Mapping[int, Mapping[int, float]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Still:
    """One picture of a clip: the JPEG at ``path`` shows ``frame``; ``vector`` is its embedding, float32 (D,), of length 1."""

    frame: int
    path: str
    vector: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Held:
    """What a board holds of a clip: the card's digest, and which revisions' masks (None: none, or not completely).

    ``tags`` are those of ``Tag`` that are set; ``by`` and ``note`` are what was said with the last of them, "" for nothing.
    ``priority`` says whether the clip had priority when its card was put. ``stills`` says with what its pictures were made.
    ``others`` are tags that are none of ``Tag``, in order of the alphabet; one that differs in case or in spaces around it is.
    """

    digest: str
    masks: int | None = None
    drawn: int | None = None
    tags: frozenset[Tag] = frozenset()
    by: str = ""
    note: str = ""
    priority: bool = False
    stills: str = ""
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Person:
    """What somebody did: clips and seconds of video submitted that were accepted, how often at once, and minutes of work."""

    name: str
    clips: int
    seconds: float
    first_time: int
    minutes: float


@dataclass(frozen=True, slots=True)
class Next:
    """A clip to look at next, why, and the address where; ``frame`` is where to begin."""

    clip: str
    why: str
    frame: int = 0


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the dataset is. ``curve`` is (day, seconds accepted by its end), from the first acceptance on, in UTC.

    ``stages`` are (stage, clips, seconds). ``rate`` is seconds accepted a day over the last ``window`` days on which the project
    ran; ``done_by`` the day on which ``target`` is reached at that rate, ``early`` and ``late`` with the best and the worst
    rate of halves of that time (None: never, or nobody can tell). ``first_time`` is the share of verdicts that accepted at
    once, ``j`` the mean J of what models drew against what was accepted (None: nothing to compare).
    ``unmeasured`` are clips with masks of which nobody knows yet how doubtful they are.
    """

    at: datetime
    target: float
    accepted: float
    stages: tuple[tuple[Stage, int, float], ...]
    curve: tuple[tuple[date, float], ...] = ()
    window: int = 0
    rate: float = 0.0
    done_by: date | None = None
    early: date | None = None
    late: date | None = None
    first_time: float | None = None
    j: float | None = None
    unmeasured: int = 0
    people: tuple[Person, ...] = ()
    next: tuple[Next, ...] = ()


class Board(Protocol):
    """Holds what leads see. Whatever is put twice is the same as once."""

    def held(self) -> Mapping[str, Held]:
        """Return what the board holds, by clip."""
        ...

    def put_cards(self, cards: Sequence[Card]) -> None:
        """Add clips, or replace what is said of them; masks and tags stay.

        But for the tag ``PRIORITY``, which follows the card where that says otherwise than before.

        Raises:
            ServerError: the board does not answer, or has no room; what was put before stays.
        """
        ...

    def put_masks(self, clip: Clip, masks: Layer, drawn: Layer | None = None) -> None:
        """Replace all masks of a clip: those of its newest revision, and beside them those that models drew.

        Interrupted at any moment it leaves a clip that ``held`` shows without masks.

        Raises:
            SelectionError: the clip has no card.
            ServerError: as in ``put_cards``.
        """
        ...

    def drop_masks(self, clip: str) -> None:
        """Take a clip's masks away; an unknown clip is ignored."""
        ...

    def drop(self, clips: Sequence[str]) -> None:
        """Take clips away with all that is said of them; unknown ones are ignored."""
        ...

    def untag(self, clip: str, tags: Sequence[Tag]) -> None:
        """Take tags off a clip, with what was said with them; an unknown clip is ignored."""
        ...

    def put_progress(self, progress: Progress) -> None:
        """Replace what is said of the dataset as a whole."""
        ...

    def put_stills(self, clip: str, stills: Sequence[Still], *, made: str) -> None:
        """Replace a clip's pictures, by whose vectors the board finds what looks alike; ``made`` is kept for ``held``.

        Raises:
            SelectionError, ServerError: as in ``put_masks``.
        """
        ...
