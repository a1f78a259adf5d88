"""Runs the page's server on a socket until it is asked to end. Knows nothing of what it serves."""

import socket
from collections.abc import Callable
from contextlib import suppress

from fastapi import FastAPI

from engine.serving import server


def serve(app: FastAPI, bound: socket.socket, *, ready: Callable[[], None]) -> None:
    """Serve ``app`` on a bound socket until Ctrl-C or a polite kill; ``ready`` is called once when it answers."""
    with suppress(KeyboardInterrupt):  # it was heard already: the server has shut down
        server(app, ready=ready, log_level="warning").run(sockets=[bound])
