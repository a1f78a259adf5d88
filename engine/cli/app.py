"""The commands: their names, options and help. Each calls one action and prints its answer."""

import sys
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated

import typer

from engine.cli import (
    actions,
    duplicates,
    evaluate,
    export,
    exported,
    importing,
    labelstudio,
    models,
    prioritise,
    serve,
    serve_ml_backend,
    synth,
    texts,
    train,
    users,
)
from engine.cli import demo as demonstration
from engine.cli import prepare as preparing
from engine.cli.console import answer, say
from engine.cli.fiftyone import commands as fiftyone
from engine.config import read_settings
from engine.errors import EngineError, InputError
from engine.stages import Move

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
    help=texts.MAIN,
)
app.add_typer(models.app, name="models")
app.add_typer(train.app, name="train")
app.add_typer(serve.app, name="serve")
serve.app.command("ml-backend", help=serve_ml_backend.HELP)(serve_ml_backend.ml_backend)
app.add_typer(users.app, name="users")
app.add_typer(labelstudio.app, name="labelstudio")
app.add_typer(fiftyone.app, name="fiftyone")
app.command("synth", help=synth.HELP)(synth.synth)
app.command("import", help=importing.HELP)(importing.import_)
app.command("prepare", help=preparing.HELP)(preparing.prepare_clips)
app.command("duplicates", help=duplicates.HELP)(duplicates.duplicates)
app.command("prioritise", help=prioritise.HELP)(prioritise.prioritise)

Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON, for scripts.")]
Clips = Annotated[
    list[str] | None, typer.Argument(help="Ids of clips, as `engine status --clips` lists them.")
]
Clip = Annotated[str, typer.Argument(help="Id of a clip, as `engine status --clips` lists it.")]
Revision = Annotated[int | None, typer.Option(help="Show this revision instead of the newest.")]
Who = Annotated[str, typer.Option("--by", help="Your name, for the clip's history.", envvar="USER")]
Note = Annotated[str, typer.Option(help="A remark for the clip's history.")]


@app.callback()
def common(
    context: typer.Context,
    workspace: Annotated[
        Path | None, typer.Option(help="Folder of the workspace.", envvar="ENGINE_WORKSPACE")
    ] = None,
    database_url: Annotated[
        str | None,
        typer.Option(
            help="Database instead of the workspace's SQLite file.", envvar="ENGINE_DATABASE_URL"
        ),
    ] = None,
) -> None:
    """Read the options that every command has."""
    context.obj = {"workspace": workspace, "database_url": database_url}


@app.command(help=texts.INIT)
def init(context: typer.Context, json: Json = False) -> None:
    """Make a workspace."""
    made = actions.init(read_settings(**context.obj))
    answer(
        made,
        as_json=json,
        text=f"workspace ready: {made['workspace']}\nnext: engine ingest VIDEO...",
    )


@app.command(help=texts.INGEST)
def ingest(
    context: typer.Context,
    paths: Annotated[
        list[Path], typer.Argument(help="Video files, or folders that are searched for them.")
    ],
    clip_seconds: Annotated[
        float | None, typer.Option(help="Cut recordings into clips of this length.")
    ] = None,
    split: Annotated[
        str | None, typer.Option(help="Put all into 'train' or 'val' instead of about 10 % val.")
    ] = None,
    camera: Annotated[
        str | None, typer.Option(help="Name of the camera; `engine export --camera` chooses by it.")
    ] = None,
    licence: Annotated[
        str | None, typer.Option(help="Licence of the recordings, as datasets will state it.")
    ] = None,
    json: Json = False,
) -> None:
    """Add recordings."""
    settings = read_settings(**context.obj, clip_seconds=clip_seconds)
    report = actions.ingest(settings, paths, split=split, camera=camera, licence=licence)
    answer(report, as_json=json, text=texts.ingested(report))
    raise typer.Exit(1 if report.failed else 0)


@app.command(help=texts.PREANNOTATE)
def preannotate(
    context: typer.Context,
    clips: Clips = None,
    model: Annotated[
        str | None,
        typer.Option(
            help="nano (bundled), sam2.1_hiera_tiny|small|base_plus|large, or a checkpoint's path."
        ),
    ] = None,
    detector_weights: Annotated[
        str | None, typer.Option(help="Checkpoint of the detector instead of the bundled one.")
    ] = None,
    confidence: Annotated[
        float | None,
        typer.Option(help="Lowest score of a detection, 0..1; default: as calibrated."),
    ] = None,
    profile: Annotated[
        str | None,
        typer.Option(
            help="The game: eight-ball, nine-ball, snooker, carom, any; auto reads it off the balls."
        ),
    ] = None,
    device: Annotated[str | None, typer.Option(help="auto, cpu or cuda.")] = None,
    every: Annotated[
        int | None, typer.Option(help="Detect on every n-th frame (n, published: 30).")
    ] = None,
    buffer: Annotated[int | None, typer.Option(help="Frames per block (K, published: 30).")] = None,
    repair: Annotated[
        int | None,
        typer.Option(help="Propagate back over at most so many frames (M, published: 60)."),
    ] = None,
    retry: Annotated[bool, typer.Option("--retry", help="Take up failed clips again.")] = False,
    json: Json = False,
) -> None:
    """Draw masks."""
    chosen = {
        "model": model,
        "detector_weights": detector_weights,
        "confidence": confidence,
        "profile": profile,
        "device": device,
    }
    settings = read_settings(**context.obj, **chosen, every=every, buffer=buffer, repair=repair)
    report = actions.preannotate(settings, clips or [], retry=retry)
    answer(report, as_json=json, text=texts.preannotated(report))
    raise typer.Exit(130 if report.interrupted else 1 if report.failed else 0)


@app.command(help=texts.STATUS)
def status(
    context: typer.Context,
    clips: Annotated[bool, typer.Option("--clips", help="List every clip.")] = False,
    json: Json = False,
) -> None:
    """Say how far the dataset is."""
    report = actions.status(read_settings(**context.obj))
    answer(
        report,
        as_json=json,
        text=texts.status(report.summary) + texts.clip_list(report.clips, wanted=clips),
    )


@app.command(help=texts.SHOW)
def show(
    context: typer.Context,
    clip: Clip,
    out: Annotated[
        Path | None, typer.Option(help="Folder for the pictures; default: WORKSPACE/show/CLIP.")
    ] = None,
    revision: Revision = None,
    film: Annotated[
        bool, typer.Option(help="Write the overlay film too, not only the contact sheet.")
    ] = True,
    json: Json = False,
) -> None:
    """Draw a clip's masks."""
    shown = actions.show(read_settings(**context.obj), clip, out=out, revision=revision, film=film)
    answer(shown, as_json=json, text=texts.shown(shown))


@app.command(help=texts.ACCEPT)
def accept(
    context: typer.Context,
    clips: Clips = None,
    every: Annotated[
        bool, typer.Option("--all", help="Every clip that is pre-annotated or submitted.")
    ] = False,
    by: Who = "unknown",
    note: Note = "",
    reject: Annotated[bool, typer.Option("--reject", help="Reject instead.")] = False,
    reopen: Annotated[
        bool,
        typer.Option(
            "--reopen",
            help="Take an accepted or submitted clip back for correction, an excluded one in again.",
        ),
    ] = False,
    exclude: Annotated[
        bool,
        typer.Option(
            "--exclude", help="Leave the clips named out of the dataset; --reopen undoes it."
        ),
    ] = False,
    json: Json = False,
) -> None:
    """Give a verdict on clips."""
    move = Move.REJECT if reject else Move.REOPEN if reopen else Move.ACCEPT
    if exclude:
        move = _exclusion(others=reject or reopen, every=every)
    verdicts = actions.accept(
        read_settings(**context.obj), clips or [], every=every, move=move, by=by, note=note
    )
    answer(verdicts, as_json=json, text=texts.verdicts(verdicts))
    raise typer.Exit(1 if any(verdict.error for verdict in verdicts) else 0)


def _exclusion(*, others: bool, every: bool) -> Move:
    """Return the move that leaves clips out; it must be all that is asked, and about clips that somebody named."""
    if others or every:
        raise InputError(
            "--exclude goes neither with --reject nor --reopen, nor with --all: name the clips to leave out"
        )
    return Move.EXCLUDE


app.add_typer(export.app, name="export")
app.command(help=exported.VERIFY)(export.verify)
app.command(help=evaluate.HELP)(evaluate.evaluate)


@app.command(help=texts.DEMO)
def demo(
    clip: Annotated[
        Path | None, typer.Option(help="Your video instead of the bundled clip.")
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder for everything that the demo writes.")] = Path(
        "demo-output"
    ),
) -> None:
    """Run the whole way once."""
    answer(None, as_json=False, text=demonstration.run(clip, out))


def main() -> None:
    """Run the command line; errors become one line and an exit status.

    Status 0: done. 1: something failed. 2: what was asked for cannot be. 130: interrupted.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # names of files may hold what no terminal can show
            stream.reconfigure(errors="backslashreplace")
    try:
        app()
    except EngineError as error:
        say(f"error: {error}", style="bold red")
        sys.exit(2 if isinstance(error, InputError) else 1)
    except SystemExit as end:
        if _pressed(end):
            say("interrupted")
        raise
    except (
        OSError
    ) as error:  # a path that cannot be, a disk that is gone: nothing to see in a traceback
        say(f"error: {error.filename or 'the system says'}: {error.strerror}", style="bold red")
        sys.exit(1)


def _pressed(error: BaseException | None) -> bool:
    """Say whether Ctrl-C is behind an end: Typer makes an exit of it, and says nothing."""
    while error is not None and not isinstance(error, KeyboardInterrupt):
        error = error.__cause__ or error.__context__
    return error is not None
