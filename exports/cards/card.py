"""Writes the data card of a dataset: README.md, plots and sample pictures. All on it is from the manifest and the notes.

The notes of our side file name the clips that were left out, of which the manifest knows nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from engine.datasets.files import read_json
from engine.datasets.marker import MARKER
from exports.cards.pictures import Sample, draw
from exports.cards.svg import bars, columns
from exports.cards.text import page, seconds_of
from exports.files import Files
from exports.manifest import totals

__all__ = ["Sample", "card"]

README: Final = "README.md"
_BARS: Final = 16  # names in a plot; the rest are one bar


def card(files: Files, manifest: Mapping[str, Any], samples: Sequence[Sample]) -> None:
    """Write ``README.md`` and what it shows (``card/*.svg``, ``card/CLIP.jpg``) into a dataset.

    ``manifest`` lists all files but these. One sample of a clip is drawn.

    Raises:
        InputError: the picture of a sample cannot be read.
        DiskFull: no room.
    """
    plots = {}
    for name, alt, svg in _plots(manifest):
        path = f"card/{name}.svg"
        files.write(path, svg.encode())
        plots[path] = alt
    pictures = {draw(files, sample): _caption(sample) for sample in samples}
    text = page(manifest, notes=_notes(files), plots=plots, pictures=pictures)
    files.write(README, text.encode())


def _notes(files: Files) -> list[str]:
    """Return the notes of our side file."""
    path = files.root / MARKER
    return list(read_json(path).get("notes") or ()) if path.is_file() else []


def _plots(manifest: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield name, words for those who do not see it, and SVG of each plot that has something to show."""
    counted = manifest.get("statistics") or totals(manifest["clips"])
    if labels := sorted(counted["labels"].items(), key=lambda pair: (-pair[1], pair[0])):
        yield "classes", "Masks of each class", bars("Masks of each class", _few(labels))
    where = sorted(seconds_of(manifest).items())
    svg = bars("Seconds by split and camera", _few(where), unit="s")
    yield "seconds", "Seconds by split and camera", svg
    if any(counted["areas"]):
        svg = columns("Size of a ball", _sizes(counted["areas"]), below=_AREA, unit="masks")
        yield "areas", "Masks by their area in pixels", svg
    if counted["balls"]:
        svg = columns("Balls in sight", _balls(counted["balls"]), below=_SIGHT, unit="frames")
        yield "balls", "Annotated frames by the number of balls in sight", svg


_AREA: Final = "pixels of a mask: from this number to twice as many"
_SIGHT: Final = "balls in sight at once"


def _few(values: Sequence[tuple[str, float]]) -> list[tuple[str, float]]:
    """Return not too many names; what is left is added up."""
    if len(values) <= _BARS:
        return list(values)
    rest = values[_BARS - 1 :]
    return [*values[: _BARS - 1], (f"{len(rest)} others", sum(value for _, value in rest))]


def _sizes(areas: Sequence[int]) -> list[tuple[str, float]]:
    """Return the bins of areas from the first to the last that holds something."""
    first = next(k for k, count in enumerate(areas) if count)
    return [(f"{2**k:,}", count) for k, count in enumerate(areas) if k >= first]


def _balls(balls: Mapping[str, int]) -> list[tuple[str, float]]:
    """Return the frames for each number of balls, those between that never occur too."""
    counts = {int(number): frames for number, frames in balls.items()}
    return [(str(k), counts.get(k, 0)) for k in range(min(counts), max(counts) + 1)]


def _caption(sample: Sample) -> str:
    """Return what a picture shows, in words."""
    return f"{sample.clip}, frame {sample.row.frame}: {len(sample.row.masks)} masks"
