"""FiftyOne's server as a program: ``python -m exports.board.serving PORT ADDRESS``. Ends when the one who started it is gone."""

import os
import signal
import sys
import threading
from typing import Final

GOODBYE: Final = 5.0
"""Seconds in which the server ends by itself when it is asked to."""


def main() -> None:
    """Serve until a signal, or until nobody holds the other end of our input any more: a killed parent lets go of it, too."""
    threading.Thread(target=_end_with_input, daemon=True).start()
    from fiftyone.server.main import start_server  # noqa: PLC0415 - takes seconds

    start_server(port=int(sys.argv[1]), address=sys.argv[2])


def _end_with_input() -> None:
    """Wait for the end of the input, then end this process.

    By the descriptor: whoever waits in Python's own buffer holds its lock, on which an interpreter that ends dies.
    """
    while os.read(0, 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    threading.Event().wait(GOODBYE)
    os._exit(1)


if __name__ == "__main__":
    main()
