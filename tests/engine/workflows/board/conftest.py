"""A workspace in memory beside a board, where clips come and go and leads tag."""

import pytest

from tests.engine.workflows.board.room import Room


@pytest.fixture
def room():
    return Room()
