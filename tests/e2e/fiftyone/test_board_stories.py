"""Whatever is put, tagged and taken away, in whatever order: the board in FiftyOne holds what the one in memory holds."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.errors import SelectionError
from engine.fakes.board import MemoryBoard
from engine.ports import Board
from engine.ports.board import Card, Layer, Tag
from engine.stages import Stage
from engine.types import Clip, FrameMasks
from exports.fiftyone import FiftyOneBoard, open_board
from tests.contracts.test_board import Lead
from tests.e2e.fiftyone.test_board_contract import Looking

NAME = "stories"
CARD = Card(Clip("x", "a" * 64, "/films/a.mp4", 0, 3, 64, 48, Fraction(30)), "/a.mp4", Stage.INGESTED)  # fmt: skip

Step: TypeAlias = Callable[[Board, Lead], None]

CLIPS = st.sampled_from("abc")
TAGS = st.lists(st.sampled_from(Tag), max_size=3, unique=True)
CARDS = st.builds(
    lambda id_, stage, priority: replace(
        CARD, clip=replace(CARD.clip, id=id_), stage=stage, priority=priority
    ),
    CLIPS,
    st.sampled_from([Stage.INGESTED, Stage.ACCEPTED]),
    st.booleans(),
)


def put_masks(clip: str, revision: int, drawn: int | None) -> Step:
    """Put masks, where the clip has a card."""

    def step(board: Board, _lead: Lead) -> None:
        layers = [Layer(one, (), (FrameMasks(0),)) for one in (revision, drawn) if one is not None]
        known = clip in board.held()
        try:
            board.put_masks(replace(CARD.clip, id=clip), *layers)
        except SelectionError:
            assert not known

    return step


def tag(clip: str, tags: list[Tag], by: str) -> Step:
    """Let a lead tag a clip, where he sees it."""

    def step(board: Board, lead: Lead) -> None:
        if clip in board.held():
            lead.tag(clip, *tags, by=by, note=by and "why")

    return step


def take_off(clip: str, one: Tag) -> Step:
    """Let a lead take a tag off."""

    def step(board: Board, lead: Lead) -> None:
        if clip in board.held():
            lead.take_off(clip, one)

    return step


STEPS = st.one_of(
    st.builds(lambda cards: lambda board, _: board.put_cards(cards), st.lists(CARDS, max_size=3)),
    st.builds(put_masks, CLIPS, st.integers(1, 5), st.none() | st.integers(1, 5)),
    st.builds(lambda clip: lambda board, _: board.drop_masks(clip), CLIPS),
    st.builds(lambda clips: lambda board, _: board.drop(clips), st.lists(CLIPS, max_size=2)),
    st.builds(lambda clip, tags: lambda board, _: board.untag(clip, tags), CLIPS, TAGS),
    st.builds(tag, CLIPS, TAGS, st.sampled_from(["", "ada"])),
    st.builds(take_off, CLIPS, st.sampled_from(Tag)),
)


@pytest.fixture(scope="module")
def board(fiftyone: Any, mongod: str, home: Path) -> Iterator[FiftyOneBoard]:
    with open_board(mongod, home=home, dataset=NAME, workspace="w") as board:
        yield board
    fiftyone.delete_dataset(NAME)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(story=st.lists(STEPS, max_size=12))
def test_both_boards_hold_the_same_after_every_step(board: FiftyOneBoard, story: list[Step]) -> None:  # fmt: skip
    board.drop(list(board.held()))
    memory = MemoryBoard()
    for step in story:
        step(board, Looking(board))
        step(memory, memory)
        assert list(board.held().items()) == list(memory.held().items())
