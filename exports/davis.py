"""DAVIS 2017: frames as JPEG, one palette PNG for each with the number of the ball at every pixel. Knows no database.

Balls are numbered 1 to N so that the largest number is visible on the first frame: the official evaluation looks no
further than that. The layout "unsupervised" differs in the name of a folder.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from engine.errors import SettingsError
from engine.media.still import palette_png
from engine.types import Clip
from exports.files import Files
from exports.format import Pictures
from exports.lists import by_split, write_lists
from exports.masks import ClipMasks
from exports.notes import Notes
from exports.overlap import painted, separated
from exports.palette import voc_palette
from exports.scaling import scaled, scaled_clip
from exports.training import Source, unsampled, write_engine, write_sam2

MOST_BALLS: Final = 254
FEWEST_FRAMES: Final = 3
FOLDERS: Final = {
    "semi-supervised": "Annotations",
    "unsupervised": "Annotations_unsupervised",
}
RESOLUTIONS: Final = {"full": "Full-Resolution", "480p": "480p"}
LINES: Final = 480


@dataclass(frozen=True, slots=True)
class Davis:
    """DAVIS 2017; see ``exports.format.Format``. ``resolution`` is "full", as recorded, or "480p"."""

    layout: str = "semi-supervised"
    resolution: str = "full"
    name: str = "davis"
    sparse: bool = False
    whole: bool = False

    def __post_init__(self) -> None:
        """Refuse a resolution that the layout has no folder for."""
        if self.resolution not in RESOLUTIONS:
            raise SettingsError(
                f"davis has no resolution {self.resolution!r}; it has {', '.join(RESOLUTIONS)}"
            )

    def prepare(self, masks: ClipMasks, notes: Notes) -> ClipMasks:
        """Scale, then give every pixel one owner."""
        clip = self._clip(masks.clip)
        return separated(masks if clip == masks.clip else scaled(masks, clip, notes), notes)

    def refuse(self, masks: ClipMasks) -> str:
        """Refuse what the evaluation would not score or a palette not hold."""
        return refusal(masks)

    def pictures(self, clip: Clip, *, step: int) -> Pictures:  # noqa: ARG002 - every frame is annotated
        """Pictures of every frame."""
        shown = self._clip(clip)
        folder = f"JPEGImages/{RESOLUTIONS[self.resolution]}/{clip.id}"
        return Pictures(folder + "/{:05d}.jpg", (shown.height, shown.width))

    def annotate(self, masks: ClipMasks, files: Files, notes: Notes) -> dict[str, Any]:
        """Write a PNG for every frame; say where SAM 2's trainer would pass the clip over."""
        folder = f"{FOLDERS[self.layout]}/{RESOLUTIONS[self.resolution]}/{masks.clip.id}"
        if reason := unsampled(masks):
            notes.add(f"{masks.clip.id}: {reason}")
        facts = {"size": list(masks.size), "sampled": not reason}
        return write_indices(masks, files, folder) | facts

    def finish(
        self,
        files: Files,
        clips: Mapping[str, Mapping[str, Any]],
        fragments: Callable[[str], Path],  # noqa: ARG002 - there are none
    ) -> None:
        """Write the lists, and the class of every ball as DAVIS 2017's semantics do."""
        write_lists(files, "ImageSets/2017/", clips)
        if trained := {name: clips[name] for name in by_split(clips).get("train", [])}:
            write_sam2(files, trained, "ImageSets/2017/train.txt", lambda _: self._source())
            write_engine(files)
        named = {
            clip: {number: ball["label"] for number, ball in facts["objects"].items()}
            for clip, facts in clips.items()
        }
        files.json("davis_semantics.json", named, indent=1)
        labels = sorted({label for balls in named.values() for label in balls.values()})
        files.json(
            "categories.json",
            {label: {"id": n, "super_category": "ball"} for n, label in enumerate(labels, 1)},
            indent=1,
        )

    def _source(self) -> Source:
        """Return how SAM 2's trainer reads the dataset."""
        level = RESOLUTIONS[self.resolution]
        settings = (("is_palette", True), ("sample_rate", 1))
        return Source(
            "PNGRawDataset", f"JPEGImages/{level}", f"{FOLDERS[self.layout]}/{level}", settings
        )

    def _clip(self, clip: Clip) -> Clip:
        """Return the clip as it is shown; smaller ones than 480 lines stay as they are."""
        smaller = self.resolution == "full" or clip.height <= LINES
        return clip if smaller else scaled_clip(clip, LINES)


def refusal(masks: ClipMasks) -> str:
    """Return why a clip cannot be held as one palette picture a frame that the evaluation scores."""
    if masks.clip.frames < FEWEST_FRAMES:
        return f"{masks.clip.frames} frames, DAVIS scores none of fewer than {FEWEST_FRAMES}"
    if not masks.rows[0].masks:
        return "no ball on its first frame, where DAVIS evaluation begins"
    if len(masks.tracks) > MOST_BALLS:
        return f"{len(masks.tracks)} balls, a palette holds {MOST_BALLS}"
    return ""


def numbered(masks: ClipMasks) -> dict[int, int]:
    """Return the number of each track: those that come late first, then those of the first frame."""
    first = {mask.track for mask in masks.rows[0].masks}
    late = [track.id for track in masks.tracks if track.id not in first]
    return {track: number for number, track in enumerate([*late, *sorted(first)], 1)}


def write_indices(masks: ClipMasks, files: Files, folder: str) -> dict[str, Any]:
    """Write a palette PNG for every frame below ``folder``; return the facts: which number is which ball."""
    numbers, labels = numbered(masks), {track.id: track.label for track in masks.tracks}
    shown, data = None, b""
    for row in masks.rows:
        shows = [(mask.track, mask.rle.counts) for mask in row.masks]
        if shows != shown:  # a table at rest is drawn once
            shown, data = shows, palette_png(painted(row, numbers, masks.size), voc_palette())
        files.write(f"{folder}/{row.frame:05d}.png", data)
    balls = sorted(numbers.items(), key=lambda pair: pair[1])
    return {"objects": {str(n): {"track": t, "label": labels[t]} for t, n in balls}}
