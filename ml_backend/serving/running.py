"""Runs the backend's server and its workers until asked to end. Knows nothing of what they do."""

import signal
import socket
from collections.abc import Callable
from contextlib import closing, suppress
from typing import Any

from fastapi import FastAPI

from engine.config import Settings
from engine.serving import server
from ml_backend.serving.workers import Workers


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
    before = signal.signal(signal.SIGTERM, _ended)
    try:
        beside = Workers(settings, count=workers, log_json=log_json)
        with suppress(KeyboardInterrupt), closing(beside):
            server(app, ready=ready, log_config=None).run(sockets=[bound])
    finally:
        signal.signal(signal.SIGTERM, before)


def _ended(_number: int, _frame: Any) -> None:
    """End as Ctrl-C does: the server passes a signal on after it has ended, and the workers must be ended too."""
    raise KeyboardInterrupt
