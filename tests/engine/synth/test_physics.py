"""Played shots obey mechanics: what happens is in order, energy only falls, potted balls fall out of sight."""

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.synth import fall, physics
from engine.synth.camera import Floats
from engine.synth.physics import STEP, Shot
from engine.synth.table import Table

Play = Callable[..., Shot]


def speeds(shot: Shot) -> Floats:
    """Return the pace of every ball at every step, (t - 1, n), m/s."""
    return np.asarray(np.linalg.norm(np.diff(shot.places, axis=0), axis=-1) / STEP)


@pytest.mark.slow
def test_events_are_in_order_and_begin_with_the_strike(opening: Shot, potted: Shot) -> None:
    for shot in (opening, potted):
        times = [event.time for event in shot.events]
        assert times == sorted(times)
        assert (shot.events[0].kind, shot.events[0].time) == ("strike", 0.0)
        assert {event.kind for event in shot.events} <= {"strike", "ball-ball", "cushion", "pot"}
        assert all(0 <= ball < shot.places.shape[1] for e in shot.events for ball in e.balls)


@pytest.mark.slow
def test_a_break_moves_the_rack_and_comes_to_rest(opening: Shot) -> None:
    moved = np.linalg.norm(opening.places[-1, :, :2] - opening.places[0, :, :2], axis=1)
    assert (moved > 0.01).sum() >= 12
    assert sum(event.kind == "ball-ball" for event in opening.events) > 10
    still = speeds(opening)[-2:, opening.alive[-1]]
    assert still.max() < 0.02


@pytest.mark.slow
def test_balls_touch_at_two_radii_when_they_collide(
    opening: Shot, potted: Shot, pool: Table
) -> None:
    checked = 0
    for shot in (opening, potted):
        for event in shot.events:
            if event.kind == "ball-ball":
                first, second = event.balls
                place = shot.at(event.time).place
                gap = float(np.linalg.norm(place[first] - place[second]))
                step = min(int(event.time / STEP), len(shot.places) - 2)
                pace = float(speeds(shot)[max(step - 1, 0) : step + 2].max())
                assert gap == pytest.approx(2 * pool.ball, abs=0.001 + pace * STEP)
                checked += 1
    assert checked > 10


@pytest.mark.slow
def test_balls_touch_a_cushion_when_they_bounce(opening: Shot, pool: Table) -> None:
    limit = np.array([pool.length, pool.width]) / 2 - pool.ball
    bounced = [event for event in opening.events if event.kind == "cushion"]
    assert bounced
    for event in bounced:
        place = np.abs(opening.at(event.time).place[event.balls[0], :2])
        assert (place > limit - 0.02).any()


@pytest.mark.slow
def test_balls_never_overlap_by_more_than_a_sampling_step(opening: Shot, pool: Table) -> None:
    for step in range(0, len(opening.places), 16):
        place = opening.places[step][opening.alive[step]]
        place = place[place[:, 2] > pool.ball * 0.9]
        gaps = np.linalg.norm(place[:, None] - place[None], axis=-1)
        assert gaps[~np.eye(len(place), dtype=bool)].min() > 2 * pool.ball - 0.003


@pytest.mark.slow
def test_the_energy_of_motion_never_grows(opening: Shot, potted: Shot) -> None:
    """Between events balls only slow down; spin may give back a little right after a collision."""
    for shot in (opening, potted):
        rolling = (speeds(shot) ** 2)[:, :]
        rolling[~shot.alive[1:]] = 0
        high = shot.places[1:, :, 2] < 0.8 * shot.places[0, 0, 2]
        rolling[high] = 0
        total = rolling.sum(axis=1)[8:]
        blocks = total[: len(total) // 48 * 48].reshape(-1, 48).mean(axis=1)
        assert all(later <= earlier * 1.05 + 1e-4 for earlier, later in pairwise(blocks))


@pytest.mark.slow
def test_a_potted_ball_falls_into_the_pocket_of_its_event_and_leaves(
    potted: Shot, pool: Table
) -> None:
    pots = [event for event in potted.events if event.kind == "pot" and event.balls == (1,)]
    assert len(pots) == 1
    assert pots[0].pocket == 3
    before, after = potted.at(pots[0].time - 0.01), potted.at(pots[0].time + 1.5)
    assert before.alive[1]
    assert not after.alive[1]
    assert np.linalg.norm(before.place[1, :2] - pool.pockets()[3]) < pool.pocket + 0.03
    assert after.place[1, 2] < 0


@pytest.mark.slow
def test_potted_balls_sink_inside_the_hole(potted: Shot, pool: Table) -> None:
    pot = next(event for event in potted.events if event.kind == "pot")
    steps = slice(int(np.ceil(pot.time / STEP)) + 1, None)
    way = potted.places[steps, pot.balls[0]][potted.alive[steps, pot.balls[0]]]
    deep = way[way[:, 2] < 0]
    assert len(deep) > 3
    away = np.linalg.norm(deep[:, :2] - pool.pockets()[pot.pocket or 0], axis=1)
    assert (away < pool.pocket).all()


@pytest.mark.slow
def test_a_rolling_ball_turns_about_the_axis_across_its_way(play: Play, pool: Table) -> None:
    shot = play(np.array([(-0.9, 0.0)]), (1.0, 0.0), 0.5)
    places, axes = shot.places[:, 0], shot.axes[:, 0]
    late = slice(480, 600)
    way = places[late.stop - 1, 0] - places[late.start, 0]
    turn = axes[late.stop - 1] @ axes[late.start].T
    angle = float(np.arccos(np.clip((np.trace(turn) - 1) / 2, -1, 1)))
    assert way > 0.01
    assert angle == pytest.approx((way / pool.ball) % (2 * np.pi), abs=0.06) or angle == (
        pytest.approx(2 * np.pi - (way / pool.ball) % (2 * np.pi), abs=0.06)
    )
    np.testing.assert_allclose(turn @ (0, 1, 0), (0, 1, 0), atol=0.05)


@pytest.mark.slow
def test_axes_stay_rotations_to_the_end(opening: Shot) -> None:
    last = opening.axes[-1]
    np.testing.assert_allclose(
        last @ last.transpose(0, 2, 1), np.eye(3)[None].repeat(len(last), 0), atol=1e-6
    )


@pytest.mark.slow
def test_side_spin_changes_the_way_off_a_cushion(play: Play) -> None:
    places = np.array([(0.5, -0.3)])
    ends = [play(places, (0.0, 1.0), 2.0, side=side).at(1.2).place[0, 0] for side in (-0.4, 0.4)]
    assert abs(ends[0] - ends[1]) > 0.05


@pytest.mark.slow
def test_a_ball_follows_the_way_it_is_struck(play: Play) -> None:
    for angle in (0.0, 0.8, 2.5, 4.0):
        way = np.array([np.cos(angle), np.sin(angle)])
        shot = play(np.array([(0.1, -0.05)]), way, 1.0)
        gone = shot.at(0.3).place[0, :2] - (0.1, -0.05)
        np.testing.assert_allclose(gone / np.linalg.norm(gone), way, atol=0.01)


@pytest.mark.slow
def test_on_a_carom_table_nothing_is_potted(play: Play, carom: Table) -> None:
    places = np.array([(-0.7, 0.2), (0.5, 0.0), (0.7, -0.3)])
    shot = play(places, (1.0, -0.1), 5.0, table=carom)
    assert all(event.kind != "pot" for event in shot.events)
    assert shot.alive.all()
    assert any(event.kind == "cushion" for event in shot.events)


@pytest.mark.slow
def test_the_same_shot_is_played_the_same_twice(play: Play) -> None:
    places = np.array([(-0.7, 0.0), (0.1, 0.01), (0.2, -0.04)])
    first, second = (play(places, (1.0, 0.0), 3.0) for _ in range(2))
    np.testing.assert_array_equal(first.places, second.places)
    assert first.events == second.events


def rest(count: int = 2) -> Shot:
    places = np.arange(count * 2, dtype=float).reshape(count, 2) / 10
    return physics.still(places, np.repeat(np.eye(3)[None], count, axis=0), 0.03)


def test_balls_at_rest_stay_for_ever() -> None:
    shot = rest()
    assert shot.seconds == 0
    for time in (-1.0, 0.0, 9.0):
        np.testing.assert_array_equal(shot.at(time).place, shot.places[0])
        assert shot.at(time).alive.all()


def test_between_samples_places_are_interpolated() -> None:
    places = np.zeros((3, 1, 3))
    places[:, 0, 0] = (0.0, 1.0, 3.0)
    shot = Shot(places, np.eye(3)[None, None].repeat(3, 0), np.ones((3, 1), bool))
    assert shot.at(0.5 * STEP).place[0, 0] == pytest.approx(0.5)
    assert shot.at(1.5 * STEP).place[0, 0] == pytest.approx(2.0)
    assert shot.at(99.0).place[0, 0] == 3.0


@pytest.mark.parametrize("pocket", range(6))
@pytest.mark.parametrize("pace", [0.05, 1.0, 4.0])
def test_a_ball_over_the_edge_falls_and_stays_within_the_hole(
    pocket: int, pace: float, pool: Table
) -> None:
    centre = pool.pockets()[pocket]
    inward = -centre / np.linalg.norm(centre)
    edge = np.array([*(centre + inward * pool.pocket * 0.99), pool.ball])
    way = fall.drop(pool, edge, np.array([*(-inward * pace), 0.0]), pocket)
    assert way[-1, 2] < fall.GONE or len(way) == fall.LONGEST
    below: NDArray[np.bool_] = way[:, 2] < 0
    assert (np.linalg.norm(way[below, :2] - centre, axis=1) < pool.pocket).all()
    assert way[-1, 2] < way[0, 2]


def test_tails_hold_the_last_sample_or_nothing() -> None:
    samples = np.array([[1.0], [2.0]])
    assert fall.extend(samples, tail=2).ravel().tolist() == [1, 2, 2, 2]
    assert fall.extend(samples, tail=1, hold=False).ravel().tolist() == [1, 2, 0]
