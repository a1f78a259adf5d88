"""Figures on clips held out are of clips that are not trained on, the same each time, and better for better weights."""

import shutil
from pathlib import Path
from typing import Any

import pytest
import torch

from engine.models.checkpoints import load_segmenter
from engine.models.nano import SIDE, build_nano
from engine.training.segmenter_batches import Recipe
from engine.training.segmenter_held import HeldOut, held_out
from engine.training.segmenter_options import Options

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def parted(discs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a dataset with two clips to train on and one held out."""
    folder = tmp_path_factory.mktemp("parted")
    for split, names in (("train", "c0 c1"), ("val", "c2")):
        (folder / split).mkdir()
        for name in names.split():
            for end in ("json", "mp4"):
                shutil.copy(discs / f"{name}.{end}", folder / split)
    return folder


def recipe(*sources: Path) -> Recipe:
    return Recipe(sources, SIDE, 3.5, batch=2, frames=3)


def test_data_without_a_split_has_nothing_to_measure_on(discs: Path) -> None:
    held = held_out(Options((discs,), Path()), recipe(discs))
    assert held.recipe is None
    assert held.measure(None, CPU) == {}


def test_a_split_is_held_out_and_more_can_be_named(parted: Path, discs: Path) -> None:
    held = held_out(Options((parted,), Path()), recipe(parted))
    assert held.recipe is not None
    assert (held.recipe.sources, held.recipe.held) == ((parted,), True)
    more = held_out(Options((discs,), Path(), held_out=(parted,)), recipe(discs))
    assert more.recipe is not None
    assert more.recipe.sources == (parted,)


@pytest.fixture(scope="module")
def measured(parted: Path) -> tuple[dict[str, float], dict[str, float], dict[str, float]]:
    """Return the figures of the bundled weights twice, and those of random ones."""
    held = held_out(Options((parted,), Path()), recipe(parted))
    trained = load_segmenter("nano").network
    torch.manual_seed(0)
    fresh: Any = build_nano().eval()
    first, again, other = (dict(held.measure(model, CPU)) for model in (trained, trained, fresh))
    return first, again, other


@pytest.mark.slow
def test_trained_weights_are_told_from_random_ones(measured: Any) -> None:
    first, _, other = measured
    assert set(first) == {"prompted", "followed", "presence"}
    assert all(0 <= value <= 1 for value in first.values())
    assert first["prompted"] > 0.6 > other["prompted"]


@pytest.mark.slow
def test_the_same_weights_measure_the_same_each_time(measured: Any) -> None:
    first, again, _ = measured
    assert first == again


@pytest.mark.slow
def test_batches_are_cut_once(parted: Path) -> None:
    held = HeldOut(recipe(parted))
    fresh: Any = build_nano().eval()
    held.measure(fresh, CPU)
    before = [id(batch) for batch in held.cut]
    held.measure(fresh, CPU)
    assert [id(batch) for batch in held.cut] == before
