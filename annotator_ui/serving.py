"""Runs the page's server on a socket until it is asked to end. Knows nothing of what it serves."""

import socket
from collections.abc import Callable
from contextlib import suppress

import uvicorn
from fastapi import FastAPI

GOODBYE = 2
"""Seconds that open connections (event streams never end by themselves) get when the server ends."""


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


def serve(app: FastAPI, bound: socket.socket, *, ready: Callable[[], None]) -> None:
    """Serve ``app`` on a bound socket until Ctrl-C or a polite kill; ``ready`` is called once when it answers."""
    config = uvicorn.Config(
        app, log_level="warning", timeout_graceful_shutdown=GOODBYE, ws="none", access_log=False
    )
    with suppress(KeyboardInterrupt):  # it was heard already: the server has shut down
        _Server(config, ready=ready).run(sockets=[bound])
