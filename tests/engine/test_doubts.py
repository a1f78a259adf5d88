"""Where a person should look next: each sign is found where it is, and nowhere else."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from math import hypot

import numpy as np
import pytest

from engine import rle
from engine.doubts import PICTURE, Doubt, Sign, doubts
from engine.errors import InputError, SettingsError
from engine.fakes.scene import Disc, Scene, Way, rests, rolls
from engine.masklets import replaced, without
from engine.types import Box, Detection, FrameMasks, Track, TrackMask

WIDE, HIGH, FRAMES, RADIUS = 320, 180, 40, 7.0
PLACES = ((40, 40), (90, 60), (150, 50), (220, 60), (80, 130), (160, 120), (240, 130))
Change = Callable[[FrameMasks], FrameMasks]


def scene_of(*ways: Way, **options: object) -> Scene:
    """Return discs on these ways, in colours of their own, the first one the cue ball."""
    discs = [
        Disc((250, 20 * i, 250 - 20 * i), "solid" if i else "cue", way, RADIUS)
        for i, way in enumerate(ways)
    ]
    return Scene(discs, FRAMES, WIDE, HIGH, **options)  # type: ignore[arg-type]  # a scene's own


@cache
def table() -> Scene:
    """Return seven balls at rest."""
    return scene_of(*(rests(x, y) for x, y in PLACES))


def rows_of(scene: Scene) -> list[FrameMasks]:
    """Return the true masks; one frame stands for all where nothing moves."""
    if scene is table():
        return [replace(_at_rest(), frame=frame) for frame in range(scene.frames)]
    return [scene.truth(frame) for frame in range(scene.frames)]


@cache
def _at_rest() -> FrameMasks:
    return table().truth(0)


def tracks_of(scene: Scene) -> tuple[Track, ...]:
    return tuple(Track(i, disc.label) for i, disc in enumerate(scene.discs, 1))


def ask(scene: Scene, rows: Sequence[FrameMasks] | None = None, **options: object) -> list[Doubt]:
    """Return the doubts about a scene, or about other masks of it."""
    masks = rows_of(scene) if rows is None else rows
    settings = {"size": (HIGH, WIDE), "rate": scene.clip.rate, **options}
    return list(doubts(masks, tracks_of(scene), **settings))  # type: ignore[arg-type]  # by name


def changed(scene: Scene, frames: range, change: Change) -> list[FrameMasks]:
    """Return the scene's masks, changed on some frames."""
    return [change(row) if row.frame in frames else row for row in rows_of(scene)]


def with_mask(track: int, edit: Callable[[TrackMask], TrackMask]) -> Change:
    """Return the change of one track's mask."""
    return lambda row: replaced(row, [edit(row.by_track()[track])])


def disc_at(x: float, y: float, radius: float = RADIUS) -> rle.RLE:
    return scene_of(rests(x, y)).truth(0).masks[0].rle if radius == RADIUS else _large(x, y, radius)


def _large(x: float, y: float, radius: float) -> rle.RLE:
    rows, columns = np.ogrid[:HIGH, :WIDE]
    return rle.encode((columns + 0.5 - x) ** 2 + (rows + 0.5 - y) ** 2 <= radius**2)


def moved(track: int, x: float, y: float, radius: float = RADIUS) -> Change:
    """Return the change that puts another disc in a track's place."""
    return with_mask(track, lambda mask: replace(mask, rle=disc_at(x, y, radius)))


def signs(found: Sequence[Doubt]) -> set[tuple[Sign, int]]:
    return {(doubt.sign, doubt.track) for doubt in found}


def one(found: Sequence[Doubt], sign: Sign) -> Doubt:
    (doubt,) = (doubt for doubt in found if doubt.sign == sign)
    return doubt


# --- nothing to see ------------------------------------------------------------------------------------------


def test_balls_at_rest_give_no_doubt() -> None:
    assert ask(table()) == []


def test_a_clip_without_frames_or_without_balls_gives_none() -> None:
    assert ask(table(), []) == []
    assert ask(table(), [FrameMasks(frame) for frame in range(5)]) == []


def test_a_ball_that_rolls_over_the_cloth_gives_none() -> None:
    scene = scene_of(rolls(20, 90, dx=4, dy=0.5), *(rests(x, y) for x, y in PLACES if y < 100))
    assert ask(scene) == []


def test_a_ball_that_is_struck_and_one_that_is_hit_give_none() -> None:
    def cue(frame: int) -> tuple[float, float]:
        return (40 + 9 * min(max(0, frame - 10), 10), 90)

    def target(frame: int) -> tuple[float, float]:
        return (144 + 7 * max(0, frame - 20), 90)

    scene = scene_of(cue, target, *(rests(x, y) for x, y in ((40, 30), (160, 150), (240, 140))))
    assert ask(scene) == []


def test_a_cushion_turns_a_ball_without_a_doubt() -> None:
    def way(frame: int) -> tuple[float, float]:
        return (60 + 5 * frame, 120 - abs(60 - 6 * frame))

    assert ask(scene_of(way, *(rests(x, y) for x, y in ((150, 20), (220, 30), (250, 120))))) == []


def test_a_ball_behind_another_one_may_go_and_come_back() -> None:
    scene = scene_of(rolls(100, 90, dx=3), rests(160, 90), rests(60, 40), rests(250, 140))
    assert any(len(row.masks) == 3 for row in rows_of(scene))
    assert ask(scene) == []


def test_a_ball_may_leave_and_enter_at_the_rim() -> None:
    leaves, enters = rolls(280, 90, dx=3), rolls(-40, 60, dx=3)
    assert ask(scene_of(leaves, enters, *(rests(x, 130) for x in (40, 90, 150)))) == []


def test_a_ball_may_fall_into_a_pocket() -> None:
    def until(frame: int) -> tuple[float, float] | None:
        return (120 + 2 * frame, 90) if frame < 20 else None

    scene = scene_of(until, *(rests(x, y) for x, y in PLACES[:4]))
    pocket: Box = (150, 80, 170, 100)
    assert ask(scene, pockets=[pocket]) == []
    assert signs(ask(scene)) == {(Sign.VANISHED, 1)}


def test_balls_that_grow_as_they_come_nearer_give_none() -> None:
    def masks(frame: int) -> FrameMasks:
        places = [(40 + 50 * i, 30 + 20 * i) for i in range(5)] + [(300, 20 + 3 * frame)]
        return FrameMasks(
            frame,
            tuple(
                TrackMask(i, _large(x, y, 5 * 1.6 ** (y / 100)))
                for i, (x, y) in enumerate(places, 1)
            ),
        )

    assert ask(table(), [masks(frame) for frame in range(FRAMES)]) == []


def test_a_camera_that_moves_moves_all_balls_and_gives_none() -> None:
    def shaken(x: float, y: float) -> Way:
        return lambda frame: (x + 6 * (frame % 2), y + 5 * (frame % 3))

    assert ask(scene_of(*(shaken(x, y) for x, y in PLACES))) == []


# --- scores ---------------------------------------------------------------------------------------------------


def test_masks_that_the_model_is_unsure_of_are_doubted() -> None:
    rows = changed(table(), range(10, 13), with_mask(3, lambda m: replace(m, score=0.2)))
    doubt = one(ask(table(), rows), Sign.LOW_SCORE)
    assert (doubt.start, doubt.stop, doubt.track) == (10, 13, 3)
    assert "0.20" in doubt.why


def test_masks_with_an_unsure_edge_are_doubted() -> None:
    rows = changed(table(), range(10, 13), with_mask(3, lambda m: replace(m, stability=0.3)))
    assert signs(ask(table(), rows)) == {(Sign.LOW_STABILITY, 3)}


def test_the_lower_the_score_the_graver_the_doubt() -> None:
    def severity(score: float) -> float:
        rows = changed(table(), range(10, 13), with_mask(3, lambda m: replace(m, score=score)))
        return one(ask(table(), rows), Sign.LOW_SCORE).severity

    assert severity(0.45) < severity(0.3) < severity(0.15)


# --- coming and going ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("length", [1, 3, 12])
def test_a_whole_ball_that_is_gone_for_some_frames_is_doubted_for_just_these(length: int) -> None:
    rows = changed(table(), range(10, 10 + length), lambda row: without(row, [2]))
    (doubt,) = ask(table(), rows)
    assert (doubt.sign, doubt.track, doubt.start, doubt.stop) == (Sign.VANISHED, 2, 10, 10 + length)
    assert doubt.why.endswith(f"back after {length} frame{'' if length == 1 else 's'}")


def test_a_ball_that_never_comes_back_is_doubted_for_a_second_at_most() -> None:
    rows = changed(table(), range(2, FRAMES), lambda row: without(row, [2]))
    (doubt,) = ask(table(), rows)
    assert (doubt.start, doubt.stop, doubt.frame) == (2, 32, 2)
    assert "never comes back" in doubt.why


def test_a_ball_that_goes_with_the_last_frame_is_seen_to_go() -> None:
    rows = changed(table(), range(FRAMES - 1, FRAMES), lambda row: without(row, [2]))
    (doubt,) = ask(table(), rows)
    assert (doubt.start, doubt.stop) == (FRAMES - 1, FRAMES)


def test_a_ball_that_an_arm_hid_bit_by_bit_is_doubted_less_or_not_at_all() -> None:
    arms = {10 + k: (0, 0, 83 + 4 * min(k, 19 - k), HIGH) for k in range(20)}
    scene = scene_of(*(rests(x, y) for x, y in PLACES[1:4]), rests(160, 120), arms=arms)
    whole = changed(table(), range(12, 20), lambda row: without(row, [2]))
    sudden = one(ask(table(), whole), Sign.VANISHED).severity
    assert max([d.severity for d in ask(scene)], default=0.0) < sudden


def test_a_ball_out_of_nothing_is_doubted() -> None:
    scene = scene_of(*(rests(x, y) for x, y in PLACES[:5]), rests(160, 120, start=15))
    (doubt,) = ask(scene)
    assert (doubt.sign, doubt.track, doubt.frame) == (Sign.APPEARED, 6, 15)


def test_without_pockets_a_rolling_ball_that_goes_is_doubted_less_than_one_at_rest() -> None:
    others = [rests(x, y) for x, y in PLACES[:4]]

    def until(frame: int) -> tuple[float, float] | None:
        return (100 + 3 * frame, 90) if frame < 20 else None

    rolling = one(ask(scene_of(until, *others)), Sign.VANISHED).severity
    resting = one(ask(scene_of(rests(160, 90, stop=20), *others)), Sign.VANISHED).severity
    assert rolling < resting


def test_a_ball_at_rest_does_not_fall_into_the_pocket_beside_it() -> None:
    scene = scene_of(rests(160, 90, stop=20), *(rests(x, y) for x, y in PLACES[:4]))
    assert signs(ask(scene, pockets=[(150, 80, 170, 100)])) == {(Sign.VANISHED, 1)}


# --- motion ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("length", [1, 2, 5])
@pytest.mark.parametrize(("dx", "dy"), [(7, 0), (0, -7), (5, 5)])
def test_a_mask_that_is_off_by_half_a_ball_is_doubted(length: int, dx: int, dy: int) -> None:
    x, y = PLACES[2]
    rows = changed(table(), range(10, 10 + length), moved(3, x + dx, y + dy))
    found = [doubt for doubt in ask(table(), rows) if doubt.sign == Sign.SPEED_JUMP]
    assert {doubt.track for doubt in found} == {3}
    assert min(doubt.start for doubt in found) in (9, 10)
    assert max(doubt.stop for doubt in found) >= 10 + length


def test_two_balls_that_swap_their_numbers_are_both_doubted() -> None:
    other = {2: 5, 5: 2}

    def swap(row: FrameMasks) -> FrameMasks:
        return FrameMasks(
            row.frame, tuple(replace(m, track=other.get(m.track, m.track)) for m in row.masks)
        )

    found = ask(table(), changed(table(), range(20, FRAMES), swap))
    assert signs(found) == {(Sign.SPEED_JUMP, 2), (Sign.SPEED_JUMP, 5)}
    assert all(doubt.start <= 20 < doubt.stop for doubt in found)


def test_no_ball_crosses_the_picture_between_two_frames() -> None:
    def way(frame: int) -> tuple[float, float]:
        return (20, 90) if frame < 39 else (300, 90)

    scene = scene_of(way, *(rests(x, y) for x, y in PLACES[:4]))
    assert "no ball is that fast" in one(ask(scene), Sign.SPEED_JUMP).why


def test_pictures_shown_twice_give_none() -> None:
    def way(frame: int) -> tuple[float, float]:
        return (30 + 6 * (frame - (frame % 6 == 3)), 90)

    assert ask(scene_of(way, *(rests(x, y) for x, y in PLACES if y != 60))) == []


def test_a_step_of_three_as_where_pictures_are_missing_is_doubted_little() -> None:
    def way(frame: int) -> tuple[float, float]:
        return (30 + 6 * (frame + 2 * (frame > 20)), 90)

    (doubt,) = ask(scene_of(way, *(rests(x, y) for x, y in PLACES if y != 60)))
    assert (doubt.sign, doubt.frame, doubt.severity) == (Sign.SPEED_JUMP, 21, 0.3)
    assert "pictures are missing" in doubt.why


def test_a_rolling_ball_that_stops_dead_away_from_others_is_doubted() -> None:
    def way(frame: int) -> tuple[float, float]:
        return (30 + 4 * min(frame, 15), 90)

    (doubt,) = ask(scene_of(way, *(rests(x, y) for x, y in PLACES if y != 60)))
    assert (doubt.sign, doubt.track, doubt.start) == (Sign.SPEED_JUMP, 1, 15)
    assert "stops dead" in doubt.why


def test_a_ball_that_rolls_out_and_one_that_stops_at_another_give_none() -> None:
    def slows(frame: int) -> tuple[float, float]:
        return (30 + 4 * min(frame, 20) - 0.1 * min(frame, 20) ** 2, 150)

    def stops(frame: int) -> tuple[float, float]:
        return (60 + 4 * min(frame, 10), 90)

    def hit(frame: int) -> tuple[float, float]:
        return (114 + 4 * max(0, frame - 10), 90)

    assert ask(scene_of(slows, stops, hit, rests(220, 30), rests(40, 30))) == []


# --- size and shape --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("radius", [9.5, 12.0])
def test_a_mask_that_grows_beyond_its_ball_is_doubted(radius: float) -> None:
    rows = changed(table(), range(10, 14), moved(3, *PLACES[2], radius))
    doubt = one(ask(table(), rows), Sign.AREA_JUMP)
    assert (doubt.start, doubt.stop, doubt.track) == (10, 14, 3)


def test_a_mask_that_shrinks_at_once_is_doubted() -> None:
    rows = changed(table(), range(10, 14), moved(3, *PLACES[2], 5.0))
    doubt = one(ask(table(), rows), Sign.AREA_JUMP)
    assert (doubt.start, doubt.track) == (10, 3)


def test_one_mask_over_two_balls_is_doubted() -> None:
    scene = scene_of(*(rests(x, y) for x, y in (*PLACES[:5], (96, 133))))

    def glue(row: FrameMasks) -> FrameMasks:
        masks = row.by_track()
        both = replace(masks[5], rle=rle.merge([masks[5].rle, masks[6].rle]))
        return replaced(without(row, [6]), [both])

    assert (Sign.AREA_JUMP, 5) in signs(ask(scene, changed(scene, range(10, 14), glue)))


def bitten(keep: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> Change:
    """Return the change that takes pixels out of track 3; ``keep`` is told their places from its middle."""
    rows, columns = np.ogrid[:HIGH, :WIDE]
    x, y = PLACES[2]

    def edit(mask: TrackMask) -> TrackMask:
        left = rle.decode(mask.rle) & keep(columns + 0.5 - x, rows + 0.5 - y)
        return replace(mask, rle=rle.encode(left))

    return with_mask(3, edit)


TORN = {
    "in two pieces": (lambda x, y: (abs(x) > 1.5) | (y > 99), "apart"),
    "with a hole": (lambda x, y: np.hypot(x, y) > 3, "holes"),
    "thin": (lambda x, y: (abs(y) < 2) & (x < 99), "thin"),
    "bent": (lambda x, y: np.hypot(x - 3, y) > 6, "no disc"),
}


@pytest.mark.parametrize("name", TORN)
def test_a_mask_that_is_no_disc_is_doubted_and_it_is_said_why(name: str) -> None:
    keep, word = TORN[name]
    found = ask(table(), changed(table(), range(10, 14), bitten(keep)))
    doubt = one(found, Sign.SHAPE)
    assert (doubt.start, doubt.stop, doubt.track) == (10, 14, 3)
    assert word in doubt.why


def test_a_ball_half_hidden_by_another_one_is_no_bad_shape() -> None:
    scene = scene_of(rests(150, 90), rests(156, 95), *(rests(x, y) for x, y in PLACES[:5]))
    assert ask(scene) == []


# --- two masks ------------------------------------------------------------------------------------------------


def test_two_tracks_on_one_ball_are_doubted() -> None:
    rows = changed(table(), range(10, 14), moved(3, *PLACES[4]))
    doubt = one(ask(table(), rows), Sign.OVERLAP)
    assert doubt.track in (3, 5)
    assert (doubt.start, doubt.stop) == (10, 14)
    assert "100%" in doubt.why


def test_one_ball_cut_into_two_tracks_is_doubted() -> None:
    half = bitten(lambda x, y: (x < 0) & (y < 99))
    other = bitten(lambda x, y: (x >= 0) & (y < 99))
    scene = scene_of(*(rests(x, y) for x, y in PLACES))

    def cut(row: FrameMasks) -> FrameMasks:
        left, right = half(row).by_track()[3], other(row).by_track()[3]
        return replaced(row, [left, replace(right, track=6)])

    assert (Sign.OVERLAP, 6) in signs(ask(scene, changed(scene, range(10, 14), cut)))


def test_balls_that_touch_share_nothing() -> None:
    assert ask(scene_of(rests(100, 90), rests(114, 90), rests(107, 102), rests(200, 90))) == []


# --- other witnesses --------------------------------------------------------------------------------------------


def seen_by_detector(frame: int, *, score: float = 0.9) -> list[Detection]:
    boxes = [(x - RADIUS, y - RADIUS, x + RADIUS, y + RADIUS) for x, y in PLACES]
    return [Detection(frame, box, "solid" if i else "cue", score) for i, box in enumerate(boxes)]


def test_a_detector_that_agrees_says_nothing() -> None:
    looks = [(frame, seen_by_detector(frame)) for frame in range(0, FRAMES, 5)]
    assert ask(table(), detections=looks) == []


def test_a_ball_that_only_the_detector_sees_is_a_doubt_about_the_picture() -> None:
    rows = [without(row, [4]) for row in rows_of(table())]
    (doubt,) = ask(table(), rows, detections=[(10, seen_by_detector(10))])
    assert (doubt.sign, doubt.track, doubt.frame) == (Sign.DETECTOR, PICTURE, 10)
    assert "213, 53" in doubt.why


def test_what_one_look_after_the_other_shows_is_one_doubt_however_far_apart_they_are() -> None:
    rows = [without(row, [4]) for row in rows_of(table())]
    looks = [(frame, seen_by_detector(frame)) for frame in (0, 12, 24)]
    (doubt,) = ask(table(), rows, detections=looks)
    assert (doubt.start, doubt.stop) == (0, 25)
    seen = [without(row, [4]) if row.frame != 12 else row for row in rows_of(table())]
    assert len([d for d in ask(table(), seen, detections=looks) if d.sign is Sign.DETECTOR]) == 2


def test_a_mask_that_the_detector_does_not_see_is_doubted_unless_it_sees_hardly_any() -> None:
    most, few = seen_by_detector(10)[:6], seen_by_detector(10)[:2]
    assert signs(ask(table(), detections=[(10, most)])) == {(Sign.DETECTOR, 7)}
    assert ask(table(), detections=[(10, few)]) == []


def test_a_detection_that_fits_badly_is_doubted_on_its_ball() -> None:
    looks = seen_by_detector(10)
    x0, y0, x1, y1 = looks[2].box
    looks[2] = replace(looks[2], box=(x0 + 5, y0, x1 + 5, y1))
    (doubt,) = ask(table(), detections=[(10, looks)])
    assert (doubt.sign, doubt.track) == (Sign.DETECTOR, 3)


def test_unsure_detections_and_pockets_count_for_nothing() -> None:
    corner = Detection(10, (0, 0, 20, 20), "pocket", 0.99)
    faint = Detection(10, (180, 80, 194, 94), "solid", 0.3)
    assert ask(table(), detections=[(10, [*seen_by_detector(10), corner, faint])]) == []


def test_passes_that_differ_are_doubted_on_the_ball() -> None:
    other = changed(table(), range(10, 14), moved(3, PLACES[2][0] + 6, PLACES[2][1]))
    (doubt,) = ask(table(), backward=other)
    assert (doubt.sign, doubt.track, doubt.start, doubt.stop) == (Sign.PASSES, 3, 10, 14)


def test_a_ball_of_one_pass_only_is_doubted_whichever_it_is() -> None:
    other = changed(table(), range(10, 14), lambda row: without(row, [3]))
    assert signs(ask(table(), backward=other)) == {(Sign.PASSES, 3)}
    assert (Sign.PASSES, 3) in signs(ask(table(), other, backward=rows_of(table())))


def test_frames_on_which_the_others_were_silent_give_none() -> None:
    assert ask(table(), backward=rows_of(table())[5:9]) == []


# --- classes ---------------------------------------------------------------------------------------------------


def test_more_balls_of_a_class_than_the_game_has_are_a_doubt_about_the_picture() -> None:
    eight = [replace(track, label="cue") for track in tracks_of(table())[:2]]
    named = (*eight, *tracks_of(table())[2:])
    found = doubts(rows_of(table()), named, size=(HIGH, WIDE), rate=30, game="eight-ball")
    (doubt,) = found
    assert (doubt.sign, doubt.track, doubt.start, doubt.stop) == (Sign.CLASS, PICTURE, 0, FRAMES)
    assert "2 balls are cue" in doubt.why


def test_a_ball_that_the_detector_mostly_calls_something_else_is_doubted() -> None:
    def called(frame: int) -> list[Detection]:
        looks = seen_by_detector(frame)
        return [*looks[:2], replace(looks[2], label="stripe"), *looks[3:]]

    (doubt,) = ask(table(), detections=[(frame, called(frame)) for frame in range(0, 30, 5)])
    assert (doubt.sign, doubt.track, doubt.start, doubt.stop) == (Sign.CLASS, 3, 0, 26)


def test_one_wrong_name_among_many_is_no_doubt() -> None:
    looks = [(frame, seen_by_detector(frame)) for frame in range(0, 30, 5)]
    looks[3][1][2] = replace(looks[3][1][2], label="stripe")
    assert ask(table(), detections=looks) == []


# --- what is refused -------------------------------------------------------------------------------------------


def test_rows_out_of_order_are_refused() -> None:
    with pytest.raises(InputError, match="frame 0 comes after frame 1"):
        ask(table(), rows_of(table())[1::-1])


def test_masks_of_another_picture_are_refused() -> None:
    with pytest.raises(InputError, match=r"track 1.*\(180, 320\)"):
        ask(table(), size=(90, 160))


def test_a_rate_that_is_none_and_a_game_that_is_none_are_refused() -> None:
    with pytest.raises(InputError, match="rate"):
        ask(table(), rate=0)
    with pytest.raises(SettingsError, match="expected one of"):
        ask(table(), game="chess")


def test_the_fakes_lie_where_they_should() -> None:
    assert min(hypot(x - u, y - v) for x, y in PLACES for u, v in PLACES if (x, y) != (u, v)) > 28
