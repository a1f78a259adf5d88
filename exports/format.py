"""What a dataset format must say and do; everything else is the publisher's. Knows no format by name."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

from engine.types import Clip
from exports.files import Files
from exports.masks import ClipMasks
from exports.notes import Notes


@dataclass(frozen=True, slots=True)
class Pictures:
    """Where the pictures of a clip go: frame k to ``pattern.format(first + k)`` for every ``every``-th k.

    ``video`` names an mp4 of all frames, "" for none. ``size`` is (height, width) of the pictures; another one than the
    clip's means that they are scaled.
    """

    pattern: str
    size: tuple[int, int]
    first: int = 0
    every: int = 1
    video: str = ""

    def name(self, frame: int) -> str:
        """Return the path of a frame's picture."""
        return self.pattern.format(self.first + frame)


class Format(Protocol):
    """One dataset format in one layout. Its objects travel to worker processes: settings only, no open files.

    ``sparse``: it can leave frames between annotated ones without annotation. ``whole``: ``finish`` needs the
    fragments of all clips.
    """

    name: str
    layout: str
    sparse: bool
    whole: bool

    def prepare(self, masks: ClipMasks, notes: Notes) -> ClipMasks:
        """Return the masks as the format can hold them: scaled, without objects that it cannot hold (each noted)."""
        ...

    def refuse(self, masks: ClipMasks) -> str:
        """Return why the format cannot hold the clip, "" when it can."""
        ...

    def pictures(self, clip: Clip, *, step: int) -> Pictures:
        """Say where the pictures of ``clip`` go, of which every ``step``-th frame is annotated."""
        ...

    def annotate(self, masks: ClipMasks, files: Files, notes: Notes) -> dict[str, Any]:
        """Write the annotation of one clip and return its facts, beside ``masks.about`` what our side file says."""
        ...

    def finish(
        self,
        files: Files,
        clips: Mapping[str, Mapping[str, Any]],
        fragments: Callable[[str], Path],
    ) -> None:
        """Write lists and indexes of the whole dataset from the facts of all clips, in the order of clips."""
        ...


def options_of(made_by: Format) -> dict[str, Any]:
    """Return the settings of a format beside its name and layout, as JSON."""
    said = asdict(made_by)  # type: ignore[call-overload]  # formats are dataclasses, which a Protocol cannot ask for
    return {key: said[key] for key in said if key not in ("name", "layout", "sparse", "whole")}
