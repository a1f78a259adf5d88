"""Measures the detector: recall and precision on real labelled frames and on rendered clips, whatever the class.

``python benchmarks/detect_footage.py [FOOTAGE] [--weights FILE] [--rendered CLIPS]`` reads from the footage folder (default:
ENGINE_FOOTAGE, else ``../shared/footage`` beside the checkout) the two labelled frames of each ``game1_clip*`` and the
two labelled balls of ``snooker/*.mp4``, and of CLIPS one frame of every rendered clip. A detection is right where it
overlaps a true box by an intersection over union of 0.5 or more, each box once. The footage is for measuring alone;
nothing is trained on it.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from PIL import Image as Pillow
from real_clips import FOOTAGE, read_snooker

from engine.adapters.detect_yolo import Seen, YoloDetector
from engine.billiards.plausible import plausible
from engine.datasets import read_dataset, stretch
from engine.media import decode
from engine.models.yolo import BUNDLED, CLASSES
from engine.training.detector_score import Score, pairs, score
from engine.training.detector_truth import ball_boxes, pocket_boxes
from engine.types import Box, Detection, FrameBatch, Image

TRUE_LABELS = {"1": "cue", "2": "eight", "3": "solid", "4": "stripe"}
Truth = tuple[list[Box], list[str]]
Filter = Callable[[Sequence[Detection], Image], Sequence[Detection]]


def labelled(clip: Path) -> Iterator[tuple[Image, Truth]]:
    """Yield both labelled pictures of a clip: uint8 RGB (H, W, 3) with boxes and labels."""
    for which in ("first", "last"):
        rgb = np.asarray(
            Pillow.open(clip / "frames" / f"frame_{which}.png").convert("RGB"), np.uint8
        )
        text = (clip / "bounding_boxes" / f"frame_{which}_bbox.txt").read_text()
        rows = [row.split() for row in text.splitlines()]
        boxes: list[Box] = [
            (float(x), float(y), float(x) + float(w), float(y) + float(h)) for x, y, w, h, _ in rows
        ]
        yield rgb, (boxes, [TRUE_LABELS[row[4]] for row in rows])


def look(detector: YoloDetector, rgb: Image) -> Seen:
    """Return what one picture shows."""
    return detector.look(FrameBatch(0, rgb[None]))[0]


def game(detector: YoloDetector, clip: Path, keep: Filter) -> tuple[Score, float]:
    """Return the score of one clip's two labelled frames, and the seconds that looking took."""
    total, began = Score(), time.perf_counter()
    for rgb, (boxes, labels) in labelled(clip):
        total += score(keep(look(detector, rgb).balls, rgb), boxes, labels)
    return total, time.perf_counter() - began


def snooker(detector: YoloDetector, path: Path, *, every: int) -> Score:
    """Return how many of the labelled balls are found on every n-th frame; only recall can be said."""
    clip = read_snooker(path)
    last = max((frame for boxes in clip.boxes for frame in boxes), default=-1)
    total = Score()
    for frame, rgb in enumerate(decode(path, stop=last + 1)):
        if frame % every == 0:
            there = [boxes[frame] for boxes in clip.boxes if frame in boxes]
            hits = len(pairs([ball.box for ball in look(detector, rgb).balls], there))
            total += Score(len(there), hits, hits, hits)
    return total


def rendered(
    detector: YoloDetector, folder: Path, *, most: int, keep: Filter
) -> tuple[Score, Score]:
    """Return the scores of balls and of pockets on the middle frame of rendered clips."""
    balls = pockets = Score()
    for one in read_dataset(folder)[:most]:
        frame = one.clip.frames // 2
        rgb = next(islice(stretch(one, frame, frame + 1)[0], 1))
        truth = json.loads(Path(one.clip.media).with_suffix(".json").read_text())
        seen = look(detector, rgb)
        balls += score(keep(seen.balls, rgb), *_named(ball_boxes(truth, frame)))
        if truth.get("pockets"):
            pockets += score(seen.pockets, *_named(pocket_boxes(truth, frame, rgb.shape)))
    return balls, pockets


def _named(found: Sequence[tuple[int, Box]]) -> Truth:
    """Return boxes and names."""
    return [box for _, box in found], [CLASSES[label] for label, _ in found]


def row(name: str, result: Score) -> str:
    """Return one line of the table."""
    return (
        f"{name:20} truth {result.truth:4}  found {result.found:4}  recall {result.recall:.3f}  "
        f"precision {result.precision:.3f}  right kind {result.class_accuracy:.3f}"
    )


def everything(found: Sequence[Detection], _: Image) -> Sequence[Detection]:
    """Keep all detections."""
    return found


FILTERS: Mapping[str, Filter] = {"all": everything, "plausible": plausible}


def report(detector: YoloDetector, options: argparse.Namespace) -> None:
    """Print the table of everything that is there."""
    clips = sorted(options.footage.glob("game1_clip*"))
    print(f"{options.weights}: confidence {detector.confidence:.2f}, profile {detector.profile}")
    for name, keep in FILTERS.items():
        measured = {clip.name: game(detector, clip, keep) for clip in clips}
        spent = sum(seconds for _, seconds in measured.values()) / max(1, 2 * len(clips))
        print(f"-- real frames, {name} detections, {spent * 1000:.0f} ms a picture")
        for clip, (result, _) in measured.items():
            print(row(clip, result))
        print(row("overall", sum((result for result, _ in measured.values()), Score())))
    print(f"-- snooker, every {options.every}th frame: labelled balls found")
    for path in sorted((options.footage / "snooker").glob("*.mp4")) if options.every else []:
        result = snooker(detector, path, every=options.every)
        print(f"snooker{path.stem:13} labelled {result.truth:4}  found {result.recall:.3f}")
    if options.rendered:
        for name, keep in FILTERS.items():
            balls, pockets = rendered(detector, options.rendered, most=options.most, keep=keep)
            print(row(f"rendered, {name}", balls))
        print(row("rendered, pockets", pockets))


def main() -> int:
    """Print the tables; return 1 where the footage is absent."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("footage", type=Path, nargs="?", default=FOOTAGE)
    parser.add_argument("--weights", type=Path, default=BUNDLED, help="default: the bundled ones")
    parser.add_argument("--size", type=int, help="network input, longer side")
    parser.add_argument("--confidence", type=float, help="default: as the weights say")
    parser.add_argument("--profile", default="auto", help="the game, or auto")
    parser.add_argument("--every", type=int, default=20, help="snooker frames to look at; 0: none")
    parser.add_argument("--rendered", type=Path, help="folder of rendered clips, held out")
    parser.add_argument("--most", type=int, default=40, help="rendered clips to look at")
    parser.add_argument("--one-look", action="store_true", help="never look at the table again")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    detector = YoloDetector(
        options.weights,
        size=options.size,
        confidence=options.confidence,
        profile=options.profile,
        closer_look=not options.one_look,
    )
    report(detector, options)
    return 0 if any(options.footage.glob("game1_clip*")) else 1


if __name__ == "__main__":
    sys.exit(main())
