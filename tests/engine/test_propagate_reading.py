"""How much of the parent a correction reads: short blocks, each once, and nothing beyond what may change."""

from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from engine.fakes.frames import FakeFrameSource
from engine.fakes.scene import Disc, Scene, rests
from engine.fakes.segmenter import ColourSegmenter
from engine.propagate import correct
from engine.propagate_reading import BLOCK, Ground, Old
from engine.types import FrameMasks, Point, Prompt

RED = (200, 20, 20)
SCENE = Scene([Disc(RED, "cue", rests(40, 40))], 100)
TRUTH = [SCENE.truth(frame) for frame in range(SCENE.frames)]


def _ground(read: list[range]) -> Ground:
    """Return a ground that notes the ranges of the parent's rows that are asked for."""

    def rows(start: int, stop: int) -> Iterator[FrameMasks]:
        read.append(range(start, stop))
        return iter(TRUTH[start:stop])

    return Ground(SCENE.clip, rows, FakeFrameSource(SCENE.paint), ColourSegmenter())


def test_a_click_reads_one_row_of_the_parent() -> None:
    read: list[range] = []
    click = Prompt(50, 1, points=(Point(40, 40),))
    correct(_ground(read), [click], frames=range(50, 51))
    assert read == [range(50, 51)]


@given(
    frames=st.tuples(st.integers(0, 99), st.integers(1, 100)).map(
        lambda pair: range(pair[0], min(100, pair[0] + pair[1]))
    ),
    backward=st.booleans(),
)
def test_each_row_is_the_parents_and_none_is_read_twice_or_in_vain(
    frames: range,
    backward: bool,  # noqa: FBT001 - hypothesis names it
) -> None:
    read: list[range] = []
    old = Old(_ground(read), frames)
    order = list(reversed(frames)) if backward else list(frames)
    assert [old.at(frame) for frame in order] == [TRUTH[frame] for frame in order]
    assert sorted(frame for block in read for frame in block) == list(frames)
    assert all(len(block) <= BLOCK for block in read)
