"""How well weights do on labelled clips held out, without any real footage; knows windows and memory, no rivals and no search.

``python -m engine.training.segmenter_check --weights FILE --data CLIPS`` follows every ball of every clip from its
true box on the first frame, alone, as training does, so two runs can be compared.
"""

import argparse
import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from engine import geometry
from engine.datasets import read_dataset
from engine.models import memory, place
from engine.models.checkpoints import load_segmenter
from engine.models.memory import Drawn, Features, Past
from engine.models.place import Place
from engine.models.windows import View, cut, window
from engine.training.segmenter_films import Ball, Film, read_film
from engine.training.segmenter_paste import OTHER, OWN, canvas
from engine.types import Box, Image

LEAST = 24  # pixels of the picture, below which a ball is left out


@dataclass(frozen=True, slots=True)
class Score:
    """What was found: mean IoU on the first frame and on the last, shares of frames and of balls, 0..1.

    ``gone`` is the share of the frames without the ball that were called so, ``lost`` that of the
    frames with it on which it was called gone, ``jumps`` that of the balls whose last mask lies on another.
    """

    balls: int
    box: float
    click: float
    last: float
    gone: float
    gone_frames: int
    lost: float
    jumps: float


@dataclass(slots=True)
class _Tally:
    """What is counted on the way, one number for each ball or frame."""

    box: list[float] = field(default_factory=list)
    click: list[float] = field(default_factory=list)
    last: list[float] = field(default_factory=list)
    gone: list[float] = field(default_factory=list)
    lost: list[float] = field(default_factory=list)
    jumps: list[float] = field(default_factory=list)


@dataclass(slots=True)
class _Run:
    """One clip's balls under way: their places, and what they remember of each frame."""

    tracks: list[int]
    spots: list[Place]
    memories: list[Tensor] = field(default_factory=list)
    pointers: list[Tensor] = field(default_factory=list)


def check(model: Any, clips: Iterable[Film], *, context: float) -> Score:
    """Follow every ball of the clips and return what was found; see ``Score``."""
    tally = _Tally()
    model.eval()
    with torch.inference_mode():
        for film in clips:
            _follow(model, film, context, tally)
    frames = len(tally.gone)
    means = {
        name: _mean(getattr(tally, name))
        for name in ("box", "click", "last", "gone", "lost", "jumps")
    }
    return Score(balls=len(tally.box), gone_frames=frames, **means)


def held_out(source: Path, *, frames: int, clips: int) -> Iterator[Film]:
    """Yield the first ``frames`` labelled frames of up to ``clips`` clips, those of a split "val" where there is one."""
    known = read_dataset(source)
    own = [one for one in known if one.clip.split == "val"] or list(known)
    for one in own[:clips]:
        yield read_film(one, start=0, length=frames)


def _mean(values: Sequence[float]) -> float:
    """Return the mean, not a number where there is nothing."""
    return round(float(np.mean(values)), 4) if values else float("nan")


def _follow(model: Any, film: Film, context: float, tally: _Tally) -> None:
    """Follow the balls of one clip."""
    balls = {track: ball for track, ball in film.balls[0].items() if ball.area >= LEAST}
    if not balls:
        return
    run = _Run(list(balls), [place.begin(ball.box) for ball in balls.values()])
    own, views = _see(model, film.pictures[0], run, context)
    tally.click += _ious(_clicked(model, own, balls, views), film, 0, run.tracks, views)
    drawn = _boxed(model, own, balls, views)
    tally.box += _ious(drawn, film, 0, run.tracks, views)
    _keep(model, own, drawn, run, views, prompted=True)
    for t in range(1, len(film.pictures)):
        own, views = _see(model, film.pictures[t], run, context)
        lit = memory.recall(model, own, _past(model, run, film.numbers, t))
        drawn = memory.decode(model, lit, own)
        _count(drawn, film, t, run, tally, views)
        _keep(model, own, drawn, run, views, prompted=False)


def _see(model: Any, rgb: Image, run: _Run, context: float) -> tuple[Features, list[View]]:
    """Encode the window of each ball."""
    views = [window(place.expected(spot), context=context) for spot in run.spots]
    pictures = torch.stack([cut(rgb, view, model.image_size) for view in views])
    return memory.encode(model, pictures.to(next(model.parameters()).device)), views


def _boxed(model: Any, own: Features, balls: Mapping[int, Ball], views: Sequence[View]) -> Drawn:
    """Draw balls from their boxes."""
    side = model.image_size
    corners = [
        _inside(ball.box, view, side) for ball, view in zip(balls.values(), views, strict=True)
    ]
    labels = torch.tensor([[2, 3]] * len(corners), dtype=torch.int32)
    places = torch.tensor(corners).view(-1, 2, 2)
    return memory.decode(model, memory.begin(model, own), own, clicks=(places, labels), first=True)


def _clicked(model: Any, own: Features, balls: Mapping[int, Ball], views: Sequence[View]) -> Drawn:
    """Draw balls from one click in the middle of their boxes."""
    side = model.image_size
    middles = [geometry.center(ball.box) for ball in balls.values()]
    places = [
        _inside((x, y, x, y), view, side)[:2] for (x, y), view in zip(middles, views, strict=True)
    ]
    labels = torch.ones(len(places), 1, dtype=torch.int32)
    clicks = torch.tensor(places).view(-1, 1, 2), labels
    return memory.decode(model, memory.begin(model, own), own, clicks=clicks, first=True)


def _inside(box: Box, view: View, side: int) -> Box:
    """Return a box in the model's pixels."""
    scale = side / (view[2] - view[0])
    x0, y0, x1, y1 = geometry.shift(box, -view[0], -view[1])
    return x0 * scale, y0 * scale, x1 * scale, y1 * scale


def _past(model: Any, run: _Run, numbers: Sequence[int], t: int) -> Past:
    """Return what frame t attends to: the first frame and the newest others."""
    rows, spatial = len(run.tracks), model.num_maskmem - 1
    kept = [0, *(k for k in range(1, t) if numbers[t] - numbers[k] <= spatial)]
    places = [spatial if k == 0 else numbers[t] - numbers[k] - 1 for k in kept]
    oldest = model.max_obj_ptrs_in_encoder
    pointed = [0, *(k for k in range(1, t) if numbers[t] - numbers[k] < oldest)]
    ages = [(numbers[t] - numbers[k]) / (oldest - 1) for k in pointed]
    return Past(
        torch.stack([run.memories[k] for k in kept], 1),
        torch.tensor(places).expand(rows, -1),
        torch.stack([run.pointers[k] for k in pointed], 1),
        torch.tensor(ages).expand(rows, -1),
    )


def _keep(
    model: Any, own: Features, drawn: Drawn, run: _Run, views: Sequence[View], *, prompted: bool
) -> None:
    """Remember a frame and where the balls were."""
    kept = memory.remember(model, own, drawn, prompted=prompted)
    run.memories.append(kept.to(torch.bfloat16).float())
    run.pointers.append(drawn.pointer)
    for i, (mask, view) in enumerate(zip(_masks(drawn, views), views, strict=True)):
        rows, columns = np.nonzero(mask)
        if not len(rows):
            run.spots[i] = place.missed(run.spots[i])
            continue
        x0, x1 = float(columns.min() + view[0]), float(columns.max() + 1 + view[0])
        found = x0, float(rows.min() + view[1]), x1, float(rows.max() + 1 + view[1])
        run.spots[i] = place.begin(found) if prompted else place.seen(run.spots[i], found)


def _masks(drawn: Drawn, views: Sequence[View]) -> list[Any]:
    """Return what was drawn in the picture's pixels, bool (n, n) for each window."""
    masks = []
    for low, view in zip(drawn.low, views, strict=True):
        side = view[2] - view[0]
        high = functional.interpolate(low[None], (side, side), mode="bilinear", align_corners=False)
        masks.append((high[0, 0] > 0).cpu().numpy())
    return masks


def _ious(
    drawn: Drawn, film: Film, t: int, tracks: Sequence[int], views: Sequence[View]
) -> list[float]:
    """Return how well each ball was drawn; pixels outside of its window count as missed."""
    found = []
    for mask, view, track in zip(_masks(drawn, views), views, tracks, strict=True):
        truth = canvas(film.pictures[t], film.balls[t], track, view).labels == OWN
        ball = film.balls[t].get(track)
        union = (mask & ~truth).sum() + (ball.area if ball else 0)
        found.append(float((mask & truth).sum() / union) if union else 1.0)
    return found


def _count(
    drawn: Drawn, film: Film, t: int, run: _Run, tally: _Tally, views: Sequence[View]
) -> None:
    """Count what one frame shows; the last one closes the account."""
    ious, last = _ious(drawn, film, t, run.tracks, views), t == len(film.pictures) - 1
    for i, (mask, track) in enumerate(zip(_masks(drawn, views), run.tracks, strict=True)):
        ball = film.balls[t].get(track)
        if ball is None:
            tally.gone.append(float(not mask.any()))
        elif ball.area >= LEAST:
            tally.lost.append(float(not mask.any()))
        if last and ball is not None and ball.area >= LEAST:
            tally.last.append(ious[i])
        if last:
            labels = canvas(film.pictures[t], film.balls[t], track, views[i]).labels
            tally.jumps.append(float((mask & (labels == OTHER)).sum() > max(1, mask.sum()) / 2))


def main() -> None:
    """Check weights as the command line says and write the score as JSON."""
    parser = argparse.ArgumentParser(
        prog="python -m engine.training.segmenter_check", description=__doc__
    )
    parser.add_argument(
        "--weights", default="nano", help="a model's name or the path of its weights"
    )
    parser.add_argument(
        "--data", type=Path, required=True, action="append", help="a dataset; may be repeated"
    )
    parser.add_argument("--frames", type=int, default=12, help="of each clip, from its beginning")
    parser.add_argument("--clips", type=int, default=40, help="of each dataset at most")
    parser.add_argument("--threads", type=int, default=1)
    asked = parser.parse_args()
    torch.set_num_threads(asked.threads)
    loaded = load_segmenter(asked.weights)
    context = float(loaded.about.get("context", 3.5))
    for source in asked.data:
        films = held_out(source, frames=asked.frames, clips=asked.clips)
        score = check(loaded.network, films, context=context)
        sys.stdout.write(json.dumps({"data": str(source), **asdict(score)}) + "\n")


if __name__ == "__main__":
    main()
