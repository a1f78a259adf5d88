"""A finished folder takes the place of another in one step, and two writers keep out of each other's way."""

import os
import signal
from pathlib import Path

import pytest

from engine.errors import ExportError
from exports.placing import alone, exchange


def folder(path: Path) -> Path:
    path.mkdir()
    (path / "name").write_text(path.name)
    return path


def test_two_folders_trade_places(tmp_path: Path) -> None:
    one, other = folder(tmp_path / "one"), folder(tmp_path / "other")
    swapped = exchange(one, other)
    assert (one / "name").read_text() == ("other" if swapped else "one")
    assert (other / "name").read_text() == ("one" if swapped else "other")


def test_a_folder_does_not_trade_places_with_nothing(tmp_path: Path) -> None:
    one = folder(tmp_path / "one")
    assert not exchange(one, tmp_path / "nothing")
    assert not exchange(tmp_path / "nothing", one)
    assert [path.name for path in tmp_path.iterdir()] == ["one"]


def test_a_name_in_any_script_is_passed_as_it_is(tmp_path: Path) -> None:
    one, other = folder(tmp_path / "дані набір"), folder(tmp_path / "スヌーカー")
    assert exchange(one, other) == ((one / "name").read_text() == other.name)


def test_the_second_of_two_writers_is_refused_until_the_first_is_done(tmp_path: Path) -> None:
    with alone(tmp_path / "out"):
        with (
            pytest.raises(ExportError, match="wait for it, or name another folder"),
            alone(tmp_path / "out"),
        ):
            pytest.fail("two at once")
        with alone(tmp_path / "other"):
            pass
    with alone(tmp_path / "out"):
        pass
    assert not list(tmp_path.iterdir())


def test_an_error_lets_go_as_well(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), alone(tmp_path / "out"):
        raise RuntimeError
    with alone(tmp_path / "out"):
        assert (tmp_path / ".out.lock").exists()


def test_the_hold_of_a_killed_process_ends_with_it(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        with alone(tmp_path / "out"):
            os.write(writing, b"!")
            signal.pause()
    assert os.read(reading, 1) == b"!"
    with pytest.raises(ExportError), alone(tmp_path / "out"):
        pytest.fail("the child holds it")
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    with alone(tmp_path / "out"):
        pass
    assert not list(tmp_path.iterdir())


def test_the_folder_around_is_made(tmp_path: Path) -> None:
    with alone(tmp_path / "deep" / "sets" / "out"):
        assert (tmp_path / "deep" / "sets").is_dir()
