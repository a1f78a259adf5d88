"""A real HTTP server on this machine that counts, honours ranges, lies and hangs up; and checkpoints to damage."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from engine.models.nano import build_nano


@dataclass
class Shelf:
    """What the server offers, how it misbehaves, and what it was asked."""

    url: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    ranges: list[str | None] = field(default_factory=list)
    hang_up_after: int | None = None
    at_most: int | None = None
    knows_ranges: bool = True
    status: int = 0
    tag: str = ""
    announced: int | str | None = None
    begins_at: int | None = None
    seconds_a_piece: float = 0.0


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
    if wanted and handler.headers.get("If-Range", offered.tag) != offered.tag:
        wanted = None
    offered.ranges.append(wanted)
    whole = offered.files.get(handler.path)
    if offered.status or whole is None:
        return handler.send_error(offered.status or 404)
    start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted else 0
    if start and start >= len(whole):
        return handler.send_error(416)
    handler.send_response(206 if wanted else 200)
    announced = len(whole) - start if offered.announced is None else offered.announced
    handler.send_header("Content-Length", str(announced))
    if offered.begins_at is not None:
        handler.send_header("Content-Range", f"bytes {offered.begins_at}-")
    if offered.tag:
        handler.send_header("ETag", offered.tag)
    handler.end_headers()
    stop = offered.hang_up_after
    if offered.at_most is not None:
        stop = start + offered.at_most
    _write(handler, whole[start:stop], offered.seconds_a_piece)
    return None


def _write(handler: BaseHTTPRequestHandler, content: bytes, pause: float) -> None:
    try:
        for first in range(0, len(content), 1 << 18):
            handler.wfile.write(content[first : first + (1 << 18)])
            time.sleep(pause)
    except (BrokenPipeError, ConnectionResetError):
        pass  # the other side was killed: what the tests are about


@pytest.fixture(scope="session")
def nano_weights() -> dict[str, torch.Tensor]:
    """Return the tensors of a nano with random weights, in half precision as they ship."""
    torch.manual_seed(5)
    state = build_nano().state_dict()
    return {key: v.half() if v.is_floating_point() else v for key, v in state.items()}


@pytest.fixture
def saved(nano_weights: dict[str, torch.Tensor], tmp_path: Path) -> Path:
    """Return a nano's safetensors."""
    save_file(nano_weights, tmp_path / "mine.safetensors", metadata={"context": "3.5"})
    return tmp_path / "mine.safetensors"


class Trap:
    """Creates a file when a careless reader unpickles it."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.target,)


@pytest.fixture
def trap(tmp_path: Path) -> tuple[Path, Path]:
    """Return a checkpoint that would run code, and the file that exists if it did."""
    torch.save({"model": Trap(tmp_path / "sprung")}, tmp_path / "evil.pt")
    return tmp_path / "evil.pt", tmp_path / "sprung"
