"""`engine fiftyone`: its commands, what it refuses, and what it says where FiftyOne or a workspace lacks. No FiftyOne is loaded here."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from exports.board.locks import turn

Run = Callable[..., subprocess.CompletedProcess[str]]

COMMANDS = [[], ["sync"], ["status"]]
WITHOUT = """
import sys
sys.modules["fiftyone"] = None  # as where the extra is not installed
sys.argv = ["engine", *sys.argv[1:]]
from engine.cli.app import main
main()
"""


@pytest.mark.parametrize("command", ["sync", "status", "compare"])
def test_every_command_shows_examples(run: Run, command: str) -> None:
    shown = run("fiftyone", command, "--help")
    assert shown.returncode == 0
    assert f"engine fiftyone {command}" in shown.stdout


def test_the_group_names_its_commands_and_examples(run: Run) -> None:
    shown = run("fiftyone", "--help").stdout
    for word in ("--remote --port 5200", "sync --watch", "status", "compare", "--address"):
        assert word in shown


@pytest.mark.parametrize("command", COMMANDS)
def test_without_a_workspace_it_says_how_to_make_one(
    run: Run, command: list[str], tmp_path: Path
) -> None:
    refused = run("fiftyone", *command)
    assert refused.returncode == 2
    assert "engine init" in refused.stderr
    assert not (tmp_path / "workspace").exists()


@pytest.mark.parametrize("command", COMMANDS)
def test_without_fiftyone_it_says_how_to_install_it(
    run: Run, command: list[str], tmp_path: Path, environment: dict[str, str]
) -> None:
    run("init")
    refused = subprocess.run(
        [sys.executable, "-c", WITHOUT, "fiftyone", *command],
        cwd=tmp_path,
        env=environment | {"PYTHONPATH": str(Path(__file__).parents[3])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert refused.returncode == 2
    assert refused.stderr.startswith("error: FiftyOne is not installed")
    assert "pip install -e '.[fiftyone]'" in refused.stderr
    assert not (tmp_path / "workspace" / "fiftyone").exists()


def test_a_watch_is_not_of_single_clips(run: Run) -> None:
    refused = run("fiftyone", "sync", "--watch", "some-clip")
    assert refused.returncode == 2
    assert "--watch" in refused.stderr


def test_a_dataset_is_not_made_anew_with_single_clips(run: Run) -> None:
    refused = run("fiftyone", "sync", "--rebuild", "some-clip")
    assert refused.returncode == 2
    assert "leave out their names, or leave out --rebuild" in refused.stderr


def test_a_pause_without_a_watch_is_refused(run: Run) -> None:
    refused = run("fiftyone", "sync", "--every", "5")
    assert refused.returncode == 2
    assert "add --watch" in refused.stderr


def test_a_file_in_the_place_of_the_folder_is_told_by_the_state_too(
    run: Run, tmp_path: Path
) -> None:
    run("init")
    (tmp_path / "workspace" / "fiftyone").write_text("no folder")
    refused = run("fiftyone", "status")
    assert refused.returncode == 1
    assert "it must be a folder that you can write to" in refused.stderr


@pytest.mark.parametrize("option", [["--every", "0"], ["--every", "soon"]])
def test_a_pause_that_is_none_is_refused(run: Run, option: list[str]) -> None:
    refused = run("fiftyone", "sync", *option)
    assert refused.returncode == 2
    assert "--every" in refused.stderr


def test_one_sync_at_a_time_works_on_a_workspace(run: Run, tmp_path: Path) -> None:
    run("init")
    with turn(tmp_path / "workspace" / "fiftyone" / "sync.lock", "bo (process 7)"):
        refused = run("fiftyone", "sync")
    assert refused.returncode == 2
    assert "bo (process 7) syncs this workspace now" in refused.stderr
    assert "--watch" in refused.stderr


def test_the_state_of_a_workspace_that_was_never_shown_needs_no_database(
    run: Run, tmp_path: Path
) -> None:
    run("init")
    shown = run("fiftyone", "status")
    assert shown.returncode == 0
    assert "not made yet" in shown.stdout
    assert "engine fiftyone" in shown.stdout
    assert not (tmp_path / "workspace" / "fiftyone" / "db").exists()


def test_commands_begin_without_loading_fiftyone_or_its_database(
    environment: dict[str, str],
) -> None:
    heavy = "{'fiftyone', 'pymongo', 'mongoengine', 'psutil', 'plotly'}"
    done = subprocess.run(
        [sys.executable, "-c", f"import sys, engine.cli.app; print({heavy} & set(sys.modules))"],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "set()\n"
