"""Deeds as JSON and back, strictly: what is not understood to the last key is refused. Knows no clip."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from annotator_ui.session_deeds import (
    ConfirmDeed,
    Deed,
    EditDeed,
    HideDeed,
    PromptDeed,
    Redo,
    SpreadDeed,
    Undo,
    Why,
)
from engine import rle
from engine.errors import InputError
from engine.propagate_edits import Deed as Change
from engine.propagate_edits import Edit
from engine.types import RLE, Box, Point

_MOST = 1 << 31
"""No frame, number or pixel is this large: what is sent beyond it is no mistake of a hand."""
_LONGEST = 100

Body = Mapping[str, Any]


def parse(body: object) -> Deed:
    """Return the deed of a JSON body.

    Raises:
        InputError: it names what is wrong.
    """
    try:
        return _parsed(body)
    except (ValueError, OverflowError) as error:  # numbers that cannot even be shown
        raise InputError(f"action: {error}; send numbers of an ordinary size") from error


def to_body(deed: Deed) -> dict[str, Any]:
    """Return a deed as JSON that ``parse`` reads; what is not said is left out."""
    match deed:
        case PromptDeed():
            said = {"frame": deed.frame, "track": deed.track, **_evidence(deed)}
        case HideDeed():
            said = {"frame": deed.frame, "track": deed.track, "why": str(deed.why)}
        case SpreadDeed(tracks=tracks, frames=frames):
            said = {"tracks": None if tracks is None else list(tracks), "frames": _pair(frames)}
        case EditDeed(edit=edit):
            said = {"deed": str(edit.deed), "track": edit.track, "frames": _pair(edit.frames)}
            said |= {"other": edit.other or None, "label": edit.label or None}
        case ConfirmDeed(frames=frames, on=on):
            said = {"frames": _pair(frames), "on": on}
        case Undo() | Redo():
            said = {}
    kind = type(deed).__name__.removesuffix("Deed").lower()
    return {"kind": kind, **{key: value for key, value in said.items() if value is not None}}


def _parsed(body: object) -> Deed:
    """Return the deed of a body, by its kind."""
    if not isinstance(body, Mapping):
        raise InputError(f"action {str(body)[:80]!r}: expected an object with a kind")
    kind = body.get("kind")
    if not isinstance(kind, str) or kind not in _READERS:
        raise InputError(f"action of kind {str(kind)[:80]!r}; there are {', '.join(_READERS)}")
    reader, required, optional = _READERS[kind]
    _check_keys(body, required, optional)
    return reader({key: value for key, value in body.items() if value is not None})


def _evidence(deed: PromptDeed) -> dict[str, Any]:
    """Return a prompt's one piece of evidence, and its label."""
    point, box, mask = deed.point, deed.box, deed.mask
    return {
        "point": None if point is None else [point.x, point.y, point.positive],
        "box": None if box is None else list(box),
        "mask": None if mask is None else rle.to_coco(mask),
        "label": deed.label or None,
    }


def _pair(frames: range | None) -> list[int] | None:
    return None if frames is None else [frames.start, frames.stop]


def _check_keys(body: Body, required: Collection[str], optional: Collection[str]) -> None:
    """Refuse a body that lacks something, or says what nobody would read."""
    missing = [key for key in required if body.get(key) is None]
    strange = [str(key)[:40] for key in body if key not in {"kind", *required, *optional}]
    if missing or strange:
        raise InputError(
            f"action {body['kind']}: "
            + "; ".join(
                [f"it lacks {key}" for key in missing] + [f"it has no {key}" for key in strange]
            )
        )


def _prompt(body: Body) -> PromptDeed:
    return PromptDeed(
        _whole(body, "frame"),
        _whole(body, "track"),
        _point(body["point"]) if "point" in body else None,
        _box(body["box"]) if "box" in body else None,
        _mask(body["mask"]) if "mask" in body else None,
        _text(body, "label"),
    )


def _hide(body: Body) -> HideDeed:
    why = body["why"]
    if why not in list(Why):
        raise InputError(f"why {str(why)[:80]!r}: expected {' or '.join(Why)}")
    return HideDeed(_whole(body, "frame"), _whole(body, "track"), Why(why))


def _spread(body: Body) -> SpreadDeed:
    tracks = body.get("tracks")
    if tracks is not None and not isinstance(tracks, list | tuple):
        raise InputError(f"tracks {str(tracks)[:80]!r}: expected a list of balls, or null for all")
    chosen = None if tracks is None else tuple(_whole({"tracks": one}, "tracks") for one in tracks)
    return SpreadDeed(chosen, _range(body["frames"]) if "frames" in body else None)


def _edit(body: Body) -> EditDeed:
    what = body["deed"]
    if what not in list(Change):
        raise InputError(f"deed {str(what)[:80]!r}: expected one of {', '.join(Change)}")
    other = _whole(body, "other") if "other" in body else 0
    frames = _range(body["frames"])
    return EditDeed(Edit(Change(what), _whole(body, "track"), frames, other, _text(body, "label")))


def _confirm(body: Body) -> ConfirmDeed:
    on = body.get("on", True)
    if not isinstance(on, bool):
        raise InputError(f"on {str(on)[:80]!r}: expected true or false")
    return ConfirmDeed(_range(body["frames"]), on)


def _whole(body: Body, key: str) -> int:
    """Return a whole number from 0."""
    value = body[key]
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < _MOST:
        raise InputError(f"{key} {str(value)[:80]!r}: expected a whole number from 0")
    return value


def _number(value: object) -> float:
    """Return a number of pixels."""
    if not isinstance(value, int | float) or isinstance(value, bool) or not abs(value) < _MOST:
        raise InputError(f"{str(value)[:80]!r}: expected a number of pixels")
    return float(value)


def _text(body: Body, key: str) -> str:
    """Return a short text of letters that can be shown, "" for none."""
    value = body.get(key, "")
    if not isinstance(value, str) or value != value.strip() or not value.isprintable():
        raise InputError(f"{key} {str(value)[:80]!r}: expected a text")
    if len(value) > _LONGEST:
        raise InputError(f"{key} of {len(value)} letters: expected {_LONGEST} at most")
    return value


def _range(value: object) -> range:
    """Return a run of frames."""
    first, end = (_whole({"frames": one}, "frames") for one in _listed(value, 2, "frames [a, b]"))
    return range(first, end)


def _point(value: object) -> Point:
    x, y, positive = _listed(value, 3, "a point [x, y, positive]")
    if not isinstance(positive, bool):
        raise InputError(f"point {str(value)[:80]!r}: expected true or false at the end")
    return Point(_number(x), _number(y), positive)


def _box(value: object) -> Box:
    x0, y0, x1, y1 = (_number(side) for side in _listed(value, 4, "a box [x0, y0, x1, y1]"))
    return x0, y0, x1, y1


def _mask(value: object) -> RLE:
    """Return a mask whose runs fill a picture that there can be."""
    mask = rle.from_coco(value)
    if min(mask.size) < 1 or max(mask.size) >= _MOST or isinstance(mask.size[0], bool):
        raise InputError(f"mask of {mask.size}: expected a picture's height and width")
    return mask


def _listed(value: object, count: int, what: str) -> list[Any]:
    if not isinstance(value, list | tuple) or len(value) != count:
        raise InputError(f"{str(value)[:80]!r}: expected {what}")
    return list(value)


_Reader = tuple[Callable[[Body], Deed], tuple[str, ...], tuple[str, ...]]
_READERS: dict[str, _Reader] = {
    "prompt": (_prompt, ("frame", "track"), ("point", "box", "mask", "label")),
    "hide": (_hide, ("frame", "track", "why"), ()),
    "spread": (_spread, (), ("tracks", "frames")),
    "edit": (_edit, ("deed", "track", "frames"), ("other", "label")),
    "confirm": (_confirm, ("frames",), ("on",)),
    "undo": (lambda _: Undo(), (), ()),
    "redo": (lambda _: Redo(), (), ()),
}
