"""Carries news to open browser tabs as server-sent events. Knows tabs and clips; refuses to know what the news mean.

Publishing is safe from any thread. A tab that does not read is cut off when its queue is full: it connects anew and
asks for the whole state, so that no event needs to be kept.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from threading import Lock
from typing import Any

BEAT = 15.0  # seconds between signs of life: proxies drop connections that say nothing
ROOM = 512  # events that a tab may lag behind
EVERY = ""
"""The clip of news for all tabs."""

_END = b""
_HELLO = b": open\n\n"
_ALIVE = b": alive\n\n"


@dataclass(frozen=True, slots=True, eq=False)
class _Seat:
    """One connected tab, and the event loop that serves it."""

    clip: str
    tab: str
    loop: asyncio.AbstractEventLoop
    queue: asyncio.Queue[bytes]

    def tell(self, message: bytes) -> None:
        """Hand a message over; runs in the seat's own loop."""
        if self.queue.full():
            while not self.queue.empty():
                self.queue.get_nowait()
            message = _END
        self.queue.put_nowait(message)


class Hub:
    """Who listens, and how to reach them."""

    def __init__(self, *, room: int = ROOM, beat: float = BEAT) -> None:
        """Begin without listeners; ``room`` is how many events a tab may lag behind, ``beat`` is in seconds."""
        self._room, self._beat = room, beat
        self._seats: set[_Seat] = set()
        self._lock = Lock()
        self._open = True

    def publish(self, clip: str, event: str, data: Mapping[str, Any]) -> None:
        """Send an event to all tabs that show ``clip``, or to all tabs for ``EVERY``; returns at once."""
        self._send(clip, framed(event, data))

    def publish_others(self, clip: str, event: str, data: Mapping[str, Any], *, tab: str) -> None:
        """Send an event to all tabs that show ``clip`` but one, which learns it otherwise."""
        message = framed(event, data)
        for seat in self._at(clip):
            if seat.tab != tab:
                _hand_over(seat, message)

    def publish_each(self, clip: str, event: str, data: Callable[[str], Mapping[str, Any]]) -> None:
        """Send each tab that shows ``clip`` what ``data`` says for it."""
        for seat in self._at(clip):
            _hand_over(seat, framed(event, data(seat.tab)))

    def listeners(self, clip: str) -> int:
        """Return how many tabs listen to a clip."""
        return len(self._at(clip))

    async def listen(
        self, clip: str, *, tab: str, first: Iterable[bytes] = ()
    ) -> AsyncIterator[bytes]:
        """Yield what happens to a clip, beginning with ``first``, until the tab goes, lags too far, or the hub closes."""
        seat = _Seat(clip, tab, asyncio.get_running_loop(), asyncio.Queue(self._room))
        with self._lock:
            if not self._open:
                return
            self._seats.add(seat)
        try:
            yield _HELLO
            for message in first:
                yield message
            async for message in self._heard(seat):
                yield message
        finally:
            with self._lock:
                self._seats.discard(seat)

    def close(self) -> None:
        """End all connections and take no new ones; closing twice is fine."""
        with self._lock:
            self._open = False
        self._send(EVERY, _END)

    async def _heard(self, seat: _Seat) -> AsyncIterator[bytes]:
        """Yield messages and signs of life until the end is told."""
        while True:
            try:
                message = await asyncio.wait_for(seat.queue.get(), self._beat)
            except TimeoutError:
                yield _ALIVE
                continue
            if message == _END:
                return
            yield message

    def _send(self, clip: str, message: bytes) -> None:
        for seat in self._at(clip):
            _hand_over(seat, message)

    def _at(self, clip: str) -> list[_Seat]:
        """Return the seats at a clip, all for ``EVERY``."""
        with self._lock:
            return [seat for seat in self._seats if clip in {EVERY, seat.clip}]


def _hand_over(seat: _Seat, message: bytes) -> None:
    with suppress(RuntimeError):  # its loop has ended, and the tab with it
        seat.loop.call_soon_threadsafe(seat.tell, message)


def framed(event: str, data: Mapping[str, Any]) -> bytes:
    """Return an event as it goes over the wire."""
    text = json.dumps(data, separators=(",", ":"), allow_nan=False)
    return f"event: {event}\ndata: {text}\n\n".encode()
