"""What background work is wanted, the most urgent and then the newest first. Knows an order and a clock, does no work."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Condition
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Copy:
    """A clip's browser copy is wanted."""

    clip: str


@dataclass(frozen=True, slots=True)
class Find:
    """Doubts about a clip's revision are wanted."""

    clip: str
    revision: int


Wish: TypeAlias = Copy | Find


@dataclass(frozen=True, slots=True)
class Turn:
    """A wish whose turn it is; one that is not ``urgent`` may be put back for one that is."""

    wish: Wish
    urgent: bool


@dataclass(frozen=True, slots=True)
class _Held:
    """A wish, when it is due, and what it goes by: urgent ones first, then the newest."""

    wish: Wish
    due: float
    rank: tuple[bool, int]


class Wishes:
    """One wish for each clip: a newer one takes the older one's place. Safe to use from several threads."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        """Begin with none."""
        self._clock = clock
        self._held: dict[str, _Held] = {}
        self._changed = Condition()
        self._count, self._open = 0, True

    def put(self, wish: Wish, *, after: float = 0.0, urgent: bool = True) -> None:
        """Wish for something in ``after`` seconds; what is not urgent waits for all that is, and never replaces it."""
        with self._changed:
            known = self._held.get(wish.clip)
            if not urgent and known is not None:
                return
            self._count += 1
            self._held[wish.clip] = _Held(wish, self._clock() + after, (urgent, self._count))
            self._changed.notify()

    def take(self) -> Turn | None:
        """Return the next wish that is due, when there is one; None when the wishes were closed."""
        with self._changed:
            while self._open:
                now = self._clock()
                due = [held for held in self._held.values() if held.due <= now]
                if due:
                    chosen = max(due, key=lambda held: held.rank)
                    del self._held[chosen.wish.clip]
                    return Turn(chosen.wish, urgent=chosen.rank[0])
                soonest = min((held.due for held in self._held.values()), default=None)
                self._changed.wait(None if soonest is None else soonest - now)
            return None

    def close(self) -> None:
        """Let nobody wait any longer."""
        with self._changed:
            self._open = False
            self._changed.notify_all()
