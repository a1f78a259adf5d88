"""Whose turn it is to sync a workspace: ours, somebody else's, or ours once they are done."""

import threading
from pathlib import Path

import pytest

from engine.cli.fiftyone.turn import LOCK, refuse, turn, whose
from engine.errors import InputError
from exports.board import locks


def test_a_turn_that_nobody_has_is_ours_and_says_who_we_are(tmp_path: Path) -> None:
    with turn(tmp_path, "ada") as other:
        assert other == ""
        assert whose(tmp_path).startswith("ada (process ")
    assert whose(tmp_path) == ""


def test_somebody_elses_turn_is_told_at_once_without_a_wait(tmp_path: Path) -> None:
    with locks.turn(tmp_path / LOCK, "bo"), turn(tmp_path, "ada") as other:
        assert other == "bo"


def test_a_wait_ends_with_our_turn(tmp_path: Path) -> None:
    done = threading.Event()

    def hold() -> None:
        with locks.turn(tmp_path / LOCK, "bo"):
            held.set()
            done.wait()

    held = threading.Event()
    holder = threading.Thread(target=hold)
    holder.start()
    held.wait()

    def asked() -> bool:
        done.set()  # whoever has it goes once we have asked
        return False

    with turn(tmp_path, "ada", wait=asked) as other:
        assert other == ""
    holder.join()


def test_a_wait_that_is_over_says_who_still_has_it(tmp_path: Path) -> None:
    with locks.turn(tmp_path / LOCK, "bo"), turn(tmp_path, "ada", wait=lambda: True) as other:
        assert other == "bo"


def test_beside_somebody_else_nobody_syncs(tmp_path: Path) -> None:
    refuse(tmp_path, "")
    with pytest.raises(InputError, match="bo syncs this workspace now"):
        refuse(tmp_path, "bo")
