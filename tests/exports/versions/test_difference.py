"""Two datasets are compared by what their manifests say: clips, files, settings, statistics."""

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import fsspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import InputError
from exports.difference import difference
from exports.manifest import MANIFEST, version_of

Make = Callable[..., Path]


def test_a_dataset_does_not_differ_from_itself(make_dataset: Make):
    folder = make_dataset("one", {"game-1": {}})
    found = difference(folder, folder)
    assert found.same
    assert found.clips.unchanged == ("game-1",)
    assert not found.files.changed
    assert found.text() == f"the same files, byte for byte: version {found.after.version[:16]}"


def test_clips_that_came_and_went_are_named(make_dataset: Make):
    before = make_dataset("before", {"game-1": {}, "game-2": {}})
    after = make_dataset("after", {"game-2": {}, "game-3": {}})
    found = difference(before, after)
    assert found.clips.added == ("game-3",)
    assert found.clips.removed == ("game-1",)
    assert found.clips.unchanged == ("game-2",)
    assert "  + game-3" in found.text().splitlines()
    assert "  - game-1" in found.text().splitlines()


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"masks": b"{1}"}, "other masks: 1 file"),
        ({"pictures": b"sharper"}, "other pictures: 1 file"),
        ({"revision": 9}, "revision 1 -> 9"),
        ({"split": "val"}, "split train -> val"),
        ({"licence": ""}, "licence CC BY 4.0 -> not stated"),
        ({"camera": "south"}, "camera north -> south"),
        ({"rate": [30000, 1001]}, "rate 30/1 -> 30000/1001"),
        ({"recording": "beef" * 16}, "recording f00df00df00d -> beefbeefbeef"),
        ({"statistics": {"edited": 4}}, "edited 3 -> 4"),
        (
            {"statistics": {"labels": {"cue": 30, "eight": 20}}},
            "labels eight 0 -> 20, solid 20 -> 0",
        ),
    ],
)
def test_what_changed_about_a_clip_is_said(make_dataset: Make, facts: dict[str, Any], why: str):
    before = make_dataset("before", {"game-1": {}, "game-2": {}})
    after = make_dataset("after", {"game-1": facts, "game-2": {}})
    found = difference(before, after)
    assert [one.clip for one in found.changed] == ["game-1"]
    assert why in found.changed[0].why
    assert why in found.text()
    assert found.clips.unchanged == ("game-2",)


def test_only_files_with_other_bytes_count_as_changed(make_dataset: Make):
    before = make_dataset("before", {"game-1": {}, "game-2": {}})
    after = make_dataset("after", {"game-1": {"masks": b"{1}"}, "game-2": {}})
    found = difference(before, after).files
    assert found.changed == ("game-1_manual.json",)
    assert "JPEGImages/game-2/00000.jpg" in found.unchanged
    assert found.added == found.removed == ()


def test_pictures_that_only_lie_elsewhere_are_not_other_pictures(make_dataset: Make):
    before, after = make_dataset("a", {"game-1": {}}), make_dataset("b", {"game-1": {}})
    said = json.loads((after / MANIFEST).read_text())
    held = said["clips"]["game-1"]["pictures"]["files"]
    said["clips"]["game-1"]["pictures"]["files"] = {
        f"val/{name}": fact for name, fact in held.items()
    }
    rewrite(after, said)
    assert difference(before, after).changed[0].why == ("pictures lie under other names",)


def test_a_clip_without_annotation_files_of_its_own_changes_with_its_signature(make_dataset: Make):
    folders = make_dataset("a", {"game-1": {}}), make_dataset("b", {"game-1": {}})
    for folder, signature in zip(folders, "ab", strict=True):
        said = json.loads((folder / MANIFEST).read_text())
        said["clips"]["game-1"]["annotation"] = {"signature": signature * 64, "files": {}}
        rewrite(folder, said)
    assert difference(*folders).changed[0].why == ("other masks",)


def test_two_formats_are_compared_by_revision_and_statistics_not_by_files(make_dataset: Make):
    before = make_dataset("before", {"game-1": {}, "game-2": {}})
    after = make_dataset(
        "after", {"game-1": {"masks": b"png"}, "game-2": {"revision": 2}}, format_name="davis"
    )
    found = difference(before, after)
    assert found.clips.unchanged == ("game-1",)
    assert found.changed[0].why == ("revision 1 -> 2",)
    assert "davis dense" in found.text()


def test_settings_that_differ_are_shown_with_both_values(make_dataset: Make):
    before = make_dataset("before", {"game-1": {}}, settings={"min_area": 20, "stage": "accepted"})
    after = make_dataset("after", {"game-2": {}}, settings={"min_area": 30, "fps": 6})
    found = difference(before, after)
    assert found.settings == {
        "min_area": (20, 30),
        "stage": ("accepted", None),
        "fps": (None, 6),
    }
    assert "  min_area: 20 -> 30" in found.text()


def test_statistics_stand_side_by_side_with_their_growth(make_dataset: Make):
    found = difference(
        make_dataset("before", {"game-1": {}}), make_dataset("after", {"game-1": {}, "game-2": {}})
    )
    lines = [line.split() for line in found.text().splitlines()]
    assert ["clips", "1", "2", "+1"] in lines
    assert ["seconds", "1.0", "2.0", "+1.0"] in lines
    assert ["masks", "of", "cue", "30", "60", "+30"] in lines


def test_settings_that_changed_no_file_are_shown_all_the_same(make_dataset: Make):
    before = make_dataset("before", {"game-1": {}}, settings={"stage": "accepted"})
    after = make_dataset("after", {"game-1": {}}, settings={"stage": "corrected"})
    found = difference(before, after)
    assert found.same
    assert "  stage: 'accepted' -> 'corrected'" in found.text()


def test_a_difference_can_be_written_as_json(make_dataset: Make):
    found = difference(
        make_dataset("before", {"game-1": {}}), make_dataset("after", {"game-1": {"revision": 5}})
    )
    said = json.loads(json.dumps(dataclasses.asdict(found)))
    assert said["changed"] == [{"clip": "game-1", "why": ["revision 1 -> 5"]}]
    assert said["before"]["version"] == found.before.version


def test_a_long_list_of_clips_is_cut_in_words_and_whole_in_the_value(make_dataset: Make):
    found = difference(
        make_dataset("before", {"game-0": {}}),
        make_dataset("after", {f"new-{k}": {} for k in range(60)}),
    )
    assert len(found.clips.added) == 60
    assert "  ... and 21 more" in found.text()


def test_a_dataset_is_found_at_an_address_too(make_dataset: Make):
    folder = make_dataset("here", {"game-1": {}})
    store = fsspec.filesystem("memory")
    store.pipe_file("/elsewhere/manifest.json", (folder / MANIFEST).read_bytes())
    assert difference(folder, "memory://elsewhere").same


def rewrite(folder: Path, said: dict[str, Any]) -> None:
    """Write a manifest that somebody has edited, its version made true again."""
    said["version"] = version_of(said["clips"], said["files"])
    (folder / MANIFEST).write_text(json.dumps(said))


def damage(folder: Path, change: Callable[[dict[str, Any]], None]) -> None:
    said = json.loads((folder / MANIFEST).read_text())
    change(said)
    (folder / MANIFEST).write_text(json.dumps(said))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda said: said.pop("clips"), "it lists no clips"),
        (lambda said: said.pop("version"), "version None"),
        (lambda said: said["files"].update({"more.txt": ["0" * 64, 1]}), "version"),
        (lambda said: said["files"].update({"../out": ["0" * 64, 1]}), "no path of a file"),
        (lambda said: said["files"].update({"/etc/x": ["0" * 64, 1]}), "no path of a file"),
        (lambda said: said["files"].update({"a.txt": ["zz", 1]}), "expected [SHA-256, bytes]"),
        (lambda said: said["files"].update({"a.txt": 5}), "expected [SHA-256, bytes]"),
        (lambda said: said["clips"].update({"game-1": {}}), "clip game-1 lists no files"),
        (lambda said: said.update({"writer": "somebody"}), "not a dataset of ours"),
    ],
)
def test_a_manifest_that_cannot_be_trusted_is_refused(
    make_dataset: Make, change: Callable[[dict[str, Any]], None], words: str
):
    folder = make_dataset("one", {"game-1": {}})
    damage(folder, change)
    with pytest.raises(InputError, match=MANIFEST) as caught:
        difference(folder, folder)
    assert words in str(caught.value)


def test_a_folder_without_a_manifest_is_refused_by_name(tmp_path: Path):
    with pytest.raises(InputError, match=r"holds no manifest\.json"):
        difference(tmp_path, tmp_path)


@given(cut=st.integers(0, 400))
def test_half_a_manifest_is_never_taken_for_a_whole_one(
    tmp_path_factory: pytest.TempPathFactory, cut: int
):
    folder = tmp_path_factory.mktemp("half")
    whole = json.dumps(
        {"writer": "billiards-engine", "clips": {}, "files": {}, "version": "0" * 64}
    )
    (folder / MANIFEST).write_text(whole[:cut])
    with pytest.raises(InputError, match="damaged"):
        difference(folder, folder)


@given(
    sides=st.tuples(
        *[st.dictionaries(st.sampled_from("abcdef"), st.sampled_from(["", "x"]), min_size=1)] * 2
    )
)
def test_every_clip_is_in_exactly_one_place_and_the_other_way_round_mirrors_it(
    tmp_path_factory: pytest.TempPathFactory, sides: tuple[dict[str, str], ...]
):
    root = tmp_path_factory.mktemp("pair")
    folders = [root / "0", root / "1"]
    for folder, clips in zip(folders, sides, strict=True):
        folder.mkdir()
        half: dict[str, Any] = {"signature": "", "files": {}}
        facts = {
            clip: {"revision": 1, "split": split, "pictures": half, "annotation": half}
            for clip, split in clips.items()
        }
        said = {"writer": "billiards-engine", "format": "sav", "clips": facts, "files": {}}
        rewrite(folder, said)
    there, back = difference(*folders), difference(*folders[::-1])
    names = dataclasses.astuple(there.clips)
    assert sorted(sum(names, ())) == sorted(sides[0].keys() | sides[1].keys())
    assert (there.clips.added, there.clips.removed) == (back.clips.removed, back.clips.added)
    assert there.clips.changed == back.clips.changed
