"""How long a person waits: from a click to its mask, and for 60 frames drawn anew, with the bundled weights on the CPU.

    python benchmarks/correct_speed.py --threads 2
    python benchmarks/correct_speed.py --threads 2 --data /data/rendered --clip game-3

Clicks go into the middle of balls whose true masks are known: by default those of the clip that ships with the engine.
"click" is a fresh pass that takes one picture, already decoded, with one click; "click, cold" decodes the picture first.
"spread" draws frames forward from a click, decoding and all, on a parent that is wrong throughout, so that no pass
ends early; "both ways" is half of them each way.
"""

import argparse
import resource
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

import numpy as np

from engine.adapters.video_pyav import PyavFrameSource
from engine.config import Settings
from engine.datasets import LabelledClip, read_dataset
from engine.evaluation.clicking import click_into
from engine.masklets import complete
from engine.ports import Segmenter
from engine.propagate import Ground, correct
from engine.types import Clip, FrameMasks, Image, Prompt
from engine.wiring import segmenter

ASSETS = Path(__file__).parents[1] / "engine" / "assets"


def clicks(row: FrameMasks, balls: int) -> list[Prompt]:
    """Return one click for each of the first balls of a frame."""
    return [Prompt(row.frame, m.track, points=(click_into(m.rle),)) for m in row.masks[:balls]]


def timed(act: Callable[[], object]) -> float:
    """Return the seconds that something takes."""
    begun = time.perf_counter()
    act()
    return time.perf_counter() - begun


def picture(clip: Clip, frame: int) -> Image:
    """Decode one frame, uint8 (H, W, 3)."""
    return next(PyavFrameSource().batches(clip, size=1, start=frame, stop=frame + 1)).rgb[0]


def answer(clip: Clip, rgb: Image, prompt: Prompt, model: Segmenter) -> FrameMasks:
    """Return what one click on one picture comes to."""
    with model.open(clip) as session:
        return session.step(prompt.frame, rgb, [prompt])


def show(name: str, seconds: Sequence[float], note: str = "") -> None:
    """Print a line of figures."""
    worst = float(np.percentile(seconds, 95))
    print(
        f"{name:22} p50 {1000 * median(seconds):7.0f} ms   p95 {1000 * worst:7.0f} ms   "
        f"of {len(seconds)} {note}"
    )


def clicking(one: LabelledClip, rows: Sequence[FrameMasks], model: Segmenter, each: int) -> None:
    """Measure from click to mask."""
    warm, cold = [], []
    for row in rows[:: max(1, len(rows) // each)]:
        for prompt in clicks(row, 4):
            rgb = picture(one.clip, row.frame)
            warm.append(timed(lambda p=prompt, rgb=rgb: answer(one.clip, rgb, p, model)))
            cold.append(
                timed(lambda p=prompt: answer(one.clip, picture(one.clip, p.frame), p, model))
            )
    show("click", warm)
    show("click, cold", cold)


def spreading(
    one: LabelledClip, row: FrameMasks, model: Segmenter, *, frames: range, balls: int
) -> None:
    """Measure a stretch drawn anew on an empty parent."""
    ground = Ground(one.clip, lambda a, b: complete((), start=a, stop=b), PyavFrameSource(), model)
    prompts = clicks(row, balls)
    heard: list[float] = []
    begun = time.perf_counter()
    correct(
        ground,
        prompts,
        frames=frames,
        progress=lambda _: heard.append(time.perf_counter() - begun),
    )
    whole = time.perf_counter() - begun
    print(
        f"spread {len(prompts):2} balls over {len(frames)} frames {frames.start}-{frames.stop - 1}: "
        f"{whole:5.2f} s, first mask after {1000 * heard[0]:.0f} ms"
    )


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=ASSETS)
    parser.add_argument("--clip", default="demo")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--frames", type=int, default=60)
    parser.add_argument("--each", type=int, default=10, help="frames that are clicked at")
    chosen = parser.parse_args()
    import torch  # noqa: PLC0415 - after the arguments are known to be sound

    torch.set_num_threads(chosen.threads)
    model = segmenter(Settings(), device="cpu")
    one = next(clip for clip in read_dataset(chosen.data) if clip.clip.id == chosen.clip)
    rows = [row for row in one.frames() if row.masks]
    clip, count = one.clip, chosen.frames
    answer(clip, picture(clip, rows[0].frame), clicks(rows[0], 1)[0], model)  # warm up
    print(
        f"{clip.id}: {clip.width} x {clip.height}, {clip.frames} frames, {chosen.threads} threads"
    )
    clicking(one, rows, model, chosen.each)
    middle = rows[len(rows) // 2]
    for balls in (1, 2, 8):
        spreading(
            one, rows[0], model, frames=range(rows[0].frame, rows[0].frame + count), balls=balls
        )
        around = range(max(0, middle.frame - count // 2), middle.frame + count // 2)
        spreading(one, middle, model, frames=around, balls=balls)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory {peak:.0f} MiB")


if __name__ == "__main__":
    main()
