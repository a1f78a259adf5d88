"""Batches mix the balls of many clips, short and long sequences, every prompt, some with a person's help."""

import shutil
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest
import torch
from torch.utils.data import DataLoader

from engine.datasets import read_dataset
from engine.errors import SelectionError
from engine.training.segmenter_batches import Batch, Batches, Recipe, batches
from engine.training.segmenter_windows import BOX, CLICKS, MASK


@pytest.fixture(scope="module")
def recipe(discs: Path) -> Recipe:
    return Recipe((discs,), 96, 3.5, batch=6, frames=4, long=0.4)


@pytest.fixture(scope="module")
def some(recipe: Recipe) -> list[Batch]:
    return list(islice(batches(recipe, "a"), 40))


def test_every_batch_is_as_large_as_asked_or_shorter_and_longer_in_time(some: list[Batch]) -> None:
    shapes = {tuple(batch.labels.shape[:2]) for batch in some}
    assert shapes == {(6, 4), (3, 8)}
    for batch in some:
        rows, frames = batch.labels.shape[:2]
        assert batch.pictures.shape == (rows, frames, 3, 96, 96)
        assert batch.boxes.shape == (rows, 4)
        assert batch.clicks.shape == (rows, 2)
        assert batch.ages.shape == (rows, frames)
        assert batch.owners.tolist() == list(range(rows))


def test_every_prompt_occurs_and_help_comes_neither_first_nor_last(some: list[Batch]) -> None:
    assert {batch.kind for batch in some} == {BOX, CLICKS, MASK}
    helped = [batch for batch in some if batch.corrected]
    assert 0 < len(helped) < len(some)
    assert all(0 < batch.corrected < batch.labels.shape[1] - 1 for batch in helped)
    assert {batch.boxed for batch in helped} == {True, False}


def test_one_seed_is_one_stream_and_another_seed_another(recipe: Recipe) -> None:
    first, again, other = (next(batches(recipe, seed)) for seed in ("a", "a", "b"))
    assert torch.equal(first.pictures, again.pictures)
    assert first.pictures.shape != other.pictures.shape or not torch.equal(first.pictures, other.pictures)  # fmt: skip


def test_workers_and_parts_and_resumptions_see_different_balls(recipe: Recipe) -> None:
    firsts = [
        next(iter(Batches(recipe, start=start, part=part)))
        for start, part in ((0, 0), (0, 1), (100, 0))
    ]
    assert len({one.pictures.float().mean().item() for one in firsts}) == 3


@pytest.mark.slow
def test_two_workers_feed_a_loader_from_streams_of_their_own(recipe: Recipe) -> None:
    loader = DataLoader(Batches(recipe), batch_size=None, num_workers=2)
    taken = list(islice(loader, 4))
    assert len({batch.pictures.float().mean().item() for batch in taken}) == 4


def test_clips_that_are_too_short_for_a_full_memory_make_short_sequences_alone(
    discs: Path, recipe: Recipe
) -> None:
    six = replace(recipe, frames=8)
    assert {batch.labels.shape[1] for batch in islice(batches(six, "a"), 4)} == {8}
    assert len(read_dataset(discs)[0].labelled) == 8


def test_an_empty_source_is_refused_before_training_begins(recipe: Recipe, tmp_path: Path) -> None:
    with pytest.raises(SelectionError, match="no clips"):
        Batches(replace(recipe, sources=(*recipe.sources, tmp_path)))


def test_a_dataset_that_grows_is_read_again(discs: Path, recipe: Recipe, tmp_path: Path) -> None:
    for end in ("json", "mp4"):
        shutil.copy(discs / f"c0.{end}", tmp_path / f"c0.{end}")
    stream = batches(replace(recipe, sources=(tmp_path,), long=0.0), "a")
    next(stream)
    for end in ("json", "mp4"):
        (tmp_path / f"c0.{end}").unlink()
        shutil.copy(discs / f"c2.{end}", tmp_path / f"c2.{end}")
    assert len(list(islice(stream, 12))) == 12


def test_a_batch_moves_to_a_device_with_what_it_asks(some: list[Batch]) -> None:
    moved = some[0].to("cpu")
    assert torch.equal(moved.labels, some[0].labels)
    assert (moved.kind, moved.corrected, moved.boxed) == (some[0].kind, some[0].corrected, some[0].boxed)  # fmt: skip
