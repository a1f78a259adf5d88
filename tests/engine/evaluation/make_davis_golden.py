"""Makes davis_golden.json: what the official DAVIS 2017 code says about masks that this script draws.

    git clone https://github.com/davisvideochallenge/davis2017-evaluation
    python -m venv official && official/bin/pip install numpy opencv-python-headless scikit-image
    PYTHONPATH=davis2017-evaluation official/bin/python tests/engine/evaluation/make_davis_golden.py

Lengths stay below 256, where the official decay overflows. Needs nothing of this project, so that the reference cannot lean on what it judges. Run with commit ac7c43f.
"""

import json
import sys
from pathlib import Path

import numpy as np

OUT = Path(__file__).with_name("davis_golden.json")
SIZES = [(48, 64), (135, 240), (360, 640), (576, 1024)]


def disc(size, x, y, across, down):
    """Return an ellipse with half axes ``across`` and ``down``, bool (H, W)."""
    rows, columns = np.mgrid[: size[0], : size[1]]
    return ((columns - x) / across) ** 2 + ((rows - y) / down) ** 2 <= 1


def pair(size, rng):
    """Return a mask and a worse version of it: moved, scaled, bitten, doubled, at an edge, or gone."""
    high, wide = size
    r = rng.uniform(2, high / 4)
    x, y = rng.uniform(-2, wide + 2), rng.uniform(-2, high + 2)
    true = disc(size, x, y, r, r * rng.uniform(0.6, 1.0))
    dx, dy = rng.normal(0, r / 3, 2)
    found = disc(size, x + dx, y + dy, r * rng.uniform(0.5, 1.4), r * rng.uniform(0.5, 1.2))
    match rng.integers(7):
        case 0:
            found |= disc(size, rng.uniform(0, wide), rng.uniform(0, high), r / 2, r / 2)
        case 1:
            found &= ~disc(size, x, y, r / 2, r / 2)
        case 2:
            found[:] = False
        case 3:
            true[:] = False
        case 4 if high < 100:
            true, found = true ^ (rng.random(size) < 0.01), found ^ (rng.random(size) < 0.01)
    true, found = true.astype(bool), found.astype(bool)
    return true, found


def runs(mask):
    """Return column-major run lengths, background first."""
    flat = mask.T.reshape(-1)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flat])))
    return np.diff(np.concatenate([[0], edges, [flat.size]])).tolist()


def main():
    """Draw, ask the official code, write."""
    from davis2017.metrics import db_eval_boundary, db_eval_iou  # noqa: PLC0415
    from davis2017.utils import db_statistics  # noqa: PLC0415

    rng = np.random.default_rng(20171)
    pairs = []
    for size in SIZES:
        for _ in range(12):
            true, found = pair(size, rng)
            pairs.append({
                "size": list(size), "true": runs(true), "found": runs(found),
                "J": float(db_eval_iou(true, found)), "F": float(db_eval_boundary(true, found)),
            })  # fmt: skip
    pairs.append(touching())
    series = []
    for length in (1, 2, 3, 4, 5, 9, 30, 101, 255):
        values = np.clip(rng.normal(0.6, 0.3, length), 0, 1)
        if length == 9:
            values[[2, 5]] = np.nan
        stats = [float(value) for value in db_statistics(values)]
        series.append({"values": values.tolist(), "statistics": stats})
    OUT.write_text(json.dumps({"pairs": pairs, "series": series}) + "\n")
    sys.stdout.write(f"{OUT}: {len(pairs)} pairs, {len(series)} series\n")


def touching():
    """Return a pair that fills corner and edges of the picture."""
    from davis2017.metrics import db_eval_boundary, db_eval_iou  # noqa: PLC0415

    true, found = np.zeros((40, 60), bool), np.zeros((40, 60), bool)
    true[20:, 30:], found[22:, 25:] = True, True
    return {
        "size": [40, 60], "true": runs(true), "found": runs(found),
        "J": float(db_eval_iou(true, found)), "F": float(db_eval_boundary(true, found)),
    }  # fmt: skip


if __name__ == "__main__":
    main()
