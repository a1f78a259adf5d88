"""The streaming loop on an exact world: identity, repair, forgetting, and going on where a run stopped."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import rle
from engine.association import Rules
from engine.errors import DamagedChunk, SettingsError, VideoError
from engine.fakes.detector import ColourDetector
from engine.fakes.frames import FakeFrameSource
from engine.fakes.scene import Disc, Scene, rests, rolls
from engine.fakes.segmenter import ColourSegmenter
from engine.pipeline import Block, DetSam2, Parts, annotate
from engine.pipeline_state import PipelineState, from_bytes
from engine.types import Clip, Detection, FrameBatch, FrameMasks, Image, Track

RED, BLUE, WHITE, BLACK = (200, 20, 20), (20, 20, 200), (240, 240, 240), (5, 5, 5)
FAST = DetSam2(every=10, buffer=10, repair=20)
Doctor = Callable[[int, tuple[Detection, ...]], tuple[Detection, ...]]


class Doctored:
    """A detector whose answers are changed on the way."""

    def __init__(self, scene: Scene, doctor: Doctor) -> None:
        self.inner, self.doctor = ColourDetector(scene.labels), doctor

    def detect(self, batch: FrameBatch) -> list[tuple[Detection, ...]]:
        found = self.inner.detect(batch)
        return [self.doctor(batch.first + i, one) for i, one in enumerate(found)]


def parts(scene: Scene, doctor: Doctor = lambda _, found: found) -> Parts:
    return Parts(FakeFrameSource(scene.paint), Doctored(scene, doctor), ColourSegmenter())


def run(
    scene: Scene, *, doctor: Doctor = lambda _, found: found, how: DetSam2 = FAST
) -> tuple[dict[int, FrameMasks], tuple[Track, ...]]:
    blocks = list(annotate(scene.clip, parts(scene, doctor), settings=how))
    rows = [row for block in blocks for row in block.settled]
    assert [row.frame for row in rows] == list(range(scene.frames))
    return {row.frame: row for row in rows}, blocks[-1].tracks


def seen(rows: dict[int, FrameMasks], track: int) -> list[int]:
    return [frame for frame, row in rows.items() if track in row.by_track()]


def test_frames_come_in_order_once_and_equal_the_truth() -> None:
    scene = Scene(
        [Disc(RED, "solid", rolls(20, 40, dx=1.5)), Disc(BLUE, "stripe", rests(30, 70))], 65
    )
    rows, tracks = run(scene)
    assert [track.label for track in tracks] == ["solid", "stripe"]
    for frame, row in rows.items():
        assert [m.rle for m in row.masks] == [m.rle for m in scene.truth(frame).masks]


def test_two_balls_of_one_class_stay_apart() -> None:
    scene = Scene([Disc(RED, "solid", rolls(20, 40, dx=1)), Disc(BLUE, "solid", rests(90, 60))], 45)
    rows, tracks = run(scene)
    assert [track.label for track in tracks] == ["solid", "solid"]
    assert seen(rows, 1) == seen(rows, 2) == list(range(45))


def test_a_ball_hidden_under_an_arm_for_20_frames_keeps_its_id() -> None:
    arms = dict.fromkeys(range(15, 35), (30, 20, 70, 70))
    scene = Scene(
        [Disc(RED, "solid", rests(50, 45)), Disc(BLUE, "solid", rests(120, 45))], 70, arms=arms
    )
    rows, tracks = run(scene)
    assert len(tracks) == 2
    assert seen(rows, 1) == [*range(15), *range(35, 70)]


def test_a_ball_that_moved_while_it_was_hidden_keeps_its_id() -> None:
    arms = dict.fromkeys(range(15, 35), (30, 20, 110, 70))
    way = lambda frame: (40, 45) if frame < 20 else (95, 45)  # noqa: E731
    scene = Scene([Disc(RED, "solid", way), Disc(BLUE, "stripe", rests(130, 45))], 70, arms=arms)
    rows, tracks = run(scene)
    assert [track.id for track in tracks] == [1, 2]
    assert seen(rows, 1) == [*range(15), *range(35, 70)]


def test_a_ball_that_enters_late_is_repaired_backwards_to_its_first_frame() -> None:
    scene = Scene(
        [Disc(RED, "solid", rests(50, 45)), Disc(BLUE, "cue", rests(90, 45, start=13))], 45
    )
    rows, _ = run(scene)
    assert seen(rows, 2) == list(range(13, 45))


def test_the_repair_reaches_at_most_m_frames() -> None:
    scene = Scene([Disc(RED, "solid", rests(50, 45)), Disc(BLUE, "cue", rests(90, 45))], 60)
    late: Doctor = lambda frame, found: found if frame >= 40 else found[:1]  # noqa: E731
    rows, _ = run(scene, doctor=late)
    assert seen(rows, 2) == list(range(20, 60))


def test_without_repair_a_ball_begins_where_it_was_detected() -> None:
    scene = Scene(
        [Disc(RED, "solid", rests(50, 45)), Disc(BLUE, "cue", rests(90, 45, start=13))], 45
    )
    rows, _ = run(scene, how=replace(FAST, repair=0))
    assert seen(rows, 2) == list(range(20, 45))


def test_a_false_detection_seen_once_is_dropped() -> None:
    scene = Scene([Disc(RED, "solid", rests(50, 45)), Disc(BLUE, "cue", rests(90, 45))], 60)

    def ghost(frame: int, found: tuple[Detection, ...]) -> tuple[Detection, ...]:
        false = Detection(frame, (100.0, 10.0, 110.0, 20.0), "solid", 0.5)
        return (*found, false) if frame == 20 else found

    rows, tracks = run(scene, doctor=ghost)
    assert [track.id for track in tracks] == [1, 2]
    assert {m.track for row in rows.values() for m in row.masks} == {1, 2}


def test_a_false_detection_on_the_last_frame_is_dropped() -> None:
    scene = Scene([Disc(RED, "solid", rests(50, 45))], 25)

    def ghost(frame: int, found: tuple[Detection, ...]) -> tuple[Detection, ...]:
        false = Detection(frame, (100.0, 10.0, 110.0, 20.0), "solid", 0.5)
        return (*found, false) if frame == 24 else found

    only = replace(parts(scene, ghost), segmenter=ColourSegmenter(reach=1))
    blocks = list(annotate(scene.clip, only, settings=replace(FAST, repair=2)))
    assert blocks[-1].tracks == (Track(1, "solid"),)


def test_class_flips_do_not_split_a_track_and_the_votes_decide() -> None:
    scene = Scene([Disc(RED, "solid", rolls(20, 45, dx=1))], 60)

    def flips(frame: int, found: tuple[Detection, ...]) -> tuple[Detection, ...]:
        return tuple(replace(d, label="stripe") if frame in (10, 40) else d for d in found)

    _, tracks = run(scene, doctor=flips)
    assert tracks == (Track(1, "solid"),)


def test_a_potted_ball_ends() -> None:
    scene = Scene(
        [Disc(RED, "solid", rests(50, 45)), Disc(BLUE, "solid", rests(90, 45, stop=17))], 60
    )
    rows, tracks = run(scene)
    assert len(tracks) == 2
    assert seen(rows, 2) == list(range(17))


def test_a_mask_that_stays_in_the_pocket_is_taken_back_to_when_it_came_there() -> None:
    """The ball rolls from frame 20 to 40; what lies in the pocket then looks like it, but is never detected."""
    way = lambda frame: (30.0 + 2 * min(max(frame - 20, 0), 20), 70.0)  # noqa: E731
    scene = Scene(
        [
            Disc(RED, "solid", rests(50, 20)),
            Disc(BLUE, "cue", rests(90, 20)),
            Disc((9, 99, 199), "solid", way),
        ],
        100,
    )
    gone: Doctor = lambda frame, found: found if frame <= 30 else found[:2]  # noqa: E731
    rows, tracks = run(scene, doctor=gone)
    assert len(tracks) == 3
    frames = seen(rows, 3)
    assert frames[:37] == list(range(37))
    assert frames[-1] < 40


def test_a_ball_out_of_sight_too_long_is_forgotten_and_returns_as_another() -> None:
    gone = lambda frame: None if 17 <= frame < 50 else (90, 45)  # noqa: E731
    scene = Scene([Disc(RED, "solid", rests(50, 45)), Disc(BLUE, "solid", gone)], 80)
    rows, tracks = run(scene, how=replace(FAST, rules=Rules(patience=15)))
    assert [track.id for track in tracks] == [1, 2, 3]
    assert seen(rows, 3) == list(range(50, 80))


def test_a_detector_that_is_blind_for_60_frames_loses_nothing() -> None:
    scene = Scene([Disc(RED, "solid", rests(50, 45)), Disc(BLUE, "cue", rolls(20, 70, dx=1))], 100)
    blind: Doctor = lambda frame, found: () if 10 <= frame < 70 else found  # noqa: E731
    rows, tracks = run(scene, doctor=blind)
    assert len(tracks) == 2
    assert seen(rows, 1) == seen(rows, 2) == list(range(100))


def test_one_ball_that_the_detector_misses_is_not_taken_for_absent() -> None:
    scene = Scene([Disc(RED, "solid", rests(50, 45)), Disc(BLUE, "cue", rests(90, 45))], 80)
    rows, _ = run(scene, doctor=lambda frame, found: found if frame == 0 else found[:1])
    assert seen(rows, 2) == list(range(80))


def test_a_table_with_22_balls() -> None:
    places = [(12 + 13 * (i % 11), 30 + 30 * (i // 11)) for i in range(22)]
    discs = [Disc((10 * i + 5, 250 - 9 * i, 128), "red", rests(*p)) for i, p in enumerate(places)]
    rows, tracks = run(Scene(discs, 25))
    assert len(tracks) == 22
    assert all(len(row.masks) == 22 for row in rows.values())


def test_an_empty_table_gives_empty_frames() -> None:
    rows, tracks = run(Scene([], 25))
    assert tracks == ()
    assert not any(row.masks for row in rows.values())


def test_the_last_frame_is_looked_at_so_that_late_balls_are_not_missed() -> None:
    scene = Scene([Disc(RED, "solid", rests(50, 45, start=13))], 18)
    assert seen(run(scene)[0], 1) == list(range(13, 18))


def test_a_ball_that_is_lost_is_looked_for_out_of_turn() -> None:
    looks: list[int] = []

    def note(frame: int, found: tuple[Detection, ...]) -> tuple[Detection, ...]:
        looks.append(frame)
        return found

    run(Scene([Disc(RED, "solid", rests(50, 45, stop=14))], 40), doctor=note)
    assert looks == [0, 10, 17, 20, 30, 39]
    looks.clear()
    run(
        Scene([Disc(RED, "solid", rests(50, 45, stop=14))], 40),
        doctor=note,
        how=replace(FAST, lost=0),
    )
    assert looks == [0, 10, 20, 30, 39]


def test_a_filter_stands_between_detector_and_association() -> None:
    scene = Scene([Disc(RED, "solid", rests(50, 45)), Disc(BLUE, "logo", rests(90, 45))], 20)
    only = replace(
        parts(scene), keep_only=lambda found, _: tuple(d for d in found if d.label != "logo")
    )
    blocks = list(annotate(scene.clip, only, settings=FAST))
    assert blocks[-1].tracks == (Track(1, "solid"),)


def test_always_refreshing_gives_the_same_masks_in_an_exact_world() -> None:
    scene = Scene([Disc(RED, "solid", rolls(20, 40, dx=1.5)), Disc(BLUE, "cue", rests(90, 70))], 45)
    assert run(scene, how=replace(FAST, refresh="always")) == run(scene)


def test_progress_hears_of_every_frame() -> None:
    heard: list[int] = []
    scene = Scene([Disc(RED, "solid", rests(50, 45))], 23)
    list(annotate(scene.clip, parts(scene), settings=FAST, progress=heard.append))
    assert heard == list(range(1, 24))


def busy() -> Scene:
    """Balls that roll, enter late, are hidden and leave."""
    arms = dict.fromkeys(range(18, 33), (60, 20, 100, 80))
    discs = [
        Disc(RED, "solid", rolls(10, 30, dx=1.3)),
        Disc(BLUE, "solid", rests(80, 50)),
        Disc(WHITE, "cue", rests(130, 60, start=27)),
        Disc(BLACK, "black", rests(40, 70, stop=41)),
    ]
    return Scene(discs, 67, arms=arms)


def halves(scene: Scene, stop_after: int, how: DetSam2) -> Iterator[Block]:
    """Run until ``stop_after`` frames are drawn, throw everything but the bytes away, go on."""
    state: PipelineState | None = None
    paused: list[bool] = []
    first = annotate(
        scene.clip, parts(scene), settings=how,
        pause=lambda: bool(paused), progress=lambda done: paused.append(True) if done == stop_after else None,
    )  # fmt: skip
    for block in first:
        yield block
        state = block.state
        if paused:
            break
    first.close()  # type: ignore[attr-defined]  # a generator
    if state is not None and state.next_frame < scene.frames:
        again = from_bytes(state.to_bytes())
        assert again == state
        yield from annotate(scene.clip, parts(scene), settings=how, resume=again)


@pytest.mark.slow
@settings(deadline=None, max_examples=40)
@given(stop_after=st.integers(1, 66), buffer=st.integers(1, 30))
def test_a_run_taken_up_anywhere_gives_exactly_the_uninterrupted_frames(
    stop_after: int, buffer: int
) -> None:
    how = replace(FAST, buffer=buffer)
    whole, tracks = run(busy())
    blocks = list(halves(busy(), stop_after, how))
    assert [row for block in blocks for row in block.settled] == list(whole.values())
    assert blocks[-1].tracks == tracks


def test_a_state_survives_its_bytes_and_damage_is_noticed() -> None:
    block = next(iter(annotate(busy().clip, parts(busy()), settings=FAST)))
    data = block.state.to_bytes()
    assert from_bytes(data) == block.state
    for broken in (data[:-1], data[:3], b"XXXX" + data[4:], data + b"1", b""):
        with pytest.raises(DamagedChunk, match="begin the clip anew"):
            from_bytes(broken)


def test_what_may_still_change_does_not_grow_with_the_clip() -> None:
    scene = Scene([Disc(RED, "solid", rests(50, 45))], 400)
    sizes = [len(b.state.to_bytes()) for b in annotate(scene.clip, parts(scene), settings=FAST)]
    assert max(sizes[20:-1]) <= max(sizes[6:12]) + 64
    assert FAST.hold == 50


def test_an_error_of_the_source_comes_out_and_closes_the_run() -> None:
    scene = busy()

    def torn(clip: Clip, frame: int) -> Image:
        if frame == 15:
            raise VideoError("frame 15 does not decode")
        return scene.paint(clip, frame)

    broken = replace(parts(scene), source=FakeFrameSource(torn))
    with pytest.raises(VideoError, match="15"):
        list(annotate(scene.clip, broken, settings=FAST))


@pytest.mark.parametrize("bad", [{"every": 0}, {"buffer": 0}, {"repair": -1}, {"lost": -1}])
def test_settings_outside_their_range_are_refused_by_name(bad: dict[str, int]) -> None:
    with pytest.raises(SettingsError, match=next(iter(bad))):
        replace(DetSam2(), **bad)  # type: ignore[arg-type]  # wrong on purpose


def test_the_defaults_are_the_published_ones() -> None:
    assert (DetSam2().every, DetSam2().buffer, DetSam2().repair) == (30, 30, 60)


def test_two_tracks_on_one_ball_leave_one() -> None:
    scene = Scene([Disc(RED, "solid", rests(50, 45)), Disc(BLUE, "cue", rests(120, 45))], 60)

    def doubled(frame: int, found: tuple[Detection, ...]) -> tuple[Detection, ...]:
        if frame != 0:
            return found
        return (*found, Detection(0, (45.0, 41.0, 61.0, 55.0), "stripe", 0.95))

    rows, tracks = run(scene, doctor=doubled)
    assert [track.id for track in tracks] == [1, 2]
    assert all(len(row.masks) == 2 for row in rows.values())
    assert rle.area(rows[59].masks[0].rle) == rle.area(scene.truth(59).masks[0].rle)
