"""X-AnyLabeling's and labelme's folders become clips: one file for each frame, groups that are objects."""

import json
from base64 import b64encode
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow

from engine import rle
from engine.datasets.annotations import labelled
from engine.datasets.x_anylabeling import drawings, is_one
from engine.errors import InputError

HIGH, WIDE = 24, 32
SQUARE = [[4, 5], [12, 5], [12, 13], [4, 13]]


def shape(points=SQUARE, *, label="cue", group=1, kind="polygon", **more):
    return {"label": label, "points": points, "group_id": group, "shape_type": kind, **more}


def write(folder: Path, name: str, *shapes, size=(HIGH, WIDE), picture: str | None = None) -> Path:
    folder.mkdir(exist_ok=True)
    said = {
        "version": "3.0.0",
        "flags": {},
        "shapes": list(shapes),
        "imagePath": picture or f"{name}.jpg",
        "imageData": None,
        "imageHeight": size[0],
        "imageWidth": size[1],
    }
    path = folder / f"{name}.json"
    path.write_text(json.dumps(said))
    return path


def rows(folder: Path):
    (drawing,) = drawings(folder)
    return list(labelled(drawing).frames())


def test_files_of_a_folder_are_the_frames_of_a_clip(tmp_path: Path) -> None:
    folder = tmp_path / "corrected"
    for frame in (0, 1, 11):
        write(folder, f"game-1_{frame:06d}", *[shape()] * (frame != 1))
    (drawing,) = drawings(folder)
    made = labelled(drawing)
    assert (made.clip.id, drawing.other, drawing.frames) == ("game-1", "corrected", None)
    assert (made.labels, made.labelled) == ({1: "cue"}, (0, 1, 11))
    assert [len(row.masks) for row in made.frames()] == [1, 0, 1]
    assert len(drawing.files) == 3


def test_pictures_that_are_numbers_alone_are_called_after_their_folder(tmp_path: Path) -> None:
    write(tmp_path / "game-7", "00003", shape())
    write(tmp_path / "game-7", "frame_00004", shape())
    (drawing,) = drawings(tmp_path / "game-7")
    assert (drawing.name, sorted(drawing.shapes)) == ("game-7", [3, 4])


def test_a_path_of_another_system_is_understood(tmp_path: Path) -> None:
    write(tmp_path / "x", "a", shape(), picture="..\\images\\game-1-00007.jpg")
    (drawing,) = drawings(tmp_path / "x")
    assert (drawing.name, list(drawing.shapes)) == ("game-1", [7])


def test_two_clips_may_share_a_folder(tmp_path: Path) -> None:
    for name in ("b_0", "a_0", "a_1"):
        write(tmp_path / "x", name, shape())
    assert [drawing.name for drawing in drawings(tmp_path / "x")] == ["a", "b"]


def test_a_polygon_and_a_turned_box_are_drawn(tmp_path: Path) -> None:
    write(tmp_path / "x", "a_0", shape(), shape(group=2, kind="rotation", direction=0.3))
    (row,) = rows(tmp_path / "x")
    assert [rle.area(mask.rle) for mask in row.masks] == [64, 64]


def test_a_circle_is_its_centre_and_a_point_of_its_rim(tmp_path: Path) -> None:
    write(tmp_path / "x", "a_0", shape([[10, 8], [13, 12]], kind="circle"))
    (row,) = rows(tmp_path / "x")
    assert rle.bbox(row.masks[0].rle) == (5, 3, 15, 13)


def test_a_mask_lies_at_its_corner(tmp_path: Path) -> None:
    inside = np.ones((3, 5), bool)
    inside[1, 1] = False
    out = BytesIO()
    Pillow.fromarray(inside.astype(np.uint8)).save(out, "PNG")
    coded = b64encode(out.getvalue()).decode()
    write(tmp_path / "x", "a_0", shape([[6, 4], [10, 6]], kind="mask", mask=coded))
    (row,) = rows(tmp_path / "x")
    assert (rle.decode(row.masks[0].rle)[4:7, 6:11] == inside).all()
    assert rle.area(row.masks[0].rle) == 14


def test_groups_that_count_from_zero_begin_with_one(tmp_path: Path) -> None:
    write(tmp_path / "x", "a_0", shape(group=0), shape(group=1, label="eight"))
    (drawing,) = drawings(tmp_path / "x")
    assert labelled(drawing).labels == {1: "cue", 2: "eight"}


def test_without_groups_a_class_is_one_object(tmp_path: Path) -> None:
    write(tmp_path / "x", "a_0", shape(group=None), shape(group=None, label="eight"))
    (drawing,) = drawings(tmp_path / "x")
    assert labelled(drawing).labels == {1: "cue", 2: "eight"}
    write(tmp_path / "x", "a_1", shape(group=None), shape(group=None))
    (drawing,) = drawings(tmp_path / "x")
    with pytest.raises(InputError, match="frame 1: 2 shapes of class 'cue'"):
        labelled(drawing)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (shape(kind="rectangle"), "a rectangle is no mask.*engine preannotate"),
        (shape(kind="spline"), "a spline is no mask"),
        ("nothing", "expected an object"),
    ],
)
def test_what_is_no_mask_is_refused(tmp_path: Path, given, told: str) -> None:
    write(tmp_path / "x", "a_0", given)
    with pytest.raises(InputError, match=told):
        drawings(tmp_path / "x")


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (shape([[1, 2]], kind="circle"), "a circle of 1 points"),
        (shape([], kind="mask"), "a mask without a place"),
        (shape([[1, 2], [3]]), r"expected points \[x, y\]"),
        (shape([[1, 2], [3, 4]]), "polygon of 3 points"),
    ],
)
def test_a_damaged_shape_is_named(tmp_path: Path, given, told: str) -> None:
    write(tmp_path / "x", "a_0", given)
    with pytest.raises(InputError, match=told):
        rows(tmp_path / "x")


def test_a_clip_of_two_sizes_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "x", "a_0", shape())
    write(tmp_path / "x", "a_1", shape(), size=(HIGH, WIDE + 1))
    with pytest.raises(InputError, match="pictures of a of sizes"):
        drawings(tmp_path / "x")


def test_a_frame_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "x", "a_0", shape())
    write(tmp_path / "x", "copy", shape(), picture="a_00.png")
    with pytest.raises(InputError, match=r"frame 0 of a is also in a_0.json"):
        drawings(tmp_path / "x")


def test_a_picture_without_a_number_is_no_frame(tmp_path: Path) -> None:
    write(tmp_path / "x", "table", shape())
    with pytest.raises(InputError, match="called 'table', expected a frame's number"):
        drawings(tmp_path / "x")


def test_their_files_are_known_by_their_content(tmp_path: Path) -> None:
    assert is_one(write(tmp_path / "x", "a_0", shape()))
    for content in ("", "[]", '{"shapes": []}', '{"shapes": 1, "imagePath": "a"}'):
        (tmp_path / "other.json").write_text(content)
        assert not is_one(tmp_path / "other.json")
