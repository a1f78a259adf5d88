"""Prompts and edits as JSON text and back, for the record of how a revision was made. Knows no storage and repeats nothing."""

import json
from collections.abc import Iterable
from typing import Any

from engine import rle
from engine.errors import InputError
from engine.propagate_edits import Deed, Edit
from engine.types import RLE, Origin, Point, Prompt


def prompts_to_text(prompts: Iterable[Prompt]) -> str:
    """Return prompts as JSON; numbers keep every digit."""
    return json.dumps([_said(prompt) for prompt in prompts], sort_keys=True)


def prompts_from_text(text: str) -> tuple[Prompt, ...]:
    """Return the prompts of a text.

    Raises:
        InputError: it holds none.
    """
    try:
        return tuple(_heard(raw) for raw in json.loads(text))
    except (ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
        raise InputError(
            f"not a list of prompts ({error!r}): {text[:80]!r}; expected what prompts_to_text wrote"
        ) from error


def edit_to_text(edit: Edit) -> str:
    """Return an edit as JSON."""
    said: dict[str, Any] = {
        "deed": str(edit.deed),
        "track": edit.track,
        "frames": [edit.frames.start, edit.frames.stop],
        "other": edit.other,
        "label": edit.label,
        "mask": None if edit.mask is None else rle.to_coco(edit.mask),
    }
    unsaid = {"other": 0, "label": "", "mask": None}
    known = {key: value for key, value in said.items() if value != unsaid.get(key, ...)}
    return json.dumps(known, sort_keys=True)


def edit_from_text(text: str) -> Edit:
    """Return the edit of a text.

    Raises:
        InputError: it holds none.
    """
    try:
        raw = json.loads(text)
        start, stop = raw["frames"]
        return Edit(
            Deed(raw["deed"]),
            raw["track"],
            range(start, stop),
            raw.get("other", 0),
            raw.get("label", ""),
            _mask(raw.get("mask")),
        )
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise InputError(
            f"not an edit ({error!r}): {text[:80]!r}; expected what edit_to_text wrote"
        ) from error


def _said(prompt: Prompt) -> dict[str, Any]:
    """Return a prompt's JSON form, without what it does not say."""
    said: dict[str, Any] = {
        "frame": prompt.frame,
        "track": prompt.track,
        "origin": str(prompt.origin),
        "box": None if prompt.box is None else [float(side) for side in prompt.box],
        "points": [[float(p.x), float(p.y), p.positive] for p in prompt.points],
        "mask": None if prompt.mask is None else rle.to_coco(prompt.mask),
    }
    return {key: value for key, value in said.items() if value not in (None, [])}


def _heard(raw: Any) -> Prompt:
    """Return the prompt of a JSON form."""
    box = raw.get("box")
    return Prompt(
        raw["frame"],
        raw["track"],
        None if box is None else (box[0], box[1], box[2], box[3]),
        tuple(Point(x, y, positive) for x, y, positive in raw.get("points", ())),
        _mask(raw.get("mask")),
        Origin(raw["origin"]),
    )


def _mask(raw: Any) -> RLE | None:
    """Return the mask of a JSON form, if there is one."""
    return None if raw is None else rle.from_coco(raw)
