"""Scenes fit together: who plays, where the clip begins, how the player moves, what the preset allows."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from engine.synth import people
from engine.synth.contact import NAMES
from engine.synth.preset import PRESETS
from engine.synth.render import RenderedClip
from engine.synth.scene import STAYING, STYLES, Scene, Stroke, camera_at, limbs_at, random_scene
from engine.synth.views import VIEWS

Make = Callable[..., RenderedClip]


def stroke(strike: float | None) -> Stroke:
    return Stroke(
        "shooter",
        people.random_dress(np.random.default_rng(1)),
        hand=np.array([0.2, 0.0, 0.0286]),
        aim=np.array([1.0, 0.0]),
        origin=np.array([-0.6, 0.0, 0.3]),
        bridge=0.2,
        side=1.0,
        phase=0.0,
        swing=0.1,
        strike=strike,
    )


def played(make: Make, strike: float | None) -> Scene:
    return replace(make([(0.2, 0.0)]).scene, stroke=stroke(strike))


def tip(scene: Scene, seconds: float) -> float:
    """Return how far along the aim the tip of the cue is, metres."""
    return max(float(limb.b[0]) for limb in limbs_at(scene, seconds) if limb.thin < 0.006)


def test_the_cue_swings_back_before_the_strike_and_follows_through_after_it(make: Make) -> None:
    scene = played(make, 1.0)
    before = [tip(scene, t) for t in np.linspace(0.0, 0.99, 30)]
    assert max(before) - min(before) > 0.03
    assert tip(scene, 0.999) == pytest.approx(max(before), abs=0.005)
    assert tip(scene, 1.05) > tip(scene, 1.0)


def test_the_player_stays_down_for_a_while_and_then_leaves_the_table(make: Make) -> None:
    scene = played(make, 1.0)
    assert tip(scene, 1.0 + STAYING - 0.01) > 0.1
    assert tip(scene, 1.0 + STAYING + 1.5) < -1.0


def test_somebody_who_only_aims_never_leaves(make: Make) -> None:
    scene = played(make, None)
    places = [tip(scene, t) for t in np.linspace(0, 20, 60)]
    assert max(places) - min(places) < 0.12


def test_without_a_player_only_bystanders_are_seen(make: Make) -> None:
    scene = make([(0.0, 0.0)]).scene
    assert limbs_at(scene, 0.0) == scene.standing == []


def test_a_camera_on_a_stand_is_the_same_at_all_times(make: Make) -> None:
    scene = make([(0.0, 0.0)]).scene
    assert camera_at(scene, 0.0) is camera_at(scene, 5.0) is scene.camera


def test_styles_are_the_views_and_random() -> None:
    assert set(STYLES) == {"random", *VIEWS}


def test_the_contact_sheet_shows_presets() -> None:
    assert set(NAMES) <= set(PRESETS)
    assert len(NAMES) == 8


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "profiles"),
    [("eight-ball", {"eight-ball"}), ("nine-ball", {"nine-ball"}), ("carom", {"carom"})],
)
def test_presets_of_games_play_that_game(name: str, profiles: set[str]) -> None:
    scene = random_scene(np.random.default_rng(1), width=192, height=112, preset=PRESETS[name])
    assert {scene.profile} == profiles
    assert scene.preset == name
    assert len(scene.looks) == scene.shot.places.shape[1]


@pytest.mark.slow
def test_lenses_and_shake_follow_the_preset_and_leave_the_rest_as_it_is() -> None:
    never = replace(PRESETS["mixed"], bent=0.0, shaken=0.0)
    always = replace(PRESETS["mixed"], bent=1.0, shaken=1.0)
    plain, wild = (
        random_scene(np.random.default_rng(3), width=192, height=112, preset=chosen)
        for chosen in (never, always)
    )
    assert plain.camera.lens.straight
    assert plain.shake is None
    assert not wild.camera.lens.straight
    assert wild.shake is not None
    np.testing.assert_array_equal(plain.camera.rotation, wild.camera.rotation)
    np.testing.assert_array_equal(plain.shot.places, wild.shot.places)
    assert plain.begin == wild.begin
