"""Shots are of the kind asked for, and clips begin where something is to be seen."""

import numpy as np
import pytest

from engine.synth import physics, situation
from engine.synth.physics import Event
from engine.synth.situation import SITUATIONS, Situation, random_situation
from engine.synth.table import Table

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def still(events: tuple[Event, ...] = ()) -> Situation:
    shot = physics.still(np.zeros((1, 2)), np.eye(3)[None], 0.03)
    long = physics.Shot(
        shot.places.repeat(2401, 0), shot.axes.repeat(2401, 0), shot.alive.repeat(2401, 0), events
    )
    return Situation("pot", [], long, np.array([1.0, 0.0]))


EVENTS = (
    Event("strike", 0.0, (0,)),
    Event("ball-ball", 1.0, (0, 1)),
    Event("cushion", 1.5, (1,)),
    Event("pot", 4.0, (1,), 2),
)


@pytest.mark.parametrize("seconds", [0.4, 8.0])
def test_most_clips_show_an_event_and_none_begins_long_before_the_strike(seconds: float) -> None:
    played, rng = still(EVENTS), np.random.default_rng(1)
    begins = [played.moment(rng, seconds) for _ in range(400)]
    assert min(begins) >= situation.EARLIEST
    shown = [
        any(begin <= event.time <= begin + seconds for event in EVENTS[1:]) for begin in begins
    ]
    assert np.mean(shown) > 0.6
    assert any(begin < 0 for begin in begins)
    assert any(begin > played.shot.seconds for begin in begins)


def test_of_a_shot_without_events_the_end_is_shown() -> None:
    played = still()
    assert played.moment(np.random.default_rng(1), 1.0) == played.shot.seconds + 1


@pytest.mark.slow
@pytest.mark.parametrize("kind", SITUATIONS)
def test_a_situation_has_as_many_looks_as_balls(kind: str, pool: Table) -> None:
    made = random_situation(np.random.default_rng(2), pool, "eight-ball", kind=kind)
    assert made.kind in {kind, "still"}
    assert made.shot.places.shape[1] == len(made.looks)
    assert np.linalg.norm(made.aim) == pytest.approx(1.0, abs=1e-3)


@pytest.mark.slow
def test_a_break_breaks_a_full_rack(pool: Table) -> None:
    made = random_situation(np.random.default_rng(4), pool, "nine-ball", kind="break")
    assert len(made.looks) == 10
    assert {e.kind for e in made.shot.events} >= {"strike", "ball-ball", "cushion"}


@pytest.mark.slow
def test_aimed_pots_pot_now_and_then(pool: Table) -> None:
    rng = np.random.default_rng(8)
    made = [random_situation(rng, pool, "eight-ball", kind="pot") for _ in range(6)]
    assert any(e.kind == "pot" and e.balls[0] for m in made for e in m.shot.events)


@pytest.mark.slow
def test_nothing_moves_in_a_still_situation(pool: Table) -> None:
    made = random_situation(np.random.default_rng(5), pool, "eight-ball", kind="still")
    assert made.shot.seconds == 0
    assert made.shot.events == ()


@pytest.mark.slow
def test_the_same_seed_draws_the_same_shot(pool: Table) -> None:
    first, second = (
        random_situation(np.random.default_rng(6), pool, "eight-ball", kind="cluster")
        for _ in range(2)
    )
    np.testing.assert_array_equal(first.shot.places, second.shot.places)
    assert first.shot.events == second.shot.events


@pytest.mark.slow
def test_a_shot_that_cannot_be_played_is_drawn_again(
    pool: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, calls = physics.play, []

    def fails_twice(*given: object) -> physics.Shot:
        calls.append(given)
        if len(calls) < 3:
            raise physics.UnplayableError("as pooltool does at times")
        return real(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(physics, "play", fails_twice)
    made = random_situation(np.random.default_rng(7), pool, "eight-ball", kind="pot")
    assert made.kind == "pot"
    assert len(calls) == 3


def test_shots_that_never_can_be_played_end_as_balls_at_rest(
    pool: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_given: object) -> physics.Shot:
        raise physics.UnplayableError("always")

    monkeypatch.setattr(physics, "play", fails)
    made = random_situation(np.random.default_rng(7), pool, "eight-ball", kind="pot")
    assert made.kind == "still"
    assert made.shot.alive.all()
