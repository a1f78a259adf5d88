"""docker-compose.yml says what is true: real commands, a password from outside, nothing open to the network."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import URL
from typer.testing import CliRunner

from db.connect import open_database
from engine.cli.app import app

FILE = Path(__file__).parents[2] / "docker-compose.yml"


@pytest.fixture
def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(FILE.read_text())
    return found


def test_every_command_in_it_exists() -> None:
    known = {
        command.name or command.callback.__name__
        for command in app.registered_commands
        if command.callback
    } | {group.name for group in app.registered_groups}
    text = FILE.read_text().replace("engine engine", "engine")  # the service, then the command
    used = set(re.findall(r"(?<![\w/:.-])engine (\w+)", text))
    assert {"init", "preannotate", "ingest", "status"} <= used
    assert used <= known


def test_the_database_and_the_page_listen_on_this_machine_only(compose: dict[str, Any]) -> None:
    assert all(port.startswith("127.0.0.1:") for port in compose["services"]["postgres"]["ports"])
    assert all(port.startswith("127.0.0.1:") for port in compose["services"]["page"]["ports"])
    assert "ports" not in compose["services"]["engine"]


def test_passwords_come_from_the_environment_and_must_be_given(compose: dict[str, Any]) -> None:
    for service, name in (
        ("postgres", "POSTGRES_PASSWORD"),
        ("engine", "PGPASSWORD"),
        ("page", "PGPASSWORD"),
    ):
        value = compose["services"][service]["environment"][name]
        assert value.startswith("${ENGINE_DATABASE_PASSWORD:?")


def test_the_worker_waits_until_the_database_answers(compose: dict[str, Any]) -> None:
    assert "pg_isready" in compose["services"]["postgres"]["healthcheck"]["test"]
    for service in ("engine", "page"):
        waits = compose["services"][service]["depends_on"]
        assert waits["postgres"]["condition"] == "service_healthy"


def test_the_page_is_started_by_a_command_that_there_is(compose: dict[str, Any]) -> None:
    command = compose["services"]["page"]["command"]
    assert command[0] == "engine"
    done = CliRunner().invoke(app, [*command[1:], "--help"])
    assert done.exit_code == 0, done.output


def test_the_scripts_in_it_are_sound_shell(compose: dict[str, Any]) -> None:
    engine = compose["services"]["engine"]
    for script in (engine["entrypoint"][2], engine["command"][2]):
        subprocess.run(["sh", "-n", "-c", script.replace("$$", "$")], check=True)


def test_a_worker_that_is_asked_to_stop_asks_the_command_in_work_and_waits_for_it(
    compose: dict[str, Any], tmp_path: Path
) -> None:
    stub = tmp_path / "engine"
    stub.write_text(
        "#!/bin/sh\ntrap 'sleep 0.2; echo saved; exit' TERM\necho $1\nwhile :; do sleep 0.05; done\n"
    )
    stub.chmod(0o755)
    script = compose["services"]["engine"]["command"][2].replace("$$", "$")
    path = f"{tmp_path}:{os.environ['PATH']}"
    worker = subprocess.Popen(
        ["sh", "-c", script], stdout=subprocess.PIPE, text=True, env={**os.environ, "PATH": path}
    )
    assert worker.stdout is not None
    assert worker.stdout.readline() == "preannotate\n"
    worker.terminate()
    assert worker.communicate(timeout=10)[0] == "saved\n"
    assert worker.returncode == 0


@pytest.mark.postgres
@pytest.mark.slow
def test_an_address_without_password_takes_it_from_the_environment(
    postgres_database: str, postgres: URL, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = re.sub(r":[^:/@]+@", "@", postgres_database)
    assert str(postgres.password) not in url
    monkeypatch.setenv("PGPASSWORD", str(postgres.password))
    with open_database(url) as database:
        assert database.catalog.clips() == ()


def test_docker_understands_it() -> None:
    if not shutil.which("docker"):
        pytest.skip("docker is absent")
    if (
        subprocess.run(
            ["docker", "compose", "version"], check=False, capture_output=True
        ).returncode
        != 0
    ):
        pytest.skip("docker has no compose plug-in")
    given = {**os.environ, "ENGINE_DATABASE_PASSWORD": "x"}
    command = ["docker", "compose", "--file", str(FILE), "config", "--quiet"]
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=given)
    assert done.returncode == 0, done.stderr
