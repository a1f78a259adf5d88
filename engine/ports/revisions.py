"""What keeps annotations, as a tree that only grows; knows no database."""

from collections.abc import Iterable, Iterator
from typing import Protocol

from engine.types import FrameMasks, Revision


class RevisionStore(Protocol):
    """Keeps annotations as an append-only tree of revisions per clip."""

    def append(self, revision: Revision, frames: Iterable[FrameMasks]) -> Revision:
        """Store the revision with its changed frames, atomically; return it with ``id`` and ``created``.

        A child stores only what it is given: frames that are absent from ``frames`` are read
        through from the parent. A frame given with no masks means that nothing is visible there.

        Raises:
            StaleParent: ``revision.parent`` is not the clip's newest revision.
            SelectionError: there is no such clip.
            DiskFull: no room; nothing was stored.
        """
        ...

    def head(self, clip: str) -> Revision | None:
        """Return the clip's newest revision, or None."""
        ...

    def revision(self, revision: int) -> Revision:
        """Return one revision.

        Raises:
            SelectionError: there is none of this id.
        """
        ...

    def history(self, clip: str) -> tuple[Revision, ...]:
        """Return all revisions of a clip, oldest first."""
        ...

    def frames(
        self, revision: int, *, start: int = 0, stop: int | None = None
    ) -> Iterator[FrameMasks]:
        """Yield every frame from ``start`` to ``stop`` (default: the clip's end) once, in order.

        Frames where nothing is visible come without masks.

        Raises:
            DamagedChunk: stored masks do not decode.
        """
        ...
