"""Slows down who guesses passwords: per name and per address. Knows failures and times, refuses to know passwords.

Kept in memory: a server that starts anew forgives, which costs a guesser more than it gives.
"""

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Lock
from types import MappingProxyType

from engine.errors import AccessError

FREE: Mapping[str, int] = MappingProxyType({"name": 5, "address": 20})
"""Wrong passwords in a row that cost nothing; an address may be that of a whole team."""
LONGEST = 30.0  # seconds: a guesser can keep somebody out no longer than this after stopping
FORGET = 900.0  # seconds without a wrong password after which all is forgiven
_MOST = 10_000  # names and addresses that are remembered

_Key = tuple[str, str]


class TooManyAttempts(AccessError):  # noqa: N818 - the page reads the name as what happened
    """Too many wrong passwords: the next attempt must wait."""

    status = 429

    def __init__(self, seconds: float) -> None:
        """Say how long to wait, in whole seconds."""
        self.seconds = max(1, math.ceil(seconds))
        super().__init__(f"too many wrong passwords: try again in {self.seconds} s")


@dataclass(frozen=True, slots=True)
class _Failures:
    """How many wrong passwords in a row, and when the last one came."""

    count: int
    last: float


class Patience:
    """Counts wrong passwords. An attempt counts as wrong from its beginning: many at once gain nothing."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Begin forgiving; ``clock`` is in seconds."""
        self._clock = clock
        self._failures: dict[_Key, _Failures] = {}
        self._lock = Lock()

    def begin(self, *, name: str, address: str) -> None:
        """Count an attempt, which ``succeeded`` takes back.

        Raises:
            TooManyAttempts: it comes too early; it was not counted.
        """
        keys = _keys(name, address)
        with self._lock:
            now = self._clock()
            wait = max(self._wait(key, now) for key in keys)
            if wait > 0:
                raise TooManyAttempts(wait)
            for key in keys:
                self._failures[key] = _Failures(self._count(key, now) + 1, now)
            self._forget(now)

    def succeeded(self, *, name: str, address: str) -> None:
        """Forgive a name, and take the one attempt of its address back: others there may be guessing."""
        with self._lock:
            by_name, by_address = _keys(name, address)
            self._failures.pop(by_name, None)
            known = self._failures.get(by_address)
            if known is not None:
                self._failures[by_address] = _Failures(max(0, known.count - 1), known.last)

    def _count(self, key: _Key, now: float) -> int:
        """Return the wrong passwords in a row that are not forgotten."""
        known = self._failures.get(key)
        return 0 if known is None or now - known.last > FORGET else known.count

    def _wait(self, key: _Key, now: float) -> float:
        """Return the seconds until a name or address may try again: twice as long after each failure."""
        extra = self._count(key, now) - FREE[key[0]]
        if extra < 0:
            return 0.0
        pause: float = min(LONGEST, 2.0 ** min(extra, 10))
        return self._failures[key].last + pause - now

    def _forget(self, now: float) -> None:
        """Keep the memory bounded: names that nobody tries any more go first, then the oldest."""
        if len(self._failures) <= _MOST:
            return
        kept = sorted(self._failures.items(), key=lambda item: item[1].last)[_MOST // 2 :]
        self._failures = {key: known for key, known in kept if now - known.last <= FORGET}


def _keys(name: str, address: str) -> tuple[_Key, _Key]:
    return ("name", name), ("address", address)
