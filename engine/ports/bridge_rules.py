"""What every bridge to an annotation tool refuses, and what is news. Knows values, refuses to know stores."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from engine.errors import InputError
from engine.ports.bridge import Link, OutsideProject
from engine.ports.desk import State
from engine.ports.desk_rules import storable

LONGEST_SERVER = 500
LONGEST_WORD = 500
DEEPEST = 100
"""Levels of a delivered JSON: far more than any tool sends, and far fewer than end a reader's stack."""

_BEYOND = 2**63
_YEARS = range(1970, 9999)


def refuse_project(project: OutsideProject) -> None:
    """Raise InputError where there can be no such project; the message shows no secret."""
    server = project.server
    if not 0 < len(server) <= LONGEST_SERVER or server.endswith("/") or not storable(server):
        raise InputError(
            f"server {server[:LONGEST_SERVER]!r}: expected its address without a slash at the end, "
            f"at most {LONGEST_SERVER} characters"
        )
    if project.secret and not re.fullmatch("[0-9a-f]{64}", project.secret):
        raise InputError(
            f"the secret of project {project.number} at {server} is no SHA-256 in 64 hexadecimal digits: "
            "store its digest, never the secret itself"
        )
    _refuse_number("project", project.number)


def refuse_link(link: Link) -> None:
    """Raise InputError where no task can be called that, or no stage."""
    _refuse_number("task", link.task)
    _refuse_word("stage", link.stage)


def refuse_delivery(*, number: int, author: str, digest: str) -> None:
    """Raise InputError where a delivery cannot be stored."""
    _refuse_number("annotation", number)
    _refuse_word("author", author)
    _refuse_word("digest", digest)


def known(number: int) -> bool:
    """Say whether a number can be in a database at all; the others are never asked for."""
    return 0 <= number < _BEYOND


def moment(at: datetime) -> datetime:
    """Return the same moment in UTC.

    Raises:
        InputError: it names no moment, or one that no tool was there at.
    """
    if at.tzinfo is None or at.year not in _YEARS:
        raise InputError(
            f"a delivery of {at}: expected a time with its zone, of the years "
            f"{_YEARS.start} to {_YEARS.stop - 1}"
        )
    return at.astimezone(UTC)


def plain(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return a copy of a delivered JSON as every database gives it back.

    Raises:
        InputError: it is none: not a number, infinite, nested too deep, or nothing JSON can say.
    """
    try:
        copy: dict[str, Any] = json.loads(json.dumps(dict(body), allow_nan=False))
    except (TypeError, ValueError, RecursionError) as error:
        raise InputError(f"what was delivered is no JSON ({error}): send it again") from error
    level: list[Any] = [copy]
    for _ in range(DEEPEST):
        level = [inner for outer in level for inner in _inside(outer)]
    if level:
        raise InputError(
            f"what was delivered is nested deeper than {DEEPEST} levels: no annotation is"
        )
    return copy


def readable(note: str) -> str:
    """Return a note that every database takes; what it cannot hold of it becomes the sign for that."""
    if storable(note):
        return note
    return note.encode("utf-8", "replace").decode().replace("\0", "\N{REPLACEMENT CHARACTER}")


@dataclass(frozen=True, slots=True)
class Newest:
    """What counts of the newest delivery of an annotation; ``note`` is what became of it that was not asked for."""

    at: datetime
    digest: str
    state: State
    note: str


def is_news(newest: Newest | None, *, at: datetime, digest: str) -> bool:
    """Say whether a delivery tells more than the newest one of its annotation."""
    if newest is None or newest.at >= at:
        return newest is None
    return newest.digest != digest or newest.state is State.FAILED or bool(newest.note)


def _inside(value: Any) -> list[Any]:
    """Return what is inside a JSON object or list and may itself hold something."""
    held = value.values() if isinstance(value, dict) else value
    return [inner for inner in held if isinstance(inner, (dict, list))]


def _refuse_number(what: str, number: int) -> None:
    if not known(number):
        raise InputError(
            f"{what} {number}: expected a number from 0 to {_BEYOND - 1}, as the tool counts"
        )


def _refuse_word(what: str, text: str) -> None:
    if len(text) > LONGEST_WORD or not storable(text):
        raise InputError(
            f"{what} {text[:LONGEST_WORD]!r}: expected at most {LONGEST_WORD} characters that can be read"
        )
