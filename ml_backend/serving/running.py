"""Runs the backend's server and its workers until asked to end. Knows nothing of what they do."""

import logging
import signal
import socket
from collections.abc import Callable
from contextlib import closing, suppress
from typing import Any, Final

import uvicorn
from fastapi import FastAPI

from engine.config import Settings
from ml_backend.serving.workers import Workers

LOG = logging.getLogger(__name__)

GOODBYE: Final = 2
"""Seconds that open requests get when the server ends."""


class _Server(uvicorn.Server):
    """A server that says when it is ready."""

    def __init__(self, config: uvicorn.Config, *, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then say so."""
        await super().startup(sockets)
        if self.started:
            self._ready()


def serve(
    app: FastAPI,
    settings: Settings,
    bound: socket.socket,
    *,
    workers: int,
    log_json: bool,
    ready: Callable[[], None],
) -> None:
    """Serve on a bound socket, with worker processes beside that log alike, until Ctrl-C or a polite kill.

    ``ready`` is called once, when it answers. The workers end with the server.
    """
    config = uvicorn.Config(
        app, log_config=None, timeout_graceful_shutdown=GOODBYE, ws="none", access_log=False
    )
    before = signal.signal(signal.SIGTERM, _ended)
    try:
        beside = Workers(settings, count=workers, log_json=log_json)
        with suppress(KeyboardInterrupt), closing(beside):
            _Server(config, ready=ready).run(sockets=[bound])
    finally:
        signal.signal(signal.SIGTERM, before)


def _ended(_number: int, _frame: Any) -> None:
    """End as Ctrl-C does: the server passes a signal on after it has ended, and the workers must be ended too."""
    raise KeyboardInterrupt
