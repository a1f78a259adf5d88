"""Label Studio's JSON becomes masks: four ways to draw, pages that are frames, and names in the regions' texts."""

import json
from base64 import b64encode
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image as Pillow

from engine import rle
from engine.datasets.annotations import labelled
from engine.datasets.label_studio import drawings
from engine.datasets.label_studio_brush import alpha
from engine.errors import InputError

HIGH, WIDE = 12, 20
# label_studio_sdk 2.1.2, converter.brush.mask2rle: a box of rows 3 to 8 and columns 4 to 11 without (5, 6), and two corners
GOLDEN = [0, 0, 3, 192, 57, 27, 252, 127, 251, 236, 3, 13, 255, 227, 48, 12, 55, 255, 140, 192, 39, 255, 140, 2, 255, 254, 51, 0, 195, 127, 248, 204, 3, 13, 255, 240, 16, 240, 8, 255, 242, 120, 0]  # fmt: skip


def golden():
    inside = np.zeros((HIGH, WIDE), bool)
    inside[3:8, 4:11] = inside[0, 0] = inside[10, 19] = True
    inside[5, 6] = False
    return inside


def brush(painted) -> list[int]:
    """Pack uint8 (H, W) as runs of 1 to 256 values; a writer of our own beside the golden one."""
    values = np.repeat(painted.reshape(-1), 4)
    bits = f"{values.size:032b}{7:05b}{0:04b}{2:04b}{4:04b}{7:04b}"
    at = 0
    while at < values.size:
        same = 1
        while at + same < values.size and same < 256 and values[at + same] == values[at]:
            same += 1
        bits += f"1{3:02b}{same - 1:08b}{values[at]:08b}"
        at += same
    bits += "0" * (-len(bits) % 8)
    return [int(bits[k : k + 8], 2) for k in range(0, len(bits), 8)]


def region(
    kind: str, value, *, page: int | None = 0, text: str = "track 1", label: str = "cue", **more
):
    said = {
        "id": "x",
        "type": kind,
        "original_width": WIDE,
        "original_height": HIGH,
        "image_rotation": 0,
        "value": {kind: [label], **value},
        "meta": {"text": [text]} if text else {},
    }
    return said | ({} if page is None else {"item_index": page}) | more


def polygon(**more):
    return region("polygonlabels", {"points": [[20, 25], [60, 25], [60, 75], [20, 75]]}, **more)


def export(tmp_path: Path, *regions, pages: int = 1, names="frames/{:05d}.jpg", **more) -> Path:
    frames = [f"/data/local-files/?d=clips/game-1/{names.format(k)}" for k in range(pages)]
    task = {
        "id": 17,
        "data": {"clip": "game-1", "frames": frames},
        "annotations": [{"id": 3, "was_cancelled": False, "result": list(regions)}],
    }
    path = tmp_path / "export.json"
    path.write_text(json.dumps([task | more]))
    return path


def rows(path: Path):
    (drawing,) = drawings(path)
    return list(labelled(drawing).frames())


def first(path: Path):
    return rle.decode(rows(path)[0].masks[0].rle)


def test_the_brush_is_read_as_their_own_library_writes_it(tmp_path: Path) -> None:
    path = export(tmp_path, region("brushlabels", {"format": "rle", "rle": GOLDEN}))
    assert (first(path) == golden()).all()


@given(arrays.arrays(np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 9))))
def test_any_painting_comes_back_from_its_run_lengths(painted) -> None:
    assert (alpha(brush(painted), painted.shape) == painted).all()


@pytest.mark.parametrize(
    ("runs", "told"),
    [
        (GOLDEN[:20], "end too early"),
        ([], "end too early"),
        ([300, 1], "no list of bytes"),
        (["a"], "no list of bytes"),
        ([0, 0, 3, 193, *GOLDEN[4:]], "expected 960 of 8 for 20 x 12"),
    ],
)
def test_damaged_run_lengths_are_refused(runs, told: str) -> None:
    with pytest.raises(InputError, match=told):
        alpha(runs, (HIGH, WIDE))


def test_half_painted_pixels_count_from_one_half_on(tmp_path: Path) -> None:
    painted = np.zeros((HIGH, WIDE), np.uint8)
    painted[2, 2:5] = 100, 128, 255
    path = export(tmp_path, region("brushlabels", {"rle": brush(painted)}))
    assert np.argwhere(first(path)).tolist() == [[2, 3], [2, 4]]


def test_a_bitmask_is_read(tmp_path: Path) -> None:
    out = BytesIO()
    Pillow.fromarray(golden()).save(out, "PNG")
    url = "data:image/png;base64," + b64encode(out.getvalue()).decode()
    assert (
        first(export(tmp_path, region("bitmasklabels", {"imageDataURL": url}))) == golden()
    ).all()


def test_a_polygon_is_percent_of_the_picture(tmp_path: Path) -> None:
    expected = np.zeros((HIGH, WIDE), bool)
    expected[3:9, 4:12] = True
    assert (first(export(tmp_path, polygon())) == expected).all()


def test_an_ellipse_lies_around_its_centre(tmp_path: Path) -> None:
    value = {"x": 50, "y": 50, "radiusX": 20, "radiusY": 25, "rotation": 0}
    found = first(export(tmp_path, region("ellipselabels", value)))
    assert rle.bbox(rle.encode(found)) == (6, 3, 14, 9)


def test_an_unturned_ellipse_may_say_no_rotation(tmp_path: Path) -> None:
    value = {"x": 50, "y": 50, "radiusX": 20, "radiusY": 25}
    assert first(export(tmp_path, region("ellipselabels", value))).any()


def test_pages_are_the_frames_that_their_pictures_are_numbered_by(tmp_path: Path) -> None:
    path = export(tmp_path, polygon(page=2), pages=3, names="{}0.jpg")
    (drawing,) = drawings(path)
    made = labelled(drawing)
    assert (made.clip.id, drawing.other, made.labelled) == ("game-1", "17", (0, 10, 20))
    assert [len(row.masks) for row in made.frames()] == [0, 0, 1]


def test_pages_without_numbers_count_from_zero(tmp_path: Path) -> None:
    assert [row.frame for row in rows(export(tmp_path, polygon(page=1), pages=2, names="x.jpg?v={}"))] == [0, 1]  # fmt: skip


def single(number: int, url: str, *regions):
    made = [{"id": number, "result": list(regions)}]
    return {"id": number, "data": {"image": url}, "annotations": made}


@pytest.mark.parametrize(
    "url",
    [
        "/data/local-files/?d=clips/game-1/{:05d}.jpg",
        "/data/upload/4/ab12cd34-game-1_{:05d}.jpg",
        "s3://bucket/game-1/frame_{:05d}.png",
        "https://example.org/clips/game-1-{:05d}.jpg?sig=1",
    ],
)
def test_tasks_of_one_picture_each_are_frames_of_a_clip(tmp_path: Path, url: str) -> None:
    tasks = [single(k, url.format(k), *[polygon(page=None)] * (k != 3)) for k in (2, 3, 4)]
    (tmp_path / "export.json").write_text(json.dumps(tasks))
    (drawing,) = drawings(tmp_path / "export.json")
    assert (drawing.name, drawing.other) == ("game-1", "game-1")
    assert [(row.frame, len(row.masks)) for row in rows(tmp_path / "export.json")] == [(2, 1), (3, 0), (4, 1)]  # fmt: skip


def test_a_frame_in_two_tasks_is_refused(tmp_path: Path) -> None:
    tasks = [single(k, "game-1/00002.jpg", polygon(page=None)) for k in (8, 9)]
    (tmp_path / "export.json").write_text(json.dumps(tasks))
    with pytest.raises(InputError, match="task 9: frame 2 of game-1 is in two tasks"):
        drawings(tmp_path / "export.json")


def test_a_task_without_names_is_called_by_its_number(tmp_path: Path) -> None:
    (drawing,) = drawings(export(tmp_path, polygon(), data={}))
    assert (drawing.name, list(drawing.shapes)) == ("task-17", [0])


def test_who_is_who_stands_in_the_text_of_a_region(tmp_path: Path) -> None:
    given = [
        polygon(page=k, text=f"track {k % 2 + 5}", label=("cue", "eight")[k % 2]) for k in range(4)
    ]
    (drawing,) = drawings(export(tmp_path, *given, pages=4))
    made = labelled(drawing)
    assert made.labels == {5: "cue", 6: "eight"}
    assert [row.masks[0].track for row in made.frames()] == [5, 6, 5, 6]


def test_regions_without_a_text_are_told_apart_by_class(tmp_path: Path) -> None:
    given = [polygon(text="", page=k, label=label) for k in range(2) for label in ("cue", "eight")]
    (drawing,) = drawings(export(tmp_path, *given, pages=2))
    assert labelled(drawing).labels == {1: "cue", 2: "eight"}


def test_two_of_a_class_without_a_text_are_refused(tmp_path: Path) -> None:
    (drawing,) = drawings(export(tmp_path, polygon(text=""), polygon(text="")))
    with pytest.raises(InputError, match="2 shapes of class 'cue'"):
        labelled(drawing)


def test_boxes_on_video_are_no_masks(tmp_path: Path) -> None:
    box = {"id": "b", "type": "videorectangle", "value": {"sequence": [], "labels": ["cue"]}}
    with pytest.raises(InputError, match="task game-1: boxes alone are no masks"):
        drawings(export(tmp_path, box))


def test_what_is_no_mask_beside_masks_is_passed_over(tmp_path: Path) -> None:
    choice = {"type": "choices", "value": {"choices": ["good"]}}
    assert len(rows(export(tmp_path, choice, polygon()))[0].masks) == 1


def test_the_newest_annotation_counts_and_cancelled_ones_do_not(tmp_path: Path) -> None:
    made = [
        {"id": 1, "updated_at": "2026-03-01", "result": [polygon(text="track 1")]},
        {"id": 2, "updated_at": "2026-03-03", "result": [polygon(text="track 2")]},
        {"id": 3, "updated_at": "2026-03-04", "was_cancelled": True, "result": []},
    ]
    assert rows(export(tmp_path, annotations=made))[0].masks[0].track == 2


def test_tasks_that_nobody_annotated_are_passed_over_unless_all_are(tmp_path: Path) -> None:
    path = export(tmp_path, polygon())
    tasks = json.loads(path.read_text())
    path.write_text(json.dumps([{"id": 1, "data": {}, "annotations": []}, *tasks]))
    assert len(drawings(path)) == 1
    path.write_text(json.dumps([{"id": 1, "data": {}, "annotations": []}]))
    with pytest.raises(InputError, match="none of 1 tasks is annotated"):
        drawings(path)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ([], "nothing is drawn"),
        ([polygon(), polygon(original_width=40)], "pictures of sizes"),
        ([polygon(original_width=None)], "picture of None x 12"),
        ([polygon(image_rotation=90)], "turned by 90 degrees"),
        ([polygon(page=4)], "page 4 of 1"),
        (
            [polygon() | {"value": {"polygonlabels": ["a", "b"]}}],
            r"classes \['a', 'b'\], expected one",
        ),
        ([polygon() | {"value": None}], "without a value"),
    ],
)
def test_a_damaged_task_is_refused_by_its_name(tmp_path: Path, given, told: str) -> None:
    with pytest.raises(InputError, match=f"task game-1.*{told}"):
        drawings(export(tmp_path, *given))


@pytest.mark.parametrize(
    "value", [{"points": [[1, 2], [3]]}, {"points": [[1, 2], [3, "a"], [4, 5]]}, {}]
)
def test_a_damaged_polygon_is_named_with_its_frame(tmp_path: Path, value) -> None:
    (drawing,) = drawings(export(tmp_path, region("polygonlabels", value)))
    with pytest.raises(InputError, match=r"frame 0: 1: .*(points|polygon)"):
        list(labelled(drawing).frames())


@pytest.mark.parametrize("content", ["", "{}", "[1]", '{"tasks": []}'])
def test_what_is_no_export_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "export.json"
    path.write_text(content)
    with pytest.raises(InputError, match=r"not readable as JSON|expected a list of tasks"):
        drawings(path)
