"""A report as one HTML page that needs nothing beside it. Knows layout, computes no figure."""

from collections.abc import Iterable, Sequence
from html import escape

from engine.evaluation import plots
from engine.evaluation.columns import COLUMNS, share
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
        _section("Every clip", _table(said)),
        _section("The worst frames", _legend() + "".join(map(_scene, scenes)))
        if scenes
        else _section(
            "The worst frames", "<p>Every ball has a J of 0.9 or more in every frame.</p>"
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
    tiles = [
        f"<div class=tile><b>{escape(column.text(said.total))}</b><span>{escape(column.name)}</span>"
        f"<small>{escape(column.meaning)}</small></div>"
        for column in COLUMNS
        if column.name in TILES
    ]
    return f"<div class=tiles>{''.join(tiles)}</div>"


def _plots(said: Report) -> str:
    """Return the plots of all clips."""
    drawn = (
        ("How J is spread over all masks", plots.distribution(said.clips)),
        ("J through the clips", plots.over_time(said.clips)),
        ("J by the size of the ball", plots.by_size(said.clips)),
        ("J by class", plots.by_label(said.total.by_label)),
    )
    return figures(drawn)


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
