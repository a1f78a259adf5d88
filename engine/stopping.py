"""Ctrl-C as a wish: the first one asks long work to stop at a safe place, the second stops it at once. Prints nothing."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


def _silence() -> None:
    """Say nothing."""


@contextmanager
def stop_when_asked(told: Callable[[], None] = _silence) -> Iterator[Callable[[], bool]]:
    """Yield a question, "should I stop?", that turns true with Ctrl-C or a polite kill (SIGTERM).

    ``told`` is called when it does; a second signal stops at once.
    """
    asked = False

    def ask(number: int, frame: FrameType | None) -> None:
        nonlocal asked
        if asked:
            signal.default_int_handler(number, frame)
        asked = True
        told()

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
