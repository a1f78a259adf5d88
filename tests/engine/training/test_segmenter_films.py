"""Films are labelled stretches of clips, from every dataset equally often, whatever cannot be read left out."""

import random
import shutil
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from engine.datasets import LabelledClip, read_dataset
from engine.errors import SelectionError
from engine.training.segmenter_films import clips_of, films, read_film


def test_a_film_holds_the_frames_asked_for_with_their_numbers_and_balls(discs: Path) -> None:
    clip = read_dataset(discs)[0]
    film = read_film(clip, start=2, length=4)
    assert list(film.numbers) == [2, 3, 4, 5]
    assert len(film.pictures) == len(film.balls) == 4
    assert film.tracks == [1, 2]
    ball = film.balls[0][1]
    assert ball.area == pytest.approx(np.pi * 11**2, rel=0.05)
    assert (ball.box[2] - ball.box[0]) == pytest.approx(22, abs=1)


def test_only_labelled_frames_of_a_sparse_clip_are_kept(discs: Path) -> None:
    full = read_dataset(discs)[0]
    sparse = LabelledClip(
        full.clip,
        full.labels,
        (0, 3, 6),
        full.pictures,
        lambda: (row for row in full.frames() if row.frame in (0, 3, 6)),
    )
    film = read_film(sparse, start=0, length=12)
    assert list(film.numbers) == [0, 3, 6]
    pictures = list(full.pictures())
    for number, picture in zip(film.numbers, film.pictures, strict=True):
        np.testing.assert_array_equal(picture, pictures[number])


def test_two_sources_are_drawn_from_equally_often(discs: Path, tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    for end in ("json", "mp4"):
        shutil.copy(discs / f"c1.{end}", small / f"c1.{end}")
    stream = films((discs, small), length=4, least=2, dice=random.Random(1))
    middles = [film.balls[0][1].box[1] for film in islice(stream, 40)]
    share = np.mean([abs(middle - middles[0]) < 4 for middle in middles])
    assert 0.2 < share < 0.9


def test_a_stretch_begins_anywhere_in_a_longer_clip(discs: Path) -> None:
    stream = films((discs,), length=3, least=2, dice=random.Random(2))
    assert {film.numbers[0] for film in islice(stream, 60)} == set(range(6))


def test_a_clip_that_does_not_decode_is_named_and_left_out(
    discs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "clips"
    shutil.copytree(discs, folder)
    (folder / "c1.mp4").write_bytes(b"no video")
    stream = films((folder,), length=4, least=2, dice=random.Random(3))
    assert len(list(islice(stream, 6))) == 6
    assert "left out: c1" in capsys.readouterr().err


def test_when_nothing_can_be_read_the_source_is_named(discs: Path, tmp_path: Path) -> None:
    folder = tmp_path / "clips"
    shutil.copytree(discs, folder)
    for path in folder.glob("*.mp4"):
        path.write_bytes(b"no video")
    with pytest.raises(SelectionError, match="none of its 3 clips"):
        next(films((folder,), length=4, least=2, dice=random.Random(3)))


def test_clips_that_are_too_short_are_refused_with_the_length_there_is(discs: Path) -> None:
    with pytest.raises(SelectionError, match="at least 9 labelled frames; the longest of 3 has 8"):
        clips_of(discs, least=9)


def test_a_dataset_with_splits_gives_its_clips_of_alone(discs: Path, tmp_path: Path) -> None:
    shutil.copytree(discs, tmp_path / "train")
    (tmp_path / "val").mkdir()
    for end in ("json", "mp4"):
        (tmp_path / "train" / f"c0.{end}").rename(tmp_path / "val" / f"c0.{end}")
    assert [clip.clip.id for clip in clips_of(tmp_path, least=2)] == ["c1", "c2"]
