"""`engine train` says what it takes, shows examples, and refuses what cannot be with the next step."""

import subprocess
from collections.abc import Callable
from dataclasses import fields
from inspect import signature
from pathlib import Path

import pytest

from engine.cli import train, training
from engine.training.segmenter_options import Options, Report

ROOT = Path(__file__).parents[3]
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.mark.parametrize("name", ["segmenter", "detector"])
def test_the_help_shows_examples(run: Run, name: str) -> None:
    shown = run("train", name, "--help")
    assert shown.returncode == 0
    assert shown.stdout.count(f"engine train {name}") >= 3
    assert "--resume" in shown.stdout


def test_every_option_of_a_training_can_be_given_and_has_the_same_default() -> None:
    given = signature(train.segmenter).parameters
    assert set(given) - {"config", "json"} == {field.name for field in fields(Options)}
    usual = Options((), Path())
    differing = {n for n, p in given.items() if n in {f.name for f in fields(Options)} and p.default != getattr(usual, n)}  # fmt: skip
    assert differing == {"data", "out", "device", "held_out"}
    detector = set(signature(train.detector).parameters) - {"config", "json"}
    assert detector == {field.name for field in fields(training.DetectorTask)}


@pytest.mark.parametrize("command", [train.segmenter, train.detector])
def test_every_option_is_in_the_documentation(command: Callable[..., None]) -> None:
    told = (ROOT / "docs" / "training.md").read_text()
    names = {name.replace("_", "-") for name in signature(command).parameters}
    assert {name for name in names - {"json"} if f"--{name}" not in told} == set()


def test_data_that_is_no_dataset_is_refused_with_how_to_make_one(run: Run, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    answer = run("train", "segmenter", "--data", "empty", "--out", "run", "--init", "nano")
    assert answer.returncode == 2
    assert "engine export" in answer.stderr
    assert not (tmp_path / "run").exists()


def test_weights_that_do_not_exist_are_refused_with_the_names_there_are(run: Run) -> None:
    answer = run("train", "segmenter", "--data", ".", "--out", "run", "--init", "nanu")
    assert answer.returncode == 1
    assert "sam2.1_hiera_tiny" in answer.stderr


def test_a_value_outside_its_range_is_refused_by_name(run: Run) -> None:
    answer = run("train", "segmenter", "--data", ".", "--out", "run", "--minutes", "-3")
    assert answer.returncode == 2
    assert "minutes = -3.0: expected more than 0" in answer.stderr


def test_the_command_that_goes_on_is_the_one_that_was_given() -> None:
    words = ["train", "segmenter", "--data", "my clips", "--out", "run"]
    assert training.again(words) == "engine train segmenter --data 'my clips' --out run --resume"
    assert training.again([*words, "--resume"]).count("--resume") == 1


def test_a_finished_run_says_what_is_held_out_and_what_is_next() -> None:
    report = Report(Path("run/w.safetensors"), Path("run/last.pt"), 10, 1.5, held_out={"prompted": 0.91})  # fmt: skip
    lines = training.told(report).splitlines()
    assert lines == [
        "10 steps in 1.5 minutes: run/w.safetensors",
        "held out: prompted 0.910",
        "next: engine models use run/w.safetensors",
    ]
