"""Libraries that only evaluation needs, imported when asked for. Knows how to install them, not what they do."""

from importlib import import_module
from typing import Any

from engine.errors import SettingsError


def need_all(*, page: bool) -> None:
    """Check early that every library is there which a report needs, those of its ``page`` included.

    Raises:
        SettingsError: one is not installed; the message names the command that installs it.
    """
    for module in ("trackeval", *(["matplotlib"] if page else [])):
        need(module)


def need(module: str) -> Any:
    """Import a module of the extra ``evaluate``.

    Raises:
        SettingsError: it is not installed; the message names the command that installs it.
    """
    try:
        return import_module(module)
    except ImportError as error:
        package = module.partition(".")[0]
        raise SettingsError(
            f"{package} is not installed ({error}); this figure needs it: "
            "pip install 'billiards-engine[evaluate]'"
        ) from error
