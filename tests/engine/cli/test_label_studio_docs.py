"""docs/label-studio.md tells every command and setting that there is, and none that there is not."""

import re
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.core import TyperGroup
from typer.main import get_command

from engine.cli import labelstudio, serve
from engine.config import Settings
from ml_backend import hosting, names

ROOT = Path(__file__).parents[3]
TOLD = (ROOT / "docs" / "label-studio.md").read_text()


def commands(app: typer.Typer, name: str) -> dict[str, Any]:
    """Return the commands of a group by what one types."""
    group = get_command(app)
    assert isinstance(group, TyperGroup)
    return {f"engine {name} {one}": command for one, command in group.commands.items()}


LABEL_STUDIO = commands(labelstudio.app, "labelstudio")


@pytest.mark.parametrize("command", [*LABEL_STUDIO, "engine serve ml-backend"])
def test_every_command_is_told(command: str) -> None:
    assert f"`{command}`" in TOLD


def test_no_command_is_told_that_there_is_not() -> None:
    told = set(re.findall(r"engine (?:labelstudio|serve) [a-z-]+", TOLD))
    assert told <= LABEL_STUDIO.keys() | commands(serve.app, "serve").keys()


def test_no_option_is_told_that_there_is_not() -> None:
    known = {
        option
        for command in LABEL_STUDIO.values()
        for parameter in command.params
        for option in parameter.opts
    }
    for line in re.findall(r"engine labelstudio[^`\n#]*", TOLD):
        assert set(re.findall(r"--[a-z-]+", line)) <= known, line


def test_no_setting_is_told_that_there_is_not() -> None:
    known = {f"ENGINE_{name}".upper() for name in Settings.model_fields}
    told = set(re.findall(r"ENGINE_[A-Z_]+", TOLD))
    assert {"ENGINE_LABEL_STUDIO_FILES", "ENGINE_ML_BACKEND_PASSWORD"} <= told <= known


def test_label_studios_settings_are_those_that_we_start_it_with(tmp_path: Path) -> None:
    login = hosting.Login("name@example.test", "password", "0" * 40)
    given = hosting.environment(tmp_path, files=tmp_path, url="http://127.0.0.1:8080", login=login)
    rows = re.findall(r"^\| (`[A-Z_]+`(?:, `[A-Z_]+`)*) \|", TOLD, re.MULTILINE)
    told = {name for row in rows for name in re.findall(r"[A-Z_]+", row)}
    assert len(told) > 5
    assert told <= given.keys()
    assert f"`{given['USER_ADDITIONAL_BANNED_SUBNETS']}`" in TOLD


def test_every_verdict_is_told() -> None:
    for verdict in (names.ACCEPTED, names.NEEDS_WORK, names.EXCLUDED):
        assert f"| **{verdict}** |" in TOLD


def test_the_laptops_commands_are_there() -> None:
    (target,) = re.findall(r"^    make ([a-z-]+)", TOLD, re.MULTILINE)
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert "ml_backend.together" in TOLD


def test_the_design_names_files_that_there_are() -> None:
    design = (ROOT / "docs" / "architecture.md").read_text()
    chapter = design.partition("## How clips get to Label Studio")[2].partition("\n## ")[0]
    named = re.findall(r"`([a-z_/]+\.py)`", chapter)
    assert len(named) > 30
    assert [
        name for name in named if not any((ROOT / at / name).exists() for at in ("", "ml_backend"))
    ] == []
