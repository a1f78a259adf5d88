"""Label Studio in docker-compose.yml: settings that it knows, no private address but the backend's, a database of its own."""

import base64
import ipaddress
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import URL, create_engine, text

from engine.config import Settings

ROOT = Path(__file__).parents[2]
OURS, THEIRS = "composed_engine", "composed_labelstudio"
"""Databases on a server that may hold real ones."""

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@pytest.fixture
def services() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    return found


@pytest.fixture
def told(services: dict[str, Any]) -> dict[str, str]:
    """What Label Studio is told."""
    environment: dict[str, str] = services["label-studio"]["environment"]
    return environment


def test_everything_that_must_be_given_stands_in_the_example(services: dict[str, Any]) -> None:
    compose = (ROOT / "docker-compose.yml").read_text()
    example = (ROOT / ".env.example").read_text()
    needed = set(re.findall(r"\$\{(\w+):\?", compose))
    assert needed == set(re.findall(r"^(\w+)=$", example, re.MULTILINE)), services.keys()
    optional = set(re.findall(r"\$\{(\w+):-", compose))
    assert optional == set(re.findall(r"^#(\w+)=\S+$", example, re.MULTILINE))


def test_the_example_holds_no_value_that_somebody_might_keep() -> None:
    given = re.findall(r"^\w+=(.*)$", (ROOT / ".env.example").read_text(), re.MULTILINE)
    assert len(given) > 5
    assert set(given) == {""}


def test_secrets_are_kept_out_of_the_image_and_the_repository() -> None:
    for name in (".dockerignore", ".gitignore"):
        assert ".env" in (ROOT / name).read_text().splitlines(), name


def test_every_setting_of_the_engine_is_one(services: dict[str, Any]) -> None:
    known = {f"ENGINE_{name}".upper() for name in Settings.model_fields}
    for name, service in services.items():
        given = {key for key in service.get("environment", {}) if key.startswith("ENGINE_")}
        assert given <= known, name


def test_every_setting_of_label_studio_is_one(told: dict[str, str]) -> None:
    folders = sorted((ROOT / ".venv-labelstudio").glob("lib/python3*/site-packages/label_studio"))
    if not folders:
        pytest.skip("Label Studio is absent: make setup-label-studio")
    files = [*folders[0].glob("core/settings/*.py"), folders[0] / "server.py"]
    known = set(re.findall(r"get_\w*env\w*\(\s*'(\w+)'", " ".join(f.read_text() for f in files)))
    assert "LOCAL_FILES_DOCUMENT_ROOT" in known
    indirect = {"ENABLE_LEGACY_API_TOKEN"}  # read as a whole name
    assert {name.removeprefix("LABEL_STUDIO_") for name in told} - known <= indirect


def test_label_studio_and_the_engine_see_the_same_files_under_the_same_path(
    services: dict[str, Any], told: dict[str, str]
) -> None:
    root = told["LABEL_STUDIO_LOCAL_FILES_DOCUMENT_ROOT"]
    assert told["LABEL_STUDIO_LOCAL_FILES_SERVING_ENABLED"] == "true"
    assert f"workspace:{root}:ro" in services["label-studio"]["volumes"]
    for name in ("labelstudio-worker", "labelstudio-sync"):
        assert services[name]["environment"]["ENGINE_LABEL_STUDIO_FILES"] == root
        assert f"workspace:{root}" in services[name]["volumes"]


def banned(told: dict[str, str]) -> list[Network]:
    """Return the networks that Label Studio may not call, read as it reads them: no blanks, no host bits."""
    assert told["USE_DEFAULT_BANNED_SUBNETS"] == told["ML_BLOCK_LOCAL_IP"] == "false"
    return [ipaddress.ip_network(one) for one in told["USER_ADDITIONAL_BANNED_SUBNETS"].split(",")]


@pytest.fixture
def between() -> dict[str, str]:
    """Where Label Studio and the backend meet."""
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    (config,) = compose["networks"]["between"]["ipam"]["config"]
    found: dict[str, str] = config
    return found


def test_label_studio_may_call_the_network_of_the_backend(
    told: dict[str, str], between: dict[str, str]
) -> None:
    own = ipaddress.ip_network(between["subnet"])
    refused = [net for net in banned(told) if net.overlaps(own)]
    assert refused == [ipaddress.ip_network(between["gateway"])]  # the machine itself


def test_label_studio_may_call_no_other_private_address(
    told: dict[str, str], between: dict[str, str]
) -> None:
    private = ("10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12")
    for one in (*private, "0.0.0.0/8", "::1/128", "fc00::/7", "fe80::/10"):
        assert ipaddress.ip_network(one) in banned(told)
    home, own = ipaddress.ip_network("192.168.0.0/16"), ipaddress.ip_network(between["subnet"])
    parts = sorted(net for net in banned(told) if net.version == 4 and net.subnet_of(home))
    whole = sorted([*(net for net in parts if not net.subnet_of(own)), own])
    assert (whole[0][0], whole[-1][-1]) == (home[0], home[-1])
    assert all(int(left[-1]) + 1 == int(right[0]) for left, right in pairwise(whole))


def test_label_studio_meets_nobody_but_those_that_talk_to_it(services: dict[str, Any]) -> None:
    here = set(services["label-studio"]["networks"])
    met = {
        name
        for name, service in services.items()
        if here & set(service["networks"]) and name != "label-studio"
    }
    assert met == {
        *("ml-backend", "labelstudio-worker", "labelstudio-sync"),
        *("postgres", "label-studio-database"),
    }


def test_the_backend_is_reached_from_label_studio_only(services: dict[str, Any]) -> None:
    backend = services["ml-backend"]
    assert "ports" not in backend
    assert "between" in backend["networks"]
    assert {"ENGINE_ML_BACKEND_USER", "ENGINE_ML_BACKEND_PASSWORD"} <= backend["environment"].keys()
    port = backend["command"][backend["command"].index("--port") + 1]
    told = services["labelstudio-sync"]["environment"]["ENGINE_ML_BACKEND_URL"]
    assert told == f"http://ml-backend:{port}"
    assert backend["command"][-2:] == ["--workers", "0"]


def test_the_project_is_made_when_both_sides_answer(services: dict[str, Any]) -> None:
    waits = services["labelstudio-sync"]["depends_on"]
    for name in ("label-studio", "ml-backend"):
        assert waits[name]["condition"] == "service_healthy"
        assert services[name]["healthcheck"]["test"][0] == "CMD"


class Guarded(BaseHTTPRequestHandler):
    """Answers who shows the right login, on /health."""

    def do_GET(self) -> None:
        shown = base64.b64encode(b"label-studio:swordfish").decode()
        right = self.path == "/health" and self.headers["Authorization"] == f"Basic {shown}"
        self.send_response(200 if right else 401)
        self.end_headers()

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def guarded() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Guarded)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.mark.parametrize(("password", "status"), [("swordfish", 0), ("another", 1)])
def test_the_backend_counts_as_healthy_only_when_its_login_works(
    services: dict[str, Any], guarded: str, password: str, status: int
) -> None:
    script = services["ml-backend"]["healthcheck"]["test"][3].replace(
        "http://127.0.0.1:9090", guarded
    )
    login = {"ENGINE_ML_BACKEND_USER": "label-studio", "ENGINE_ML_BACKEND_PASSWORD": password}
    done = subprocess.run(
        [sys.executable, "-c", script],
        check=False,
        capture_output=True,
        env={**os.environ, **login},
    )
    assert done.returncode == status, done.stderr


@pytest.mark.postgres
@pytest.mark.slow
def test_label_studios_database_is_made_once_and_its_password_follows(
    services: dict[str, Any], postgres: URL
) -> None:
    admin = create_engine(postgres.set(database="postgres"), isolation_level="AUTOCOMMIT")
    script = services["label-studio-database"]["command"][2].replace("$$", "$")
    script = script.replace("labelstudio", THEIRS).replace("DATABASE engine", f"DATABASE {OURS}")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {OURS}"))
    try:
        for password in ('it\'s a "first" one; $HOME', "second"):
            make_database(script, postgres, password)
            theirs = postgres.set(username=THEIRS, database=THEIRS, password=password)
            owner = create_engine(theirs)
            with owner.connect() as connection:
                connection.execute(text("CREATE TABLE IF NOT EXISTS kept (id int)"))
                connection.commit()
            owner.dispose()
            assert_closed(theirs.set(database=OURS))
    finally:
        with admin.connect() as connection:
            for statement in (f"DATABASE {OURS}", f"DATABASE {THEIRS}", f"ROLE {THEIRS}"):
                connection.execute(text(f"DROP {statement}"))
        admin.dispose()


def make_database(script: str, postgres: URL, password: str) -> None:
    """Run the service's script on a server."""
    login = {
        "PGHOST": str(postgres.host),
        "PGPORT": str(postgres.port),
        "PGUSER": str(postgres.username),
        "PGPASSWORD": str(postgres.password),
        "PGDATABASE": OURS,
        "LABEL_STUDIO_DATABASE_PASSWORD": password,
    }
    done = subprocess.run(
        ["sh", "-c", script],
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, **login},
    )
    assert done.returncode == 0, done.stderr


def assert_closed(url: URL) -> None:
    """Make sure that a login does not open a database."""
    engine = create_engine(url)
    with pytest.raises(Exception, match="permission denied"), engine.connect():
        pass
    engine.dispose()
