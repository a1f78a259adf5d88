"""The command `engine serve ml-backend`: its options and help. Starts the server; knows nothing of what it answers."""

from typing import Annotated

import typer

from engine.cli.console import say
from engine.cli.serve import LOCAL, listening
from engine.config import Settings, read_settings
from engine.errors import SettingsError

HELP = """Serve the machine learning backend that Label Studio asks for predictions and tells of corrections. Ctrl-C ends it, and its workers; nothing that was delivered is lost.

```text
engine serve ml-backend                      http://127.0.0.1:9090, for a Label Studio on this machine
engine serve ml-backend --port 9191          another port
engine serve ml-backend --workers 2          two processes that draw; 0: none here, run `engine labelstudio work`
engine serve ml-backend --log-json           log lines that machines read, on standard error
ENGINE_ML_BACKEND_USER=labelstudio ENGINE_ML_BACKEND_PASSWORD=... engine serve ml-backend --host 0.0.0.0
```

`engine labelstudio setup` connects a Label Studio to it. Anything but this machine itself (127.0.0.1) requires ENGINE_ML_BACKEND_USER and ENGINE_ML_BACKEND_PASSWORD, which Label Studio then shows. Exit status 2 if the port is taken or there is no workspace."""


def ml_backend(
    context: typer.Context,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(help="Port to listen on; 0 takes a free one.", min=0, max=65535)
    ] = 9090,
    workers: Annotated[
        int, typer.Option(help="Processes that act on corrections.", min=0, max=64)
    ] = 1,
    *,
    log_json: Annotated[
        bool, typer.Option("--log-json", help="Log in JSON.", envvar="ENGINE_LOG_JSON")
    ] = False,
) -> None:
    """Serve the machine learning backend for Label Studio."""
    settings = read_settings(**context.obj)
    refuse_open(settings, host)
    with listening(host, port, what="the backend") as bound:
        say("starting ...")
        from ml_backend.server import create_app  # noqa: PLC0415 - as above
        from ml_backend.serving import logs  # noqa: PLC0415 - a web server, only where one is asked for
        from ml_backend.serving.running import serve  # noqa: PLC0415 - as above

        logs.configure(as_json=log_json)
        address = f"http://{'[::1]' if host == '::1' else host}:{bound.getsockname()[1]}"
        serve(
            create_app(settings),
            settings,
            bound,
            workers=workers,
            log_json=log_json,
            ready=lambda: _ready(address),
        )
    say("the backend is closed; everything that was delivered is stored")


def refuse_open(settings: Settings, host: str) -> None:
    """Refuse to answer everybody.

    Raises:
        SettingsError: others can reach ``host``, and no login is set.
    """
    if host not in LOCAL and not settings.ml_backend_user:
        raise SettingsError(
            f"others can reach {host}: set ENGINE_ML_BACKEND_USER and ENGINE_ML_BACKEND_PASSWORD, "
            "then run `engine labelstudio setup` again, or listen on 127.0.0.1"
        )


def _ready(address: str) -> None:
    """Say where the backend is."""
    say(f"the backend is at {address}   (Ctrl-C ends it)", style="bold")
