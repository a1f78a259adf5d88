"""The command `engine serve`: its options and help. Starts servers; knows nothing of what they answer."""

import socket
import webbrowser
from typing import Annotated

import typer

from engine import wiring
from engine.cli.console import say
from engine.config import Settings, read_settings
from engine.errors import InputError, SelectionError

UI = """Open the page where people correct masks, in a browser. Ctrl-C ends it; nothing that was done on the page is lost.

```text
engine serve ui                              http://127.0.0.1:7860, for you alone, without a login
engine serve ui --open --by NAME             open the browser; corrections carry this name
engine serve ui --port 7900                  another port
engine serve ui --host 0.0.0.0               for a team: everybody logs in (see engine users --help)
```

Anything but this machine itself (127.0.0.1) requires a login: `engine users add NAME` first. Put a proxy that speaks HTTPS in front where others can listen. `?clip=ID&frame=F` behind the address opens that place. Exit status 2 if the port is taken or there are no clips."""

LOCAL = ("127.0.0.1", "::1", "localhost")

app = typer.Typer(
    no_args_is_help=True,
    help="Start a server: the page where people correct masks, or the backend for Label Studio.",
)


@app.callback()
def _serve() -> None:
    """Start a server."""


@app.command(help=UI)
def ui(
    context: typer.Context,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(help="Port to listen on; 0 takes a free one.", min=0, max=65535)
    ] = 7860,
    by: Annotated[
        str, typer.Option("--by", help="Your name, for the clips' history.", envvar="USER")
    ] = "annotator",
    *,
    login: Annotated[
        bool, typer.Option("--login", help="Require a login on this machine too.")
    ] = False,
    open_: Annotated[bool, typer.Option("--open", help="Open the page in a browser.")] = False,
) -> None:
    """Open the page where people correct masks."""
    settings = read_settings(**context.obj)
    required = login or host not in LOCAL
    refuse_empty(settings, login=required)
    with listening(host, port) as bound:
        _serve_page(settings, bound, host=host, by="" if required else by, show=open_)


def refuse_empty(settings: Settings, *, login: bool) -> None:
    """Refuse a workspace in which nobody could do anything.

    Raises:
        SelectionError: there is no workspace, no clip, or nobody who could log in.
    """
    with wiring.workbench(settings) as bench:
        if not bench.catalog.clips():
            raise SelectionError(
                f"no clips in the workspace {settings.workspace.absolute()}; "
                "add recordings with `engine ingest VIDEO...`, then `engine preannotate`"
            )
        if login and not any(user.active for user in bench.desk.users.users()):
            raise SelectionError(
                "everybody must log in here, and there is no user yet; add one with "
                "`engine users add NAME --role lead`"
            )


def listening(host: str, port: int, *, what: str = "the page") -> socket.socket:
    """Return a socket that listens on the port; ``what`` may be there already.

    Raises:
        InputError: the port is taken, or no port of this machine.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With its protocol named, asyncio sends at once: else every answer waits some 40 ms for another packet.
    bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
    except OSError as error:
        bound.close()
        raise InputError(
            f"cannot listen on {host}:{port} ({error.strerror}); is {what} running already? "
            f"choose another port with --port {port + 1}"
        ) from error
    return bound


def _serve_page(
    settings: Settings, bound: socket.socket, *, host: str, by: str, show: bool
) -> None:
    """Serve until Ctrl-C."""
    say("starting ...")
    from annotator_ui.app import page  # noqa: PLC0415 - loads Gradio, some seconds
    from annotator_ui.serving import serve  # noqa: PLC0415 - a web server, only where one is asked for

    address = f"http://{'[::1]' if host == '::1' else host}:{bound.getsockname()[1]}"
    serve(page(settings, user=by or None), bound, ready=lambda: _ready(address, show=show))
    say("the page is closed; everything that was done is stored")


def _ready(address: str, *, show: bool) -> None:
    """Say where the page is, and open it if wanted."""
    say(f"the page is at {address}   (Ctrl-C ends it)", style="bold")
    if show:
        webbrowser.open(address)
