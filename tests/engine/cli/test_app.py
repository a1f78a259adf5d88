"""The commands do what their help says, say what is next, and end with the right status."""

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.cli import texts
from engine.cli.console import plain
from engine.errors import SettingsError
from engine.registry import DETECTORS, RUNNERS, SEGMENTERS, load
from engine.stages import Stage

Run = Callable[..., subprocess.CompletedProcess[str]]
COMMANDS = ["init", "ingest", "preannotate", "status", "show", "accept", "export", "verify", "demo",
            "synth", "train", "evaluate", "models", "import", "prepare", "serve", "users",
            "labelstudio", "fiftyone", "duplicates", "prioritise"]  # fmt: skip
ROOT = Path(__file__).parents[3]


def test_the_help_names_every_command(run: Run) -> None:
    shown = run("--help").stdout
    assert all(re.search(rf"\b{command}\b", shown) for command in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_helps_with_an_example(command: str, run: Run) -> None:
    answer = run(command, "--help")
    assert answer.returncode == 0
    assert f"engine {command}" in answer.stdout or f"{command}" in texts.INIT


@pytest.mark.parametrize("command", [c for c in COMMANDS if c != "demo"])
def test_every_command_is_in_the_readme(command: str) -> None:
    assert f"engine {command}" in (ROOT / "README.md").read_text()


def test_the_readme_is_short_and_begins_with_a_command() -> None:
    lines = (ROOT / "README.md").read_text().splitlines()
    assert len(lines) <= 150
    assert any("make demo" in line for line in lines[:25])


def test_without_a_workspace_every_command_says_how_to_make_one(run: Run) -> None:
    answer = run("status")
    assert answer.returncode == 2
    assert "engine init" in answer.stderr


def test_an_empty_workspace_says_how_to_begin(run: Run) -> None:
    assert run("init").returncode == 0
    answer = run("status")
    assert answer.returncode == 0
    assert "engine ingest" in answer.stdout
    assert "2,000 seconds wanted" in answer.stdout


def test_init_twice_changes_nothing(run: Run, shot: Path) -> None:
    run("init")
    run("ingest", str(shot))
    assert run("init").returncode == 0
    assert json.loads(run("status", "--json").stdout)["clips"][0]["stage"] == Stage.INGESTED


def test_a_bad_file_is_named_and_the_others_go_on(run: Run, shot: Path, tmp_path: Path) -> None:
    (tmp_path / "notes.mp4").write_text("no video at all")
    run("init")
    answer = run("ingest", "notes.mp4", str(shot), "--json")
    report = json.loads(answer.stdout)
    assert answer.returncode == 1
    assert len(report["added"]) == len(report["failed"]) == 1
    assert "notes.mp4" in report["failed"][0]["error"]


def test_the_same_file_is_recognised(run: Run, shot: Path) -> None:
    run("init")
    run("ingest", str(shot))
    answer = run("ingest", str(shot))
    assert answer.returncode == 0
    assert answer.stdout.startswith("known")


def test_settings_outside_their_range_are_named(run: Run) -> None:
    run("init")
    answer = run("preannotate", "--every", "0")
    assert answer.returncode == 2
    assert "every = 0" in answer.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("show", "nobody"), "nobody"),
        (("export", "--format", "sav", "out"), "engine accept"),
        (("export", "--format", "savv", "out"), "did you mean 'sav'"),
        (("accept",), "--all"),
        (("accept", "--all"), "no clip is pre-annotated"),
        (("verify", "."), "neither SA-V"),
    ],
)
def test_what_cannot_be_is_refused_with_the_next_step(
    words: tuple[str, ...], said: str, run: Run
) -> None:
    run("init")
    answer = run(*words)
    assert answer.returncode == 2
    assert said in answer.stderr


def test_a_verdict_on_an_unknown_clip_fails_alone(run: Run, shot: Path) -> None:
    run("init")
    run("ingest", str(shot))
    answer = run("accept", "nobody")
    assert answer.returncode == 1
    assert answer.stdout.startswith("failed")


@pytest.mark.parametrize("registry", [DETECTORS, SEGMENTERS, RUNNERS])
def test_every_registered_name_can_be_loaded(registry: dict[str, str]) -> None:
    assert all(callable(load(registry, name)) for name in registry)


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(SettingsError, match="known: local"):
        load(RUNNERS, "ray")


def test_results_become_json_whatever_they_hold() -> None:
    assert plain({Stage.ACCEPTED: (Path("a"), None, 1.5)}) == {"accepted": ["a", None, 1.5]}


@pytest.mark.slow
def test_the_whole_way_on_a_short_shot(process: Run, shot: Path, tmp_path: Path) -> None:
    run = process
    run("init")
    assert run("ingest", str(shot), "--split", "train").returncode == 0
    drawn = json.loads(run("preannotate", "--json").stdout)
    assert drawn["done"][0]["frames"] == 36
    assert drawn["done"][0]["tracks"] >= 7
    clip = drawn["done"][0]["clip"]
    again = run("preannotate")
    assert "nothing to do" in again.stdout
    summary = json.loads(run("status", "--json").stdout)["summary"]
    assert summary["preannotated_seconds"] == pytest.approx(1.2)
    shown = json.loads(run("show", clip, "--json").stdout)
    assert (tmp_path / shown["sheet"]).is_file()
    assert (tmp_path / shown["film"]).is_file()
    assert run("accept", clip).returncode == 0
    for name in ("sav", "davis"):
        assert run("export", "--format", name, name).returncode == 0, run(
            "export", "--format", name, name
        ).stderr
        assert run("verify", name).stdout.startswith("good")
    summary = json.loads(run("status", "--json").stdout)["summary"]
    assert (summary["accepted_seconds"], summary["preannotated_seconds"]) == (pytest.approx(1.2), 0)
