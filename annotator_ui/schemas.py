"""What browsers may send, as strict types with limits; OpenAPI is made of them. Knows no clip and no session.

Whether a frame or a point lies inside a clip is decided where the clip is known.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, Strict, StringConstraints

BODY = 1 << 20
"""The most bytes that a request may hold."""

_MOST = (1 << 31) - 1  # what a frame, a track or a revision can be in every database


def _plain(text: str) -> str:
    """Refuse characters that no database and no screen can hold."""
    if any(
        (ord(sign) < 32 and sign not in "\n\t") or 0xD800 <= ord(sign) < 0xE000 for sign in text
    ):
        raise ValueError("control characters are not allowed")
    return text


Tab: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
ClipId: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[\w-]{1,200}$")]
Number: TypeAlias = Annotated[int, Field(ge=0, le=_MOST)]
TrackId: TypeAlias = Annotated[int, Field(ge=1, le=_MOST)]
Head: TypeAlias = Annotated[int, Field(ge=1, le=_MOST)] | None
Span: TypeAlias = Annotated[tuple[Number, Number], Strict(False)]
Pixel: TypeAlias = Annotated[float, Field(ge=-1e6, le=1e6, allow_inf_nan=False)]
Click: TypeAlias = Annotated[tuple[Pixel, Pixel, bool], Strict(False)]
Corners: TypeAlias = Annotated[tuple[Pixel, Pixel, Pixel, Pixel], Strict(False)]
Label: TypeAlias = Annotated[str, Field(max_length=100), AfterValidator(_plain)]
Text: TypeAlias = Annotated[str, Field(max_length=2000), AfterValidator(_plain)]


class _Body(BaseModel):
    """Strict: no unknown fields, no text for a number."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Rle(_Body):
    """A mask of the whole picture as COCO run lengths; ``size`` is [height, width]."""

    size: Annotated[tuple[TrackId, TrackId], Strict(False)]
    counts: Annotated[str, Field(max_length=900_000, pattern=r"^[0-o]+$")]


class PromptAction(_Body):
    """A click ``[x, y, positive]``, a box ``[x0, y0, x1, y1]`` or painted pixels for one ball on one frame."""

    kind: Literal["prompt"]
    frame: Number
    track: TrackId
    point: Click | None = None
    box: Corners | None = None
    mask: Rle | None = None
    label: Label | None = None


class HideAction(_Body):
    """The ball is not to be seen on this frame: it is absent, or something is before it."""

    kind: Literal["hide"]
    frame: Number
    track: TrackId
    why: Literal["absent", "occluded"]


class SpreadAction(_Body):
    """Carry what was clicked and not yet spread through time; null means all balls, the whole clip."""

    kind: Literal["spread"]
    tracks: Annotated[list[TrackId], Field(max_length=1000)] | None = None
    frames: Span | None = None


class EditAction(_Body):
    """Who is who over a range of frames, half-open: swap, split, merge, delete, relabel, fill a gap."""

    kind: Literal["edit"]
    deed: Literal["swap", "split", "merge", "delete", "relabel", "fill"]
    track: TrackId
    frames: Span
    other: TrackId | None = None
    label: Label | None = None


class ConfirmAction(_Body):
    """These frames are right, or are not said to be so any more."""

    kind: Literal["confirm"]
    frames: Span
    on: bool


class UndoAction(_Body):
    """Take back the newest action that stands."""

    kind: Literal["undo"]


class RedoAction(_Body):
    """Do again what was taken back last."""

    kind: Literal["redo"]


AnyAction: TypeAlias = Annotated[
    PromptAction | HideAction | SpreadAction | EditAction | ConfirmAction | UndoAction | RedoAction,
    Field(discriminator="kind"),
]


class Act(_Body):
    """An action on what the tab shows: ``head`` is the revision on its screen, null where there is none."""

    tab: Tab
    head: Head
    action: AnyAction

    def body(self) -> Mapping[str, Any]:
        """Return the action as it is logged: what was not said is left out."""
        said: dict[str, Any] = self.action.model_dump(mode="json", exclude_unset=True)
        return said


class InTab(_Body):
    """Which tab asks."""

    tab: Tab


class ClaimBody(_Body):
    """Take a clip for this tab, or keep it; ``force`` takes it from whoever holds it."""

    tab: Tab
    force: bool = False


class Answer(_Body):
    """The answer to a proposal: change all frames, all but the confirmed ones, or nothing."""

    tab: Tab
    seq: Number
    answer: Literal["all", "unconfirmed", "none"]


class Unfinished(_Body):
    """What to do with work that was cut short."""

    tab: Tab
    seq: Number
    answer: Literal["again", "drop"]


class Look(_Body):
    """Somebody looked at frames ``start`` up to ``stop`` of a track, 0 for all."""

    start: Number
    stop: Number
    track: Number = 0


class NewPin(_Body):
    """A comment on a frame, about one track or (0) the picture."""

    frame: Number
    track: Number = 0
    text: Text


class MoveBody(_Body):
    """Take the clip one step on; ``head`` is the revision that was looked at."""

    tab: Tab
    move: Literal["submit", "accept", "reject", "reopen"]
    head: Head
    note: Text = ""


class Rest(_Body):
    """The playhead rests on a frame."""

    frame: Number
