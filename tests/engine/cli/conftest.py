"""The command line as a person runs it, in a folder of its own."""

import os
import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction
from importlib.resources import files
from itertools import islice
from pathlib import Path

import pytest

from engine.cli.app import main
from engine.media import VideoWriter, decode

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Return the environment without settings of ours, with a wide terminal and a cache of its own."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("ENGINE_")}
    own = {"COLUMNS": "200", "USER": "somebody", "ENGINE_CACHE": str(tmp_path / "cache")}
    return kept | own


@pytest.fixture
def run(
    tmp_path: Path,
    environment: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Run:
    """Run a command in a folder of its own: the real program, without the second that a new process takes to begin."""
    monkeypatch.chdir(tmp_path)

    def start(*words: str, **more: str) -> subprocess.CompletedProcess[str]:
        with monkeypatch.context() as here:
            for name in set(os.environ) - set(environment):
                here.delenv(name)
            for name, value in (environment | more).items():
                here.setenv(name, value)
            here.setattr(sys, "argv", ["engine", *words])
            with pytest.raises(SystemExit) as ended:
                main()
        said = capsys.readouterr()
        return subprocess.CompletedProcess(words, int(ended.value.code or 0), said.out, said.err)

    return start


@pytest.fixture
def process(tmp_path: Path, environment: dict[str, str]) -> Run:
    """Run a command as a process of its own."""

    def start(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "engine.cli", *words],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    return start


@pytest.fixture
def shot(tmp_path: Path) -> Path:
    """Return the first 36 frames of the bundled clip."""
    with (
        VideoWriter(tmp_path / "shot.mp4", width=960, height=540, rate=Fraction(30)) as writer,
    ):
        for rgb in islice(decode(str(files("engine").joinpath("assets/demo.mp4"))), 36):
            writer.write(rgb)
    return tmp_path / "shot.mp4"
