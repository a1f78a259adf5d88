"""The command line as a person runs it: a process of its own, in a folder of its own."""

import os
import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction
from importlib.resources import files
from itertools import islice
from pathlib import Path

import pytest

from engine.media import VideoWriter, decode

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    def start(*words: str, timeout: float = 300) -> subprocess.CompletedProcess[str]:
        environment = {k: v for k, v in os.environ.items() if not k.startswith("ENGINE_")}
        return subprocess.run(
            [sys.executable, "-m", "engine.cli", *words],
            cwd=tmp_path,
            env=environment | {"COLUMNS": "200", "USER": "somebody"},
            capture_output=True,
            text=True,
            timeout=timeout,
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
