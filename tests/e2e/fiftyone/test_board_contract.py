"""The board that FiftyOne shows keeps what every board promises, on a real MongoDB, with a lead who uses FiftyOne itself."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from engine.ports.board import Still, Tag
from exports.fiftyone import FiftyOneBoard, open_board
from tests.contracts.test_board import BoardContract, Lead


class Looking:
    """A lead in FiftyOne, who sets tags and may use the operator that asks for names and reasons."""

    def __init__(self, board: FiftyOneBoard) -> None:
        self._board = board

    def tag(self, clip: str, *tags: Tag, by: str = "", note: str = "") -> None:
        sample = self._board.dataset.one({"clip": clip})
        sample.reload()
        sample.tags = sorted({*sample.tags, *map(str, tags)})
        sample["engine_by"], sample["engine_note"] = by, note
        sample.save()

    def take_off(self, clip: str, tag: Tag) -> None:
        self._board.dataset.match({"clip": clip}).untag_samples(str(tag))

    def scribble(self, clip: str, *tags: str) -> None:
        sample = self._board.dataset.one({"clip": clip})
        sample.reload()
        sample.tags = [*sample.tags, *tags]
        sample.save()


class TestFiftyOneBoard(BoardContract):
    """The board in FiftyOne."""

    @pytest.fixture(scope="class")
    @classmethod
    def opened(cls, fiftyone: Any, mongod: str, home: Path) -> Iterator[FiftyOneBoard]:
        with open_board(mongod, home=home, dataset="contract", workspace="w") as board:
            yield board
        fiftyone.delete_dataset("contract")

    @pytest.fixture
    def board(self, opened: FiftyOneBoard) -> FiftyOneBoard:
        opened.drop(list(opened.held()))
        return opened

    @pytest.fixture
    def lead(self, board: FiftyOneBoard) -> Lead:
        return Looking(board)

    @pytest.fixture
    def still(self, tmp_path: Path) -> Still:
        path = tmp_path / "1.jpg"
        Image.new("RGB", (32, 24)).save(path)
        return Still(1, str(path), np.array([1.0, 0.0], np.float32))
