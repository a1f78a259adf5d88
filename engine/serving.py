"""A web server that says when it answers, as the correction page and the Label Studio backend run it. Knows nothing of what it serves."""

import socket
from collections.abc import Callable
from typing import Any, Final

import uvicorn
from fastapi import FastAPI

GOODBYE: Final = 2
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


def server(app: FastAPI, *, ready: Callable[[], None], **logs: Any) -> uvicorn.Server:
    """Return a server that ``run`` starts; ``ready`` is called once when it answers, ``logs`` are uvicorn's options of logging."""
    config = uvicorn.Config(
        app, timeout_graceful_shutdown=GOODBYE, ws="none", access_log=False, **logs
    )
    return _Server(config, ready=ready)
