"""Large JSON files read piece by piece: elements of their lists, and where each lies. Knows no format.

An index of a million masks is hundreds of megabytes of text and, as values, gigabytes. A walk holds one piece at a
time; a shelf remembers where pieces lie (16 bytes for each) and reads those that are asked for.
"""

import json
import os
import re
from array import array
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from engine.errors import InputError

CHUNK = 1 << 20
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_SPACE = re.compile(r"[ \t\n\r]*")
_VALUE = json.JSONDecoder()
_AFTER = (*" \t\n\r,:]}",)  # what ends a value: 1 may still become 1.5


@dataclass(frozen=True, slots=True)
class Piece:
    """A value below ``key`` of the file's object, which lies in bytes ``start`` up to ``stop``.

    ``number`` counts the elements of a list that is walked; it is -1 for its beginning, whose ``value`` is [], and for
    every value that is no such list.
    """

    key: str
    number: int
    value: Any
    start: int
    stop: int


@dataclass(slots=True)
class _Text:
    """The part of a file that is needed now, as latin-1: one character for each byte."""

    file: BinaryIO
    text: str = ""
    base: int = 0
    at: int = 0
    ended: bool = False

    def more(self) -> None:
        """Read on; what lies before the present place is forgotten."""
        data = self.file.read(max(CHUNK, len(self.text) - self.at))
        self.text = self.text[self.at :] + data.decode("latin-1")
        self.base, self.at, self.ended = self.base + self.at, 0, not data

    def peek(self) -> str:
        """Return the next character that is no space, "" at the end."""
        while True:
            found = _SPACE.match(self.text, self.at)
            self.at = found.end() if found else self.at
            if self.at < len(self.text) or self.ended:
                return self.text[self.at : self.at + 1]
            self.more()

    def take(self, wanted: str) -> str:
        """Return the next character, one of those ``wanted``."""
        found = self.peek()
        if not found or found not in wanted:
            raise ValueError(
                f"byte {self.base + self.at}: expected {' or '.join(wanted)}, found {found or 'its end'!r}"
            )
        self.at += 1
        return found

    def value(self) -> tuple[Any, int, int]:
        """Return the next value and where it lies."""
        self.peek()
        while True:
            try:
                said, end = _VALUE.raw_decode(self.text, self.at)
                if self.ended or self.text[end : end + 1] in _AFTER:
                    break
            except json.JSONDecodeError as error:
                if self.ended:
                    raise ValueError(f"byte {self.base + error.pos}: {error.msg}") from error
            self.more()  # what was read so far may be a part of a value
        piece = self.text[self.at : end]
        start, self.at = self.base + self.at, end
        return (
            said if piece.isascii() else json.loads(piece.encode("latin-1")),
            start,
            self.base + end,
        )


def pieces(path: Path, *, walked: Collection[str]) -> Iterator[Piece]:
    """Yield what an object in a JSON file holds; lists below the keys ``walked`` element by element.

    Raises:
        InputError: the file is absent, no JSON, or no object.
    """
    try:
        with path.open("rb") as file:
            mark = len(BYTE_ORDER_MARK) if file.read(3) == BYTE_ORDER_MARK else 0
            file.seek(mark)
            yield from _entries(_Text(file, base=mark), walked)
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"{path}: not readable as JSON ({error}); write it again") from error


def _entries(text: _Text, walked: Collection[str]) -> Iterator[Piece]:
    """Yield the entries of the file's object."""
    if text.peek() != "{":
        raise ValueError(f"it begins with {text.peek()!r}, expected an object")
    text.take("{")
    if text.peek() == "}":
        return
    while True:
        if text.peek() != '"':
            text.take('"')
        key = text.value()[0]
        text.take(":")
        if key in walked and text.peek() == "[":
            yield from _elements(text, key)
        else:
            said, start, stop = text.value()
            yield Piece(key, -1, said, start, stop)
        if text.take(",}") == "}":
            return


def _elements(text: _Text, key: str) -> Iterator[Piece]:
    """Yield the beginning of a list and its elements."""
    text.take("[")
    yield Piece(key, -1, [], text.base + text.at, text.base + text.at)
    if text.peek() == "]":
        text.take("]")
        return
    number, more = 0, True
    while more:
        said, start, stop = text.value()
        yield Piece(key, number, said, start, stop)
        number, more = number + 1, text.take(",]") == ","


@dataclass(frozen=True, slots=True)
class Shelf:
    """Places of values in a JSON file, numbered in the order in which they were put."""

    path: Path
    stamp: tuple[int, int]
    starts: "array[int]" = field(default_factory=lambda: array("q"))
    stops: "array[int]" = field(default_factory=lambda: array("q"))

    def put(self, piece: Piece) -> None:
        """Remember the place of one more value."""
        self.starts.append(piece.start)
        self.stops.append(piece.stop)

    def __len__(self) -> int:
        """Return how many places are remembered."""
        return len(self.starts)

    def read(self, numbers: Iterable[int]) -> Iterator[Any]:
        """Yield the values of these numbers, in this order.

        Raises:
            InputError: the file has changed since, or is not readable.
        """
        try:
            with self.path.open("rb") as file:
                self._check(file)
                for number in numbers:
                    file.seek(self.starts[number])
                    yield json.loads(file.read(self.stops[number] - self.starts[number]))
        except (OSError, ValueError) as error:
            raise InputError(f"{self.path}: {error}; read the dataset anew") from error

    def _check(self, file: BinaryIO) -> None:
        """Refuse a file in which the places are others by now."""
        if _stamp(os.fstat(file.fileno())) != self.stamp:
            raise ValueError("it has changed since it was opened")


def shelf(path: Path) -> Shelf:
    """Return an empty shelf of a file.

    Raises:
        InputError: there is no such file.
    """
    try:
        return Shelf(path, _stamp(path.stat()))
    except OSError as error:
        raise InputError(f"{path}: not readable as JSON ({error}); write it again") from error


def _stamp(stat: os.stat_result) -> tuple[int, int]:
    """Return what changes with the content of a file: size and time."""
    return stat.st_size, stat.st_mtime_ns
