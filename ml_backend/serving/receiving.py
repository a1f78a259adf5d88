"""Turns what Label Studio tells of an annotation into deliveries, however it was told. Knows both ways; refuses to act on them.

Seen in 1.23.2: a webhook, ``GET /api/annotations/<id>/`` and ``GET /api/tasks/<id>/annotations/`` tell the same ``id``,
``task``, ``result``, ``was_cancelled``, ``ground_truth``, ``updated_at`` and ``parent_prediction``. What differs:

- ``completed_by`` and ``updated_by`` are numbers, but ``completed_by`` is an object with an e-mail in ``GET /api/tasks/<id>/``;
- ``GET /api/tasks/<id>/annotations/`` leaves skipped ones out;
- only webhooks and exports have ``prediction`` (empty), ``unique_id`` and ``result_count``, only the others ``created_username``;
- ``parent_prediction`` becomes null, with the same ``updated_at``, when that prediction is replaced;
- a star taken away because another annotation got it changes ``ground_truth`` without ``updated_at`` and without a webhook.

So the digest is made of what people decide alone: the regions, skipped or not, starred or not. Numbers are compared by their
value, since PostgreSQL and Python may write 10 and 10.0 for the same.
"""

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from engine.errors import InputError
from engine.ports import Bridge, Delivery, JobQueue, Link
from ml_backend.serving.schemas import Annotation, Person, read_value

WHAT: Final = "labelstudio"
"""The kind of job that brings a clip and its tasks in step."""

_LARGEST = 1 << 63


@dataclass(frozen=True, slots=True)
class Told:
    """An annotation of ``task`` as ``Bridge.receive`` takes it; ``number`` is its own."""

    task: int
    number: int
    author: str
    at: datetime
    body: Mapping[str, Any]
    digest: str


def delivery_of(annotation: Mapping[str, Any], *, action: str = "") -> Told:
    """Read an annotation from a webhook, whose ``action`` is kept, or from the API.

    Raises:
        InputError: it is none.
    """
    sent = read_value(Annotation, annotation)
    decided = {
        "result": _plain(sent.result),
        "was_cancelled": bool(sent.was_cancelled),
        "ground_truth": bool(sent.ground_truth),
    }
    body = decided | {"parent_prediction": sent.parent_prediction, "action": action}
    return Told(sent.task, sent.id, _author(sent.completed_by), sent.at, body, _digest(decided))


def store(bridge: Bridge, queue: JobQueue, link: Link, told: Told) -> Delivery | None:
    """Store what was told about a linked task, then ask for work on its clip; None where it is no news.

    Raises:
        SelectionError: the task is not linked.
    """
    stored = bridge.receive(
        link,
        number=told.number,
        author=told.author,
        at=told.at,
        body=told.body,
        digest=told.digest,
    )
    if stored is not None:
        queue.put(WHAT, stored.clip)
    return stored


def _author(person: int | Person | None) -> str:
    """Return who saved it, as a clip's history names them."""
    if isinstance(person, Person):
        return person.email or f"label-studio user {person.id}"
    return "label-studio" if person is None else f"label-studio user {person}"


def _digest(decided: Mapping[str, Any]) -> str:
    """Return what tells one content from another."""
    text = json.dumps(decided, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: Any) -> Any:
    """Return JSON that every database takes, equal values written in one way.

    Raises:
        InputError: a number is none, or too large to be meant.
    """
    if isinstance(value, dict):
        return {_plain(str(name)): _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, str):
        return value.replace("\0", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, bool) or value is None:
        return value
    return _number(value)


def _number(value: Any) -> float | int:
    """Return a number, whole ones without a point."""
    if not isinstance(value, int | float) or not math.isfinite(value) or abs(value) >= _LARGEST:
        raise InputError(
            f"a region holds {ascii(value)[:40]}: expected numbers that a picture can hold"
        )
    return int(value) if value == int(value) else value
