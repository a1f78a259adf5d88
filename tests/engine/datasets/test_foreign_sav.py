"""SA-V as others keep it: thinned, without videos, auto beside manual, damaged in part."""

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.datasets import LabelledClip, files_of, name_of, read_dataset, sav, stretch
from engine.errors import InputError, SelectionError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "sav"


def written(golden, folder: Path, *, step: int = 5, film: bool = True, **fields) -> LabelledClip:
    folder.mkdir()
    golden.masklets(folder, "game-1", step=step, **fields)
    if film:
        golden.video(folder / "game-1.mp4")
    (folder / "engine.json").write_text(json.dumps({"clips": {"game-1": {"step": step}}}))
    return read_dataset(folder)[0]


def test_sparse_masks_lie_on_their_frames_of_the_whole_video(golden, folder, decoded) -> None:
    one = written(golden, folder)
    assert one.clip.frames == 10
    assert one.labelled == (0, 5)
    found = decoded(one)
    assert list(found) == [0, 5]
    for frame, masks in found.items():
        expected = golden.arrays_of(frame)
        assert set(masks) == {track - 2 if track == 3 else 2 for track in expected}
        np.testing.assert_array_equal(masks[1], expected[3])


def test_the_video_serves_where_pictures_are_thinned(golden, folder) -> None:
    golden.pictures(folder / "JPEGImages" / "game-1", range(0, 10, 5))
    (folder / "JPEGImages").rename(folder.parent / "kept")
    shutil.rmtree(folder)
    one = written(golden, folder)
    shutil.move(folder.parent / "kept", folder / "JPEGImages")
    (again,) = read_dataset(folder)
    assert again.clip == one.clip
    assert files_of(again) == ()
    assert len(list(again.pictures())) == 10


@pytest.mark.parametrize(("step", "thin"), [(4, 4), (4, 2), (4, 1), (2, 2)])
def test_thinned_pictures_without_a_video_are_a_clip_of_a_lower_rate(
    golden, folder, decoded, step: int, thin: int
) -> None:
    numbers = range(0, 10, thin)
    golden.pictures(folder / "JPEGImages" / "game-1", numbers)
    golden.masklets(folder, "game-1", step=step)
    (one,) = read_dataset(folder)
    assert one.clip.frames == len(numbers)
    assert one.clip.rate * thin * 1001 == 30000
    assert one.labelled == tuple(range(0, len(numbers), step // thin))
    assert [file.name for file in files_of(one)] == [f"{number:05d}.jpg" for number in numbers]
    for frame, masks in decoded(one).items():
        np.testing.assert_array_equal(masks[1], golden.arrays_of(frame * thin)[3])
    pictures, rows = stretch(one, 1, 3)
    assert len(list(pictures)) == 2
    assert [row.frame for row in rows] == [frame for frame in one.labelled if frame in (1, 2)]


@given(frames=st.integers(1, 60), rows=st.integers(1, 60))
def test_a_distance_is_taken_where_it_is_the_only_one_or_meta_s(frames: int, rows: int) -> None:
    fitting = [step for step in range(1, frames + 1) if -(-frames // step) == rows]
    if frames == rows or 4 in fitting or len(fitting) == 1:
        wanted = 1 if frames == rows else 4 if 4 in fitting else fitting[0]
        assert sav._step(frames, rows, Path("a_manual.json")) == wanted
    else:
        with pytest.raises(InputError, match=r"fit a distance of (no|\[)"):
            sav._step(frames, rows, Path("a_manual.json"))


def test_pictures_that_leave_out_an_annotated_frame_are_refused(golden, folder) -> None:
    golden.pictures(folder / "JPEGImages" / "game-1", (0, 4))
    golden.masklets(folder, "game-1", step=4)
    with pytest.raises(InputError, match=r"game-1\.mp4: not there.*00001\.jpg is missing"):
        read_dataset(folder)


def test_masks_of_the_model_are_a_second_set_with_their_stability(golden, folder) -> None:
    written(golden, folder, step=1)
    scores = [[0.5 + frame / 100] for frame in range(10)]
    golden.masklets(folder, "game-1", kind="auto", tracks=(3,), masklet_stability_score=scores)
    (manual,), (auto,) = read_dataset(folder), read_dataset(folder, masks="auto")
    assert set(manual.labels) == {1, 2}
    assert set(auto.labels) == {1}
    assert [row.masks[0].stability for row in auto.frames()] == [score for (score,) in scores]
    assert {mask.stability for row in manual.frames() for mask in row.masks} == {1.0}


def test_a_clip_that_no_person_has_seen_is_read_with_the_model_s_masks(golden, folder) -> None:
    written(golden, folder, step=1)
    (folder / "game-1_manual.json").rename(folder / "game-1_auto.json")
    (folder / "auto.txt").write_text("game-1\n")
    golden.side_file(folder, {0: 7, 1: 3}, key="auto_masklets", names=["game-1"], split="val")
    for masks in ("manual", "auto"):
        (one,) = read_dataset(folder, masks=masks)
        assert dict(one.labels) == {7: "stripe", 3: "cue"}
        assert one.clip.split == "val"


def test_no_masks_of_a_model_and_an_unknown_kind_are_refused(golden, folder) -> None:
    written(golden, folder, step=1)
    with pytest.raises(SelectionError, match=r"no \*_auto\.json"):
        read_dataset(folder, masks="auto")
    with pytest.raises(SelectionError, match="masks = 'best'"):
        read_dataset(folder, masks="best")


def test_a_damaged_clip_is_told_and_the_others_are_read(golden, folder) -> None:
    written(golden, folder, step=1)
    golden.video(folder / "game-2.mp4")
    (folder / "game-2_manual.json").write_text("{")
    with pytest.raises(InputError, match="game-2_manual"):
        read_dataset(folder)
    told: list[tuple[str, InputError]] = []
    (one,) = read_dataset(folder, damaged=lambda *of: told.append(of))
    assert one.clip.id == "game-1"
    assert [(name, type(error)) for name, error in told] == [("game-2", InputError)]


def test_where_every_clip_is_damaged_none_is_left_and_each_is_told(golden, folder) -> None:
    written(golden, folder, step=1)
    (folder / "game-1_manual.json").write_text("[]")
    told: list[str] = []
    assert read_dataset(folder, damaged=lambda name, _: told.append(name)) == ()
    assert told == ["game-1"]


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"masklet_id": [0, 0]}, "twice in masklet_id"),
        ({"masklet_id": ["a", "b"]}, "masklet_id is .*whole numbers"),
        ({"masklet_id": None}, "masklet_id is None"),
        ({"video_frame_count": "10"}, "video_frame_count is '10'"),
        ({"video_frame_count": 9.0}, "10 annotations"),
        ({"video_frame_count": float("nan")}, "video_frame_count is 'nan'"),
        ({"video_frame_count": 1e300}, "video_frame_count is '1e\\+300'"),
        ({"video_frame_count": 2e9}, "10 annotations"),
        ({"video_width": 0}, "video_width is '0'"),
        ({"video_width": 70_000}, "video_width is '70000'.* to 65535"),
        ({"video_duration": "long"}, "video_duration is 'long'"),
        ({"video_duration": -1}, "video_duration is -1"),
        ({"video_duration": 1e9}, "no footage"),
        ({"masklet": 3}, "masklet is no list"),
    ],
)
def test_damaged_fields_are_named_with_file_and_value(golden, folder, fields, reason) -> None:
    with pytest.raises(InputError, match=rf"game-1_manual\.json.*{reason}"):
        written(golden, folder, step=1, **fields)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (None, "expected 2 masks"),
        ([None], "expected 2 masks"),
        (["a", None], "track 1: expected"),
        ([{"size": [64, 96], "counts": "~"}, None], "track 1"),
        ([{"size": [2, 3], "counts": "6"}, None], r"track 1 has a mask of \(2, 3\)"),
    ],
)
def test_damaged_masks_are_named_with_file_annotation_and_track(
    golden, folder, row, reason
) -> None:
    one = written(golden, folder, step=1)
    path = folder / "game-1_manual.json"
    said = json.loads(path.read_text())
    said["masklet"][2] = row
    path.write_text(json.dumps(said))
    (one,) = read_dataset(folder)
    with pytest.raises(InputError, match=rf"game-1_manual\.json: annotation 2.*{reason}"):
        list(one.frames())


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("{", "not readable as JSON"),
        ('{"clips": []}', "clips is a list"),
        ('{"clips": {"game-1": 3}}', "clip game-1: holds a int"),
        ('{"clips": {"game-1": {"step": "x"}}}', "step is 'x'"),
        ('{"clips": {"game-1": {"masklets": {"0": {}}}}}', "clip game-1: has no 'track'"),
        ('{"clips": {"game-1": {"masklets": [1]}}}', "clip game-1: objects are not"),
        (
            '{"clips": {"game-1": {"masklets": {"0": {"track": 1, "label": "a"}, "1": {"track": 1, "label": "b"}}}}}',
            "one track",
        ),
    ],
)
def test_a_damaged_side_file_is_named(golden, folder, said, reason) -> None:
    written(golden, folder, step=1)
    (folder / "engine.json").write_text(said)
    with pytest.raises(InputError, match=rf"engine\.json.*{reason}"):
        read_dataset(folder)


def test_names_that_are_no_clip_ids_are_kept_beside_the_ids(golden, folder) -> None:
    folder.mkdir()
    for name in ("game.v1", "game-v1"):
        golden.masklets(folder, name)
        golden.video(folder / f"{name}.mp4")
    both = read_dataset(folder)
    assert [(one.clip.id, name_of(one)) for one in both] == [
        ("game-v1", "game-v1"),
        ("game-v1-2", "game.v1"),
    ]


def test_meta_s_own_folders_of_a_thousand_are_one_dataset(golden, folder) -> None:
    for inner, name in (("sav_000", "sav_000001"), ("val", "sav_051001")):
        (folder / inner).mkdir(parents=True)
        golden.masklets(folder / inner, name)
        golden.video(folder / inner / f"{name}.mp4")
    assert [(one.clip.id, one.clip.split) for one in read_dataset(folder)] == [
        ("sav_000001", "train"),
        ("sav_051001", "val"),
    ]


def test_a_folder_of_datasets_is_no_dataset(golden, folder) -> None:
    written(golden, folder, step=1)
    with pytest.raises(SelectionError, match="no clips"):
        read_dataset(folder.parent)


def test_a_short_look_reads_only_the_rows_it_shows(golden, folder) -> None:
    one = written(golden, folder, step=1)
    path = folder / "game-1_manual.json"
    stamp = path.stat()
    path.write_bytes(path.read_bytes().replace(b'"counts"', b'"c0unts"', 2))
    os.utime(path, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    assert len(list(stretch(one, 3, 6)[1])) == 3
    with pytest.raises(InputError, match="annotation 0"):
        list(one.frames())
