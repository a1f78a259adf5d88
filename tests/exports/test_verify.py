"""Which format lies in a folder, which of it is checked, and what is said of it; what is broken how has a table of its own."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import pytest

from engine.errors import SelectionError
from engine.ports import ExportItem
from engine.types import TrackMask
from exports.registry import exporter
from exports.verify import CHECKS, check_of, verify

Silent = Callable[[str, int, int], None]
Make = Callable[..., ExportItem]
LISTS = {"sav": ".", "davis": "ImageSets/2017"}


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("good")


@pytest.fixture
def good(shelf: Path, make_item: Make, tmp_path: Path, silent: Silent) -> Callable[[str], Path]:
    """Copies of a good dataset of two clips."""

    def copy(name: str) -> Path:
        if not (shelf / name).exists():
            exporter(name)([make_item("a"), make_item("b")], shelf / name, progress=silent)
        return Path(shutil.copytree(shelf / name, tmp_path / name))

    return copy


@pytest.mark.parametrize("name", LISTS)
def test_a_good_dataset_has_no_failure_and_its_format_is_known(
    name: str, good: Callable[[str], Path]
) -> None:
    report = verify(good(name))
    assert (report.format, report.failures) == (name, ())
    assert len(report.checks) >= 10


@pytest.mark.parametrize("name", LISTS)
def test_a_dataset_of_anybody_is_known_by_its_layout(
    name: str, good: Callable[[str], Path]
) -> None:
    folder = good(name)
    for ours in ("engine.json", "manifest.json"):
        (folder / ours).unlink()
    report = verify(folder)
    assert (report.format, report.failures) == (name, ())


@pytest.mark.parametrize("name", LISTS)
def test_only_one_check_recognises_a_layout(name: str, good: Callable[[str], Path]) -> None:
    folder = good(name)
    checks = [import_module(place.split(":")[0]).CHECK for place in CHECKS]
    assert [check.name for check in checks if check.recognises(folder)] == [name]


def test_the_side_file_decides_which_format_it_is(good: Callable[[str], Path]) -> None:
    folder = good("sav")
    for path in folder.glob("*.json"):
        if path.name != "engine.json":
            path.unlink()
    assert check_of(folder).name == "sav"
    assert any("holds no clip" in line for line in verify(folder).failures)


def test_a_folder_without_a_dataset_is_named(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "absent"):
        with pytest.raises(SelectionError, match="neither SA-V"):
            verify(path)


@pytest.mark.parametrize("name", LISTS)
def test_a_recording_in_two_lists_is_found(name: str, good: Callable[[str], Path]) -> None:
    out = good(name)
    (out / "manifest.json").unlink()
    (out / LISTS[name] / "train.txt").write_text("a\n")
    (out / LISTS[name] / "val.txt").write_text("b\n")
    (failure,) = verify(out).failures
    assert "val.txt: b is of a recording that is also in train.txt" in failure


@pytest.mark.parametrize("name", LISTS)
def test_lists_may_lack_the_last_line_end(name: str, good: Callable[[str], Path]) -> None:
    out = good(name)
    (out / "manifest.json").unlink()
    (out / LISTS[name] / "train.txt").write_text("a\nb")
    assert verify(out).failures == ()


def test_of_chosen_clips_every_file_is_read_of_the_others_none(good: Callable[[str], Path]) -> None:
    folder = good("sav")
    (folder / "b_manual.json").write_text("{")
    assert any(
        "b_manual.json: not readable" in line for line in verify(folder, clips=["b"]).failures
    )
    assert verify(folder, clips=["a"]).failures == ()
    (folder / "train.txt").write_text("a\n")
    assert any("clip b is in no list" in line for line in verify(folder, clips=["a"]).failures)


@pytest.mark.slow
def test_workers_find_what_one_process_finds_and_tell_how_far_they_are(
    good: Callable[[str], Path],
) -> None:
    folder = good("sav")
    for name in "ab":
        (folder / f"{name}_manual.json").write_text("{")
    told: list[tuple[str, int, int]] = []
    found = verify(folder, workers=2, progress=lambda *line: told.append(line))
    assert found == verify(folder)
    assert [line[1:] for line in told] == [(1, 2), (2, 2)]
    assert sorted(line[0] for line in told) == ["a", "b"]


def test_what_no_sample_begins_with_is_a_remark(
    make_item: Make, tmp_path: Path, silent: Silent
) -> None:
    from_five = make_item(masks=lambda k: _masks(make_item, k, late=5))
    for name, said in (("sav", "masklet 1"), ("davis", "number 1")):
        out = exporter(name)([from_five], tmp_path / name, progress=silent).out
        report = verify(out)
        assert report.failures == ()
        (remark,) = report.remarks
        assert f"{said} is visible in the last 7 annotated frames only" in remark


def _masks(make: Make, frame: int, *, late: int) -> tuple[TrackMask, ...]:
    row = list(make().frames())[frame].by_track()
    return tuple(row[track] for track in (1, 2) if track in row and (track == 1 or frame >= late))


def test_a_step_that_nobody_says_is_inferred_from_the_pictures(
    make_item: Make, tmp_path: Path, silent: Silent
) -> None:
    out = exporter("sav")(
        [replace(make_item(frames=24), step=3)], tmp_path / "o", progress=silent
    ).out
    for ours in ("engine.json", "manifest.json"):
        (out / ours).unlink()
    report = verify(out)
    assert (report.format, report.failures) == ("sav", ())
    assert not any("distance" in line for line in report.remarks)


class TestManifest:
    """Where a manifest lies, every file is what it says."""

    @pytest.fixture
    def folder(self, good: Callable[[str], Path]) -> Path:
        return good("davis")

    def test_a_changed_byte_of_the_same_length_is_found(self, folder: Path) -> None:
        path = (
            folder / "README.md" if (folder / "README.md").exists() else folder / "categories.json"
        )
        path.write_bytes(b" " + path.read_bytes()[:-1])
        assert any(f"{path}: its SHA-256" in line for line in verify(folder).failures)

    def test_a_changed_bit_of_a_picture_is_found(self, folder: Path) -> None:
        path = folder / "JPEGImages/Full-Resolution/a/00004.jpg"
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        path.write_bytes(data)
        assert any(f"{path}: its SHA-256" in line for line in verify(folder).failures)

    def test_a_file_of_another_length_is_found(self, folder: Path) -> None:
        path = folder / "JPEGImages/Full-Resolution/a/00004.jpg"
        path.write_bytes(path.read_bytes() + b"x")
        assert any(
            f"{path}: " in line and "manifest.json says" in line for line in verify(folder).failures
        )

    def test_a_stray_file_is_found(self, folder: Path) -> None:
        (folder / "ImageSets" / "notes.md").write_text("x")
        assert any("notes.md: a stray file" in line for line in verify(folder).failures)

    def test_a_missing_file_is_found(self, folder: Path) -> None:
        (folder / "categories.json").unlink()
        assert any(
            "categories.json: listed in manifest.json" in line for line in verify(folder).failures
        )

    def test_another_version_is_found(self, folder: Path) -> None:
        said = json.loads((folder / "manifest.json").read_text())
        (folder / "manifest.json").write_text(json.dumps({**said, "version": "0" * 64}))
        assert any(
            "manifest.json: version is '000000000000'" in line for line in verify(folder).failures
        )

    def test_a_clip_that_is_not_listed_is_found(self, folder: Path) -> None:
        said = json.loads((folder / "manifest.json").read_text())
        del said["clips"]["b"]
        (folder / "manifest.json").write_text(json.dumps(said))
        assert any("clip b is not listed" in line for line in verify(folder).failures)

    @pytest.mark.parametrize(
        "said",
        [b"", b"[]", b"{}", b'{"clips": 1}', b'{"clips": {"a": 1}, "files": {"x": 1}}',
         b'{"clips": {}, "files": {"../x": ["a", 1]}}', b"\xff"],
    )  # fmt: skip
    def test_one_that_is_none_is_named(self, said: bytes, folder: Path) -> None:
        (folder / "manifest.json").write_bytes(said)
        assert any("manifest.json: " in line for line in verify(folder).failures)


def test_what_a_trainer_leaves_in_a_dataset_is_a_remark_and_any_other_stray_a_failure(
    item: ExportItem, tmp_path: Path, silent: Silent
) -> None:
    folder = exporter("yolo-seg")([item], tmp_path / "yolo", progress=silent).out
    (folder / "labels" / "train.cache").write_bytes(b"what ultralytics has read")
    report = verify(folder)
    assert report.failures == ()
    assert any("train.cache: a stray file" in line for line in report.remarks)
    (folder / "labels" / "notes.doc").write_bytes(b"?")
    assert any("notes.doc: a stray file" in line for line in verify(folder).failures)
