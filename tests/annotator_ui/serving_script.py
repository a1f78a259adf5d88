"""Serves a workspace of the tests for real; what is named as the second argument never ends."""

import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import uvicorn

sys.path.insert(0, str(Path(__file__).parents[2]))

from annotator_ui.model import ModelState
from annotator_ui.server import create_app
from annotator_ui.service_bare import Unprepared
from db.connect import Database
from engine.config import Settings
from tests.annotator_ui.conftest import Colours


def _endless(*_: Any, **__: Any) -> None:
    time.sleep(600)


def _model(settings: Settings, news: Callable[[ModelState], None]) -> Colours:
    made = Colours(Database(settings.database).revisions)
    if sys.argv[2]:
        setattr(made, sys.argv[2], _endless)
    news(ModelState("ready"))
    return made


class _Server(uvicorn.Server):
    """A server that lets the tabs go before it waits for their connections to end."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self.config.app.state.hub.close()
        await super().shutdown(sockets)


if __name__ == "__main__":
    app = create_app(
        Settings(workspace=Path(sys.argv[1])),
        user="ada",
        login_required=False,
        model=_model,
        preparer=lambda *_: Unprepared(),
    )
    with socket.create_server(("127.0.0.1", 0)) as bound:
        print(f"http://127.0.0.1:{bound.getsockname()[1]}", flush=True)  # noqa: T201 - the test reads it
        config = uvicorn.Config(app, log_level="error", timeout_graceful_shutdown=30)
        _Server(config).run(sockets=[bound])
