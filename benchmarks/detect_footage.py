"""Measures the detector on real labelled frames: recall, precision and class accuracy per clip and overall.

``python benchmarks/detect_footage.py [FOOTAGE]`` reads ``game1_clip*/frames`` and ``bounding_boxes`` of the
footage folder (default: ENGINE_FOOTAGE, else ``../shared/footage`` beside the checkout). A detection is right where it
overlaps a true box by an intersection over union of 0.5 or more, each box once, whatever the class.
The footage is for measuring alone; nothing is trained on it.
"""

import argparse
import os
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image as Pillow

from engine.adapters.detect_yolo import YoloDetector
from engine.billiards.plausible import plausible
from engine.models.yolo import BUNDLED
from engine.training.detector_score import Score, score
from engine.types import Box, Detection, FrameBatch, Image

TRUE_LABELS = {"1": "cue", "2": "eight", "3": "solid", "4": "stripe"}
Truth = tuple[list[Box], list[str]]


def footage_folder() -> Path:
    """Return where the real clips are, if they are anywhere."""
    beside = Path(__file__).resolve().parents[2] / "shared" / "footage"
    return Path(os.environ.get("ENGINE_FOOTAGE", beside))


def labelled(clip: Path) -> Iterator[tuple[Image, Truth]]:
    """Yield both labelled pictures of a clip: uint8 RGB (H, W, 3) with boxes and labels."""
    for which in ("first", "last"):
        rgb = np.asarray(
            Pillow.open(clip / "frames" / f"frame_{which}.png").convert("RGB"), np.uint8
        )
        rows = [
            row.split()
            for row in (clip / "bounding_boxes" / f"frame_{which}_bbox.txt")
            .read_text()
            .splitlines()
        ]
        boxes: list[Box] = [
            (float(x), float(y), float(x) + float(w), float(y) + float(h)) for x, y, w, h, _ in rows
        ]
        yield rgb, (boxes, [TRUE_LABELS[row[4]] for row in rows])


def measure(
    detector: YoloDetector, clip: Path, *, levels: Sequence[float], filtered: bool
) -> list[Score]:
    """Return the score of one clip at each confidence."""
    totals = [Score() for _ in levels]
    for rgb, (boxes, labels) in labelled(clip):
        found = detector.detect(FrameBatch(0, rgb[None]))[0]
        for index, level in enumerate(levels):
            kept: Sequence[Detection] = [item for item in found if item.score >= level]
            kept = plausible(kept, rgb) if filtered else kept
            totals[index] += score(kept, boxes, labels)
    return totals


def row(name: str, result: Score) -> str:
    """Return one line of the table."""
    return (
        f"{name:16} balls {result.truth:3}  found {result.found:3}  recall {result.recall:.3f}  "
        f"precision {result.precision:.3f}  class accuracy {result.class_accuracy:.3f}"
    )


def main() -> int:
    """Print the table; return 1 where the footage is absent."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("footage", type=Path, nargs="?", default=footage_folder())
    parser.add_argument("--weights", type=Path, default=BUNDLED)
    parser.add_argument(
        "--size", type=int, nargs="*", default=[None], help="network input, longer side"
    )
    parser.add_argument(
        "--levels", type=float, nargs="*", help="confidences to try (default: the shipped one)"
    )
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    clips = sorted(options.footage.glob("game1_clip*"))
    if not clips:
        print(
            f"{options.footage}: no game1_clip* folders; name the footage folder or set ENGINE_FOOTAGE"
        )
        return 1
    for size in options.size:
        report(options.weights, clips, size=size, levels=options.levels)
    return 0


def report(
    weights: Path, clips: Sequence[Path], *, size: int | None, levels: Sequence[float] | None
) -> None:
    """Print the table of one input size."""
    shipped = YoloDetector(weights, size=size)
    levels = levels or [shipped.confidence]
    detector = YoloDetector(weights, size=size, confidence=min(levels))
    for filtered in (False, True):
        began = time.perf_counter()
        by_clip = [measure(detector, clip, levels=levels, filtered=filtered) for clip in clips]
        spent = (time.perf_counter() - began) / (2 * len(clips)) * 1000
        for index, level in enumerate(levels):
            name = "plausible ones" if filtered else "all detections"
            print(
                f"-- {name} at confidence {level:.2f}, {size or shipped.card.size} px, {spent:.0f} ms a picture"
            )
            for clip, results in zip(clips, by_clip, strict=True):
                print(row(clip.name, results[index]))
            print(row("overall", sum((results[index] for results in by_clip), Score())))


if __name__ == "__main__":
    sys.exit(main())
