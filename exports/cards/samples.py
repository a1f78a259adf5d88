"""Which frames of a dataset its card shows: one of each of some clips, that with the most balls. Knows no format by name."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from engine.ports import ExportItem
from exports.cards.pictures import Sample, spread
from exports.format import Format
from exports.masks import exported_clip, read_masks
from exports.notes import Notes


def samples(
    made_by: Format, items: Sequence[ExportItem], root: Path, *, min_area: int
) -> list[Sample]:
    """Return a sample of some of ``items``, evenly from first to last; their pictures lie below ``root``."""
    chosen = spread(items)
    return [_sample(made_by, item, root, min_area) for item in chosen]


def _sample(made_by: Format, item: ExportItem, root: Path, min_area: int) -> Sample:
    """Return the frame of a clip with the most balls, its masks as the format holds them."""
    nobody = Notes()  # what is left out has been noted when the clip was written
    masks = read_masks(item, min_area=min_area, sparse=made_by.sparse, notes=nobody)
    fullest = max(masks.rows, key=lambda row: len(row.masks))
    between = replace(
        masks, rows=(fullest,) * 3
    )  # some formats leave out what is seen on the first or last alone
    shown = made_by.prepare(between, nobody)
    clip = exported_clip(item, sparse=made_by.sparse)
    places = made_by.pictures(clip, step=masks.step)
    labels: Mapping[int, str] = {track.id: track.label for track in item.revision.tracks}
    return Sample(clip.id, root / places.name(fullest.frame), shown.rows[1], labels)
