"""The same selection gives the same bytes: in one process, in another, elsewhere, in any language and time zone."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.ports import ExportItem
from exports.registry import FORMATS, LAYOUTS, exporter

Content = Callable[[Path], dict[str, bytes]]
Silent = Callable[[str, int, int], None]
PAIRS = [(name, layout) for name in sorted(FORMATS) for layout in LAYOUTS[name]]

SCRIPT = """
import os, sys
from pathlib import Path
from engine.cli.app import main

if __name__ == "__main__":
    out, cores = Path(sys.argv[1]), int(sys.argv[2])
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:cores])
    for pair in sys.argv[3:]:
        name, layout = pair.split(":")
        words = ["export", "--format", name, "--layout", layout, str(out / f"{name}-{layout}")]
        sys.argv = ["engine", *words, "--workers", "1", "--clip", "game-00", "--clip", "game-07"]
        try:
            main()
        except SystemExit as ended:
            assert not ended.code, (pair, ended.code)
"""


@pytest.mark.parametrize(("name", "layout"), PAIRS)
def test_twice_in_one_process(
    name: str, layout: str, item: ExportItem, tmp_path: Path, silent: Silent, content: Content
) -> None:
    one = exporter(name, layout=layout)([item], tmp_path / "one", progress=silent)
    two = exporter(name, layout=layout)([item], tmp_path / "deep/er/two", progress=silent)
    assert content(one.out) == content(two.out)
    assert one.version == two.version


def export_all(out: Path, env: dict[str, str], *, cores: int) -> None:
    """Export in every format, in a process of its own, from a folder of its own."""
    out.mkdir(parents=True)
    script = out.parent / "script.py"
    script.write_text(SCRIPT)
    pairs = [f"{name}:{LAYOUTS[name][0]}" for name in sorted(FORMATS)]
    command = [sys.executable, str(script), str(out), str(cores), *pairs]
    root = str(Path(__file__).parents[2])
    done = subprocess.run(
        command, env=env | {"PYTHONPATH": root}, cwd=out, check=False, capture_output=True
    )
    assert done.returncode == 0, done.stderr.decode()[-2000:]


@pytest.mark.slow
def test_in_two_processes_that_have_nothing_in_common(
    workspace: dict[str, str], tmp_path: Path, content: Content
) -> None:
    moved = tmp_path / "moved"
    shutil.copytree(workspace["ENGINE_WORKSPACE"], moved)
    here = {
        "PYTHONHASHSEED": "1",
        "TZ": "Asia/Kathmandu",
        "LC_ALL": "C",
        "PYTHONUTF8": "0",
        "PYTHONCOERCECLOCALE": "0",
        "USER": "ana",
    }
    there = {
        "PYTHONHASHSEED": "2",
        "TZ": "America/St_Johns",
        "LC_ALL": "C.UTF-8",
        "USER": "bo",
        "ENGINE_WORKSPACE": str(moved),
    }
    export_all(tmp_path / "a/one", workspace | here, cores=1)
    export_all(tmp_path / "b/an other/two", workspace | there, cores=os.cpu_count() or 1)
    one, two = content(tmp_path / "a/one"), content(tmp_path / "b/an other/two")
    assert [path for path in one if one[path] != two.get(path)] == []
    assert one.keys() == two.keys()
    assert len({path.split("/")[0] for path in one}) == len(FORMATS)


def test_no_dataset_says_where_it_was_made(
    item: ExportItem, tmp_path: Path, silent: Silent, content: Content
) -> None:
    for name, layout in PAIRS:
        out = exporter(name, layout=layout)([item], tmp_path / f"{name}-{layout}", progress=silent)
        for path, data in content(out.out).items():
            assert str(tmp_path).encode() not in data, path
            assert str(Path.cwd()).encode() not in data, path
