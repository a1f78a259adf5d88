"""Makes rle_golden.json: masks as the page receives them, as pycocotools packs them.

    pip install numpy pycocotools
    python tests/annotator_ui/js/make_rle_golden.py

Needs nothing of this project, so that the reference cannot lean on what it judges. Each sample has the picture's ``size``
(height, width), the ``whole`` mask's counts, the ``row`` that goes over the wire (track, x, y, w, h, counts of the box, score),
its ``runs`` in pixels down the columns, its ``area``, and ``pixels`` of the box, a string of 0 and 1 for each row.
"""

import json
from pathlib import Path

import numpy as np
from pycocotools import mask as coco

OUT = Path(__file__).with_name("rle_golden.json")


def counts(mask):
    """Return the packed runs of a mask, bool (H, W)."""
    return coco.encode(np.asfortranarray(mask, np.uint8))["counts"].decode()


def runs(mask):
    """Return the lengths of runs down the columns, background first."""
    flat = np.concatenate([[0], mask.T.ravel().astype(int)])
    edges = np.flatnonzero(np.diff(flat))
    return np.diff([0, *edges, mask.size]).tolist() if edges.size else [mask.size]


def disc(size, x, y, radius):
    """Return a disc, bool (H, W)."""
    rows, columns = np.mgrid[: size[0], : size[1]]
    return (columns - x) ** 2 + (rows - y) ** 2 <= radius**2


def block(size, x0, y0, x1, y1):
    """Return a rectangle, bool (H, W)."""
    mask = np.zeros(size, bool)
    mask[y0:y1, x0:x1] = True
    return mask


def drawn():
    """Yield names and masks."""
    small, large, rng = (9, 7), (1080, 1920), np.random.default_rng(5)
    yield "one pixel", block(small, 3, 4, 4, 5)
    yield "first pixel", block(small, 0, 0, 1, 1)
    yield "last pixel", block(small, 6, 8, 7, 9)
    yield "whole picture", block(small, 0, 0, 7, 9)
    yield "a column from rim to rim", block(small, 2, 0, 3, 9)
    yield "two columns from rim to rim, which are one run", block(small, 2, 0, 4, 9)
    yield "a row from rim to rim", block(small, 0, 5, 7, 6)
    yield (
        "foot of a column and head of the next",
        block(small, 1, 6, 2, 9) | block(small, 2, 0, 3, 2),
    )
    yield "four corners", ~block(small, 1, 0, 6, 9) & ~block(small, 0, 1, 7, 8)
    yield "a ring", disc((40, 50), 20, 18, 11) & ~disc((40, 50), 21, 17, 5)
    yield "two parts", disc((40, 50), 9, 9, 6) | disc((40, 50), 40, 30, 7)
    yield "noise", rng.random((13, 17)) < 0.5
    yield "a ball of 20 pixels at 1080p", disc(large, 1234.4, 777.8, 10.2)
    yield "a ball cut by the right rim", disc(large, 1915, 40, 17.5)
    yield "a ball cut by the lower rim", disc(large, 600, 1078, 21)
    yield "a large ball at 4K", disc((2160, 3840), 3000.5, 1500.5, 48)


def sample(name, mask, track):
    """Return one sample."""
    ys, xs = np.nonzero(mask)
    x, y, right, low = (int(v) for v in (xs.min(), ys.min(), xs.max() + 1, ys.max() + 1))
    crop = mask[y:low, x:right]
    return {
        "name": name,
        "size": list(mask.shape),
        "whole": counts(mask),
        "row": [track, x, y, right - x, low - y, counts(crop), round(1 - track / 100, 3)],
        "runs": runs(crop),
        "area": int(mask.sum()),
        "pixels": ["".join("01"[int(pixel)] for pixel in line) for line in crop],
    }


def main():
    """Write the samples."""
    samples = [sample(name, mask, track) for track, (name, mask) in enumerate(drawn(), start=1)]
    lines = ",\n".join(json.dumps(one, separators=(",", ":")) for one in samples)
    OUT.write_text(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    main()
