"""What FiftyOne is told before it is loaded; and what is said where it is not installed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from exports.board.environment import PLUGINS, variables

MISSING = "import sys; sys.modules['fiftyone'] = None; "


def test_it_writes_into_its_folder_alone_and_tells_nobody(tmp_path: Path) -> None:
    told = variables("mongodb://127.0.0.1:1", tmp_path)
    assert told["FIFTYONE_DATABASE_URI"] == "mongodb://127.0.0.1:1"
    assert told["FIFTYONE_DO_NOT_TRACK"] == "true"
    places = [told[name] for name in told if name.endswith(("_DIR", "_PATH"))]
    assert len(places) > 6
    for place in map(Path, places):
        assert tmp_path in place.parents or place == PLUGINS
        assert place.is_absolute()


def test_a_folder_that_is_named_from_here_is_told_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    told = variables("mongodb://127.0.0.1:1", Path("workspace/fiftyone"))
    assert told["FIFTYONE_DATABASE_DIR"] == str(tmp_path / "workspace" / "fiftyone" / "db")


def test_the_plugin_is_below_the_folder_of_plugins() -> None:
    assert (PLUGINS / "plugin" / "fiftyone.yml").is_file()


def python(code: str) -> subprocess.CompletedProcess[str]:
    """Run code in another process."""
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, env=os.environ
    )


def test_neither_fiftyone_nor_its_database_is_loaded_before_it_is_asked_for() -> None:
    modules = "exports.fiftyone, exports.board.app, exports.board.database, exports.board.mongod, exports.board.environment"
    heavy = "{'fiftyone', 'pymongo', 'psutil', 'plotly', 'mongoengine'}"
    done = python(f"import sys, {modules}; print({heavy} & set(sys.modules))")
    assert done.stdout == "set()\n", done.stderr


@pytest.mark.parametrize(
    "call",
    [
        "from exports.board.environment import load; load('mongodb://x', Path('home'))",
        "from exports.board.database import database; database(Path('home')).__enter__()",
    ],
)
def test_without_fiftyone_the_command_that_installs_it_is_said(call: str) -> None:
    done = python(f"{MISSING}from pathlib import Path; {call}")
    assert done.returncode == 1
    assert "SettingsError: FiftyOne is not installed" in done.stderr
    assert "pip install -e '.[fiftyone]'" in done.stderr


@pytest.mark.parametrize(
    "call",
    [
        "from exports.board.environment import load; load('mongodb://x', Path('home'))",
        "from exports.board.mongod import program; program(Path('home'))",
    ],
)
def test_one_that_does_not_load_says_what_is_missing(
    tmp_path: Path, call: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))  # no server of the machine's either
    (tmp_path / "fiftyone").mkdir()
    (tmp_path / "fiftyone" / "__init__.py").write_text("import a_library_that_is_not_there")
    done = python(
        f"import sys; sys.path.insert(0, {str(tmp_path)!r}); from pathlib import Path; {call}"
    )
    assert "SettingsError: FiftyOne is installed, but does not load" in done.stderr
    assert "a_library_that_is_not_there" in done.stderr
    assert "pip install" in done.stderr
