"""Datasets with one JSON file for all clips: tells COCO and YouTube-VIS apart, and knows neither."""

from pathlib import Path

from engine.datasets import coco, youtube_vis
from engine.datasets.entry import Entry
from engine.datasets.index import read_index
from engine.datasets.marker import marker
from engine.datasets.places import Place, index_files


def entries(path: Path) -> list[Entry]:
    """Return the clips of every index of a dataset, or of one index where ``path`` is that.

    Raises:
        InputError: an index is damaged.
    """
    files = index_files(path)
    if not files:
        return []
    root = path.parent if path.is_file() else path
    if path.is_file() and path.parent.name == "annotations":
        root = path.parent.parent
    said, found = marker(root), []
    for file in files:
        index, place = read_index(file), Place(root, file, said)
        found += coco.entries(index, place) if index.images else youtube_vis.entries(index, place)
    return found
