"""Holds the models against every bar on the real clips, in one command; prints as it goes.

    python benchmarks/evaluate_footage.py [--model nano|PATH] [--detector-weights PATH] [--clips game1_clip3 11]
        [--only click box auto] [--json FILE] [--out DIR]

game1: ``box`` prompts the true boxes of frame 0 and follows them, ``click`` one click in the middle of each, ``auto``
is Det-SAM2 without a person. Predicted and true balls are paired one to one by overlap. A "ghost" is a mask of the last
frame on no true ball: a potted ball that stayed is one. "kept" are the balls of the first frame whose track lies on a
ball of the same class at the end. snooker: share of labelled frames in which a ball's own track (for ``auto`` the one
that serves it best) has IoU >= 0.5 with the label's box. Boxes and tracks are of frames that no training saw.
"""

import argparse
import json
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image as Still
from real_clips import FOOTAGE, Ball, Game, Snooker, read_game, read_snooker

from engine import rle, wiring
from engine.adapters.video_pyav import PyavFrameSource
from engine.assignment import assign
from engine.config import read_settings
from engine.geometry import center, iou
from engine.media import decode
from engine.media.paint import paint
from engine.pipeline import Parts, annotate
from engine.ports import Segmenter
from engine.types import Box, Clip, FrameMasks, Point, Prompt

HIT = 0.5
BARS = (
    ("box", "first", 0.90),
    ("click", "first", 0.88),
    ("box", "last", 0.88),
    ("auto", "last", 0.85),
)
COUNTED = ("missed", "ghosts", "kept", "of")
Figures = dict[str, Any]
Run = Callable[[Clip], list[FrameMasks]]


def overlaps(row: FrameMasks, balls: Sequence[Ball]) -> np.ndarray:
    """Return IoU, float (balls, masks)."""
    table = [[rle.iou(ball.mask, mask.rle) for mask in row.masks] for ball in balls]
    return np.array(table).reshape(len(balls), len(row.masks))


def paired(row: FrameMasks, balls: Sequence[Ball]) -> dict[int, tuple[int, float]]:
    """Return the track on each ball and their IoU, by the ball's place in ``balls``."""
    table = overlaps(row, balls)
    return {b: (row.masks[m].track, float(table[b, m])) for b, m in assign(table)}


def box_prompts(balls: Sequence[Ball]) -> list[Prompt]:
    """Return the true box of every ball; track numbers count from 1."""
    return [Prompt(0, index, box=ball.box) for index, ball in enumerate(balls, 1)]


def click_prompts(balls: Sequence[Ball]) -> list[Prompt]:
    """Return one click in the middle of every ball."""
    places = [Point(*center(ball.box)) for ball in balls]
    return [Prompt(0, index, points=(place,)) for index, place in enumerate(places, 1)]


def own(row: FrameMasks, balls: Sequence[Ball]) -> list[float]:
    """Return the IoU of each ball with the track of its number, 0 where that is not visible."""
    masks = row.by_track()
    found = [(ball, masks.get(index)) for index, ball in enumerate(balls, 1)]
    return [rle.iou(ball.mask, mask.rle) if mask else 0.0 for ball, mask in found]


def followed(clip: Clip, segmenter: Segmenter, prompts: Sequence[Prompt]) -> list[FrameMasks]:
    """Propagate prompts of frame 0 through the clip."""
    with segmenter.open(clip) as session:
        pictures = enumerate(decode(Path(clip.media)))
        return [session.step(i, rgb, prompts if i == 0 else ()) for i, rgb in pictures]


def ends(rows: Sequence[FrameMasks], game: Game) -> Figures:
    """Judge the last frame, and whose track is where."""
    last = paired(rows[-1], game.last)
    on = {track: game.last[ball].label for ball, (track, value) in last.items() if value >= HIT}
    begun = {
        track: game.first[ball].label for ball, (track, _) in paired(rows[0], game.first).items()
    }
    visible = {mask.track for mask in rows[-1].masks}
    return {
        "last": float(sum(value for _, value in last.values()) / len(game.last)),
        "missed": len(game.last) - len(on),
        "ghosts": len(visible - on.keys()),
        "kept": sum(on.get(track) == label for track, label in begun.items()),
        "of": len(game.last),
    }


def judge_game(
    game: Game, segmenter: Segmenter, auto: Run, only: set[str], out: Path | None
) -> Figures:
    """Return every figure of one clip with masks on two frames."""
    figures: Figures = {"balls": len(game.first)}
    if "click" in only:
        with segmenter.open(game.clip) as session:
            rgb = next(decode(Path(game.clip.media)))
            clicked = session.step(0, rgb, click_prompts(game.first))
        figures["click"] = {"first": float(np.mean(own(clicked, game.first)))}
    runs: dict[str, Run] = {
        "box": lambda clip: followed(clip, segmenter, box_prompts(game.first)),
        "auto": auto,
    }
    for name in sorted(only & runs.keys(), reverse=True):
        begun = time.monotonic()
        rows = runs[name](game.clip)
        speed = len(rows) / (time.monotonic() - begun)
        pairs = paired(rows[0], game.first).values()
        first = float(sum(value for _, value in pairs) / len(game.first))
        figures[name] = {"first": first, **ends(rows, game), "frames/s": speed}
        draw(out, game, rows, name)
    return figures


def draw(out: Path | None, game: Game, rows: Sequence[FrameMasks], name: str) -> None:
    """Write first and last frame with the masks, to look at."""
    if out is None:
        return
    out.mkdir(parents=True, exist_ok=True)
    for index, rgb in enumerate(decode(Path(game.clip.media))):
        if index in (0, game.clip.frames - 1):
            names = {mask.track: "" for mask in rows[index].masks}
            painted = Still.fromarray(paint(rgb, rows[index], names=names, fill=0.25))
            painted.save(out / f"{game.clip.id}_{name}_{index:03d}.png")


def judge_snooker(clip: Snooker, segmenter: Segmenter, auto: Run, only: set[str]) -> Figures:
    """Return how long the labelled balls of one clip are followed."""
    prompts = [Prompt(0, index, box=boxes[0]) for index, boxes in enumerate(clip.boxes, 1)]
    figures: Figures = {"balls": len(clip.boxes)}
    if "box" in only:
        rows = followed(clip.clip, segmenter, prompts)
        served = [follow(rows, boxes, index) for index, boxes in enumerate(clip.boxes, 1)]
        figures["box"] = joined(served)
    if "auto" in only:
        rows = auto(clip.clip)
        tracks = {mask.track for row in rows for mask in row.masks}
        best = [
            max((follow(rows, boxes, track) for track in tracks), key=lambda one: one["share"])
            for boxes in clip.boxes
        ]
        some = [anyhow(rows, boxes) for boxes in clip.boxes]
        figures["auto"] = {**joined(best), "any_share": some}
    return figures


def follow(rows: Sequence[FrameMasks], boxes: dict[int, Box], track: int) -> Figures:
    """Judge one track against one labelled ball: share of frames hit, median centre error in pixels."""
    values, errors = [], []
    for frame, box in boxes.items():
        mask = rows[frame].by_track().get(track)
        found = rle.bbox(mask.rle) if mask else None
        values.append(iou(found, box) if found else 0.0)
        if found:
            errors.append(float(np.hypot(*np.subtract(center(found), center(box)))))
    share = float(np.mean(np.array(values) >= HIT))
    return {"share": share, "error": float(np.median(errors)) if errors else float("nan")}


def anyhow(rows: Sequence[FrameMasks], boxes: dict[int, Box]) -> float:
    """Return the share of a ball's frames in which any track has it."""
    hits = []
    for frame, box in boxes.items():
        found = (rle.bbox(mask.rle) for mask in rows[frame].masks)
        hits.append(any(one is not None and iou(one, box) >= HIT for one in found))
    return float(np.mean(hits))


def joined(served: Sequence[Figures]) -> Figures:
    """Put the figures of the balls of one clip side by side."""
    return {"share": [one["share"] for one in served], "error": [one["error"] for one in served]}


def said(value: Any) -> str:
    """Return a figure as text."""
    match value:
        case float():
            return f"{value:.3f}"
        case list():
            return "/".join(said(one) for one in value)
        case dict():
            return " ".join(f"{key} {said(one)}" for key, one in value.items())
        case _:
            return str(value)


def tell(name: str, figures: Figures, seconds: float) -> None:
    """Print one clip."""
    for key, value in figures.items():
        if isinstance(value, dict):
            print(f"{name:12} {key:6} {said(value)}", flush=True)
    print(f"{name:12} {figures['balls']} balls, {seconds:.0f} s", flush=True)


def total(results: dict[str, Figures]) -> Iterator[str]:
    """Yield the figures over all clips beside their bars, as lines."""
    games = [one for name, one in results.items() if name.startswith("game")]
    for run, key, bar in BARS:
        found = [(one[run][key], one["balls"]) for one in games if run in one]
        if found:
            mean = float(np.average([v for v, _ in found], weights=[w for _, w in found]))
            worst = min(v for v, _ in found)
            yield f"bar {run:5} {key:5} >= {bar:.2f}: mean {mean:.3f}, worst clip {worst:.3f}"
    for run in ("box", "auto"):
        lasts = [one[run] for one in games if run in one]
        if lasts:
            counts = {key: sum(one[key] for one in lasts) for key in COUNTED}
            yield f"    {run:5} at the end: {said(counts)}"
        films = [one[run] for one in results.values() if run in one]
        every = [value for one in films for value in one.get("share", [])]
        if every:
            share = f"mean {np.mean(every):.3f}, worst ball {min(every):.3f}"
            yield f"bar {run:5} snooker followed >= 0.90: {share}"


def options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", default="nano")
    parser.add_argument("--detector-weights", default=None)
    parser.add_argument("--footage", type=Path, default=FOOTAGE)
    parser.add_argument("--clips", nargs="*", help="names: game1_clip1, 11; default: all")
    parser.add_argument("--only", nargs="*", default=["click", "box", "auto"])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--out", type=Path, help="folder for pictures of first and last frames")
    parser.add_argument("--json", type=Path, help="file for every figure")
    return parser.parse_args()


def main() -> None:
    """Run the clips asked for."""
    given = options()
    settings = read_settings(
        model=given.model,
        detector_weights=given.detector_weights,
        threads=given.threads,
        device="cpu",
    )
    made = wiring.preannotation(settings)
    torch.set_num_threads(given.threads)
    parts = Parts(PyavFrameSource(), made["detector"], made["segmenter"], made["keep_only"])

    def auto(clip: Clip) -> list[FrameMasks]:
        blocks = annotate(clip, parts, settings=made["settings"])
        return [row for block in blocks for row in block.settled]

    results: dict[str, Figures] = {}
    paths = [*given.footage.glob("game1_clip*"), *given.footage.glob("snooker/*.mp4")]
    for path in sorted(p for p in paths if not given.clips or p.stem in given.clips):
        begun, only = time.monotonic(), set(given.only)
        if path.is_dir():
            figures = judge_game(read_game(path), parts.segmenter, auto, only, given.out)
        else:
            figures = judge_snooker(read_snooker(path), parts.segmenter, auto, only)
        results[path.stem] = figures
        tell(path.stem, figures, time.monotonic() - begun)
        if given.json:
            given.json.write_text(json.dumps(results, indent=1) + "\n")
    for line in total(results):
        print(line)


if __name__ == "__main__":
    main()
