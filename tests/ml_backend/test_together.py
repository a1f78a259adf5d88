"""What runs together is told the same addresses and secrets, and starts only where it can."""

import base64
import signal
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from engine.errors import InputError, SelectionError, ServerError
from ml_backend import hosting, together_ports, together_programs
from ml_backend.service import free_port
from ml_backend.together import main, together
from ml_backend.together_programs import Wanted, beside

LOGIN = hosting.Login("a@b.c", "password", "ab" * 20, "of the backend")
ADDRESSES = ("http://127.0.0.1:1", "http://127.0.0.1:2", "http://127.0.0.1:3")
WAITS = "#!/bin/sh\necho waiting\nexec sleep 600\n"


@pytest.fixture
def wanted(tmp_path):
    """Return what is wanted of a workspace: free ports, and a Label Studio that never answers."""
    (tmp_path / "workspace").mkdir()
    program = tmp_path / "label-studio"
    program.write_text(WAITS)
    program.chmod(0o755)
    return Wanted(tmp_path / "workspace", program)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("", ""),
        ("postgresql://a:b@h:1/engine", "postgresql://a:b@h:1/engine_labelstudio"),
        ("postgresql://h/x?sslmode=off", "postgresql://h/x_labelstudio?sslmode=off"),
    ],
)
def test_label_studio_has_a_database_of_its_own_beside_ours(ours, theirs):
    assert beside(ours) == theirs


def test_the_backend_and_the_page_are_told_where_everything_is(wanted):
    backend, page = together_programs.engines(wanted, LOGIN, ADDRESSES)
    assert backend.environment == page.environment
    assert backend.command[-4:] == ["serve", "ml-backend", "--port", "2"]
    assert page.command[-4:] == ["serve", "ui", "--port", "3"]
    for name, value in (
        ("LABEL_STUDIO_URL", ADDRESSES[0]),
        ("LABEL_STUDIO_TOKEN", LOGIN.token),
        ("ML_BACKEND_URL", ADDRESSES[1]),
        ("ML_BACKEND_PASSWORD", LOGIN.backend),
        ("PAGE_URL", ADDRESSES[2]),
        ("LABEL_STUDIO_FILES", str(wanted.workspace)),
    ):
        assert backend.environment[f"ENGINE_{name}"] == value


def test_no_secret_is_on_a_command_line(wanted):
    for service in together_programs.engines(wanted, LOGIN, ADDRESSES):
        for secret in (LOGIN.password, LOGIN.token, LOGIN.backend):
            assert secret not in " ".join(service.command)


def test_our_database_is_told_only_where_one_is_named(wanted):
    backend, _ = together_programs.engines(wanted, LOGIN, ADDRESSES)
    assert "ENGINE_DATABASE_URL" not in backend.environment
    named = Wanted(wanted.workspace, wanted.label_studio, postgres="postgresql://h/x")
    backend, _ = together_programs.engines(named, LOGIN, ADDRESSES)
    assert backend.environment["ENGINE_DATABASE_URL"] == "postgresql://h/x"


def test_the_backend_is_shown_its_password():
    kind, secret = together_programs.shown(LOGIN)["Authorization"].split()
    assert kind == "Basic"
    assert base64.b64decode(secret).decode() == f"{together_programs.BACKEND_USER}:of the backend"


def test_a_workspace_that_is_not_there_is_refused(tmp_path):
    with (
        pytest.raises(SelectionError, match="engine init"),
        together(Wanted(tmp_path / "none", Path("x"))),
    ):
        pass
    assert not (tmp_path / "none").exists()


def test_a_taken_port_is_refused_before_anything_starts(wanted):
    port = free_port()
    taken = Wanted(wanted.workspace, wanted.label_studio, port=port)
    with (
        socket.create_server(("127.0.0.1", port)),
        pytest.raises(InputError, match=str(port)),
        together(taken),
    ):
        pass
    assert not wanted.logs.exists()


def test_another_port_for_label_studio_is_refused_before_anything_starts(wanted):
    wanted.home.mkdir()
    together_ports.keep(together_ports.Ports(1111, 2222, 3333), wanted.ports)
    with (
        pytest.raises(InputError, match="has port 1111, asked for 8080"),
        together(replace(wanted, port=8080)),
    ):
        pass
    assert not wanted.logs.exists()


def test_ports_of_a_start_that_came_to_nothing_are_not_kept(wanted):
    wanted.label_studio.write_text("#!/bin/sh\nexit 3\n")
    with pytest.raises(ServerError), together(wanted):
        pass
    assert not wanted.ports.exists()


def test_where_one_does_not_start_all_end_and_the_reason_is_told(wanted):
    wanted.label_studio.write_text("#!/bin/sh\necho no room for tables\nexit 3\n")
    with (
        pytest.raises(ServerError, match=r"(?s)exit status 3 .*no room for tables"),
        together(wanted),
    ):
        pass


def test_an_error_is_printed_and_makes_the_exit_status(tmp_path):
    command = [sys.executable, "-m", "ml_backend.together", "--workspace", str(tmp_path / "none")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "engine init" in done.stdout
    assert "Traceback" not in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM])
def test_while_it_starts_it_can_be_ended_too(wanted, by):
    command = [sys.executable, "-m", "ml_backend.together", "--label-studio", wanted.label_studio]
    ports = ["--port", "0", "--backend-port", "0", "--page-port", "0"]
    running = subprocess.Popen(
        [*command, "--workspace", wanted.workspace, *ports], stdout=subprocess.PIPE, text=True
    )
    assert "starting" in running.stdout.readline()
    while not (wanted.logs / "label-studio.log").exists():
        assert running.poll() is None
    running.send_signal(by)
    assert running.wait(timeout=60) == 0
    assert "ended" in running.stdout.read()


def test_help_shows_how_it_is_called(capsys):
    with pytest.raises(SystemExit):
        main(["--help"])
    assert "python -m ml_backend.together --workspace" in capsys.readouterr().out
