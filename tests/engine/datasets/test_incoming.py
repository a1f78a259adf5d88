"""What an import learns of a source beside its masks: which tool, which recording, which files, whose edits."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow

from engine.datasets.incoming import format_of, incoming, kind_of, sha256_of_files
from engine.errors import InputError, SelectionError

WIDE, HIGH, FRAMES = 16, 12, 3
RUNS = {"size": [HIGH, WIDE], "counts": "P35S5"}


def still(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Pillow.fromarray(np.full((HIGH, WIDE, 3), 90, np.uint8)).save(path)


def davis(root: Path, name: str) -> None:
    for frame in range(FRAMES):
        still(root / f"JPEGImages/480p/{name}/{frame:05d}.jpg")
        path = root / f"Annotations/480p/{name}/{frame:05d}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Pillow.fromarray(np.full((HIGH, WIDE), frame % 2, np.uint8), mode="P").save(path)


def sav(root: Path, name: str, *, kind: str = "manual", edited=(2, 0)) -> Path:
    for frame in range(FRAMES):
        still(root / f"JPEGImages/{name}/{frame:05d}.jpg")
    nothing = {"size": [HIGH, WIDE], "counts": "P6"}
    said = {
        "video_id": name,
        "video_frame_count": float(FRAMES),
        "video_height": float(HIGH),
        "video_width": float(WIDE),
        "video_duration": 0.1,
        "masklet": [[nothing, nothing]] * FRAMES,
        "masklet_id": [0, 1],
        "masklet_edited_frame_count": list(edited),
    }
    path = root / f"{name}_{kind}.json"
    path.write_text(json.dumps(said))
    return path


def side_file(root: Path, **clips) -> None:
    (root / "engine.json").write_text(json.dumps({"format": "sav", "clips": clips}))


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_clip_of_sa_v_brings_its_counts_under_its_tracks(tmp_path: Path) -> None:
    path = sav(tmp_path, "game-1")
    (one,) = incoming(tmp_path)
    assert (one.name, one.edited, one.sha256) == ("game-1", {1: 2}, digest(path))
    assert (one.recording, one.start, one.pictured) == ("", None, True)
    assert [path.name for path in one.pictures] == ["00000.jpg", "00001.jpg", "00002.jpg"]


def test_our_side_file_tells_the_recording_and_the_tracks(tmp_path: Path) -> None:
    sav(tmp_path, "game-1")
    tracks = {"0": {"track": 7, "label": "cue"}, "1": {"track": 4, "label": "eight"}}
    side_file(tmp_path, **{"game-1": {"recording": "ab", "start": 30, "masklets": tracks}})
    (one,) = incoming(tmp_path)
    assert (one.recording, one.start, one.edited) == ("ab", 30, {7: 2})
    assert format_of(tmp_path) == "sav"


def test_a_models_own_masks_come_from_their_own_file(tmp_path: Path) -> None:
    sav(tmp_path, "game-1")
    path = sav(tmp_path, "game-1", kind="auto", edited=(0, 0))
    (one,) = incoming(tmp_path, masks="auto")
    assert (one.edited, one.sha256) == ({}, digest(path))


@pytest.mark.parametrize("counts", [(1,), "many"])
def test_counts_that_do_not_fit_are_no_counts(tmp_path: Path, counts) -> None:
    sav(tmp_path, "game-1", edited=counts)
    assert incoming(tmp_path)[0].edited is None


def test_masks_as_pictures_are_known_by_all_their_files_and_not_by_the_frames(
    tmp_path: Path,
) -> None:
    davis(tmp_path, "bear")
    (one,) = incoming(tmp_path)
    masks = sorted((tmp_path / "Annotations/480p/bear").iterdir())
    assert one.sha256 == sha256_of_files(masks)
    assert one.edited is None
    still(tmp_path / "JPEGImages/480p/bear/00001.jpg")
    assert incoming(tmp_path)[0].sha256 == one.sha256
    masks[0].write_bytes(masks[1].read_bytes())
    assert incoming(tmp_path)[0].sha256 != one.sha256


def test_an_index_is_the_annotation_of_all_its_clips(tmp_path: Path) -> None:
    for name in ("a", "b"):
        still(tmp_path / f"JPEGImages/{name}/00000.jpg")
    said = {
        "videos": [
            {"id": k, "width": WIDE, "height": HIGH, "length": 1, "file_names": [f"{n}/00000.jpg"]}
            for k, n in enumerate("ab", 1)
        ],
        "annotations": [],
        "categories": [{"id": 1, "name": "cue"}],
    }
    said["annotations"] = [
        {"id": k, "video_id": k, "category_id": 1, "segmentations": [RUNS], "areas": [1], "bboxes": [[0, 0, 1, 1]], "iscrowd": 0}
        for k in (1, 2)
    ]  # fmt: skip
    (tmp_path / "instances.json").write_text(json.dumps(said))
    found = incoming(tmp_path)
    assert [one.sha256 for one in found] == [digest(tmp_path / "instances.json")] * 2


def test_a_damaged_clip_is_told_and_the_others_are_read(tmp_path: Path) -> None:
    davis(tmp_path, "bear")
    davis(tmp_path, "wolf")
    (tmp_path / "JPEGImages/480p/bear/00001.jpg").unlink()
    told = {}
    found = incoming(tmp_path, damaged=lambda name, error: told.update({name: str(error)}))
    assert [one.name for one in found] == ["wolf"]
    assert "frame 1 is missing" in told["bear"] or "no picture 1" in told["bear"]


CVAT = """<annotations><meta><task><name>shift</name><size>1</size><original_size><width>16</width>
<height>12</height></original_size><source>game-1.mp4</source></task></meta>
<track id="1" label="cue"><polygon frame="0" outside="0" points="1,1;5,1;5,5"/></track></annotations>"""


def test_a_tools_annotations_come_without_pictures(tmp_path: Path) -> None:
    (tmp_path / "annotations.xml").write_text(CVAT)
    for path in (tmp_path, tmp_path / "annotations.xml"):
        (one,) = incoming(path)
        assert (one.labelled.clip.id, one.name, one.pictured, one.counted) == ("shift", "game-1", False, True)  # fmt: skip
        assert one.sha256 == digest(tmp_path / "annotations.xml")
        assert format_of(path) == "cvat"


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.xml", "<annotations/>", "cvat"),
        ("a.json", " [1]", "label-studio"),
        ("a.json", "\ufeff[]", "label-studio"),
        ("a.json", "{}", "dataset"),
    ],
)
def test_a_file_is_known_by_how_it_begins(
    tmp_path: Path, name: str, content: str, kind: str
) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    assert kind_of(tmp_path / name) == kind


def test_a_folder_is_known_by_its_files(tmp_path: Path) -> None:
    davis(tmp_path / "davis", "bear")
    assert kind_of(tmp_path / "davis") == "dataset"
    (tmp_path / "drawn").mkdir()
    (tmp_path / "drawn/a_0.json").write_text('{"shapes": [], "imagePath": "a_0.jpg"}')
    assert kind_of(tmp_path / "drawn") == "x-anylabeling"
    sav(tmp_path / "sav", "game-1")
    side_file(tmp_path / "sav")
    assert kind_of(tmp_path / "sav") == "dataset"


def test_a_format_that_was_named_is_taken_at_its_word(tmp_path: Path) -> None:
    (tmp_path / "export.txt").write_text(CVAT)
    assert len(incoming(tmp_path / "export.txt", format_name="cvat")) == 1
    with pytest.raises(InputError, match="not readable as JSON"):
        incoming(tmp_path / "export.txt", format_name="label-studio")


@pytest.mark.parametrize(
    ("name", "told"), [("nothing", "there is nothing"), ("a.zip", "unpack it first")]
)
def test_what_cannot_be_looked_into_is_told(tmp_path: Path, name: str, told: str) -> None:
    (tmp_path / "a.zip").write_bytes(b"PK")
    with pytest.raises(SelectionError, match=told):
        incoming(tmp_path / name)


def test_a_fingerprint_of_several_files_depends_on_their_order(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in "ab"]
    for path in paths:
        path.write_text(path.name)
    assert sha256_of_files(paths) != sha256_of_files(paths[::-1])
    assert sha256_of_files([]) == ""
    with pytest.raises(InputError, match="cannot be read"):
        sha256_of_files([tmp_path / "gone"])
