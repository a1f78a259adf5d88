"""Folders of rendered clips depend on preset and seed alone, and an interrupted one goes on."""

import json
from pathlib import Path

import numpy as np
import pytest

from engine.errors import InputError
from engine.synth import dataset, preset
from engine.synth.balls import PROFILES, SNOOKER_LABELS
from engine.synth.dataset import Order, Rendered, clip_id, write_dataset, write_orders
from engine.synth.preset import PRESETS, TRAINING, named
from engine.synth.render import render_clip
from engine.synth.table import KINDS
from engine.synth.views import VIEWS

LABELS = {"cue", "solid", "stripe", "eight", "plain", *SNOOKER_LABELS}
MIXED = PRESETS["mixed"]


def orders(out: Path, *, clips: int = 2, frames: int = 2) -> list[Order]:
    return [Order(out, MIXED, 5, k, frames, (192, 112)) for k in range(clips)]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of two clips of the preset "mixed"."""
    folder = tmp_path_factory.mktemp("synth")
    report = write_orders(orders(folder))
    assert report == Rendered(("mixed_s0005_00000", "mixed_s0005_00001"), ())
    return folder


@pytest.mark.slow
def test_every_clip_is_a_film_and_its_truth(made: Path) -> None:
    names = sorted(path.name for path in made.iterdir())
    assert names == [f"mixed_s0005_0000{k}.{end}" for k in range(2) for end in ("json", "mp4")]
    for path in made.glob("*.json"):
        truth = json.loads(path.read_text())
        assert (truth["width"], truth["height"], truth["frames"]) == (192, 112, 2)
        assert truth["preset"] == "mixed"
        assert truth["profile"] in PROFILES
        assert {entry["label"] for entry in truth["objects"]} <= LABELS
        tracks = {entry["track"] for entry in truth["objects"]}
        assert {mask["track"] for frame in truth["masks"] for mask in frame} <= tracks
        assert {track for event in truth["events"] for track in event["tracks"]} <= tracks


@pytest.mark.slow
def test_the_same_preset_and_seed_give_the_same_bytes_over_any_number_of_processes(
    made: Path, tmp_path: Path
) -> None:
    write_orders(orders(tmp_path), workers=2)
    for path in made.iterdir():
        assert path.read_bytes() == (tmp_path / path.name).read_bytes()


@pytest.mark.slow
def test_another_seed_gives_another_clip() -> None:
    first, second = (
        next(iter(render_clip(seed, width=192, height=112, frames=1, preset=MIXED)))
        for seed in (1, 2)
    )
    assert (first.rgb != second.rgb).any()


@pytest.mark.slow
def test_an_interrupted_dataset_goes_on_and_keeps_what_is_finished(
    made: Path, tmp_path: Path
) -> None:
    asked = iter([False, True, True])
    first = write_orders(orders(tmp_path), stop=lambda: next(asked))
    assert first == Rendered(("mixed_s0005_00000",), (), interrupted=True)
    told: list[tuple[int, int]] = []
    second = write_orders(orders(tmp_path), progress=lambda *now: told.append(now))
    assert second == Rendered(("mixed_s0005_00001",), ("mixed_s0005_00000",))
    assert told == [(2, 4), (3, 4), (4, 4)]
    for path in made.iterdir():
        assert path.read_bytes() == (tmp_path / path.name).read_bytes()


@pytest.mark.slow
def test_a_folder_with_other_clips_of_that_name_is_refused(made: Path) -> None:
    with pytest.raises(InputError, match=r"has 2 frames.*but 3.*another folder"):
        write_orders(orders(made, frames=3))


@pytest.mark.slow
def test_training_clips_vary_in_size_around_the_one_asked_for(tmp_path: Path) -> None:
    write_dataset(tmp_path, clips=2, frames=1, seed=3, width=320, height=192)
    sizes = set()
    for path in sorted(tmp_path.glob("*.json")):
        truth = json.loads(path.read_text())
        assert truth["preset"] == "training"
        assert 0.8 * 320 <= truth["width"] <= 1.15 * 320
        assert truth["width"] % 16 == truth["height"] % 16 == 0
        assert "lens" not in truth["camera"]
        assert "poses" not in truth["camera"]
        sizes.add((truth["width"], truth["height"]))
    assert len(sizes) == 2


def test_training_clips_are_named_by_seed_and_number_and_others_by_their_preset_too() -> None:
    assert clip_id(11, 7) == "s0011_00007"
    assert clip_id(11, 7, MIXED) == "mixed_s0011_00007"


def test_clips_of_different_presets_are_drawn_from_different_numbers() -> None:
    seeds = {
        tuple(dataset._seeds(Order(Path(), chosen, 1, 0, 2, (64, 64))))
        for chosen in PRESETS.values()
    }
    assert len(seeds) == len(PRESETS)
    assert dataset._seeds(Order(Path(), TRAINING, 11, 3, 12, (1024, 576))) == [11, 3]


@pytest.mark.parametrize("name", list(PRESETS))
def test_every_preset_has_a_line_about_it_and_odds_that_add_up(name: str) -> None:
    chosen = named(name)
    assert chosen.name == name
    assert 10 < len(chosen.about) < 110
    for odds, known in ((chosen.tables, KINDS), (chosen.views, VIEWS)):
        assert {entry for entry, _ in odds} <= set(known)
        assert sum(share for _, share in odds) == pytest.approx(1.0)
    assert 0 <= chosen.bent <= 1
    assert 0 <= chosen.shaken <= 1


def test_an_unknown_preset_is_refused_with_the_known_ones() -> None:
    with pytest.raises(InputError, match=r"'golf'.*snooker.*training"):
        named("golf")


def test_presets_of_games_and_of_cameras_are_there() -> None:
    games, cameras = (
        {"eight-ball", "nine-ball", "snooker", "carom"},
        {"overhead", "broadcast", "corner", "tele"},
    )
    assert games | cameras | {"mixed", "training"} == set(PRESETS)
    assert all(preset.named(name).tables == preset.TABLES for name in cameras)
    assert np.isclose(sum(share for _, share in preset.POOL), 1)
