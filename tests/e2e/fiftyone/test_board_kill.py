"""A process that is killed while it puts masks leaves a clip without masks, or one with all of them: never with some."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from exports.board.inside import inside
from exports.fiftyone import FiftyOneBoard, open_board
from tests.e2e.fiftyone.putting import BALLS, CLIP, FRAMES, layer

NAME = "killed"
MOMENTS = (0.0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4)
"""Seconds after which the process is killed, from when it begins with its second revision on."""


@pytest.fixture(scope="module")
def board(fiftyone: Any, mongod: str, home: Path) -> Iterator[FiftyOneBoard]:
    with open_board(mongod, home=home, dataset=NAME, workspace="w") as board:
        yield board
    fiftyone.delete_dataset(NAME)


def killed(arguments: list[str], moment: float) -> int:
    """Start a process that puts masks, kill it with no warning, and return the revision that it had begun to put."""
    command = [sys.executable, "-m", "tests.e2e.fiftyone.putting", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if int(line) == 2:
                time.sleep(moment)
                process.kill()
                break
        begun = [2, *map(int, process.stdout)]
    return begun[-1]


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_kill_at_any_moment_leaves_all_masks_or_none_and_the_next_sync_repairs(
    fiftyone: Any, mongod: str, home: Path, board: FiftyOneBoard, moment: float
) -> None:
    begun = killed([mongod, str(home), NAME], moment)
    held = board.held()[CLIP.id]
    frames = inside(fiftyone, board.dataset).frames
    assert held.masks == held.drawn
    if held.masks is not None:
        assert held.masks in {begun - 1, begun}
        assert frames.count_documents({}) == FRAMES
    board.put_masks(CLIP, layer(99))
    assert board.held()[CLIP.id].masks == 99
    assert frames.count_documents({}) == FRAMES
    assert board.dataset.count("frames.masks.detections") == FRAMES * BALLS
    assert board.dataset.count("frames.drawn.detections") == 0
