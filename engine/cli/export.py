"""The commands `engine export`, `engine export diff` and `engine verify`. Each calls one action and prints its answer."""

from pathlib import Path
from typing import Annotated, Any, Final

import typer
from typer.core import TyperGroup

from engine.cli import export_options as opt
from engine.cli import exported, exporting
from engine.cli.console import answer, say
from engine.config import read_settings
from engine.stages import Stage
from engine.workflows.selection import Selection, day, rate
from exports.difference import difference

WRITE: Final = "write"
Address = Annotated[
    str, typer.Argument(metavar="URL", help="Address that `engine export --to` wrote to.")
]


class WritesByDefault(TyperGroup):
    """A group whose command ``write`` is meant when the first word names no other."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the command's name before what belongs to it."""
        named = bool(args) and args[0] in self.commands
        return super().parse_args(ctx, args if named else [WRITE, *args])


app = typer.Typer(cls=WritesByDefault, rich_markup_mode="markdown", help=exported.EXPORT)


@app.command(WRITE, help=exported.EXPORT)
def write(  # noqa: PLR0913 - an option is an argument
    context: typer.Context,
    out: opt.Out = None,
    *,
    format_name: opt.Format,
    stages: opt.Stages = None,
    clips: opt.Clips = None,
    splits: opt.Splits = None,
    cameras: opt.Cameras = None,
    licences: opt.Licences = None,
    annotators: opt.People = None,
    since: opt.Since = "",
    until: opt.Until = "",
    min_quality: opt.Quality = 0.0,
    labels: opt.Labels = None,
    frames: opt.Frames = "",
    fps: opt.Rate = "",
    max_objects: opt.Objects = None,
    min_area: opt.Area = 20,
    auto: opt.Auto = True,
    layout: opt.Layout = "",
    resolution: opt.Resolution = "",
    trust_auto: opt.Trust = False,
    workers: opt.Workers = None,
    fresh: opt.Fresh = False,
    to: opt.To = "",
    json: opt.Json = False,
) -> None:
    """Write a dataset."""
    selection = Selection(
        stages=tuple(stages or (Stage.ACCEPTED,)),
        clips=tuple(clips or ()),
        splits=tuple(splits or ()),
        cameras=tuple(cameras or ()),
        licences=tuple(licences or ()),
        annotators=tuple(annotators or ()),
        since=day(since) if since else None,
        until=day(until) if until else None,
        labels=tuple(labels or ()),
        min_quality=min_quality,
        fps=rate(fps) if fps else None,
        frames=frames,
        max_objects=max_objects,
        auto=auto,
    )
    shape = exporting.Shape(format_name, layout, resolution, min_area, trust_auto, workers, fresh)
    _write(context, shape, selection, out=out, to=to, json=json)


def _write(
    context: typer.Context,
    shape: exporting.Shape,
    selection: Selection,
    *,
    out: Path | None,
    to: str,
    json: bool,
) -> None:
    """Write a dataset and say what was written, or that it was stopped and how it goes on."""
    try:
        done = exporting.export(read_settings(**context.obj), shape, out, selection, to=to)
    except KeyboardInterrupt:
        say(exported.INTERRUPTED)
        raise typer.Exit(130) from None
    answer(done.as_json(), as_json=json, text=exported.written(done, shape.format))


@app.command(help=exported.DIFF)
def diff(
    before: Annotated[str, typer.Argument(help="Folder or address of a dataset.")],
    after: Annotated[str, typer.Argument(help="Another.")],
    *,
    json: opt.Json = False,
) -> None:
    """Say what sets two datasets apart."""
    found = difference(before, after)
    answer(found, as_json=json, text=found.text())


@app.command(help=exported.FETCH)
def fetch(
    url: Address,
    out: Annotated[Path, typer.Argument(help="Folder for the dataset.")],
    *,
    json: opt.Json = False,
) -> None:
    """Bring a dataset from an address to this disk."""
    try:
        got = exporting.fetch(url, out)
    except KeyboardInterrupt:
        say(exported.INTERRUPTED)
        raise typer.Exit(130) from None
    answer(got, as_json=json, text=exported.fetched(got))


@app.command(help=exported.CHECK)
def check(
    url: Address,
    *,
    deep: Annotated[bool, typer.Option("--deep", help="Read every byte, not only sizes.")] = False,
    json: opt.Json = False,
) -> None:
    """Check a dataset at an address."""
    found = exporting.check(url, deep=deep)
    answer(found, as_json=json, text=exported.checked(found))
    raise typer.Exit(1 if found.faults else 0)


def verify(
    context: typer.Context,
    path: Annotated[Path, typer.Argument(help="Folder of a dataset.")],
    *,
    against: Annotated[
        Path | None,
        typer.Option(help="Compare its pixels with those of this workspace, too."),
    ] = None,
    workers: opt.Workers = None,
    json: opt.Json = False,
) -> None:
    """Check a dataset."""
    report = exporting.verify(path, workers=workers)
    if against is not None:
        settings = read_settings(**context.obj | {"workspace": against})
        report = exporting.both(report, exporting.compare(settings, path))
    answer(report, as_json=json, text=exported.verified(report))
    raise typer.Exit(1 if report.failures else 0)
