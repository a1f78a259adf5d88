"""A report as one HTML page that needs nothing beside it. Knows layout, computes no figure."""

from collections.abc import Iterable, Sequence
from html import escape

from engine.evaluation import plots
from engine.evaluation.annotator import Look
from engine.evaluation.columns import COLUMNS, share
from engine.evaluation.interactive import GOALS, ClickFigures
from engine.evaluation.labour import Labour
from engine.evaluation.pictures import Scene
from engine.evaluation.report import Report
from engine.evaluation.style import SHEET

TILES = ("J", "J&F", "F 1px", "AP", "HOTA", "IDF1", "switches", "px")


def page(said: Report, scenes: Sequence[Scene]) -> str:
    """Return the page: what was evaluated, the figures, plots, every clip, the worst frames."""
    parts = [
        _head(said),
        _tiles(said),
        _section("How the masks are", _plots(said)),
        _section("Clicks on single frames", _clicks(said.clicks)) if said.clicks else "",
        _section("What correction costs", _labour(said, said.labour)) if said.labour else "",
        _section("Every clip", _table(said)),
        _section("The worst frames", _legend() + "".join(map(_scene, scenes)))
        if scenes
        else _section(
            "The worst frames",
            "<p>None: every ball has a J of 0.9 or more, or no picture can be read.</p>",
        ),
        _section("What could not be evaluated", _failed(said)) if said.failed else "",
        _section("What the figures mean", _glossary()),
    ]
    return (
        "<!doctype html><html lang=en><meta charset=utf-8>"
        '<meta name=viewport content="width=device-width, initial-scale=1">'
        f"<title>Evaluation</title><style>{SHEET}</style><main>{''.join(parts)}</main></html>\n"
    )


def _head(said: Report) -> str:
    """Return title and what was evaluated."""
    about = "".join(
        f"<dt>{escape(key)}</dt><dd>{escape(value)}</dd>" for key, value in said.about.items()
    )
    counts = f"{len(said.clips)} clips, {said.total.frames} frames, {said.total.objects} balls"
    return f"<header><h1>Evaluation</h1><p>{counts}</p><dl class=about>{about}</dl></header>"


def _tiles(said: Report) -> str:
    """Return the figures that matter most, large."""
    return tiled(
        (column.text(said.total), column.name, column.meaning)
        for column in COLUMNS
        if column.name in TILES
    )


def tiled(tiles: Iterable[tuple[str, str, str]]) -> str:
    """Return figures large, each with its name and what it means."""
    cells = (
        f"<div class=tile><b>{escape(figure)}</b><span>{escape(name)}</span>"
        f"<small>{escape(meaning)}</small></div>"
        for figure, name, meaning in tiles
    )
    return f"<div class=tiles>{''.join(cells)}</div>"


def _plots(said: Report) -> str:
    """Return the plots of all clips."""
    drawn = (
        ("How J is spread over all masks", plots.distribution(said.clips)),
        ("J through the clips", plots.over_time(said.clips)),
        ("J by the size of the ball", plots.by_size(said.clips)),
        ("J by class", plots.by_label(said.total.by_label)),
    )
    return figures(drawn)


def _clicks(said: ClickFigures) -> str:
    """Return how many clicks a ball needs."""
    tiles = [
        (f"{count:.2f}", f"NoC@{goal}", f"clicks; {said.failed[goal]:.1%} never get there")
        for goal, count in said.noc.items()
    ]
    drawn = plots.curve(said.curve, xlabel="clicks", ylabel="mean IoU", marks=GOALS)
    return tiled(tiles) + figures([(f"IoU by click, {said.objects} balls", drawn)])


def _labour(said: Report, done: Labour) -> str:
    """Return what the simulated person did, and how the masks got better with it."""
    effort = done.effort
    tiles = [
        (
            f"{done.clicks_per_frame:.2f}",
            "clicks a frame",
            f"{effort.clicks} in all, and {effort.keys} keys",
        ),
        (
            f"{done.seconds_per_frame:.2f} s",
            "of a person a frame",
            f"{done.person_seconds:.0f} s in all: 0.1 s a frame looked through, 1 s an object found, 1.5 s a click, 0.28 s a key",
        ),
        (
            f"{done.hours:.1f} h",
            f"for {done.target:.0f} s of video",
            "of one person, at this rate; what is still wrong is not in it",
        ),
        (
            f"{done.wrong_before:.1%} to {done.wrong_after:.1%}",
            "masks below the threshold",
            f"before and after; mean J {done.j_before:.3f} and {done.j_after:.3f}",
        ),
    ]
    drawn = plots.progress([_steps(one.looks) for one in said.corrected])
    return tiled(tiles) + figures([("Masks below the threshold, clip by clip", drawn)])


def _steps(looks: Sequence[Look]) -> list[tuple[float, float]]:
    """Return seconds of a person and share of masks below the threshold, look by look."""
    return [(look.effort.seconds, look.wrong / max(1, look.judged)) for look in looks]


def figures(drawn: Iterable[tuple[str, str]]) -> str:
    """Return plots with their captions, side by side."""
    cells = (
        f"<figure><figcaption>{escape(title)}</figcaption>{svg}</figure>" for title, svg in drawn
    )
    return f"<div class=plots>{''.join(cells)}</div>"


def _table(said: Report) -> str:
    """Return every figure of every clip, the worst clip first, the total below."""
    ranked = sorted(said.single.items(), key=lambda pair: pair[1].j.mean)
    head = "".join(
        f'<th title="{escape(column.meaning)}">{escape(column.name)}</th>' for column in COLUMNS
    )
    rows = [
        f"<tr><th>{escape(name)}</th>{''.join(f'<td>{c.text(one)}</td>' for c in COLUMNS)}</tr>"
        for name, one in ranked
    ]
    total = "".join(f"<td>{column.text(said.total)}</td>" for column in COLUMNS)
    foot = f"<tfoot><tr><th>all</th>{total}</tr></tfoot>" if len(ranked) > 1 else ""
    body = f"<thead><tr><th>clip</th>{head}</tr></thead><tbody>{''.join(rows)}</tbody>{foot}"
    return f"<div class=wide><table>{body}</table></div>"


def _legend() -> str:
    """Say what the colours mean."""
    return (
        "<p class=legend><i class=true></i> truth <i class=found></i> found "
        "<i class=stray></i> found where no ball is</p>"
    )


def _scene(scene: Scene) -> str:
    """Return one bad frame."""
    looks = "".join(
        f'<figure><img src="{look.uri}" alt="ball {look.track}"><figcaption>{escape(look.label)} '
        f"{look.track}<b>J {share(look.j)}</b></figcaption><small>{escape(look.note)}</small></figure>"
        for look in scene.looks
    )
    title = f"{escape(scene.bad.clip)}, frame {scene.bad.frame}: mean J {share(scene.bad.mean)}"
    return (
        f'<article><h3>{title}</h3><div class=scene><img class=frame src="{scene.uri}" alt="{title}">'
        f"<div class=looks>{looks}</div></div></article>"
    )


def _failed(said: Report) -> str:
    """Return the clips that failed, with the reason."""
    lines = (f"<li><b>{escape(name)}</b>: {escape(why)}</li>" for name, why in said.failed.items())
    return f"<ul class=failed>{''.join(lines)}</ul>"


def _glossary() -> str:
    """Return what each column means."""
    lines = (f"<dt>{escape(c.name)}</dt><dd>{escape(c.meaning)}</dd>" for c in COLUMNS)
    return f"<dl class=glossary>{''.join(lines)}</dl>"


def _section(title: str, body: str) -> str:
    """Return a section."""
    return f"<section><h2>{escape(title)}</h2>{body}</section>"
