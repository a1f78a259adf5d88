"""Clips that nobody knew bring their pictures: copied as they are, named by content, one recording kept as one."""

import errno
import hashlib
import shutil
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from engine.adapters.video_pyav import PyavFrameSource
from engine.datasets.files import read_size
from engine.errors import DiskFull, InputError
from engine.fakes.frames import numbered, read_number
from engine.fakes.queue import MemoryDatabase
from engine.media import VideoWriter
from engine.media.prober import PyavProber
from engine.media.still import write_jpeg, write_png
from engine.ports import LabelledClip
from engine.stages import Stage
from engine.types import Clip, FrameMasks
from engine.workflows.importing import import_dataset
from engine.workflows.importing_newcomers import Newcomers
from engine.workflows.importing_values import Incoming, Wishes

WIDE, HIGH, FRAMES = 64, 48, 10
RATE = Fraction(30000, 1001)
WISHES = Wishes("maria", "davis", "their-set")


def pictures(
    folder: Path, *, first: int = 0, ending: str = ".jpg", frames: int = FRAMES
) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{number:05d}{ending}" for number in range(frames)]
    for frame, path in enumerate(paths):
        write = write_png if ending == ".png" else write_jpeg
        write(path, numbered(first + frame, width=WIDE, height=HIGH))
    return paths


def incoming(name: str, paths=(), *, media: str = "", frames: int = FRAMES, **more) -> Incoming:
    clip = Clip(name, more.pop("recording", name), media or "x", 0, frames, WIDE, HIGH, RATE, more.pop("split", "train"))  # fmt: skip
    given = [FrameMasks(frame) for frame in range(frames)]
    labelled = LabelledClip(clip, {}, tuple(range(frames)), lambda: iter(()), lambda: iter(given))
    return Incoming(labelled, name, pictures=tuple(paths), **more)


@pytest.fixture
def stores() -> MemoryDatabase:
    return MemoryDatabase()


@pytest.fixture
def newcomers(stores: MemoryDatabase, tmp_path: Path) -> Newcomers:
    return Newcomers(stores.catalog, PyavProber(), tmp_path / "ws" / "media", read_size)


@pytest.fixture
def bring(stores: MemoryDatabase, newcomers: Newcomers):
    def call(*sources: Incoming, wishes: Wishes = WISHES):
        return import_dataset(stores.catalog, stores.revisions, sources, wishes=wishes, newcomers=newcomers)  # fmt: skip

    return call


def seen(clip: Clip) -> list[int]:
    return [read_number(rgb) for batch in PyavFrameSource().batches(clip) for rgb in batch.rgb]


def test_pictures_are_copied_byte_by_byte_and_become_the_clips_footage(
    stores: MemoryDatabase, bring, tmp_path: Path
) -> None:
    paths = pictures(tmp_path / "theirs", first=7)
    (one,) = bring(incoming("bear", paths, split="val")).outcomes
    status = stores.catalog.clip("bear")
    assert (one.what, one.new, status.stage) == ("imported", True, Stage.SUBMITTED)
    digests = "\n".join(hashlib.sha256(path.read_bytes()).hexdigest() for path in paths)
    sha256 = hashlib.sha256(digests.encode()).hexdigest()
    folder = tmp_path / "ws" / "media" / sha256[:16]
    assert (status.clip.video, status.clip.media, status.clip.split) == (sha256, str(folder), "val")
    copied = sorted(folder.iterdir())
    assert [path.name for path in copied] == [f"{k:05d}.jpg" for k in range(FRAMES)]
    assert [a.read_bytes() for a in copied] == [b.read_bytes() for b in paths]
    assert seen(status.clip) == list(range(7, 7 + FRAMES))


def test_clips_of_one_recording_stay_one_recording_in_the_order_of_their_starts(
    stores: MemoryDatabase, bring, tmp_path: Path
) -> None:
    late = incoming("a", pictures(tmp_path / "a", first=30), recording="r", start=30)
    early = incoming("b", pictures(tmp_path / "b", first=10), recording="r", start=10)
    other = incoming("c", pictures(tmp_path / "c", first=50), recording="s")
    bring(late, early, other)
    clips = {name: stores.catalog.clip(name).clip for name in "abc"}
    assert clips["a"].video == clips["b"].video != clips["c"].video
    assert (clips["b"].start, clips["a"].start, clips["c"].start) == (0, FRAMES, 0)
    assert seen(clips["a"]) == list(range(30, 40))
    assert seen(clips["b"]) == list(range(10, 20))
    assert stores.catalog.video(clips["a"].video).frames == 2 * FRAMES


def test_pngs_stay_pngs_and_long_endings_become_short(
    stores: MemoryDatabase, bring, tmp_path: Path
) -> None:
    jpeg = [path.rename(path.with_suffix(".jpeg")) for path in pictures(tmp_path / "a")]
    bring(incoming("a", jpeg), incoming("b", pictures(tmp_path / "b", ending=".png")))
    for name, ending in (("a", ".jpg"), ("b", ".png")):
        clip = stores.catalog.clip(name).clip
        assert {path.suffix for path in Path(clip.media).iterdir()} == {ending}
        assert seen(clip) == list(range(FRAMES))


def test_importing_the_same_again_finds_the_clip_and_copies_nothing(bring, tmp_path: Path) -> None:
    given = incoming("bear", pictures(tmp_path / "theirs"))
    bring(given)
    (again,) = bring(given).outcomes
    assert (again.what, again.new) == ("unchanged", False)
    assert len(list((tmp_path / "ws" / "media").iterdir())) == 1


def test_the_same_pictures_under_another_name_are_told(bring, tmp_path: Path) -> None:
    paths = pictures(tmp_path / "theirs")
    bring(incoming("bear", paths))
    (refused,) = bring(incoming("wolf", paths)).refused
    assert "the workspace has these pictures as bear; name that with --clip" in refused.reason


def test_two_new_clips_of_the_same_pictures_are_told(bring, tmp_path: Path) -> None:
    paths = pictures(tmp_path / "theirs")
    refused = bring(incoming("bear", paths), incoming("wolf", paths)).refused
    assert [one.reason for one in refused] == ["bear and wolf have the same pictures; import one of them"] * 2  # fmt: skip


@pytest.mark.parametrize("way", ["dry run", "one is bad"])
def test_nothing_is_made_where_nothing_is_imported(
    stores: MemoryDatabase, bring, tmp_path: Path, way: str
) -> None:
    good = incoming("bear", pictures(tmp_path / "theirs"))
    if way == "dry run":
        assert bring(good, wishes=replace(WISHES, dry_run=True)).outcomes[0].new
    else:
        assert len(bring(good, incoming("wolf")).refused) == 2
    assert stores.catalog.clips() == ()
    assert not (tmp_path / "ws").exists()


def test_a_refused_clip_takes_no_part_in_the_recording_of_the_others(
    stores: MemoryDatabase, bring, tmp_path: Path
) -> None:
    good = incoming("a", pictures(tmp_path / "a"), recording="r", start=0)
    bad = incoming("b", pictures(tmp_path / "b")[:-1], recording="r", start=FRAMES)
    report = bring(good, bad, wishes=replace(WISHES, keep_going=True))
    assert [one.what for one in report.outcomes] == ["imported", "refused"]
    assert report.refused[0].reason == "9 pictures for 10 frames"
    assert stores.catalog.video(stores.catalog.clip("a").clip.video).frames == FRAMES


def test_a_clip_without_pictures_cannot_be_new(bring) -> None:
    given = incoming("bear")
    bare = replace(
        given, labelled=replace(given.labelled, clip=replace(given.labelled.clip, media=""))
    )
    (refused,) = bring(bare).refused
    assert "brings no pictures; name the clip with --clip" in refused.reason


def test_pictures_of_two_kinds_are_refused(bring, tmp_path: Path) -> None:
    paths = pictures(tmp_path / "a")
    paths[3] = pictures(tmp_path / "b", ending=".png")[3]
    (refused,) = bring(incoming("bear", paths)).refused
    assert refused.reason == "pictures are .jpg, .png; expected all .jpg or all .png"


def test_a_picture_of_another_size_is_named(bring, tmp_path: Path) -> None:
    paths = pictures(tmp_path / "a")
    write_jpeg(paths[4], numbered(1, width=WIDE, height=HIGH + 8))
    (refused,) = bring(incoming("bear", paths)).refused
    assert refused.reason == f"{paths[4]}: 64 x 56, expected 64 x 48"


def film(path: Path, frames: int = FRAMES) -> Path:
    with VideoWriter(path, width=WIDE, height=HIGH, rate=RATE) as writer:
        for number in range(frames):
            writer.write(numbered(number, width=WIDE, height=HIGH))
    return path


def test_a_video_is_copied_by_its_content_and_not_cut(
    stores: MemoryDatabase, bring, tmp_path: Path
) -> None:
    path = film(tmp_path / "bear.mp4")
    bring(incoming("bear", media=str(path)))
    clip = stores.catalog.clip("bear").clip
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    assert clip.media == str(tmp_path / "ws" / "media" / f"{sha256}.mp4")
    path.unlink()
    assert seen(clip) == list(range(FRAMES))


def test_a_video_of_other_frames_than_its_masks_is_refused(bring, tmp_path: Path) -> None:
    (refused,) = bring(incoming("bear", media=str(film(tmp_path / "bear.mp4", FRAMES + 1)))).refused
    assert "decodes as 11 frames of 64 x 48" in refused.reason
    assert "its masks are for 10" in refused.reason


def test_a_video_that_is_none_is_refused(bring, tmp_path: Path) -> None:
    (tmp_path / "bear.mp4").write_text("no film")
    (refused,) = bring(incoming("bear", media=str(tmp_path / "bear.mp4"))).refused
    assert "cannot be read as video" in refused.reason


def test_a_full_disk_leaves_nothing_behind(
    stores: MemoryDatabase, bring, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths, copy = pictures(tmp_path / "a"), shutil.copyfile

    def full(source: Path, target: Path) -> None:
        if source == paths[5]:
            raise OSError(errno.ENOSPC, "No space left on device")
        copy(source, target)

    monkeypatch.setattr(shutil, "copyfile", full)
    with pytest.raises(DiskFull, match="no room for 10 pictures"):
        bring(incoming("bear", paths))
    assert list((tmp_path / "ws" / "media").iterdir()) == []
    assert stores.catalog.clips() == ()


def test_what_was_copied_before_an_interruption_is_taken_as_it_is(
    stores: MemoryDatabase, newcomers: Newcomers, bring, tmp_path: Path
) -> None:
    given = incoming("bear", pictures(tmp_path / "theirs"))
    (recording,) = newcomers.recordings([newcomers.examine(given)])
    newcomers.make(recording)  # the clip is there, its masks are not
    (one,) = bring(given).outcomes
    assert (one.what, one.new) == ("imported", False)
    assert stores.catalog.clip("bear").stage is Stage.SUBMITTED


def test_an_unreadable_picture_is_refused(newcomers: Newcomers, tmp_path: Path) -> None:
    paths = pictures(tmp_path / "a")
    paths[2].write_bytes(b"no picture")
    with pytest.raises(InputError, match=r"00002.jpg: not readable as a picture"):
        newcomers.examine(incoming("bear", paths))
