"""Decoded pictures that are likely wanted again, as a source of pictures. Knows sources and bytes; draws nothing.

A recording with a keyframe every ten seconds costs seconds to seek. So whoever reads backward gets long runs,
what lies around a playhead stays longest, and nobody decodes what somebody else is just decoding.
"""

from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from itertools import islice
from threading import Condition
from typing import Final

import numpy as np

from annotator_ui.model.shelf import NEAR, Shelf
from engine.ports import FrameSource
from engine.repair import reading
from engine.types import Clip, FrameBatch, Image

RUN: Final = 64
"""Frames that are decoded at once for somebody who reads backward, where the budget allows it."""

AROUND: Final = 30
"""Frames on either side of a resting playhead that are decoded, where the budget allows it."""


class Pictures:
    """See ``engine.ports.FrameSource``: what another source gives, kept within a budget of bytes."""

    def __init__(self, source: FrameSource, *, limit: int) -> None:
        """Keep at most ``limit`` bytes of the pictures of ``source``."""
        self._source, self._limit = source, limit
        self._shelf = Shelf(limit)
        self._news = Condition()
        self._coming: set[tuple[str, int]] = set()
        self._begun: deque[tuple[str, int, int]] = deque(maxlen=16)
        self._ahead = ThreadPoolExecutor(1, "pictures")

    def batches(
        self, clip: Clip, *, size: int = 4, start: int = 0, stop: int | None = None
    ) -> Iterator[FrameBatch]:
        """Yield frames ``start`` up to ``stop`` (default: the end) in order, ``size`` at a time; see the port."""
        end = clip.frames if stop is None else stop
        if size < 1 or not 0 <= start <= end <= clip.frames:
            yield from self._source.batches(clip, size=size, start=start, stop=end)  # which refuses
            return
        with closing(self._pictures(clip, start, end)) as pictures:
            for first in range(start, end, size):
                some = list(islice(pictures, min(size, end - first)))
                yield FrameBatch(first, some[0][None] if len(some) == 1 else np.stack(some))

    def warm(self, clip: Clip, frame: int, *, stop: Callable[[], bool] = lambda: False) -> None:
        """Decode what lies around ``frame``, where a playhead rests; end early when ``stop`` says so.

        First what a click needs, then on to where a spread goes, and then what lies before, which costs another seek.
        """
        with self._news:
            self._shelf.rest(clip.id, frame)
        reach = max(NEAR, min(AROUND, self._run(clip)))
        middle = max(0, frame - NEAR)
        after = range(middle, min(clip.frames, frame + reach + 1))
        for part in (after, range(max(0, frame - reach), middle)):
            with self._news:
                missing = [number for number in part if not self._known(clip, number)]
            if missing and not stop():
                self._fetch(clip, missing[0], missing[-1] + 1, enough=stop)

    def close(self) -> None:
        """Decode no more ahead."""
        self._ahead.shutdown(wait=True, cancel_futures=True)

    def _pictures(self, clip: Clip, start: int, stop: int) -> Generator[Image, None, None]:
        """Yield pictures from the shelf as long as it has them, then from the source to the end."""
        descending = self._descends(clip, start, stop)
        for frame in range(start, stop):
            picture = self._find(clip, frame)
            if picture is None:
                yield from self._decode(clip, frame, stop, descending=descending)
                break
            if descending and frame == stop - 1:  # before the last: nobody asks for more than that
                self._read_below(clip, start)
            yield picture

    def _decode(
        self, clip: Clip, start: int, stop: int, *, descending: bool
    ) -> Generator[Image, None, None]:
        """Yield pictures from the source: a short run at once, with more before it for who goes down; a long one lazily."""
        run = self._run(clip)
        if stop - start <= run:
            first = max(0, stop - run) if descending else start
            yield from self._fetch(clip, first, stop)[start - first :]
            return
        with reading(self._source.batches(clip, size=1, start=start, stop=stop)) as opened:
            for batch in opened:
                self._put(clip, batch)
                yield batch.rgb[0]

    def _fetch(
        self, clip: Clip, start: int, stop: int, *, enough: Callable[[], bool] = lambda: False
    ) -> list[Image]:
        """Decode a short run at once, while others know that it is coming."""
        ours = {(clip.id, frame) for frame in range(start, stop)}
        with self._news:
            ours -= self._coming
            self._coming |= ours
        found = []
        try:
            with reading(self._source.batches(clip, size=1, start=start, stop=stop)) as opened:
                for batch in opened:
                    self._put(clip, batch)
                    found.append(batch.rgb[0])
                    if enough():
                        break
        finally:
            with self._news:
                self._coming -= ours
                self._news.notify_all()
        return found

    def _find(self, clip: Clip, frame: int) -> Image | None:
        """Return a picture from the shelf, also one that is just coming; None where it is not."""
        place = clip.id, frame
        with self._news:
            self._news.wait_for(lambda: place in self._shelf or place not in self._coming)
            return self._shelf.get(place)

    def _put(self, clip: Clip, batch: FrameBatch) -> None:
        with self._news:
            self._shelf.put((clip.id, batch.first), batch.rgb[0])
            self._news.notify_all()

    def _known(self, clip: Clip, frame: int) -> bool:
        place = clip.id, frame
        return place in self._shelf or place in self._coming

    def _descends(self, clip: Clip, start: int, stop: int) -> bool:
        """Say whether somebody who read as many frames from ``stop`` on reads those before them now; fewer are the last."""
        with self._news:
            found = (clip.id, stop, stop - start) in self._begun
            self._begun.append((clip.id, start, stop - start))
        return found

    def _read_below(self, clip: Clip, stop: int) -> None:
        """Begin to decode what is read next by who goes down, while the model works on what was read."""
        with self._news:
            if stop == 0 or self._known(clip, stop - 1):
                return
        with suppress(RuntimeError):  # closed: nobody reads any more
            self._ahead.submit(self._fetch, clip, max(0, stop - self._run(clip)), stop)

    def _run(self, clip: Clip) -> int:
        """Return how many frames may be decoded at once: three runs fit on the shelf."""
        return max(1, min(RUN, self._limit // (3 * 3 * clip.width * clip.height)))
