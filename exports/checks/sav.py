"""The guarantees of an SA-V dataset, checked on disk. Yields failures in words."""

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from pathlib import Path

from exports.checks.base import Check, Remark, step_of
from exports.checks.files import (
    check_facts,
    check_lists,
    check_names,
    check_splits,
    lists_of,
    spaced_numbers,
    words_of,
)
from exports.checks.masklets import Clip, Known, check_masklets, read_masklets
from exports.checks.pictures import one_size
from exports.checks.video import check_video

GUARANTEES = (
    "names survive the loaders' list files",
    "every clip with manual masklets is in one list, one without in none that is trained on, every list line is a clip",
    "clips of one recording are in one list",
    "frames are 00000.jpg and so on: every frame, or every annotated one under its own number, none missing",
    "video, pictures and annotation agree on size, number of frames and duration",
    "the video has a constant rate, is upright, and its frame k shows what picture k shows",
    "the annotation has the keys of SA-V and no fps, numbers are numbers, none NaN or infinite",
    "masklets are rectangular, never null, in order of columns, and fill the picture",
    "annotated frames are every frame or every n-th of them",
    "there is a masklet, and every one is visible somewhere",
    "types, edited frames and stability scores are there for every masklet",
    "derived fields are what their definitions give",
    "at least 8 annotated frames, and a window of 8 that begins with something visible",
    "engine.json, where it lies there, says what the files hold",
)
KINDS = ("manual", "auto")
UNTRAINED = "auto.txt"
OWN_STEP = 4  # frames from one annotation to the next in Meta's own files


def recognises(path: Path) -> bool:
    """Say whether SA-V lies there: masklets of a clip in JSON."""
    return bool(clips(path))


def clips(path: Path) -> list[str]:
    """Return the names of the clips, those with any file of masklets."""
    return sorted(
        {
            f.name.removesuffix(f"_{kind}.json")
            for kind in KINDS
            for f in path.glob(f"*_{kind}.json")
        }
    )


def check_whole(path: Path, names: list[str]) -> Iterator[str]:
    """Yield what is broken in the lists of the dataset at ``path``."""
    yield from check_names(names)
    untrained = {name for name in names if not (path / f"{name}_manual.json").exists()}
    yield from check_lists(path, names, free=untrained)
    yield from check_splits(path, path)
    for listed in lists_of(path):
        for name in words_of(listed):
            if name in untrained and listed.name != UNTRAINED:
                yield f"{listed}: {name} has no {name}_manual.json, which the loader opens; see {UNTRAINED}"
            elif name in names and name not in untrained and listed.name == UNTRAINED:
                yield f"{listed}: {name} has manual masklets and is in no list that is trained on"
    pictures = path / "JPEGImages"
    for entry in sorted(pictures.iterdir()) if pictures.is_dir() else ():
        if entry.name not in names or not entry.is_dir():
            yield f"{entry}: no clip; loaders without a list take it for one"


def check_clip(path: Path, name: str, every: int) -> Iterator[str]:
    """Yield what is broken in the files of one clip."""
    pictures = yield from _check_pictures(path, name, every)
    if pictures is None:
        return
    clip, known = pictures.clip, Known()
    yield from check_facts(path, name, frames=clip.frames, size=list(clip.size))
    for kind in KINDS:
        file = path / f"{name}_{kind}.json"
        if not file.exists():
            continue
        content = yield from read_masklets(file)
        if content is not None:
            step = yield from _check_step(
                file, len(content["masklet"]), pictures, step_of(path, name)
            )
            yield from (
                check_masklets(file, content, kind=kind, clip=clip, known=known) if step else ()
            )


@dataclass(frozen=True, slots=True)
class _Pictures:
    """The frames of a clip and how far its pictures are apart."""

    clip: Clip
    thin: int


def _check_pictures(path: Path, name: str, every: int) -> Generator[str, None, _Pictures | None]:
    """Check frames and video; the generator returns what they are, or None when it is hopeless."""
    folder = path / "JPEGImages" / name
    numbers = spaced_numbers(folder, ".jpg")
    if isinstance(numbers, str) or not numbers:
        yield numbers if isinstance(numbers, str) else f"{folder}: no frames"
        return None
    size = one_size(folder, numbers)
    if isinstance(size, list):
        yield from size
        return None
    thin = numbers[1] - numbers[0] if len(numbers) > 1 else 1
    video = path / f"{name}.mp4"
    footage = yield from check_video(video, folder, numbers, keyframes=every > 1)
    if footage is None:
        return _Pictures(Clip(numbers[-1] + 1 if thin == 1 else 0, size, Fraction(0)), thin)
    if footage.size != size:
        yield f"{video}: frames of {footage.size}, pictures of {size}"
    if len(numbers) != ceil(footage.frames / thin):
        yield f"{video}: {footage.frames} frames, {len(numbers)} pictures in {folder}"
    return _Pictures(Clip(footage.frames, size, footage.rate), thin)


def _check_step(file: Path, rows: int, pictures: _Pictures, said: int) -> Generator[str, None, int]:
    """Return how many frames lie between annotated ones, as engine.json says it or as it must be; 0 when nothing fits."""
    frames, thin = pictures.clip.frames, pictures.thin
    fitting = [step for step in range(1, frames + 1) if ceil(frames / step) == rows]
    step = said or next((s for s in (1, thin, OWN_STEP, *fitting) if s in fitting), 0)
    if not frames:  # without a video, thinned pictures do not tell how many there are
        return said or thin
    if step not in fitting:
        every = f" annotated every {step} frames" if step > 1 else ""
        yield f"{file}: masklet has {rows} rows for {frames} frames{every}"
        return 0
    if step % thin:
        yield f"{file}: annotated every {step} frames, pictures lie there for every {thin}"
    if not said and len(fitting) > 1 and step not in (1, thin):
        yield Remark(
            f"{file}: {rows} rows for {frames} frames fit a distance of {fitting[0]} to {fitting[-1]} frames; taken: {step}"
        )
    return step


CHECK = Check("sav", GUARANTEES, recognises, clips, check_clip, check_whole)
