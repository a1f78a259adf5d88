"""A real HTTP server on this machine that counts, honours ranges and can hang up early."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest


@dataclass
class Shelf:
    """What the server offers and what it was asked."""

    url: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    ranges: list[str | None] = field(default_factory=list)
    hang_up_after: int | None = None
    knows_ranges: bool = True


@pytest.fixture
def shelf() -> Iterator[Shelf]:
    offered = Shelf()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            _answer(self, offered)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    offered.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield offered
    server.shutdown()
    thread.join()
    server.server_close()


def _answer(handler: BaseHTTPRequestHandler, offered: Shelf) -> None:
    wanted = handler.headers.get("Range") if offered.knows_ranges else None
    offered.ranges.append(wanted)
    whole = offered.files.get(handler.path)
    if whole is None:
        return handler.send_error(404)
    start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted else 0
    if start and start >= len(whole):
        return handler.send_error(416)
    handler.send_response(206 if wanted else 200)
    handler.send_header("Content-Length", str(len(whole) - start))
    handler.end_headers()
    handler.wfile.write(whole[start : offered.hang_up_after])
    return None
