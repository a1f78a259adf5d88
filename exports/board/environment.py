"""What FiftyOne reads from its environment before it is imported, and that import: the one place where it may happen first."""

import atexit
import importlib
import importlib.util
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from engine.errors import ServerError, SettingsError
from exports.board.faults import translated

PLUGINS: Final = Path(__file__).parent
"""FiftyOne looks for plugins in the folders below."""
_INSTALL: Final = "install it with: pip install -e '.[fiftyone]'   (`make setup-test` has it too)"
_AGAIN: Final = (
    "install it again with: pip uninstall fiftyone fiftyone-db && pip install -e '.[fiftyone]'"
)
_DATABASE: Final = "FIFTYONE_DATABASE_URI"
_ALWAYS: Final = {
    "FIFTYONE_DO_NOT_TRACK": "true",
    "FIFTYONE_DATABASE_VALIDATION": "false",  # else it warns of MongoDB 6, which the bundled one is and which serves
    "FIFTYONE_SHOW_PROGRESS_BARS": "false",
    "FIFTYONE_DEFAULT_APP_ADDRESS": "127.0.0.1",
}


def variables(uri: str, home: Path) -> Mapping[str, str]:
    """Return the variables with which FiftyOne uses the database at ``uri`` and writes into the folder ``home`` alone."""
    own = home.absolute()
    places = {
        _DATABASE: uri,
        "FIFTYONE_PLUGINS_DIR": str(PLUGINS),
        "FIFTYONE_CONFIG_PATH": str(own / "config.json"),
        "FIFTYONE_APP_CONFIG_PATH": str(own / "app_config.json"),
        "FIFTYONE_BRAIN_CONFIG_PATH": str(own / "brain_config.json"),
        "FIFTYONE_DATABASE_DIR": str(own / "db"),
        "FIFTYONE_DEFAULT_DATASET_DIR": str(own / "files"),
        "FIFTYONE_DATASET_ZOO_DIR": str(own / "files"),
        "FIFTYONE_MODEL_ZOO_DIR": str(own / "files"),
    }
    return MappingProxyType(_ALWAYS | places)


def load(uri: str, home: Path) -> Any:
    """Return the module ``fiftyone``, connected with the database at ``uri``; loading it takes some seconds, once.

    Raises:
        SettingsError: FiftyOne is not installed.
        ServerError: the process has it loaded with another database, or it refuses this one.
    """
    refuse_missing()
    given = {} if "fiftyone" in sys.modules else variables(uri, home)
    try:
        with translated(), _environment(given):
            module = _connected()
    except ImportError as error:
        raise _broken(error) from error
    _end_quietly(module)
    if module.config.database_uri != uri:
        raise ServerError(
            "this process has FiftyOne loaded with another database already; use one database in a process, or start another process"
        )
    return module


def _connected() -> Any:
    """Return the module, which connects when it is first asked for something.

    Raises:
        ServerError: it refuses the server or the database.
    """
    try:
        module: Any = importlib.import_module("fiftyone")
        module.list_datasets()
    except (OSError, RuntimeError) as error:
        raise ServerError(f"FiftyOne does not start with its database: {error}") from error
    return module


@contextmanager
def _environment(given: Mapping[str, str]) -> Iterator[None]:
    """Add variables; they stay, but for the database's address: who looks for one later must not find ours there."""
    before = os.environ.get(_DATABASE)
    os.environ.update(given)
    try:
        yield
    finally:
        os.environ.pop(_DATABASE, None)
        if before is not None:
            os.environ[_DATABASE] = before


def _end_quietly(module: Any) -> None:
    """Keep FiftyOne from asking the database, when our process ends, for datasets of ours that are not to stay.

    There are none, and a database that ended before us would be waited for.
    """
    clean = getattr(module.core.odm.database, "_delete_non_persistent_datasets_if_allowed", None)
    if clean is not None:
        atexit.unregister(clean)


def refuse_broken(home: Path) -> None:
    """Make sure that what is installed loads, where it was seen to lack something; it may look for a database, and finds none.

    Raises:
        SettingsError: it does not load.
    """
    try:
        nowhere = variables("mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=1", home)
        with suppress(ServerError, OSError, RuntimeError), translated(), _environment(nowhere):
            importlib.import_module("fiftyone")
    except ImportError as error:
        raise _broken(error) from error


def _broken(error: ImportError) -> SettingsError:
    """Return what is to be said of a FiftyOne that does not load."""
    return SettingsError(f"FiftyOne is installed, but does not load ({error}); {_AGAIN}")


def refuse_missing() -> None:
    """Make sure that FiftyOne is installed.

    Raises:
        SettingsError: it is not; the message says how it is.
    """
    if importlib.util.find_spec("fiftyone") is None:
        raise SettingsError(f"FiftyOne is not installed; {_INSTALL}")
