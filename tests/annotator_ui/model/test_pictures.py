"""Pictures kept for the next time: the very ones of the source, whoever asks, and seldom decoded twice."""

import threading
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotator_ui.model.pictures import AROUND, Pictures
from annotator_ui.model.shelf import NEAR
from engine.errors import InputError, VideoError
from engine.fakes.frames import FakeFrameSource, read_number
from engine.repair import backwards
from engine.types import Clip

FRAMES = 70
CLIP = Clip("numbered", "sha", "nowhere", 11, FRAMES, 16, 16, Fraction(30))
SIZE = 16 * 16 * 3
AMPLE = 1000 * SIZE


class Watched:
    """A source that remembers which runs were asked for, and how many pictures it gave."""

    def __init__(self) -> None:
        self.runs, self.given = [], 0
        self._inner = FakeFrameSource()

    def batches(self, clip, *, size=4, start=0, stop=None):
        self.runs.append((start, stop))
        for batch in self._inner.batches(clip, size=size, start=start, stop=stop):
            self.given += len(batch)
            yield batch


@pytest.fixture
def source() -> Watched:
    return Watched()


@pytest.fixture
def kept(source):
    pictures = Pictures(source, limit=AMPLE)
    yield pictures
    pictures.close()


def seen(pictures, start: int, stop: int, *, size: int = 4) -> list[int]:
    batches = pictures.batches(CLIP, size=size, start=start, stop=stop)
    return [read_number(rgb) - CLIP.start for batch in batches for rgb in batch.rgb]


@given(
    runs=st.lists(
        st.tuples(st.integers(0, FRAMES), st.integers(0, FRAMES), st.integers(1, 20)), max_size=12
    ),
    limit=st.sampled_from([0, SIZE, 7 * SIZE, AMPLE]),
    rest=st.integers(0, FRAMES - 1),
)
@settings(max_examples=40)
def test_any_runs_in_any_order_give_what_the_source_gives(runs, limit, rest) -> None:
    pictures = Pictures(FakeFrameSource(), limit=limit)
    pictures.warm(CLIP, rest)
    for a, b, size in runs:
        start, stop = sorted((a, b))
        batches = list(pictures.batches(CLIP, size=size, start=start, stop=stop))
        assert [batch.first for batch in batches] == list(range(start, stop, size))
        assert [len(batch) for batch in batches[:-1]] == [size] * (len(batches) - 1)
        assert [read_number(rgb) - CLIP.start for batch in batches for rgb in batch.rgb] == list(
            range(start, stop)
        )
    pictures.close()


def test_a_run_is_decoded_once(source, kept) -> None:
    assert seen(kept, 10, 30) == seen(kept, 10, 30)
    assert source.given == 20


def test_a_single_picture_is_handed_out_without_a_copy(kept) -> None:
    first, again = (next(kept.batches(CLIP, size=1, start=5, stop=6)).rgb for _ in range(2))
    assert first.base is not None
    assert first.__array_interface__["data"] == again.__array_interface__["data"]


def test_what_lies_around_a_playhead_is_ready_before_the_click(source, kept) -> None:
    kept.warm(CLIP, 30)
    source.runs.clear()
    assert seen(kept, 30 - NEAR, 30 + NEAR + 1) == list(range(30 - NEAR, 30 + NEAR + 1))
    assert source.runs == []


def test_a_spread_from_the_playhead_finds_its_first_second_ready_both_ways(source, kept) -> None:
    kept.warm(CLIP, 35)
    source.runs.clear()
    assert seen(kept, 35, 35 + AROUND) == list(range(35, 35 + AROUND))
    assert seen(kept, 36 - AROUND, 36) == list(range(36 - AROUND, 36))
    assert source.runs == []


def test_what_a_click_needs_is_decoded_first(source, kept) -> None:
    kept.warm(CLIP, 35)
    assert source.runs == [(35 - NEAR, 36 + AROUND), (35 - AROUND, 35 - NEAR)]


def test_little_room_is_kept_for_what_is_nearest(source) -> None:
    pictures = Pictures(source, limit=20 * SIZE)
    pictures.warm(CLIP, 35)
    assert source.runs == [(35 - NEAR, 36 + NEAR)]


def test_a_playhead_at_the_end_of_a_clip_asks_for_nothing_beyond_it(source, kept) -> None:
    kept.warm(CLIP, FRAMES - 1)
    assert source.runs[0] == (FRAMES - 1 - NEAR, FRAMES)
    kept.warm(CLIP, 0)
    assert source.runs[-1] == (0, AROUND + 1)


def test_a_playhead_that_moves_a_little_decodes_what_is_new_alone(source, kept) -> None:
    kept.warm(CLIP, 30)
    source.runs.clear()
    kept.warm(CLIP, 32)
    assert source.runs == [(31 + AROUND, 33 + AROUND)]


def test_warming_ends_early_when_the_playhead_has_left(source, kept) -> None:
    kept.warm(CLIP, 30, stop=lambda: source.given >= 3)
    assert source.given == 3


def test_who_reads_backward_seeks_once_for_many_runs(source, kept) -> None:
    numbers = [frame for frame, _ in backwards(CLIP, source=kept, start=0, stop=FRAMES, run=4)]
    assert numbers == list(range(FRAMES))[::-1]
    assert len(source.runs) <= 3
    assert source.given <= FRAMES + 4


def test_who_reads_backward_with_little_room_still_gets_every_picture(source) -> None:
    pictures = Pictures(source, limit=9 * SIZE)
    found = backwards(CLIP, source=pictures, start=0, stop=FRAMES, run=4)
    assert [read_number(rgb) - CLIP.start for _, rgb in found] == list(range(FRAMES))[::-1]
    pictures.close()


def test_a_pass_that_ends_early_decodes_little_more(source) -> None:
    small = Pictures(source, limit=10 * SIZE)
    batches = small.batches(CLIP, size=4, start=0, stop=FRAMES)
    next(batches)
    batches.close()
    small.close()
    assert source.given <= 5


def test_nobody_decodes_what_somebody_is_just_decoding() -> None:
    begun, go = threading.Event(), threading.Event()

    class Slow(Watched):
        def batches(self, clip, *, size=4, start=0, stop=None):
            begun.set()
            go.wait(10)
            yield from super().batches(clip, size=size, start=start, stop=stop)

    source = Slow()
    pictures = Pictures(source, limit=AMPLE)
    warmer = threading.Thread(target=pictures.warm, args=(CLIP, 30))
    warmer.start()
    begun.wait(10)
    threading.Timer(0.05, go.set).start()
    assert seen(pictures, 30, 31) == [30]
    warmer.join()
    assert source.runs == [(30 - NEAR, 31 + AROUND), (0, 30 - NEAR)]
    pictures.close()


def test_who_waited_for_a_picture_that_never_came_decodes_it() -> None:
    begun, go = threading.Event(), threading.Event()

    class Once(Watched):
        def batches(self, clip, *, size=4, start=0, stop=None):
            if not begun.is_set():
                begun.set()
                go.wait(10)
                raise VideoError("gone for a moment")
            yield from super().batches(clip, size=size, start=start, stop=stop)

    pictures = Pictures(Once(), limit=AMPLE)
    failures = []

    def warm() -> None:
        try:
            pictures.warm(CLIP, 30)
        except VideoError as error:
            failures.append(error)

    warmer = threading.Thread(target=warm)
    warmer.start()
    begun.wait(10)
    threading.Timer(0.05, go.set).start()
    assert seen(pictures, 30, 31) == [30]
    warmer.join()
    assert len(failures) == 1
    pictures.close()


@pytest.mark.parametrize(("size", "start", "stop"), [(0, 0, 5), (4, -1, 5), (4, 0, 71), (4, 6, 5)])
def test_a_range_outside_the_clip_is_refused_as_the_source_does(kept, size, start, stop) -> None:
    with pytest.raises(InputError, match="it has 70 frames"):
        list(kept.batches(CLIP, size=size, start=start, stop=stop))


def test_below_the_last_run_of_who_reads_backward_nothing_is_decoded(source, kept) -> None:
    seen(kept, 30, 40)
    source.runs.clear()
    found = backwards(CLIP, source=kept, start=30, stop=40, run=4)
    assert [frame for frame, _ in found] == list(range(39, 29, -1))
    kept.close()  # what was begun ahead is done
    assert source.runs == [], "the last run is a short one"


def test_while_a_run_is_used_the_one_below_is_decoded(source, kept) -> None:
    seen(kept, 20, 40)
    source.runs.clear()
    found = backwards(CLIP, source=kept, start=0, stop=40, run=4)
    while next(found)[0] > 20:
        pass
    kept.close()  # what was begun ahead is done
    assert source.runs == [(0, 20)], "though nobody has asked for it yet"
    assert [frame for frame, _ in found] == list(range(19, -1, -1))
    assert source.runs == [(0, 20)]
