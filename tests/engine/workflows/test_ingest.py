"""Ingest: each recording once, cut, with a copy where it needs one; a bad file is its own affair."""

import shutil
from collections.abc import Callable
from fractions import Fraction
from functools import partial
from pathlib import Path

import av
import pytest

from db.connect import Database
from engine.adapters.video_pyav import PyavFrameSource
from engine.errors import DiskFull, SettingsError
from engine.fakes.frames import numbered, read_number
from engine.fakes.store import MemoryCatalog, Shelf
from engine.media import VideoWriter
from engine.media.prober import PyavProber
from engine.ports import Catalog
from engine.stages import Stage
from engine.workflows.ingest import Footage, IngestReport, ingest

RATE = Fraction(30)
Run = Callable[..., IngestReport]


def write(path: Path, *, frames: int = 40, shift: int = 0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with VideoWriter(path, width=64, height=48, rate=RATE) as writer:
        for number in range(frames):
            writer.write(numbered(number + shift, width=64, height=48))
    return path


def write_variable(path: Path) -> Path:
    """Write 40 numbered pictures at 30 frames/s with a second of nothing after the 20th."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=RATE)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for number in range(40):
            frame = av.VideoFrame.from_ndarray(numbered(number, width=64, height=48))
            frame.pts, frame.time_base = number + (30 if number > 20 else 0), 1 / RATE
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


@pytest.fixture
def catalog() -> Catalog:
    return MemoryCatalog(Shelf())


@pytest.fixture
def run(catalog: Catalog, tmp_path: Path) -> Run:
    return partial(
        ingest,
        catalog=catalog,
        prober=PyavProber(),
        workspace=tmp_path / "workspace",
        clip_seconds=0.5,
        progress=lambda name, done, total: None,  # noqa: ARG005 - nobody watches
    )


def numbers(catalog: Catalog, clip: str) -> list[int]:
    batches = PyavFrameSource().batches(catalog.clip(clip).clip)
    return [read_number(rgb) for batch in batches for rgb in batch.rgb]


def test_a_recording_becomes_clips_that_together_show_every_frame(
    run: Run, catalog: Catalog, tmp_path: Path
) -> None:
    (added,) = run([write(tmp_path / "game.mp4", frames=40)]).added
    assert [name[-4:] for name in added.clips] == ["-001", "-002", "-003"]
    assert [number for name in added.clips for number in numbers(catalog, name)] == list(range(40))
    assert {status.stage for status in catalog.clips()} == {Stage.INGESTED}


def test_footage_that_is_fit_stays_where_it_is(run: Run, catalog: Catalog, tmp_path: Path) -> None:
    path = write(tmp_path / "game.mp4")
    (added,) = run([path]).added
    assert added.reasons == ()
    assert catalog.clip(added.clips[0]).clip.media == str(path)
    assert not (tmp_path / "workspace").exists()


def test_a_relative_path_is_kept_as_an_absolute_one(
    run: Run, catalog: Catalog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "game.mp4")
    monkeypatch.chdir(tmp_path)
    (added,) = run([Path("game.mp4")]).added
    assert catalog.clip(added.clips[0]).clip.media == str(tmp_path / "game.mp4")


def test_odd_footage_gets_a_working_copy_and_keeps_the_mapping(
    run: Run, catalog: Catalog, tmp_path: Path
) -> None:
    (added,) = run([write_variable(tmp_path / "phone.mp4")]).added
    assert added.reasons == ("its rate is not constant",)
    video = catalog.video(catalog.clip(added.clips[0]).clip.video)
    assert video is not None
    assert Path(video.media) == tmp_path / "workspace" / "media" / f"{video.sha256}.mp4"
    assert video.frame_map == (*range(21), *[20] * 30, *range(21, 40))
    seen = [number for name in added.clips for number in numbers(catalog, name)]
    assert tuple(seen) == video.frame_map


def test_asked_to_copy_it_copies_the_bytes(run: Run, catalog: Catalog, tmp_path: Path) -> None:
    path = write(tmp_path / "game.mp4")
    (added,) = run([path], copy=True).added
    media = Path(catalog.clip(added.clips[0]).clip.media)
    assert media.parent == tmp_path / "workspace" / "media"
    assert media.read_bytes() == path.read_bytes()


def test_the_same_content_is_recognised_under_any_name(run: Run, tmp_path: Path) -> None:
    first = write(tmp_path / "game.mp4")
    second = Path(shutil.copy(first, tmp_path / "other.mp4"))
    report = run([first, second, first])
    (added,) = report.added
    assert [(known.path, known.clips) for known in report.known] == [
        (second, added.clips),
        (first, added.clips),
    ]


def test_camera_and_licence_are_kept_with_the_recording(
    run: Run, catalog: Catalog, tmp_path: Path
) -> None:
    (added,) = run([write(tmp_path / "game.mp4")], camera="overhead", licence="CC-BY-4.0").added
    video = catalog.video(catalog.clip(added.clips[0]).clip.video)
    assert video is not None
    assert (video.camera, video.licence) == ("overhead", "CC-BY-4.0")


def test_a_known_recording_takes_what_is_said_anew_and_tells_what_it_replaces(
    run: Run, catalog: Catalog, tmp_path: Path
) -> None:
    path = write(tmp_path / "game.mp4")
    (added,) = run([path], camera="overhead").added
    (known,) = run([path], camera="side", licence="CC-BY-4.0").known
    assert known.changed == (
        "camera is now 'side', was 'overhead'",
        "licence is now 'CC-BY-4.0', was ''",
    )
    video = catalog.video(catalog.clip(added.clips[0]).clip.video)
    assert video is not None
    assert (video.camera, video.licence) == ("side", "CC-BY-4.0")


def test_a_known_recording_of_which_nothing_new_is_said_stays_as_it_was(
    run: Run, catalog: Catalog, tmp_path: Path
) -> None:
    path = write(tmp_path / "game.mp4")
    (added,) = run([path], camera="overhead", licence="CC-BY-4.0").added
    before = catalog.video(catalog.clip(added.clips[0]).clip.video)
    assert [known.changed for known in run([path, path], camera="overhead").known] == [(), ()]
    assert catalog.video(catalog.clip(added.clips[0]).clip.video) == before


@pytest.mark.parametrize("name", ["over\nhead", " side", "tail ", "\udcff", "\x1b[31m"])
def test_a_name_that_no_line_could_show_is_refused(name: str, run: Run, tmp_path: Path) -> None:
    path = write(tmp_path / "game.mp4")
    for said in ({"camera": name}, {"licence": name}):
        with pytest.raises(SettingsError, match="plain text on one line"):
            run([path], **said)
    assert run([path]).added


def test_the_same_file_gets_the_same_ids_in_another_workspace(run: Run, tmp_path: Path) -> None:
    path = write(tmp_path / "a" / "game.mp4")
    (tmp_path / "b").mkdir()
    moved = Path(shutil.copy(path, tmp_path / "b" / "game.mp4"))
    again = run([moved], catalog=MemoryCatalog(Shelf()))
    assert run([path]).added[0].clips == again.added[0].clips


def test_folders_are_searched_and_their_files_taken_in_order(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "recordings"
    for shift, name in enumerate(["b.mp4", "a/c.mp4", "d.mp4"]):
        write(folder / name, shift=shift)
    report = run([folder])
    assert [added.path.name for added in report.added] == ["c.mp4", "b.mp4", "d.mp4"]


def test_bad_files_are_reported_each_and_the_rest_goes_on(run: Run, tmp_path: Path) -> None:
    good = write(tmp_path / "good.mp4")
    (tmp_path / "empty.mp4").touch()
    (tmp_path / "text.mp4").write_text("no video")
    (tmp_path / "cut.mp4").write_bytes(good.read_bytes()[:2500])
    (tmp_path / "nothing").mkdir()
    expected = {
        "gone.mp4": "there is no such file",
        "empty.mp4": "the file is empty",
        "text.mp4": "cannot be read as video",
        "cut.mp4": "truncated",
        "nothing": "no video files in this folder",
    }
    report = run([*(tmp_path / name for name in expected), good])
    assert [added.path for added in report.added] == [good]
    assert [failed.path.name for failed in report.failed] == list(expected)
    for failed in report.failed:
        assert f"{failed.path}: {expected[failed.path.name]}" in failed.error


def test_a_recording_too_short_for_any_dataset_is_refused(run: Run, tmp_path: Path) -> None:
    (failed,) = run([write(tmp_path / "blink.mp4", frames=7)]).failed
    assert "7 frames" in failed.error


def test_a_file_that_fails_leaves_no_trace(run: Run, catalog: Catalog, tmp_path: Path) -> None:
    (tmp_path / "text.mp4").write_text("no video")
    run([tmp_path / "text.mp4"])
    assert catalog.clips() == ()
    assert not (tmp_path / "workspace").exists()


class NoRoom(PyavProber):
    """A prober on a full disk."""

    def copy(self, path: Path, out: Path, footage: Footage, *, progress: object) -> None:
        raise DiskFull(f"{out}: no room left for {path} {footage.frames} {progress}")


def test_a_full_disk_stops_the_file_that_needs_room_not_the_others(
    run: Run, tmp_path: Path
) -> None:
    odd, fit = write_variable(tmp_path / "phone.mp4"), write(tmp_path / "game.mp4")
    report = run([odd, fit], prober=NoRoom())
    assert ["no room left" in failed.error for failed in report.failed] == [True]
    assert [added.path for added in report.added] == [fit]


class NeverCopies(PyavProber):
    """A prober that must not be asked for a copy."""

    def copy(self, path: Path, out: Path, footage: Footage, *, progress: object) -> None:
        raise AssertionError(f"{path} {out} {footage} {progress}")


def test_a_working_copy_that_is_there_is_used_again(run: Run, tmp_path: Path) -> None:
    path = write_variable(tmp_path / "phone.mp4")
    first = run([path])
    again = run([path], catalog=MemoryCatalog(Shelf()), prober=NeverCopies())
    assert again.added == first.added


def test_a_working_copy_that_was_lost_is_made_again_from_the_same_bytes(
    run: Run, catalog: Catalog, tmp_path: Path
) -> None:
    path = write_variable(tmp_path / "phone.mp4")
    (added,) = run([path]).added
    media = Path(catalog.clip(added.clips[0]).clip.media)
    before = media.read_bytes()
    media.unlink()
    assert [known.clips for known in run([path]).known] == [added.clips]
    assert media.read_bytes() == before


def test_a_recording_that_was_moved_away_says_how_to_get_it_back(run: Run, tmp_path: Path) -> None:
    path = write(tmp_path / "game.mp4")
    run([path])
    moved = path.rename(tmp_path / "moved.mp4")
    (failed,) = run([moved]).failed
    assert f"ln -s '{moved}' '{path}'" in failed.error


def test_a_known_recording_is_not_decoded_again(run: Run, tmp_path: Path) -> None:
    path, calls = write(tmp_path / "game.mp4"), list[tuple[str, int, int]]()
    run([path], progress=lambda *call: calls.append(call))
    assert calls == [(str(path), 30, 40), (str(path), 40, 40)]
    run([path], progress=lambda *call: calls.append(call))
    assert len(calls) == 2


def test_a_working_copy_shows_its_own_progress(run: Run, tmp_path: Path) -> None:
    path, calls = write_variable(tmp_path / "phone.mp4"), list[tuple[str, int, int]]()
    run([path], progress=lambda *call: calls.append(call))
    assert calls[-1] == (f"{path} (working copy)", 70, 70)


def test_all_clips_of_a_recording_are_in_one_split(
    run: Run, catalog: Catalog, tmp_path: Path
) -> None:
    run([write(tmp_path / f"{shift}.mp4", shift=shift) for shift in range(12)])
    splits = {status.clip.video: set[str]() for status in catalog.clips()}
    for status in catalog.clips():
        splits[status.clip.video].add(status.clip.split)
    assert len(splits) == 12
    assert all(len(found) == 1 for found in splits.values())


@pytest.mark.parametrize("split", ["train", "val"])
def test_the_split_can_be_chosen(run: Run, catalog: Catalog, tmp_path: Path, split: str) -> None:
    run([write(tmp_path / "game.mp4")], split=split)
    assert {status.clip.split for status in catalog.clips()} == {split}


@pytest.mark.parametrize("wrong", [{"split": "test"}, {"clip_seconds": 0}])
def test_settings_that_make_no_sense_are_refused_before_any_work(
    run: Run, catalog: Catalog, tmp_path: Path, wrong: dict[str, object]
) -> None:
    with pytest.raises(SettingsError, match="'train', 'val' or nothing"):
        run([write(tmp_path / "game.mp4")], **wrong)
    assert catalog.clips() == ()


def test_a_real_database_keeps_it_all(run: Run, tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'engine.db'}")
    database.upgrade()
    try:
        path = write_variable(tmp_path / "phone.mp4")
        (added,) = run([path], catalog=database.catalog).added
        seen = [number for name in added.clips for number in numbers(database.catalog, name)]
        video = database.catalog.video(database.catalog.clip(added.clips[0]).clip.video)
        assert video is not None
        assert tuple(seen) == video.frame_map
        assert run([path], catalog=database.catalog).known[0].clips == added.clips
    finally:
        database.close()
