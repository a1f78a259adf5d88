"""What our side file ``engine.json`` says of the clips of a dataset; knows no format.

Of datasets that other people wrote there is none, and nothing is known beyond their own files.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from types import MappingProxyType
from typing import Any

from engine.datasets.files import read_json, text, whole
from engine.errors import InputError
from engine.types import Track

MARKER = "engine.json"
NO_TRACKS: Mapping[int, Track] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of one clip.

    ``recording`` and ``split`` are "" and ``rate`` None where nothing is; ``step`` frames lie from one annotation to the
    next, 0 where that is not said. ``objects`` gives the track of each number that the format uses, ``auto`` those of the model's own masks.
    """

    recording: str = ""
    rate: Fraction | None = None
    step: int = 0
    split: str = ""
    objects: Mapping[int, Track] = field(default_factory=lambda: NO_TRACKS)
    auto: Mapping[int, Track] = field(default_factory=lambda: NO_TRACKS)

    def labels(self) -> dict[int, str]:
        """Return the class of each track."""
        return {track.id: track.label for track in self.objects.values()}


def marker(folder: Path) -> dict[str, Any]:
    """Return what our side file says of each clip, nothing where there is none.

    Raises:
        InputError: it is damaged.
    """
    path = folder / MARKER
    clips = read_json(path).get("clips", {}) if path.is_file() else {}
    if not isinstance(clips, dict):
        raise InputError(f"{path}: clips is a {type(clips).__name__}, expected an object")
    return clips


def facts_of(folder: Path, name: str, said: Mapping[str, Any]) -> Facts:
    """Return what ``said``, the content of the side file in ``folder``, says of the clip ``name``.

    Raises:
        InputError: an entry is not what it should be.
    """
    raw, where = said.get(name, {}), f"{folder / MARKER}: clip {name}"
    if not isinstance(raw, dict):
        raise InputError(f"{where}: holds a {type(raw).__name__}, expected an object")
    step = raw.get("step", raw.get("ann_every", 0))
    if not isinstance(step, int) or step < 0:
        raise InputError(f"{where}: step is {step!r}, expected a whole number of frames")
    return Facts(
        str(raw.get("recording", "")),
        rate_of(raw.get("rate")),
        step,
        str(raw.get("split", "")),
        _tracks(raw.get("objects", raw.get("masklets", {})), where),
        _tracks(raw.get("auto_masklets", {}), where),
    )


def rate_of(said: object) -> Fraction | None:
    """Return a rate written as [numerator, denominator], None for anything else."""
    match said:
        case [int(above), int(below)] if above > 0 and below > 0:
            return Fraction(above, below)
        case _:
            return None


def _tracks(said: object, where: str) -> dict[int, Track]:
    """Return the track of each number."""
    try:
        pairs = dict(said).items()  # type: ignore[call-overload]  # what is no mapping raises
        tracks = {
            int(n): Track(whole(of, "track", where, least=1), text(of, "label", where))
            for n, of in pairs
        }
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(
            f"{where}: objects are not {{number: {{track, label}}}} ({error!r}); export it again"
        ) from error
    if len({track.id for track in tracks.values()}) != len(tracks):
        raise InputError(f"{where}: two of its objects are one track; export it again")
    return tracks
