"""Options of a training from a file beside a dataset; knows the file and the command it is for, no training.

TOML: keys are the names of the options; a table ``[segmenter]`` or ``[detector]`` is for that command alone. Paths
are relative to the file, so that a dataset may be moved with it. What is given on the command line wins.
"""

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import typer

from engine.errors import SettingsError

COMMANDS: Final = ("segmenter", "detector")
_NO_OPTIONS: Final = ("config", "json", "help")
_REPEATED: Final = ("data", "held_out")
_PATHS: Final = (*_REPEATED, "out")
_NAMES_OR_PATHS: Final = ("init", "teacher")


def take(context: typer.Context, path: Path | None) -> Path | None:
    """Let the command of ``context`` take its options from a file where the command line does not give them.

    Raises:
        SettingsError: the file cannot be read, or names an option that the command does not have.
    """
    if path is not None:
        names = [option.name or "" for option in context.command.params]
        context.default_map = options(path, context.command.name or "", names)
    return path


def options(path: Path, command: str, names: Iterable[str]) -> dict[str, Any]:
    """Return what a file says for a command that has options of these ``names``: values by name, paths as seen from here.

    Raises:
        SettingsError: as for ``take``.
    """
    said = _read(path)
    own = said.get(command, {})
    if not isinstance(own, dict):
        raise SettingsError(f"{path}: {command} is {own!r}; expected a table, [{command}]")
    known = set(names) - set(_NO_OPTIONS)
    shared = {key: value for key, value in said.items() if key not in COMMANDS}
    chosen: dict[str, Any] = {}
    for key, value in {**shared, **own}.items():
        name = key.replace("-", "_")
        if name not in known:
            told = ", ".join(sorted(one.replace("_", "-") for one in known))
            raise SettingsError(f"{path}: no option {key!r}; engine train {command} has {told}")
        several = name in _REPEATED and not isinstance(value, list)
        chosen[name] = _placed(path.parent, name, [value] if several else value)
    return chosen


def _read(path: Path) -> Mapping[str, Any]:
    """Return what stands in a file of TOML."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SettingsError(
            f"{path}: not readable as TOML ({error}); exports have one that is, engine_train.toml"
        ) from error


def _placed(folder: Path, name: str, value: Any) -> Any:
    """Return a value as seen from here: a path, or a list of them; a model's name stays one."""
    if isinstance(value, list):
        return [_placed(folder, name, one) for one in value]
    if not isinstance(value, str):
        return value
    beside = folder / value
    named = name in _NAMES_OR_PATHS and ("/" in value or beside.exists())
    return str(beside) if name in _PATHS or named else value
