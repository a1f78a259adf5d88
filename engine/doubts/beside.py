"""Reads a second stream of frames in step with a first one. Knows frame numbers, not what lies on them."""

from collections.abc import Generator, Iterable
from typing import TypeVar

Item = TypeVar("Item")


def beside(stream: Iterable[tuple[int, Item]]) -> Generator[Item | None, int, None]:
    """Answer, for frame numbers sent in rising order, what the ordered stream has for them, None for nothing.

    Holds one item. Prime it with ``next``.
    """
    wanted = yield None
    for frame, item in stream:
        while wanted < frame:
            wanted = yield None
        if wanted == frame:
            wanted = yield item
    while True:
        yield None
