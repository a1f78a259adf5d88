"""A server that answers as it is told to, over real HTTP, and remembers what it was asked."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest


@dataclass
class Answer:
    """One answer: status, body (JSON unless it is text), and how long it takes."""

    status: int = 200
    body: Any = field(default_factory=dict)
    seconds: float = 0.0


@dataclass
class Asked:
    """One question."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any


@dataclass
class Server:
    """A server: where it is, its answers (the last one stays), and the questions."""

    url: str = ""
    answers: list[Answer] = field(default_factory=lambda: [Answer()])
    asked: list[Asked] = field(default_factory=list)

    def next(self) -> Answer:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@pytest.fixture
def server() -> Iterator[Server]:
    """Return a server that runs."""
    told = Server()

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            body = json.loads(sent) if sent else None
            told.asked.append(Asked(self.command, self.path, dict(self.headers), body))
            answer = told.next()
            time.sleep(answer.seconds)
            text = answer.body if isinstance(answer.body, str) else json.dumps(answer.body)
            kind = "text/html" if isinstance(answer.body, str) else "application/json"
            self.send_response(answer.status)
            self.send_header("Content-Type", kind)
            self.send_header("X-RateLimit-Reset", str(int(time.time()) + 1))  # ask again soon
            self.end_headers()
            self.wfile.write(text.encode() if answer.status != 204 else b"")

        do_GET = do_POST = do_PATCH = do_DELETE = answer  # noqa: N815 - the names that the library calls

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=http.serve_forever, args=(0.01,), daemon=True).start()
    told.url = f"http://127.0.0.1:{http.server_address[1]}"
    yield told
    http.shutdown()
    http.server_close()
