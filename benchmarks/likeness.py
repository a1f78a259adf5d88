"""How well near-duplicates are told from other shots on the same table before the same camera, by embedder, and what it costs.

    python benchmarks/likeness.py [--tables 8] [--shots 4] [--footage FOLDER]

The first table asks of single pictures: of altered copies, how many are nearer to their original than 99 of 100 pictures of
other shots on the same table are to each other. "Follows" are shots that begin where the one before ended, of which one
ball or two move. The second asks of clips with the embedder that ships: each clip against altered copies of each, whose
looks fall between its own, and against all other shots. Rendered clips by default; FOLDER adds recordings, of which every
two different files count as different shots.
"""

import argparse
import itertools
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np
import torch
from likeness_films import COPIES, Film, recorded, rendered
from numpy.typing import NDArray
from PIL import Image as Pillow
from torch.nn.functional import adaptive_avg_pool2d

from engine.adapters.embed_balls import SIDE, BallEmbedder
from engine.likeness import Looks, alike, found_again
from engine.models.checkpoints import load_segmenter
from engine.models.memory import encode
from engine.models.nano import SIDE as WINDOW
from engine.models.yolo import BUNDLED, load_weights
from engine.models.yolo_infer import letterbox, ready
from engine.types import FrameBatch, Image

Vector = NDArray[np.float32]
Embed = Callable[[Image], Vector]
Key = tuple[str, int, str]
"""Film, picture, copy."""


def unit(vector: NDArray[np.floating]) -> Vector:
    """Return a vector of length 1."""
    return np.asarray(vector / max(1e-9, float(np.linalg.norm(vector))), np.float32)


def scaled_down(rgb: Image) -> Vector:
    """Return the picture as 32 x 18 greys around their mean."""
    small = np.asarray(Pillow.fromarray(rgb).convert("L").resize((32, 18), Pillow.Resampling.BOX), np.float32)  # fmt: skip
    return unit((small - small.mean()).ravel())


def of_detector(layer: int) -> Embed:
    """Return an embedder by one layer of the ball YOLO, averaged over 16 x 9 cells, each channel around its mean."""
    model = ready(load_weights(BUNDLED)[0])
    kept: dict[str, torch.Tensor] = {}
    model.model[layer].register_forward_hook(lambda _m, _given, out: kept.update(out=out))  # type: ignore[index,operator,union-attr]  # ultralytics has no types

    def embed(rgb: Image) -> Vector:
        with torch.inference_mode():
            model(letterbox(torch.tensor(rgb), SIDE)[0])
            cells = adaptive_avg_pool2d(kept["out"], (9, 16))[0].numpy()
        return unit((cells - cells.mean(axis=(1, 2), keepdims=True)).ravel())

    return embed


def of_segmenter() -> Embed:
    """Return an embedder by the nano's image encoder on 6 x 4 windows of the picture, averaged over 3 x 3 cells of each."""
    model = load_segmenter("nano").network.eval()

    def embed(rgb: Image) -> Vector:
        fitted = np.asarray(Pillow.fromarray(rgb).resize((6 * WINDOW, 4 * WINDOW)))
        windows = fitted.reshape(4, WINDOW, 6, WINDOW, 3).transpose(0, 2, 4, 1, 3).reshape(24, 3, WINDOW, WINDOW)  # fmt: skip
        with torch.inference_mode():
            last = encode(model, torch.from_numpy(windows.copy())).levels[-1]
            cells = adaptive_avg_pool2d(last, (3, 3)).numpy()
        return unit((cells - cells.mean(axis=(0, 2, 3), keepdims=True)).ravel())

    return embed


def of_balls() -> Embed:
    """Return the embedder that ships."""
    embedder = BallEmbedder()
    return lambda rgb: np.asarray(embedder.embed(FrameBatch(0, rgb[None]))[0])


EMBEDDERS: Mapping[str, Callable[[], Embed]] = {
    "picture scaled to 32 x 18": lambda: scaled_down,
    "detector, stride 8": lambda: of_detector(4),
    "detector, stride 32": lambda: of_detector(9),
    "segmenter's encoder": of_segmenter,
    "where balls lie (ships)": of_balls,
}


def some(film: Film) -> tuple[int, ...]:
    """Return the pictures that single ones are judged by: at the beginning, in the middle, at the end."""
    last = len(film.pictures) - 1
    return 1, last // 2, last


def other_shots(films: Sequence[Film], *, follows: bool) -> list[tuple[Film, Film]]:
    """Return pairs of different shots on one table."""
    chosen = [film for film in films if film.follows is follows]
    return [(a, b) for a, b in itertools.combinations(chosen, 2) if a.table == b.table]


def told_apart(films: Sequence[Film], embed: Embed) -> str:
    """Return for one embedder which share of altered copies is nearer than all but one in 100 pictures of other shots."""
    plain = {(f.name, k): embed(f.picture(k)) for f in films for k in some(f)}
    cells = []
    for follows in (False, True):
        pairs = other_shots(films, follows=follows)
        apart = [
            float(plain[a.name, i] @ plain[b.name, j])
            for a, b in pairs
            for i in some(a)
            for j in some(b)
            if not (follows and i > j)  # where one ended the next begins
        ]
        least = np.percentile(apart, 99) if apart else 1.0
        near = [
            float(plain[f.name, k] @ embed(alter(f.picture(k)))) > least
            for alter in list(COPIES.values())[1:]
            for f in films
            if f.follows is follows
            for k in some(f)
        ]
        cells.append(f"{np.mean(near):6.0%} (other shots: {np.median(apart):.2f}, 99 %: {least:.2f})" if near and apart else "-")  # fmt: skip
    return " | ".join(f"{cell:44}" for cell in cells)


def looks(film: Film, embed: Embed, copy: str, *, begin: int, stop: int | None = None) -> Looks:
    """Return a film's looks, every second picture from ``begin`` on."""
    numbers = range(begin, len(film.pictures), 2)[:stop]
    vectors = np.stack([embed(COPIES[copy](film.picture(k))) for k in numbers])
    return Looks(tuple(range(0, 15 * len(numbers), 15)), Fraction(30), vectors)


def clips_told(films: Sequence[Film], embed: Embed) -> Iterator[str]:
    """Yield rows about whole clips: how many copies are found, and how many pairs of other shots are taken for copies."""
    whole = {film.name: looks(film, embed, "the same file", begin=0) for film in films}
    for copy in COPIES:
        altered = {film.name: looks(film, embed, copy, begin=1) for film in films}
        found = [found_again(whole[name], altered[name]).like > 0 for name in whole]
        part = [
            found_again(_cut(whole[name], 0, 0.75), _cut(altered[name], 0.25, 1)).like > 0
            for name in whole
        ]
        yield f"copy: {copy:40} found {np.mean(found):5.0%}; cut so that two thirds overlap {np.mean(part):5.0%}"
    for follows, what in ((False, "other shots on the table"), (True, "shots that follow")):
        pairs = other_shots(films, follows=follows)
        wrong = [found_again(whole[a.name], whole[b.name]) for a, b in pairs]
        moved = [one for one in wrong if one.like and not one.still]
        still = [one for one in wrong if one.like and one.still]
        yield f"{what}: {len(pairs)} pairs, taken for copies {len(moved)}, for the same rest {len(still)}"


def _cut(one: Looks, begin: float, stop: float) -> Looks:
    chosen = slice(round(begin * len(one.frames)), round(stop * len(one.frames)))
    frames = one.frames[chosen]
    return Looks(tuple(k - frames[0] for k in frames), one.rate, one.vectors[chosen])


def speed() -> str:
    """Return how long a thousand clips take to compare, and one more with all of them."""
    rng = np.random.default_rng(0)
    dim, ticks = BallEmbedder().dim, tuple(range(0, 300, 15))
    clips = {f"c{k}": Looks(ticks, Fraction(30), np.stack([unit(v) for v in rng.normal(size=(20, dim))])) for k in range(1000)}  # fmt: skip
    began = time.perf_counter()
    alike(clips)
    all_, began = time.perf_counter() - began, time.perf_counter()
    alike(clips, only={"c7"})
    return (
        f"1,000 clips of 20 looks: {all_:.1f} s; one more clip: {time.perf_counter() - began:.2f} s"
    )


def main() -> None:
    """Print the tables."""
    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ask.add_argument("--tables", type=int, default=8)
    ask.add_argument("--shots", type=int, default=4)
    ask.add_argument("--footage", type=Path)
    args = ask.parse_args()
    torch.set_num_threads(1)
    films = [*rendered(args.tables, args.shots), *(recorded(args.footage) if args.footage else ())]
    print(
        f"{len(films)} clips; copies nearer than 99 % of other shots: independent shots | shots that follow"
    )
    for name, make in EMBEDDERS.items():
        print(f"  {name:26} {told_apart(films, make())}", flush=True)
    embed = of_balls()
    for kind in ("rendered", "recorded"):
        chosen = [film for film in films if (film.table == "recorded") is (kind == "recorded")]
        for row in clips_told(chosen, embed) if chosen else ():
            print(f"  {kind}: {row}", flush=True)
    began, frames = time.perf_counter(), films[0].pictures
    for number in range(len(frames)):
        embed(films[0].picture(number))
    each = (time.perf_counter() - began) / len(frames)
    print(
        f"a look: {1000 * each:.0f} ms in one thread, {2 * each:.2f} s a second of video; {speed()}"
    )


if __name__ == "__main__":
    main()
