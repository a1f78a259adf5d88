"""docker-compose.yml says what is true: real commands, a password from outside, nothing open to the network."""

import os
import re
import shlex
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
    used = set(re.findall(r"(?<![\w/:.-])engine ([a-z]\w*)", text))
    assert {"init", "preannotate", "ingest", "status", "labelstudio"} <= used
    assert used <= known


def commands(compose: dict[str, Any]) -> list[list[str]]:
    """Return every call of `engine` that a service makes, with its arguments."""
    found = [service.get("command", []) for service in compose["services"].values()]
    scripts = [command[2] for command in found if command[:2] == ["sh", "-c"]]
    lines = [call for script in scripts for call in re.findall(r"engine [a-z][^&\n]*", script)]
    return [command[1:] for command in found if command[:1] == ["engine"]] + [
        [word for word in shlex.split(line)[1:] if not word.startswith("$$")] for line in lines
    ]


def test_every_service_calls_commands_and_options_that_there_are(compose: dict[str, Any]) -> None:
    found = commands(compose)
    assert ["preannotate"] in found
    assert ["labelstudio", "sync", "--no-work"] in found
    for command in found:
        done = CliRunner().invoke(app, [*command, "--help"])
        assert done.exit_code == 0, f"{command}: {done.output}"


def test_whatever_listens_does_so_on_this_machine_only(compose: dict[str, Any]) -> None:
    ports = {
        name: service["ports"]
        for name, service in compose["services"].items()
        if "ports" in service
    }
    assert ports.keys() == {"postgres", "page", "label-studio", "fiftyone"}
    assert all(port.startswith("127.0.0.1:") for given in ports.values() for port in given)


def test_secrets_come_from_the_environment_and_must_be_given(compose: dict[str, Any]) -> None:
    secrets = [
        (service, name, value)
        for service, facts in compose["services"].items()
        for name, value in facts.get("environment", {}).items()
        if re.search(r"PASSWORD|TOKEN|USERNAME", name) and value not in {"true", "false"}
    ]
    assert len(secrets) > 10
    for service, name, value in secrets:
        assert re.fullmatch(r"\$\{\w+:\?[^}]+\}", value), f"{service}: {name}"


def test_all_that_use_the_database_wait_until_it_answers(compose: dict[str, Any]) -> None:
    assert "pg_isready" in compose["services"]["postgres"]["healthcheck"]["test"]
    for name, service in compose["services"].items():
        if "build" in service:
            assert service["depends_on"]["postgres"]["condition"] == "service_healthy", name


def test_the_scripts_in_it_are_sound_shell(compose: dict[str, Any]) -> None:
    services = compose["services"].values()
    scripts = [
        service["command"][2] for service in services if service.get("command", [])[:1] == ["sh"]
    ]
    for script in (compose["services"]["engine"]["entrypoint"][2], *scripts):
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
    needed = dict.fromkeys(re.findall(r"\$\{(\w+):\?", FILE.read_text()), "x")
    given = {**os.environ, **needed}
    command = ["docker", "compose", "--file", str(FILE), "config", "--quiet"]
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=given)
    assert done.returncode == 0, done.stderr
