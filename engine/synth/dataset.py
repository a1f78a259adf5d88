"""Writes folders of rendered clips with their truth, over processes, going on where it stopped. Knows no scene."""

import json
import multiprocessing
import signal
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from pathlib import Path
from zlib import crc32

import cv2
import numpy as np

from engine.errors import InputError
from engine.synth.film import write_clip
from engine.synth.preset import TRAINING, Preset
from engine.synth.render import render_clip

RATE = Fraction(30)
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Order:
    """One clip to render: number ``index`` of the dataset of ``seed``, in pictures of ``size`` (w, h)."""

    out: Path
    preset: Preset
    seed: int
    index: int
    frames: int
    size: tuple[int, int]

    @property
    def name(self) -> str:
        """Return the clip's name."""
        return clip_id(self.seed, self.index, self.preset)


@dataclass(frozen=True, slots=True)
class Rendered:
    """What became of an order of clips: names of those ``written`` now and of those ``kept`` from before."""

    written: tuple[str, ...]
    kept: tuple[str, ...]
    interrupted: bool = False


def write_dataset(
    out: Path,
    *,
    clips: int,
    frames: int,
    seed: int,
    width: int,
    height: int,
    workers: int = 1,
    preset: Preset = TRAINING,
) -> Rendered:
    """Write ``clips`` rendered clips of ``frames`` frames into ``out``; finished ones are kept.

    Clip k depends on (``preset``, ``seed``, k, size, frames) alone. Raises as ``write_orders`` does.
    """
    orders = [Order(out, preset, seed, k, frames, (width, height)) for k in range(clips)]
    return write_orders(orders, workers=workers)


def write_orders(
    orders: list[Order],
    *,
    workers: int = 1,
    progress: Progress | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> Rendered:
    """Write the clips of ``orders`` that are not there yet.

    ``progress`` is told frames done and frames in all; when ``stop`` turns true, clips begun are finished and no
    other is begun. Raises ``InputError`` when there is a clip of that name but of another length or size, and
    ``SettingsError`` when pooltool is not installed.
    """
    for order in orders:
        order.out.mkdir(parents=True, exist_ok=True)
    kept = [order for order in orders if (order.out / f"{order.name}.json").exists()]
    if kept:
        _refuse_others(kept[0])
    done = {order.name for order in kept}
    todo = [order for order in orders if order.name not in done]
    tell = _counter(progress, sum(o.frames for o in kept), sum(o.frames for o in orders))
    made = _alone(todo, tell, stop) if workers <= 1 else _together(todo, tell, stop, workers)
    written = tuple(sorted(made))
    return Rendered(written, tuple(order.name for order in kept), len(written) < len(todo))


def clip_id(seed: int, index: int, preset: Preset = TRAINING) -> str:
    """Return the name of clip ``index`` of the dataset of ``seed``."""
    name = f"s{seed:04d}_{index:05d}"
    return name if preset.name == TRAINING.name else f"{preset.name}_{name}"


def write_ordered(order: Order, heard: Callable[[int], None] | None = None) -> str:
    """Render and write one clip; return its name."""
    cv2.setNumThreads(1)
    rng = np.random.default_rng(_seeds(order))
    scale = float(rng.uniform(0.85, 1.12))
    width, height = order.size
    if order.preset.varied:
        width, height = (max(64, round(k * scale / 16) * 16) for k in order.size)
    clip = render_clip(
        int(rng.integers(2**31)),
        width=width,
        height=height,
        frames=order.frames,
        rate=RATE,
        preset=order.preset,
    )
    crf = int(rng.integers(17, 31))
    write_clip(order.out, order.name, clip, seed=order.seed, crf=crf, heard=heard)
    return order.name


def _seeds(order: Order) -> list[int]:
    """Return what a clip is drawn from: clips of different presets have nothing in common."""
    named = [] if order.preset.name == TRAINING.name else [crc32(order.preset.name.encode())]
    return [order.seed, order.index, *named]


def _refuse_others(order: Order) -> None:
    """Raise ``InputError`` where the finished clip of ``order`` is not what was ordered."""
    path = order.out / f"{order.name}.json"
    truth = json.loads(path.read_text())
    found = (truth["frames"], (truth["width"], truth["height"]))
    if found[0] != order.frames or (not order.preset.varied and found[1] != order.size):
        raise InputError(
            f"{path}: has {found[0]} frames of {found[1]}, but {order.frames} of {order.size} are "
            "asked for; take another folder or another seed, or ask for the same again"
        )


def _counter(progress: Progress | None, begun: int, total: int) -> Callable[[int], None]:
    """Return what adds frames to those done and tells ``progress``."""
    done = begun

    def tell(more: int) -> None:
        nonlocal done
        done += more
        if progress is not None:
            progress(done, total)

    tell(0)
    return tell


def _alone(
    todo: list[Order], tell: Callable[[int], None], stop: Callable[[], bool]
) -> Iterator[str]:
    for order in todo:
        if stop():
            return
        yield write_ordered(order, lambda _: tell(1))


def _together(
    todo: list[Order], tell: Callable[[int], None], stop: Callable[[], bool], workers: int
) -> Iterator[str]:
    """Write clips in ``workers`` processes, which leave Ctrl-C to this one."""
    spawn, before = multiprocessing.get_context("spawn"), set(multiprocessing.active_children())
    with ProcessPoolExecutor(workers, mp_context=spawn, initializer=_listen) as pool:
        try:
            yield from _feed(pool, iter(todo), tell, stop, workers)
        except BaseException:
            for child in set(multiprocessing.active_children()) - before:
                child.terminate()
            raise


def _feed(
    pool: ProcessPoolExecutor,
    waiting: Iterator[Order],
    tell: Callable[[int], None],
    stop: Callable[[], bool],
    workers: int,
) -> Iterator[str]:
    """Give every free worker the next order; return the names of the clips as they are finished."""
    running: dict[Future[str], Order] = {}
    while True:
        free = 0 if stop() else workers - len(running)
        for order in islice(waiting, free):
            running[pool.submit(write_ordered, order)] = order
        if not running:
            return
        finished, _ = wait(running, timeout=1.0, return_when=FIRST_COMPLETED)
        for future in finished:
            tell(running.pop(future).frames)
            yield future.result()


def _listen() -> None:
    """Let a worker finish its clip when Ctrl-C reaches all, and give up its clip when it is told to end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
