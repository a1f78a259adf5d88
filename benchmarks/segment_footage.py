"""How well the segmenter draws and follows real balls: true boxes on the first frame, judged on first and last.

    python benchmarks/segment_footage.py [--model nano|PATH] [--footage DIR]

Ground truth: masks of classes on the first and last frame and a box for each ball. A ball's true mask is what its
class covers inside its box. On the last frame a true ball counts for the predicted track that covers it best.
"""

import argparse
import os
import time
from fractions import Fraction
from pathlib import Path

import numpy as np
from PIL import Image as Still

from engine import rle
from engine.adapters.sam2 import open_segmenter
from engine.media import decode
from engine.types import Box, Clip, FrameMasks, Image, Point, Prompt

BESIDE = Path(__file__).resolve().parents[2] / "shared" / "footage"
FOOTAGE = Path(os.environ.get("ENGINE_FOOTAGE", BESIDE))
Truth = list[tuple[Box, np.ndarray]]


def truth_of(folder: Path, which: str) -> Truth:
    """Return box and mask, bool (H, W), of every labelled ball of one frame."""
    classes = np.asarray(Still.open(folder / f"masks/frame_{which}.png"))[..., 0]
    balls = []
    for line in (folder / f"bounding_boxes/frame_{which}_bbox.txt").read_text().splitlines():
        x, y, w, h, kind = map(int, line.split())
        if kind == 5:
            continue
        mask = np.zeros(classes.shape, bool)
        mask[y : y + h, x : x + w] = classes[y : y + h, x : x + w] == kind
        balls.append(((x, y, x + w, y + h), mask))
    return balls


def ellipse_iou(box: Box, mask: np.ndarray) -> float:
    """Return how well the ellipse in the box would do: the floor that no model may fall under."""
    y, x = np.mgrid[: mask.shape[0], : mask.shape[1]] + 0.5
    cx, cy = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    inside = ((x - cx) / (box[2] - box[0]) * 2) ** 2 + ((y - cy) / (box[3] - box[1]) * 2) ** 2 <= 1
    return float((inside & mask).sum() / (inside | mask).sum())


def ious(row: FrameMasks, truth: Truth, *, own: bool) -> list[float]:
    """Return IoU per true ball, of its own track (``own``) or of the best one."""
    masks = {mask.track: rle.decode(mask.rle) for mask in row.masks}
    found = []
    for index, (_, true) in enumerate(truth):
        candidates = (
            [masks[index + 1]]
            if own and index + 1 in masks
            else []
            if own
            else list(masks.values())
        )
        found.append(max(((true & m).sum() / (true | m).sum() for m in candidates), default=0.0))
    return found


def box_prompts(truth: Truth) -> list[Prompt]:
    """Return the true box of every ball; track numbers count from 1."""
    return [Prompt(0, index + 1, box=box) for index, (box, _) in enumerate(truth)]


def click_prompts(truth: Truth) -> list[Prompt]:
    """Return one click in the middle of every ball."""
    middles = [Point((b[0] + b[2]) / 2, (b[1] + b[3]) / 2) for b, _ in truth]
    return [Prompt(0, index + 1, points=(middle,)) for index, middle in enumerate(middles)]


def clip_of(name: str, pictures: list[Image]) -> Clip:
    """Return the clip that these pictures make."""
    high, wide = pictures[0].shape[:2]
    return Clip(name, "0", "x", 0, len(pictures), wide, high, Fraction(30000, 1001))


def run(folder: Path, model: str) -> dict[str, float]:
    """Follow the balls of one clip and return its figures."""
    pictures = list(decode(next(folder.glob("*.mp4"))))
    clip = clip_of(folder.name, pictures)
    first, last = truth_of(folder, "first"), truth_of(folder, "last")
    segmenter = open_segmenter(model=model)
    boxes = box_prompts(first)
    with segmenter.open(clip) as session:
        clicked = ious(session.step(0, pictures[0], click_prompts(first)), first, own=True)
    begun = time.monotonic()
    with segmenter.open(clip) as session:
        rows = [session.step(i, rgb, boxes if i == 0 else ()) for i, rgb in enumerate(pictures)]
    seconds = time.monotonic() - begun
    followed = ious(rows[-1], last, own=False)
    return {
        "balls": len(first),
        "ellipse": float(np.mean([ellipse_iou(*ball) for ball in first])),
        "box, frame 0": float(np.mean(ious(rows[0], first, own=True))),
        "click, frame 0": float(np.mean(clicked)),
        "last frame": float(np.mean(followed)),
        "tracks at the end": len(rows[-1].masks),
        "true balls at the end": len(last),
        "frames/s": len(pictures) / seconds,
    }


def main() -> None:
    """Print the figures of every clip and their mean over balls."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="nano")
    parser.add_argument("--footage", type=Path, default=FOOTAGE)
    given = parser.parse_args()
    results = {
        folder.name: run(folder, given.model)
        for folder in sorted(given.footage.glob("game1_clip*"))
    }
    for name, figures in results.items():
        print(name, "  ".join(f"{key} {value:.3g}" for key, value in figures.items()))
    weights = [figures["balls"] for figures in results.values()]
    for key in ("ellipse", "box, frame 0", "click, frame 0", "last frame"):
        print(f"mean {key}: {np.average([f[key] for f in results.values()], weights=weights):.3f}")


if __name__ == "__main__":
    main()
