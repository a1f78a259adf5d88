"""Stills of clips and which clips are alike, as one thing that others ask. Decides what is made and compared when; knows no vectors."""

from collections.abc import Callable, Sequence

from engine.likeness import Looks
from engine.ports import Catalog
from engine.ports.board import Still
from engine.types import Clip
from engine.workflows.likeness.files import trim
from engine.workflows.likeness.kept import (
    Progress,
    Studio,
    folder_name,
    kept_looks,
    made_with,
    silent,
    stills_of,
)
from engine.workflows.likeness.pairs import Compared, compare, compared, keep, near


class Gallery:
    """The stills of a workspace's clips. What was read is kept in memory: 60 kB for ten seconds of video."""

    def __init__(self, studio: Studio, catalog: Catalog) -> None:
        """Make stills as ``studio`` does, of clips that ``catalog`` knows."""
        self._studio, self._catalog = studio, catalog
        self._read = dict[str, tuple[str, Looks]]()

    def made(self, clip: Clip) -> str:
        """Say with what a clip's stills would be made now."""
        return made_with(self._studio, clip)

    def __call__(
        self, clip: Clip, *, stop: Callable[[], bool], progress: Progress = silent
    ) -> tuple[Still, ...] | None:
        """Return a clip's stills, made now or before, and compare it with all others; None where ``stop`` ended it.

        Raises:
            VideoError, DiskFull, InputError: as in ``stills_of``.
        """
        found = self.look(clip, stop=stop, progress=progress)
        if found is not None and compared(self._studio.folder).made.get(clip.id) != self.made(clip):
            self.compare()
        return found

    def look(
        self, clip: Clip, *, stop: Callable[[], bool], progress: Progress = silent
    ) -> tuple[Still, ...] | None:
        """Return a clip's stills as a call does, but compare nothing: for who looks at many clips and compares them once."""
        return stills_of(self._studio, clip, stop=stop, progress=progress)

    def alike(self) -> dict[str, Sequence[str]]:
        """Return the ids of clips that are alike, the likest first, as far as clips were compared: quick."""
        return dict(near(compared(self._studio.folder), self._catalog))

    def compare(self) -> Compared:
        """Compare all clips of which there are stills, as far as that was not done; keep and return what is known.

        Stills of clips that are gone are removed.
        """
        clips = [one.clip for one in self._catalog.clips()]
        made = {clip.id: self.made(clip) for clip in clips}
        before = compared(self._studio.folder)
        looks = {clip.id: one for clip in clips if (one := self._looks(clip, made[clip.id]))}
        found = compare(before, looks, made)
        if found != before:
            keep(self._studio.folder, found)
        trim(self._studio.folder, {folder_name(clip, made[clip.id]) for clip in clips})
        return found

    def _looks(self, clip: Clip, made: str) -> Looks | None:
        """Return what is kept of a clip, read once."""
        if clip.id not in self._read or self._read[clip.id][0] != made:
            looks = kept_looks(self._studio, clip)
            if looks is None:
                return None
            self._read[clip.id] = made, looks
        return self._read[clip.id][1]
