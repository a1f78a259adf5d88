"""Clips are looked at once, without masks; what was seen is kept whole or not at all, and made anew where it was damaged."""

import os
import shutil
import subprocess
import sys
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import simplejpeg
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import DiskFull, InputError, VideoError
from engine.fakes.embedder import TinyEmbedder
from engine.types import Clip, FrameBatch
from engine.workflows.likeness.kept import (
    LOOKS,
    Studio,
    kept_looks,
    looked_at,
    made_with,
    stills,
    stills_of,
)
from tests.engine.workflows.likeness.films import ONE, Films, clip_of

CLIP = clip_of("one")
RATES = st.sampled_from(
    [Fraction(25), Fraction(30000, 1001), Fraction(1), Fraction(240), Fraction(12, 10)]
)


def folders(studio: Studio) -> list[str]:
    return sorted(path.name for path in studio.folder.iterdir()) if studio.folder.is_dir() else []


def test_there_is_a_still_a_second_with_the_first_and_the_last(studio: Studio) -> None:
    found = stills_of(studio, CLIP)
    assert found is not None
    assert [one.frame for one in found] == [0, 30, 60, 90, 119]
    for one in found:
        shown = simplejpeg.decode_jpeg(Path(one.path).read_bytes())
        assert np.abs(shown.astype(int) - ONE.paint(ONE.clip, one.frame)).mean() < 4


def test_vectors_are_those_of_the_pictures(studio: Studio) -> None:
    found = stills_of(studio, CLIP)
    assert found is not None
    for one in found:
        batch = FrameBatch(one.frame, ONE.paint(ONE.clip, one.frame)[None])
        assert np.array_equal(one.vector, studio.embedder.embed(batch)[0])


def test_what_was_made_is_not_made_again(studio: Studio, films: Films) -> None:
    first, again = stills_of(studio, CLIP), stills_of(studio, CLIP)
    assert films.read == [CLIP.id]
    assert first is not None
    assert again is not None
    assert [(one.frame, one.path) for one in first] == [(one.frame, one.path) for one in again]
    assert all(np.array_equal(a.vector, b.vector) for a, b in zip(first, again, strict=True))


def test_two_looks_are_kept_a_second(studio: Studio) -> None:
    assert kept_looks(studio, CLIP) is None
    stills_of(studio, CLIP)
    looks = kept_looks(studio, CLIP)
    assert looks is not None
    assert looks.frames == (0, 15, 30, 45, 60, 75, 90, 105, 119)
    assert looks.vectors.shape == (9, studio.embedder.dim)


@given(st.integers(0, 500), st.integers(1, 400), RATES)
def test_the_first_and_last_frame_are_always_looked_at_and_every_still_is(
    start: int, frames: int, rate: Fraction
) -> None:
    clip = replace(CLIP, start=start, frames=frames, rate=rate)
    looks = looked_at(clip)
    assert looks[0] == 0
    assert looks[-1] == frames - 1
    assert sorted(set(looks)) == list(looks)
    assert set(stills(clip)) <= set(looks)
    assert max(b - a for a, b in zip(looks, [*looks[1:], frames], strict=True)) <= max(1, rate)


@given(st.integers(0, 90), st.integers(0, 90), RATES)
def test_overlapping_clips_of_a_recording_look_at_the_same_pictures(
    one: int, other: int, rate: Fraction
) -> None:
    def inner(start: int) -> set[int]:
        clip = replace(CLIP, start=start, frames=400, rate=rate)
        return {start + frame for frame in looked_at(clip)[1:-1]}

    shared = range(max(one, other) + 1, min(one, other) + 399)
    assert {k for k in inner(one) if k in shared} == {k for k in inner(other) if k in shared}


def test_a_clip_of_one_frame_has_one_still(studio: Studio) -> None:
    found = stills_of(studio, clip_of("one", frames=1))
    assert found is not None
    assert [one.frame for one in found] == [0]


def test_a_stop_leaves_nothing_and_the_next_call_makes_all(studio: Studio) -> None:
    asked = iter([False, False, True])
    assert stills_of(studio, CLIP, stop=lambda: next(asked)) is None
    assert folders(studio) == []
    assert stills_of(studio, CLIP) is not None


def test_media_that_is_gone_is_said_and_leaves_nothing(studio: Studio) -> None:
    with pytest.raises(VideoError, match="no such file"):
        stills_of(studio, clip_of("nowhere"))
    assert folders(studio) == []


def damage_vectors(folder: Path) -> None:
    (folder / LOOKS).write_bytes((folder / LOOKS).read_bytes()[:200])


def lose_vectors(folder: Path) -> None:
    (folder / LOOKS).unlink()


def lose_a_still(folder: Path) -> None:
    (folder / "000030.jpg").unlink()


def empty_vectors(folder: Path) -> None:
    (folder / LOOKS).write_bytes(b"")


def other_frames(folder: Path) -> None:
    np.savez(folder / LOOKS, frames=np.array([0]), vectors=np.ones((1, 4), np.float32))


@pytest.mark.parametrize(
    "damage", [damage_vectors, lose_vectors, lose_a_still, empty_vectors, other_frames]
)
def test_what_is_damaged_is_made_anew(studio: Studio, films: Films, damage) -> None:
    stills_of(studio, CLIP)
    (folder,) = studio.folder.iterdir()
    damage(folder)
    assert kept_looks(studio, CLIP) is None
    assert stills_of(studio, CLIP) is not None
    assert films.read == [CLIP.id] * 2
    assert len(folders(studio)) == 1


def test_another_embedder_another_part_or_another_recording_is_made_anew(studio: Studio) -> None:
    others = [clip_of("copy"), replace(CLIP, start=1), replace(CLIP, frames=90)]
    made = {made_with(studio, clip) for clip in [CLIP, *others]}
    made.add(made_with(replace(studio, embedder=TinyEmbedder(4)), CLIP))
    assert len(made) == 5


def test_a_recording_that_was_moved_is_the_same(studio: Studio) -> None:
    assert made_with(studio, replace(CLIP, media="/mnt/elsewhere.mp4")) == made_with(studio, CLIP)


def test_somebody_who_made_the_same_meanwhile_is_no_trouble(studio: Studio, tmp_path: Path) -> None:
    ready = replace(studio, folder=tmp_path / "theirs")
    stills_of(ready, CLIP)
    (theirs,) = ready.folder.iterdir()

    def copy_theirs(done: int, of: int) -> None:
        if done == of:
            shutil.copytree(theirs, studio.folder / theirs.name)

    assert stills_of(studio, CLIP, progress=copy_theirs) is not None
    assert folders(studio) == [theirs.name]


def test_progress_counts_frames_up_to_the_last(studio: Studio) -> None:
    heard: list[tuple[int, int]] = []
    stills_of(studio, CLIP, progress=lambda done, of: heard.append((done, of)))
    assert heard == sorted(heard)
    assert heard[-1] == (CLIP.frames, CLIP.frames)


def test_a_folder_that_cannot_be_made_is_named(studio: Studio) -> None:
    studio.folder.parent.mkdir(exist_ok=True)
    studio.folder.write_text("a file is in the way")
    with pytest.raises(InputError, match="likeness"):
        stills_of(studio, CLIP)


def test_a_full_disk_is_said_and_leaves_nothing(studio: Studio) -> None:
    def full(_rgb) -> bytes:
        raise OSError(28, "No space left on device")

    with pytest.raises(DiskFull, match="free some"):
        stills_of(replace(studio, jpeg=full), CLIP)
    assert folders(studio) == []


def test_a_clip_needs_no_masks_and_no_camera(studio: Studio) -> None:
    bare = Clip("bare", "one", "", 0, 31, CLIP.width, CLIP.height, CLIP.rate)
    assert stills_of(studio, bare) is not None


KILLED = """
import os, sys
from pathlib import Path
from engine.fakes.embedder import TinyEmbedder
from engine.workflows.likeness.kept import Studio, stills_of
from tests.engine.workflows.likeness.films import ONE, Films, clip_of

pictures = iter(range(9))

def jpeg(rgb):
    if next(pictures) == 2:
        os.kill(os.getpid(), 9)
    return b"a picture"

stills_of(Studio(Path(sys.argv[1]), Films({"one": ONE}), TinyEmbedder(12), jpeg), clip_of("one"))
"""


def test_a_kill_in_the_middle_leaves_nothing_that_counts(studio: Studio) -> None:
    root = Path(__file__).parents[4]
    words = [sys.executable, "-c", KILLED, str(studio.folder)]
    killed = subprocess.run(
        words, cwd=root, env=os.environ | {"PYTHONPATH": str(root)}, check=False
    )
    assert killed.returncode == -9
    assert all(name.startswith(".") for name in folders(studio))
    assert kept_looks(studio, CLIP) is None
    found = stills_of(studio, CLIP)
    assert found is not None
    assert all(simplejpeg.decode_jpeg(Path(one.path).read_bytes()).any() for one in found)
