"""How long to leave something alone that went wrong: ever longer, up to a bound. Knows a clock, nothing of what went wrong."""

import time
from collections.abc import Callable, Hashable
from typing import Final

FIRST: Final = 5.0
"""Seconds after the first failure; each further one doubles them."""

LAST: Final = 300.0


class Patience:
    """Failures in a row, by what failed."""

    def __init__(self, *, last: float = LAST, now: Callable[[], float] = time.monotonic) -> None:
        """Begin without failures; nothing is left alone for more than ``last`` seconds."""
        self._last, self._now = last, now
        self._failures: dict[Hashable, tuple[int, float]] = {}

    def over(self, what: Hashable) -> bool:
        """Say whether something may be tried."""
        return what not in self._failures or self._failures[what][1] <= self._now()

    def bad(self, what: Hashable) -> bool:
        """Count a failure; say whether it is the first in a row."""
        before = self._failures.get(what, (0, 0.0))[0]
        pause = min(FIRST * 2 ** min(before, 30), self._last)
        self._failures[what] = before + 1, self._now() + pause
        return before == 0

    def good(self, what: Hashable) -> bool:
        """Forget the failures; say whether there were any."""
        return self._failures.pop(what, None) is not None
