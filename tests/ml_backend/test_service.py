"""Programs that run beside ours, with real small programs."""

import os
import socket
import subprocess
import sys
import time

import pytest

from engine.errors import InputError, ServerError
from ml_backend.service import Service, answers, free_port, refuse_taken

CHILD = "import subprocess, sys, time; print(subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']).pid, flush=True); time.sleep(600)"
DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(600)"


@pytest.fixture
def log(tmp_path):
    """Return where a program's log goes: a folder that is not there yet."""
    return tmp_path / "logs" / "program.log"


@pytest.fixture
def python(log):
    """Return what starts a line of Python; what it started ends with the test."""
    started = []

    def start(line, **environment):
        started.append(
            Service("the program", [sys.executable, "-c", line], log=log, environment=environment)
        )
        started[-1].start()
        return started[-1]

    yield start
    for each in started:
        each.kill()


def said(service, words):
    """Wait until a program's log says something, and return the log."""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        if words in (found := service.log.read_text()):
            return found
        time.sleep(0.02)
    raise AssertionError(service.log.read_text())


def alive(process):
    """Say whether a process is there and no corpse."""
    state = subprocess.run(
        ["ps", "-o", "stat=", "-p", str(process)], capture_output=True, text=True, check=False
    )
    return state.stdout.strip() != "" and not state.stdout.startswith("Z")


def test_what_a_program_prints_is_in_its_log_and_what_it_is_told_in_its_environment(python):
    service = python("import os; print(os.environ['WORD'])", WORD="swordfish")
    assert said(service, "swordfish")


def test_a_log_of_before_is_continued(python, log):
    log.parent.mkdir()
    log.write_text("before\n")
    assert said(python("print('after')"), "after").startswith("before\n")


def test_a_program_that_is_absent_is_named(log):
    with pytest.raises(ServerError, match=r"(?s)the program .*/no/such/program: No such file"):
        Service("the program", ["/no/such/program"], log=log).start()


def test_a_program_that_ends_too_soon_is_told_with_its_status_and_the_end_of_its_log(python):
    service = python("import sys; print('out of luck'); sys.exit(7)")
    with pytest.raises(ServerError, match=r"(?s)exit status 7 .*out of luck"):
        service.wait("http://127.0.0.1:9/", within=60)


def test_a_program_that_does_not_answer_in_time_is_told(python):
    service = python("import time; time.sleep(600)")
    with pytest.raises(ServerError, match="does not answer at http://127"):
        service.wait(f"http://127.0.0.1:{free_port()}/", within=0.3)


def test_one_that_answers_is_waited_for(log, tmp_path):
    port = free_port()
    service = Service(
        "files", [sys.executable, "-m", "http.server", str(port), "-d", str(tmp_path)], log=log
    )
    service.start()
    try:
        service.wait(f"http://127.0.0.1:{port}/", within=60)
        assert not answers(f"http://127.0.0.1:{port}/nothing-here")
    finally:
        service.stop()
    assert not answers(f"http://127.0.0.1:{port}/")


def test_what_a_program_started_ends_with_it(python):
    service = python(CHILD)
    child = int(said(service, "\n"))
    assert alive(child)
    service.stop()
    assert not service.running
    assert not alive(child)


def test_one_that_does_not_listen_is_ended_all_the_same(python, monkeypatch):
    monkeypatch.setattr("ml_backend.service.GOODBYE", 0.2)
    service = python(DEAF)
    said(service, "deaf")
    service.stop()
    assert not service.running


def test_ending_twice_or_one_that_never_was_is_fine(python, log):
    Service("nothing", ["nothing"], log=log).stop()
    Service("nothing", ["nothing"], log=log).kill()
    service = python("pass")
    service.stop()
    service.stop()


def test_ctrl_c_in_our_terminal_is_not_the_programs(python):
    service = python("import time; print('up', flush=True); time.sleep(600)")
    said(service, "up")
    assert os.getpgid(service.process.pid) != os.getpgid(0)


def test_a_free_port_is_free_and_a_taken_one_refused():
    port = free_port()
    refuse_taken(port)
    with socket.create_server(("127.0.0.1", port)), pytest.raises(InputError, match=str(port)):
        refuse_taken(port)
