"""The commands `engine labelstudio`: their options, and what each calls. Knows no protocol and no labelling configuration."""

import os
import sys
from typing import Annotated

import typer

from engine.cli import labelstudio_texts as texts
from engine.cli.console import answer, say
from engine.cli.interrupt import stop_on_interrupt
from engine.config import read_settings
from engine.errors import InputError

app = typer.Typer(no_args_is_help=True, rich_markup_mode="markdown", help=texts.MAIN)

Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON, for scripts.")]
Works = Annotated[
    bool, typer.Option("--work/--no-work", help="Do what is to be done, or leave it to workers.")
]


@app.callback()
def _labelstudio() -> None:
    """Work with Label Studio."""


@app.command(help=texts.SETUP)
def setup(
    context: typer.Context,
    *,
    url: Annotated[str | None, typer.Option(help="Address of Label Studio.")] = None,
    token: Annotated[
        str | None, typer.Option(help="Token of one of its users; - reads it from the input.")
    ] = None,
    title: Annotated[str, typer.Option(help="Title of the project, where it is made.")] = "",
    key_frames: Annotated[
        bool, typer.Option("--key-frames", help="Also a project of a few pictures a clip.")
    ] = False,
    replace_config: Annotated[
        bool, typer.Option("--replace-config", help="Put our labelling configuration back.")
    ] = False,
    work: Works = True,
    json: Json = False,
) -> None:
    """Make or mend the project."""
    from engine.cli import labelstudio_actions as actions  # noqa: PLC0415 - loads the sdk, where it is asked
    from ml_backend.asking.setup import Wishes  # noqa: PLC0415 - as above

    shown = sys.stdin.readline().strip() if token == "-" else token  # noqa: S105 - says where it is
    if shown == "":
        raise InputError("--token is empty: copy one from Account & Settings in Label Studio")
    settings = read_settings(**context.obj, label_studio_url=url, label_studio_token=shown)
    wishes = Wishes(title, key_frames, replace_config)
    done = actions.setup(settings, wishes, given=shown is not None, work=work)
    answer(done, as_json=json, text=texts.ready(done))
    raise typer.Exit(done.status)


@app.command(help=texts.SYNC)
def sync(context: typer.Context, *, work: Works = True, json: Json = False) -> None:
    """Send and fetch."""
    from engine.cli import labelstudio_actions as actions  # noqa: PLC0415 - as above

    report = actions.sync(read_settings(**context.obj), work=work)
    answer(report, as_json=json, text=texts.synced(report))
    raise typer.Exit(actions.exit_status(report))


@app.command(help=texts.STATUS)
def status(context: typer.Context, *, json: Json = False) -> None:
    """Show how things stand."""
    from engine.cli import labelstudio_actions as actions  # noqa: PLC0415 - as above

    standing = actions.status(read_settings(**context.obj))
    answer(standing, as_json=json, text=texts.standing(standing))


@app.command(help=texts.WORK)
def work(
    context: typer.Context,
    *,
    once: Annotated[bool, typer.Option("--once", help="End when nothing is left to do.")] = False,
    log_json: Annotated[
        bool, typer.Option("--log-json", help="Log in JSON.", envvar="ENGINE_LOG_JSON")
    ] = False,
    parent: Annotated[int, typer.Option(hidden=True, envvar="ENGINE_PARENT")] = 0,
) -> None:
    """Act on what people did."""
    from ml_backend.serving import logs  # noqa: PLC0415 - as above
    from ml_backend.work.worker import work as run  # noqa: PLC0415 - as above

    settings = read_settings(**context.obj)
    logs.configure(as_json=log_json)
    told = logs.tell if log_json else say
    with stop_on_interrupt() as stop:
        run(settings, stop=lambda: stop() or orphaned(parent), once=once, say=told)


def orphaned(parent: int) -> bool:
    """Say whether the process that started this one is gone; 0 stands for one that may go."""
    return bool(parent) and os.getppid() != parent
