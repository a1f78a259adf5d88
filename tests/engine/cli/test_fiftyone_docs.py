"""docs/fiftyone.md tells every command, option and setting that there is, and none that there is not."""

import re
from pathlib import Path
from typing import Any

import pytest
from typer.core import TyperGroup
from typer.main import get_command

from engine.cli.fiftyone import commands as fiftyone
from engine.config import Settings

TOLD = (Path(__file__).parents[3] / "docs" / "fiftyone.md").read_text()
GROUP = get_command(fiftyone.app)
assert isinstance(GROUP, TyperGroup)
COMMANDS: dict[str, Any] = {"": GROUP, **GROUP.commands}
OPTIONS = {
    option
    for command in COMMANDS.values()
    for parameter in command.params
    for option in (*parameter.opts, *parameter.secondary_opts)
    if option.startswith("--")
}


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_told(command: str) -> None:
    assert f"engine fiftyone {command}".strip() in TOLD


@pytest.mark.parametrize(
    "option", sorted(OPTIONS - {"--help", "--install-completion", "--show-completion"})
)
def test_every_option_is_told(option: str) -> None:
    twin = f"--no-{option.removeprefix('--')}", f"--{option.removeprefix('--no-')}"
    assert re.search(rf"(?<![\w-]){option}(?![\w-])", TOLD) or any(
        one in TOLD for one in twin if one in OPTIONS and one != option
    )


def test_no_command_is_told_that_there_is_not() -> None:
    assert set(re.findall(r"engine fiftyone ([a-z]+)", TOLD)) <= COMMANDS.keys()


def test_no_option_is_told_that_there_is_not() -> None:
    for line in re.findall(r"engine fiftyone[^`\n#|]*", TOLD):
        assert set(re.findall(r"--[a-z-]+", line)) <= OPTIONS, line


def test_no_setting_is_told_that_there_is_not() -> None:
    known = {f"ENGINE_{name}".upper() for name in Settings.model_fields}
    told = set(re.findall(r"ENGINE_[A-Z_]+", TOLD))
    assert {"ENGINE_FIFTYONE_DATABASE_URI", "ENGINE_FIFTYONE_DATASET"} <= told <= known
