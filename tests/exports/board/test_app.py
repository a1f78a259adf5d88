"""The app's address: a port that can be had, and what people open."""

import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from engine.errors import InputError
from exports.board.app import App, answers, app, page, running, wanted_port


class FiftyOne(BaseHTTPRequestHandler):
    """Answers as FiftyOne does when it is asked for its version."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"version": "1.22.1", "dev": false}')

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def another() -> Iterator[int]:
    """Return the port of another FiftyOne."""
    server = HTTPServer(("127.0.0.1", 0), FiftyOne)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


def test_a_free_port_is_had(tmp_path: Path) -> None:
    port = wanted_port("127.0.0.1", 0)
    assert 0 < port < 65536
    assert wanted_port("127.0.0.1", port) == port
    assert not answers(App(1, "127.0.0.1", port, page("127.0.0.1", port, "billiards")))
    assert running(tmp_path) == ()


def test_a_port_on_which_fiftyone_listens_says_so(another: int, tmp_path: Path) -> None:
    with (
        pytest.raises(InputError, match=r"FiftyOne 1\.22\.1 runs there already") as refused,
        app("mongodb://127.0.0.1", tmp_path, dataset="billiards", port=another),
    ):
        pass
    assert f"--port {another + 1}" in str(refused.value)
    assert list(tmp_path.iterdir()) == []


def test_a_port_on_which_something_else_listens_is_refused() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        with pytest.raises(InputError, match=r"cannot listen on 127\.0\.0\.1"):
            wanted_port("127.0.0.1", other.getsockname()[1])


def test_an_address_that_is_none_of_this_machine_is_refused() -> None:
    with pytest.raises(InputError, match=r"cannot listen on 192\.0\.2\.1:5151"):
        wanted_port("192.0.2.1", 5151)


@pytest.mark.parametrize(
    ("address", "host"),
    [("127.0.0.1", "127.0.0.1"), ("0.0.0.0", "127.0.0.1"), ("::1", "[::1]"), ("host", "host")],  # noqa: S104 - named
)
def test_people_open_the_dataset_with_the_panel_beside_it(address: str, host: str) -> None:
    assert page(address, 5151, "billiards") == f"http://{host}:5151/datasets/billiards?workspace=progress"  # fmt: skip


def test_a_name_that_is_no_address_is_written_as_one() -> None:
    assert page("127.0.0.1", 5151, "table 3/é") == "http://127.0.0.1:5151/datasets/table%203%2F%C3%A9?workspace=progress"  # fmt: skip


def note(home: Path, text: str) -> None:
    """Leave a note of an app."""
    (home / "apps").mkdir(exist_ok=True)
    (home / "apps" / "5151.json").write_text(text)


@pytest.mark.parametrize("text", ["", "no json", "[]", '{"pid": 1}', "null", "7"])
def test_a_damaged_note_is_none(text: str, tmp_path: Path) -> None:
    note(tmp_path, text)
    assert running(tmp_path) == ()


def test_a_note_that_outlived_its_app_is_none_and_one_whose_app_answers_is_it(
    another: int, tmp_path: Path
) -> None:
    told = {"pid": 1, "address": "127.0.0.1", "port": another, "url": "http://there"}
    note(tmp_path, json.dumps(told))
    assert running(tmp_path) == (App(**told),)
    note(tmp_path, json.dumps(told | {"port": wanted_port("127.0.0.1", 0)}))
    assert running(tmp_path) == ()
