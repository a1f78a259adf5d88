"""SA-V: a video and JSON of masklets for each clip, ours or Meta's own. Knows no exporter.

Masklets are read from ``NAME_manual.json``, as SAM 2's own training code does, or from ``NAME_auto.json``
where there is no other. A masklet's track is what ``engine.json`` says, else its ``masklet_id`` plus one.
"""

from collections.abc import Iterator
from fractions import Fraction
from math import ceil
from pathlib import Path
from typing import Any

from engine import rle
from engine.datasets.clip import LabelledClip, Part
from engine.datasets.files import pictures, rate_of, read_json, value
from engine.errors import InputError
from engine.types import Clip, FrameMasks, TrackMask

OWN_STEP = (
    4  # frames from one annotation to the next in Meta's own files: 24 frames/s, annotated at 6
)


def found(folder: Path) -> dict[str, Path]:
    """Return the annotation file of each clip in a folder, by the clip's name."""
    return {
        path.stem.removesuffix(f"_{kind}"): path
        for kind in ("auto", "manual")  # the manual one stands where both are
        for path in sorted(folder.glob(f"*_{kind}.json"))
    }


def split_of(folder: Path, name: str) -> str:
    """Return the list that names a clip, "train" where no list does."""
    for path in sorted(folder.glob("*.txt")):
        if name in path.read_text().split():
            return path.stem
    return "train"


def read(path: Path, facts: dict[str, Any], *, name: str, split: str) -> LabelledClip:
    """Return the clip of an annotation file, ``facts`` being what our side file says of it.

    Raises:
        InputError: the file is damaged, or neither video nor pictures lie beside it.
    """
    said = read_json(path)
    frames, rows = int(value(said, "video_frame_count", path)), value(said, "masklet", path)
    step = int(facts.get("ann_every", 0)) or _step(frames, len(rows), path)
    seconds = float(said.get("video_duration") or frames / 24)
    clip = Clip(
        name,
        str(facts.get("recording", name)),
        str(_media(path.parent, name, frames)),
        0,
        frames,
        int(value(said, "video_width", path)),
        int(value(said, "video_height", path)),
        rate_of(facts.get("rate"), Fraction(frames / seconds).limit_denominator(1001)),
        split,
    )
    tracks, labels = _tracks(said, facts)

    def seek(start: int, stop: int) -> Part:
        return pictures(clip, start, stop), _rows(path, tracks, step, start, stop)

    return LabelledClip(
        clip,
        labels,
        tuple(range(0, len(rows) * step, step)),
        lambda: pictures(clip),
        lambda: _rows(path, tracks, step, 0, frames),
        seek,
    )


def _media(folder: Path, name: str, frames: int) -> Path:
    """Return the folder of JPEGs where it holds every frame, since those lost least, else the video."""
    stills = folder / "JPEGImages" / name
    ends = (stills / f"{frame:05d}.jpg" for frame in (0, frames - 1))
    if all(path.is_file() for path in ends) and sum(1 for _ in stills.glob("*.jpg")) == frames:
        return stills
    video = folder / f"{name}.mp4"
    if not video.is_file():
        raise InputError(f"{video}: not there, nor all {frames} pictures in {stills}")
    return video


def _step(frames: int, rows: int, path: Path) -> int:
    """Return how many frames lie between annotations.

    Raises:
        InputError: no distance or more than one fits, and none is the usual one.
    """
    if frames == rows:
        return 1
    fitting = [step for step in range(1, frames + 1) if ceil(frames / step) == rows]
    if OWN_STEP in fitting:
        return OWN_STEP
    if len(fitting) == 1:
        return fitting[0]
    raise InputError(
        f"{path}: {rows} annotations of {frames} frames fit a distance of {fitting or 'no'} frames; "
        'say which in an engine.json beside it: {"clips": {"' + path.stem + '": {"ann_every": 5}}}'
    )


def _tracks(said: dict[str, Any], facts: dict[str, Any]) -> tuple[list[int], dict[int, str]]:
    """Return the track of each masklet in the order of the file, and the class of each track."""
    known = facts.get("masklets", {})
    tracks, labels = [], {}
    for masklet in said.get("masklet_id", []):
        of = known.get(str(masklet), {})
        track = int(of.get("track", masklet + 1))
        tracks.append(track)
        labels[track] = str(of.get("label", "ball"))
    return tracks, labels


def _rows(path: Path, tracks: list[int], step: int, start: int, stop: int) -> Iterator[FrameMasks]:
    """Yield the truth of the annotated frames from ``start`` up to ``stop``."""
    for number, row in enumerate(read_json(path)["masklet"]):
        frame = number * step
        if not start <= frame < stop:
            continue
        try:
            masks = [
                TrackMask(track, rle.from_coco(mask))
                for track, mask in zip(tracks, row, strict=True)
                if mask is not None
            ]
        except (ValueError, InputError) as error:
            raise InputError(f"{path}: annotation {number}: {error}") from error
        yield FrameMasks(frame, tuple(mask for mask in masks if rle.area(mask.rle)))
