"""Figures as plots: SVG text that stands in a page by itself. Knows matplotlib, which is imported when asked for."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from io import StringIO
from math import pi, sqrt
from typing import Any

import numpy as np

from engine import rle
from engine.evaluation.extras import need
from engine.evaluation.judging import JudgedClip

INK, SOFT, GREEN, RED, BLUE = "#22302a", "#c9d3cd", "#1f7a54", "#c8452f", "#2b6cb0"
STYLE = {
    "font.family": "sans-serif",
    "font.size": 9,
    "svg.fonttype": "none",  # text stays text: lighter, and in the page's own font
    "axes.edgecolor": SOFT,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#e8eeea",
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.major.size": 0,
    "ytick.major.size": 0,
}


def distribution(clips: Sequence[JudgedClip]) -> str:
    """Return how J is spread over all balls in all frames."""
    values = [value for clip in clips for one in clip.objects for value in one.j]
    with _plot("distribution") as (axes, done):
        counts, borders = np.histogram(values, bins=20, range=(0, 1))
        shares = counts / max(1, len(values)) * 100
        axes.bar(borders[:-1], shares, width=0.046, align="edge", color=GREEN)
        axes.set(xlabel="J", ylabel="% of masks", xlim=(0, 1))
        return done()


def over_time(clips: Sequence[JudgedClip]) -> str:
    """Return the mean J over balls through each clip, the worst clips in colour."""
    ranked = sorted(clips, key=lambda clip: np.mean([one.region.mean for one in clip.objects]))
    with _plot("time") as (axes, done):
        for place, clip in enumerate(ranked):
            frames = [one.frame for one in clip.compared]
            means = np.mean([one.j for one in clip.objects], axis=0)
            named = place < 3 and len(clips) > 1
            colour = (RED, "#d98324", BLUE)[place] if named else GREEN
            style = {"lw": 1.8} if named or len(clips) == 1 else {"lw": 1, "alpha": 0.35}
            axes.plot(frames, means, color=colour, label=clip.id if named else None, **style)
        axes.set(xlabel="frame", ylabel="mean J over balls", ylim=(0, 1.02))
        if len(clips) > 1:
            axes.legend(frameon=False, fontsize=8, loc="lower right")
        return done()


def by_size(clips: Sequence[JudgedClip]) -> str:
    """Return J of each ball over its median diameter in pixels, reckoned from its area."""
    points = [pair for clip in clips for pair in _sizes(clip)]
    with _plot("size") as (axes, done):
        axes.scatter(*zip(*points, strict=True), s=14, color=GREEN, alpha=0.6, linewidths=0)
        axes.set(xlabel="diameter of the ball, px", ylabel="mean J of the ball", ylim=(0, 1.02))
        axes.set_xlim(left=0)
        return done()


def by_label(values: Mapping[str, float]) -> str:
    """Return the mean J of each class."""
    ranked = sorted(values.items(), key=lambda pair: -pair[1])
    with _plot("label") as (axes, done):
        names, heights = zip(*ranked, strict=True)
        bars = axes.barh(names, heights, color=GREEN, height=0.62)
        axes.bar_label(bars, fmt="%.2f", padding=3, fontsize=8, color=INK)
        axes.invert_yaxis()
        axes.grid(axis="y", visible=False)
        axes.set(xlabel="mean J of the class", xlim=(0, 1.08))
        return done()


def curve(values: Sequence[float], *, xlabel: str, ylabel: str, marks: Sequence[float] = ()) -> str:
    """Return a series that begins at 1, with dashed lines at ``marks``."""
    with _plot(f"{xlabel} {ylabel}") as (axes, done):
        places = range(1, len(values) + 1)
        axes.plot(places, values, color=GREEN, lw=2, marker="o", markersize=4)
        for mark in marks:
            axes.axhline(mark, color=RED, lw=1, ls=(0, (4, 3)))
        axes.set(xlabel=xlabel, ylabel=ylabel)
        axes.xaxis.get_major_locator().set_params(integer=True)
        return done()


def progress(clips: Sequence[Sequence[tuple[float, float]]]) -> str:
    """Return the share of wrong masks over seconds of a person, a line for each clip: (seconds, share) by look."""
    with _plot("progress") as (axes, done):
        for steps in clips:
            seconds, shares = zip(*steps, strict=True)
            axes.plot(
                seconds,
                [100 * share for share in shares],
                color=GREEN,
                lw=1.4,
                marker="o",
                markersize=3,
            )
        axes.set(xlabel="seconds of a person", ylabel="% of masks", xlim=(0, None), ylim=(0, None))
        return done()


def _sizes(clip: JudgedClip) -> Iterator[tuple[float, float]]:
    """Yield median diameter and mean J of each ball."""
    areas: dict[int, list[int]] = {}
    for row in clip.compared:
        for mask in row.true.masks:
            areas.setdefault(mask.track, []).append(rle.area(mask.rle))
    for one in clip.objects:
        yield 2 * sqrt(float(np.median(areas[one.track])) / pi), one.region.mean


@contextmanager
def _plot(salt: str) -> Iterator[tuple[Any, Callable[[], str]]]:
    """Yield axes of the page's style, and what returns them as SVG; ``salt`` keeps the plots' ids apart.

    Raises:
        SettingsError: matplotlib is not installed.
    """
    matplotlib, figure_of = need("matplotlib"), need("matplotlib.figure")
    with matplotlib.rc_context({**STYLE, "svg.hashsalt": salt}):
        figure = figure_of.Figure(figsize=(4.6, 2.7), layout="constrained")

        def done() -> str:
            held = StringIO()
            figure.savefig(held, format="svg", transparent=True, metadata={"Date": None})
            return held.getvalue()[held.getvalue().index("<svg") :]

        yield figure.add_subplot(), done
