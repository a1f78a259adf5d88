"""FiftyOne in docker-compose.yml: a database of its own that nobody else reaches, healthy only when it answers, no way in from outside."""

import json
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from engine.config import Settings

ROOT = Path(__file__).parents[2]


@pytest.fixture
def services() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    return found


def test_it_uses_the_database_beside_it_and_starts_none(services: dict[str, Any]) -> None:
    given = services["fiftyone"]["environment"]["ENGINE_FIFTYONE_DATABASE_URI"]
    address = urlsplit(given)
    assert (address.scheme, address.hostname, address.port) == ("mongodb", "mongo", 27017)
    settings = Settings(fiftyone_database_uri=given)
    assert settings.fiftyone_database_uri.get_secret_value() == given


def test_its_database_is_reached_by_fiftyone_alone(services: dict[str, Any]) -> None:
    assert "ports" not in services["mongo"]
    (network,) = services["mongo"]["networks"]
    on_it = {name for name, one in services.items() if network in one.get("networks", [])}
    assert on_it == {"mongo", "fiftyone"}


def test_its_database_keeps_what_it_holds_in_a_volume(services: dict[str, Any]) -> None:
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    (volume,) = services["mongo"]["volumes"]
    name, _, place = volume.partition(":")
    assert place == "/data/db"
    assert name in compose["volumes"]


def test_it_starts_when_both_databases_answer(services: dict[str, Any]) -> None:
    waits = services["fiftyone"]["depends_on"]
    assert set(waits) == {"postgres", "mongo"}
    assert all(one["condition"] == "service_healthy" for one in waits.values())
    assert "ping" in services["mongo"]["healthcheck"]["test"][-1]


def test_it_opens_no_browser_and_listens_where_its_port_is_published(
    services: dict[str, Any],
) -> None:
    command, (port,) = services["fiftyone"]["command"], services["fiftyone"]["ports"]
    assert "--remote" in command
    assert command[command.index("--port") + 1] == port.rpartition(":")[2]
    assert port.startswith("127.0.0.1:")


def test_the_image_has_it_installed_in_the_version_that_is_pinned(services: dict[str, Any]) -> None:
    (line,) = re.findall(r"pip install (.*)", services["fiftyone"]["build"]["dockerfile_inline"])
    assert "--constraint .constraints.txt" in line
    assert "fiftyone" in line.split()
    pinned = re.findall(r"^fiftyone==(.+)$", (ROOT / ".constraints.txt").read_text(), re.MULTILINE)
    assert f"fiftyone=={pinned[0]}" in (ROOT / "pyproject.toml").read_text()


def test_the_image_keeps_the_opencv_that_needs_no_desktop(services: dict[str, Any]) -> None:
    """Installing our own package once more would bring the other one back."""
    (line,) = re.findall(r"pip install (.*)", services["fiftyone"]["build"]["dockerfile_inline"])
    assert "--editable" not in line


def test_it_sees_films_and_recordings_where_the_engine_has_them(services: dict[str, Any]) -> None:
    assert services["fiftyone"]["volumes"] == services["engine"]["volumes"]


class Answering(BaseHTTPRequestHandler):
    """Answers as FiftyOne does when it is asked for its version."""

    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/fiftyone" else 404)
        self.end_headers()
        self.wfile.write(json.dumps({"version": "1.22.1"}).encode())

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def answering() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Answering)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(("path", "status"), [("/fiftyone", 0), ("/elsewhere", 1)])
def test_it_counts_as_healthy_only_when_it_answers(
    services: dict[str, Any], answering: str, path: str, status: int
) -> None:
    script = services["fiftyone"]["healthcheck"]["test"][3]
    assert "http://127.0.0.1:5151/fiftyone" in script
    asked = script.replace("http://127.0.0.1:5151/fiftyone", answering + path)
    done = subprocess.run([sys.executable, "-c", asked], check=False, capture_output=True)
    assert done.returncode == status, done.stderr
