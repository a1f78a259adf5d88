"""A workspace is told from others by a text that moves with it."""

import shutil
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from exports.board.identity import identity


def test_it_stays_the_same_also_where_the_workspace_is_moved(tmp_path: Path) -> None:
    first = identity(tmp_path / "one" / "fiftyone")
    assert identity(tmp_path / "one" / "fiftyone") == first
    shutil.move(tmp_path / "one", tmp_path / "two")
    assert identity(tmp_path / "two" / "fiftyone") == first


def test_two_workspaces_have_two(tmp_path: Path) -> None:
    assert identity(tmp_path / "one") != identity(tmp_path / "two")


def test_it_leaves_nothing_else_behind(tmp_path: Path) -> None:
    identity(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["id"]


def test_processes_that_ask_first_at_the_same_time_agree(tmp_path: Path) -> None:
    with ProcessPoolExecutor(4, mp_context=get_context("fork")) as pool:
        found = set(pool.map(identity, [tmp_path / "home"] * 40))
    assert len(found) == 1


def test_a_database_on_a_server_is_the_same_workspace_from_everywhere(tmp_path: Path) -> None:
    one = identity(tmp_path / "one", server="host:5432/engine")
    assert one == identity(tmp_path / "two", server="host:5432/engine")
    assert one != identity(tmp_path / "one", server="host:5432/another")
    assert not (tmp_path / "one").exists()
    assert "host" not in one
