"""A tiny rendered world: discs of known colour that move over cloth, with exact masks."""

import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from engine import rle
from engine.media import VideoWriter

COLOURS = {1: (230, 40, 40), 2: (240, 240, 240)}
CLOTH = (30, 110, 60)
WIDE, HIGH, FRAMES, RADIUS = 192, 128, 8, 11


@pytest.fixture(scope="session")
def discs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of three clips with a red and a white disc each."""
    folder = tmp_path_factory.mktemp("discs")
    for index in range(3):
        write_discs(folder, index)
    return folder


def write_discs(folder: Path, index: int) -> None:
    y, x = np.mgrid[:HIGH, :WIDE] + 0.5
    rows = []
    with VideoWriter(
        folder / f"c{index}.mp4", width=WIDE, height=HIGH, rate=Fraction(30), crf=4
    ) as video:
        for t in range(FRAMES):
            picture = np.full((HIGH, WIDE, 3), CLOTH, np.uint8)
            row = []
            for track, (cx, cy) in {1: (50 + 3 * t, 40 + index * 10), 2: (130, 90 - 2 * t)}.items():
                mask = (x - cx) ** 2 + (y - cy) ** 2 < RADIUS**2
                picture[mask] = COLOURS[track]
                coded = rle.encode(mask)
                box = [int(value) for value in rle.bbox(coded) or ()]
                row.append({"track": track, **rle.to_coco(coded), "box": box})
            video.write(picture)
            rows.append(row)
    truth = {
        "id": f"c{index}",
        "width": WIDE,
        "height": HIGH,
        "rate": [30, 1],
        "frames": FRAMES,
        "masks": rows,
    }
    (folder / f"c{index}.json").write_text(json.dumps(truth))
