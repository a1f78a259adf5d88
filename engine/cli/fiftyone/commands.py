"""The commands `engine fiftyone`: their options, and what each calls. Knows no database and no app."""

from typing import Annotated, Final

import typer

from engine.cli.console import answer
from engine.cli.fiftyone import compare as fiftyone_compare
from engine.cli.fiftyone import texts
from engine.config import read_settings
from engine.errors import InputError

app = typer.Typer(invoke_without_command=True, rich_markup_mode="markdown", help=texts.MAIN)

LOOK_AGAIN: Final = 30.0
"""Seconds after which is looked again for what changed."""

Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON, for scripts.")]
Who = Annotated[
    str,
    typer.Option(
        "--by", help="Your name: tags that do not say whose they are act in it.", envvar="USER"
    ),
]
Every = Annotated[float, typer.Option(help="Seconds between two looks for what changed.", min=0.5)]


@app.callback()
def show(
    context: typer.Context,
    *,
    remote: Annotated[
        bool, typer.Option("--remote", help="Tell the address, and open no browser here.")
    ] = False,
    port: Annotated[
        int, typer.Option(help="Port to listen on; 0 takes a free one.", min=0, max=65535)
    ] = 5151,
    address: Annotated[
        str, typer.Option(help="Address to listen on: FiftyOne has no login.")
    ] = "127.0.0.1",
    watch: Annotated[
        bool, typer.Option("--watch/--no-watch", help="Keep it current, or bring it in step once.")
    ] = True,
    every: Every = LOOK_AGAIN,
    by: Who = "unknown",
) -> None:
    """Open the dataset in FiftyOne."""
    if context.invoked_subcommand is not None:
        return
    from engine.cli.fiftyone import actions  # noqa: PLC0415 - opens workspaces, where it is asked
    from engine.cli.fiftyone.rounds import Wishes  # noqa: PLC0415 - as above

    place = actions.Place(address, port, remote=remote)
    wishes = Wishes(by, watch=watch, every=every)
    actions.show(read_settings(**context.obj), place, wishes)


@app.command(help=texts.SYNC)
def sync(
    context: typer.Context,
    clips: Annotated[
        list[str] | None,
        typer.Argument(help="Ids of clips, as `engine status --clips` lists them."),
    ] = None,
    *,
    watch: Annotated[bool, typer.Option("--watch", help="Keep it current until Ctrl-C.")] = False,
    every: Annotated[
        float | None,
        typer.Option(help="With --watch: seconds between two looks (30).", min=0.5),
    ] = None,
    by: Who = "unknown",
    masks: Annotated[
        bool, typer.Option("--masks/--no-masks", help="Bring masks and all that is costly, too.")
    ] = True,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Make the dataset in FiftyOne anew.")
    ] = False,
    json: Json = False,
) -> None:
    """Bring FiftyOne in step."""
    from engine.cli.fiftyone import actions  # noqa: PLC0415 - as above
    from engine.cli.fiftyone.rounds import Wishes  # noqa: PLC0415 - as above

    _refuse(clips=bool(clips), watch=watch, pause=every is not None, rebuild=rebuild)
    wishes = Wishes(by, watch, every or LOOK_AGAIN, masks, clips or (), rebuild)
    report = actions.sync(read_settings(**context.obj), wishes)
    answer(report, as_json=json, text=texts.synced(report))
    raise typer.Exit(actions.exit_status(report, watch=watch))


def _refuse(*, clips: bool, watch: bool, pause: bool, rebuild: bool) -> None:
    """Refuse what goes together with no sync.

    Raises:
        InputError: such was asked for.
    """
    if watch and clips:
        raise InputError(
            "--watch keeps all clips current; leave out their names, or leave out --watch"
        )
    if rebuild and clips:
        raise InputError(
            "--rebuild makes the dataset of all clips anew; leave out their names, or leave out --rebuild"
        )
    if pause and not watch:
        raise InputError(
            "--every says how often --watch looks for what changed; add --watch, or leave out --every"
        )


@app.command(help=texts.STATUS)
def status(context: typer.Context, *, json: Json = False) -> None:
    """Show how things stand."""
    from engine.cli.fiftyone import actions  # noqa: PLC0415 - as above

    now = actions.status(read_settings(**context.obj))
    answer(now, as_json=json, text=texts.standing(now))


app.command("compare", help=fiftyone_compare.HELP)(fiftyone_compare.compare)
