"""Options of a training from a file: paths beside the file, the command line first, nothing taken that is not known."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.cli.train_config import options
from engine.errors import SettingsError
from exports.files import Files
from exports.training import write_engine

Run = Callable[..., subprocess.CompletedProcess[str]]
NAMES = ["data", "held_out", "init", "out", "teacher_side", "minutes", "config", "json", "help"]


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str], Path]:
    def write(text: str) -> Path:
        path = tmp_path / "data" / "train.toml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        return path

    return write


def test_paths_are_relative_to_the_file(write: Callable[[str], Path]) -> None:
    path = write('data = [".", "../other", "/elsewhere"]\nout = "run"')
    assert options(path, "segmenter", NAMES) == {
        "data": [str(path.parent), str(path.parent / "../other"), "/elsewhere"],
        "out": str(path.parent / "run"),
    }


def test_one_path_is_a_list_of_one_where_several_may_be_given(write: Callable[[str], Path]) -> None:
    path = write('data = "."\nheld-out = "val"')
    said = options(path, "segmenter", NAMES)
    assert said == {"data": [str(path.parent)], "held_out": [str(path.parent / "val")]}


def test_a_models_name_stays_one_and_a_file_of_weights_is_looked_for_beside(
    write: Callable[[str], Path],
) -> None:
    path = write('init = "nano"')
    assert options(path, "segmenter", NAMES) == {"init": "nano"}
    (path.parent / "nano.safetensors").touch()
    write('init = "nano.safetensors"')
    assert options(path, "segmenter", NAMES)["init"] == str(path.parent / "nano.safetensors")
    write('init = "runs/w.safetensors"')
    assert options(path, "segmenter", NAMES)["init"] == str(path.parent / "runs/w.safetensors")


def test_a_table_is_for_its_command_and_comes_before_what_is_for_both(
    write: Callable[[str], Path],
) -> None:
    path = write(
        "minutes = 1\n[segmenter]\nminutes = 2\nteacher-side = 256\n[detector]\nstills = 9"
    )
    assert options(path, "segmenter", NAMES) == {"minutes": 2, "teacher_side": 256}
    assert options(path, "detector", [*NAMES, "stills"]) == {"minutes": 1, "stills": 9}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("hours = 3", "no option 'hours'; engine train segmenter has data, held-out, init"),
        ('config = "other.toml"', "no option 'config'"),
        ("json = true", "no option 'json'"),
        ("segmenter = 3", r"segmenter is 3; expected a table, \[segmenter\]"),
        ("minutes = ", "not readable as TOML"),
    ],
)
def test_what_cannot_be_taken_is_refused_with_the_file_and_the_options_there_are(
    text: str, said: str, write: Callable[[str], Path]
) -> None:
    with pytest.raises(SettingsError, match=f"train.toml: {said}"):
        options(write(text), "segmenter", NAMES)


def test_a_file_that_is_not_there_is_refused_with_where_there_is_one(run: Run) -> None:
    answer = run("train", "segmenter", "--config", "none.toml", "--out", "run")
    assert answer.returncode == 2
    assert "none.toml: not readable as TOML" in answer.stderr
    assert "engine_train.toml" in answer.stderr


def test_the_file_stands_in_for_options_that_must_be_given(
    run: Run, write: Callable[[str], Path]
) -> None:
    path = str(write('data = ["nothing"]\nout = "run"\n[segmenter]\ninit = "nano"'))
    answer = run("train", "segmenter", "--config", path)
    assert answer.returncode == 2
    assert str(Path(path).parent / "nothing") in answer.stderr


@pytest.mark.parametrize("command", ["segmenter", "detector"])
def test_the_command_line_wins_over_the_file(
    run: Run, write: Callable[[str], Path], command: str
) -> None:
    path = str(write('data = ["."]\nout = "run"\nseed = "no number"'))
    assert "--seed" in run("train", command, "--config", path).stderr
    answer = run("train", command, "--config", path, "--seed", "3")
    assert "--seed" not in answer.stderr
    assert "clips" in answer.stderr  # there are none beside the file


@pytest.mark.parametrize("command", ["segmenter", "detector"])
def test_what_exports_carry_is_taken_as_it_is(run: Run, tmp_path: Path, command: str) -> None:
    write_engine(Files(tmp_path / "sav", tmp_path / "aside"))
    path = str(tmp_path / "sav/engine_train.toml")
    answer = run("train", command, "--config", path, "--out", "run")
    assert answer.returncode == 2
    assert str(tmp_path / "sav") in answer.stderr
    assert "clips; " in answer.stderr  # there are none: only the configuration is there
