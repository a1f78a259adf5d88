"""The first Ctrl-C is a wish, the second an order; afterwards everything is as it was."""

import signal
import subprocess
import sys

import pytest

from engine.cli.interrupt import stop_on_interrupt


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_asks_and_says_how_to_insist(
    number: signal.Signals, capsys: pytest.CaptureFixture[str]
) -> None:
    with stop_on_interrupt() as stop:
        assert not stop()
        signal.raise_signal(number)
        assert stop()
    assert "press Ctrl-C again" in capsys.readouterr().err


def test_the_second_signal_stops_at_once() -> None:
    with stop_on_interrupt():
        signal.raise_signal(signal.SIGTERM)
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)


def test_the_handlers_before_are_put_back_even_after_an_error() -> None:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    with pytest.raises(RuntimeError), stop_on_interrupt():
        raise RuntimeError
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before


def test_a_wish_of_one_piece_of_work_is_not_one_of_the_next() -> None:
    with stop_on_interrupt():
        signal.raise_signal(signal.SIGINT)
    with stop_on_interrupt() as stop:
        assert not stop()


PRESS = """
import sys
class Press:
    def find_spec(self, name, *_):
        if name == {name!r}:
            raise KeyboardInterrupt
sys.meta_path.insert(0, Press())
sys.argv = ["engine", "status"]
from engine.cli import main
main()
"""


@pytest.mark.parametrize("name", ["engine.cli.app", "engine.errors"])
def test_ctrl_c_while_the_program_is_loaded_ends_it_with_one_word(name: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PRESS.format(name=name)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "interrupted\n")


def test_ctrl_c_in_a_command_that_knows_no_wish_ends_it_with_one_word() -> None:
    code = """
import sys, engine.cli.actions
def press(*_): raise KeyboardInterrupt
engine.cli.actions.status = press
sys.argv = ["engine", "status"]
from engine.cli import main
main()
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "interrupted\n")
