"""The revision store with the masks that people look at kept in memory. Knows that revisions never change; decides nothing.

A child differs from its parent on few frames: when it is stored, what is kept of the parent becomes what is kept of the child, so
that a click reads nothing back.
"""

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from threading import Lock
from typing import TypeAlias

import numpy as np

from engine.ports import Catalog, RevisionStore
from engine.types import FrameMasks, Revision

BLOCK = 32
BLOCKS = 512
"""How many blocks of rows are kept: those of fifty clips of ten seconds, about a hundred megabytes."""

REVISIONS = 2048
"""How many revisions are kept, without their masks."""

_Block: TypeAlias = tuple[FrameMasks, ...]


class CachedRevisions:
    """``engine.ports.RevisionStore`` before another one; safe to use from several threads."""

    def __init__(self, store: RevisionStore, catalog: Catalog, *, blocks: int = BLOCKS) -> None:
        """Keep at most ``blocks`` blocks of ``BLOCK`` frames; ``catalog`` says how long clips are."""
        self._store, self._catalog, self._most = store, catalog, blocks
        self._blocks: OrderedDict[tuple[int, int], _Block] = OrderedDict()
        self._revisions: OrderedDict[int, Revision] = OrderedDict()
        self._lengths: dict[str, int] = {}
        self._lock = Lock()

    def append(self, revision: Revision, frames: Iterable[FrameMasks]) -> Revision:
        """Store a revision and keep what is now known of it; see the port."""
        changed: dict[int, FrameMasks] = {}
        stored = self._store.append(revision, _noted(frames, changed))
        with self._lock:
            self._note(stored)
            if stored.parent is not None:
                self._inherit(stored.parent, stored.id, changed)
        return stored

    def head(self, clip: str) -> Revision | None:
        """Return the clip's newest revision, or None."""
        return self._store.head(clip)

    def revision(self, revision: int) -> Revision:
        """Return one revision; see the port."""
        with self._lock:
            known = self._revisions.get(revision)
        if known is not None:
            return known
        found = self._store.revision(revision)
        with self._lock:
            self._note(found)
        return found

    def history(self, clip: str) -> tuple[Revision, ...]:
        """Return all revisions of a clip, oldest first."""
        return self._store.history(clip)

    def frames(
        self, revision: int, *, start: int = 0, stop: int | None = None
    ) -> Iterator[FrameMasks]:
        """Yield every frame of the range once, in order; see the port."""
        end = self._length(self.revision(revision).clip)
        last = end if stop is None else stop
        if not 0 <= start <= last <= end:
            return self._store.frames(revision, start=start, stop=stop)  # it says what is wrong
        return self._stream(revision, start, last)

    def _stream(self, revision: int, start: int, stop: int) -> Iterator[FrameMasks]:
        for first in range(start - start % BLOCK, stop, BLOCK):
            rows = self._kept(revision, first) or self._read(revision, first)
            yield from rows[max(0, start - first) : stop - first]

    def _kept(self, revision: int, first: int) -> _Block | None:
        with self._lock:
            found = self._blocks.get((revision, first))
            if found is not None:
                self._blocks.move_to_end((revision, first))
            return found

    def _read(self, revision: int, first: int) -> _Block:
        """Read a block, which the clip's end may cut, and keep it."""
        last = min(first + BLOCK, self._length(self.revision(revision).clip))
        block = tuple(self._store.frames(revision, start=first, stop=last))
        with self._lock:
            self._put((revision, first), block)
        return block

    def _length(self, clip: str) -> int:
        if clip not in self._lengths:
            self._lengths[clip] = self._catalog.clip(clip).clip.frames
        return self._lengths[clip]

    def _note(self, revision: Revision) -> None:
        self._revisions[revision.id] = revision
        while len(self._revisions) > REVISIONS:
            self._revisions.popitem(last=False)

    def _inherit(self, parent: int, child: int, changed: Mapping[int, FrameMasks]) -> None:
        """Give a child what is kept of its parent, with its own rows in place."""
        for number, first in [key for key in self._blocks if key[0] == parent]:
            old = self._blocks[number, first]
            ours = range(first, first + len(old))
            touched = any(frame in ours for frame in changed)
            new = tuple(changed.get(row.frame, row) for row in old) if touched else old
            self._put((child, first), new)

    def _put(self, key: tuple[int, int], block: _Block) -> None:
        self._blocks[key] = block
        self._blocks.move_to_end(key)
        while len(self._blocks) > self._most:
            self._blocks.popitem(last=False)


def _noted(frames: Iterable[FrameMasks], changed: dict[int, FrameMasks]) -> Iterator[FrameMasks]:
    """Pass rows on, remembering them as they will be read back: scores are stored with 32 bits."""
    for row in frames:
        changed[row.frame] = FrameMasks(
            row.frame,
            tuple(
                replace(
                    mask,
                    score=float(np.float32(mask.score)),
                    stability=float(np.float32(mask.stability)),
                )
                for mask in row.masks
            ),
        )
        yield row
