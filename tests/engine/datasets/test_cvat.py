"""CVAT's XML becomes masks with identities; boxes, gaps and tricks are refused in words that help."""

from pathlib import Path

import numpy as np
import pytest
from pycocotools import mask as coco

from engine import rle
from engine.datasets.annotations import labelled
from engine.datasets.cvat import drawings
from engine.errors import InputError

WIDE, HIGH = 32, 24
SQUARE = "4.00,5.00;12.00,5.00;12.00,13.00;4.00,13.00"
META = """<meta><task><id>7</id><name>{name}</name><size>{size}</size><mode>interpolation</mode>{more}
<labels><label><name>cue</name></label></labels>
<original_size><width>32</width><height>24</height></original_size>
<source>game-1.mp4</source></task></meta>"""


def video(
    tmp_path: Path, *tracks: str, size: int = 3, more: str = "", name: str = "shift 3"
) -> Path:
    path = tmp_path / "annotations.xml"
    meta = META.format(size=size, more=more, name=name)
    path.write_text(
        f'<?xml version="1.0" encoding="utf-8"?>\n<annotations><version>1.1</version>{meta}{"".join(tracks)}</annotations>'
    )
    return path


def track(number: int, *inside: str, label: str = "cue") -> str:
    return f'<track id="{number}" label="{label}" source="manual">{"".join(inside)}</track>'


def polygon(frame: int, points: str = SQUARE, *, outside: int = 0, key: int = 1) -> str:
    return (
        f'<polygon frame="{frame}" keyframe="{key}" outside="{outside}" occluded="0" '
        f'points="{points}" z_order="0"></polygon>'
    )


def areas(path: Path, **more) -> list[dict[int, int]]:
    (drawing,) = drawings(path, **more)
    return [{m.track: rle.area(m.rle) for m in row.masks} for row in labelled(drawing).frames()]


def test_a_track_becomes_masks_under_its_number(tmp_path: Path) -> None:
    path = video(tmp_path, track(4, *(polygon(f) for f in range(3)), label="eight"))
    (drawing,) = drawings(path)
    made = labelled(drawing)
    assert (made.clip.id, drawing.other, made.clip.media) == ("shift-3", "game-1", "")
    assert (made.clip.width, made.clip.height, made.clip.frames) == (WIDE, HIGH, 3)
    assert (made.labels, made.labelled) == ({4: "eight"}, (0, 1, 2))
    theirs = coco.frPyObjects([[4, 5, 12, 5, 12, 13, 4, 13]], HIGH, WIDE)[0]["counts"]
    assert [row.masks[0].rle.counts for row in made.frames()] == [theirs] * 3


def test_tracks_that_count_from_zero_begin_with_one(tmp_path: Path) -> None:
    every = [polygon(f) for f in range(3)]
    (drawing,) = drawings(video(tmp_path, track(0, *every), track(1, *every, label="solid")))
    assert labelled(drawing).labels == {1: "cue", 2: "solid"}


def test_a_mask_is_runs_by_row_in_its_box(tmp_path: Path) -> None:
    runs = '<mask frame="0" keyframe="1" outside="0" rle="1, 2, 2, 3" left="6" top="4" width="4" height="2"/>'
    path = video(tmp_path, track(1, runs), size=1)
    (drawing,) = drawings(path)
    (row,) = labelled(drawing).frames()
    expected = np.zeros((HIGH, WIDE), bool)
    expected[4:6, 6:10] = [[0, 1, 1, 0], [0, 1, 1, 1]]
    assert (rle.decode(row.masks[0].rle) == expected).all()


def test_an_ellipse_is_drawn(tmp_path: Path) -> None:
    said = (
        '<ellipse frame="0" keyframe="1" outside="0" cx="10" cy="8" rx="4" ry="2" rotation="90"/>'
    )
    (drawing,) = drawings(video(tmp_path, track(1, said), size=1))
    (row,) = labelled(drawing).frames()
    assert rle.bbox(row.masks[0].rle) == (8, 4, 12, 12)


def test_outside_ends_a_balls_visibility_until_it_comes_back(tmp_path: Path) -> None:
    said = [polygon(0), polygon(1, outside=1), polygon(4), polygon(5)]
    assert areas(video(tmp_path, track(1, *said), size=6)) == [
        {1: 64},
        {},
        {},
        {},
        {1: 64},
        {1: 64},
    ]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ([polygon(0), polygon(2)], "frame 0 is drawn and then on 2"),
        ([polygon(0), polygon(1)], "frame 1 is drawn and no later one"),
    ],
)
def test_frames_between_keyframes_are_gaps(tmp_path: Path, said: list[str], told: str) -> None:
    with pytest.raises(InputError, match=told) as caught:
        drawings(video(tmp_path, track(1, *said)))
    if "then" in told:
        assert "--hold-keyframes" in str(caught.value)


def test_keyframes_stand_until_the_next_where_that_is_wanted(tmp_path: Path) -> None:
    small = "4.00,5.00;8.00,5.00;8.00,9.00;4.00,9.00"
    path = video(tmp_path, track(1, polygon(1), polygon(3, small)), size=5)
    assert areas(path, hold=True) == [{}, {1: 64}, {1: 64}, {1: 16}, {1: 16}]


def test_interpolated_frames_that_are_written_are_there(tmp_path: Path) -> None:
    path = video(tmp_path, track(1, polygon(0), polygon(1, key=0), polygon(2)))
    assert areas(path) == [{1: 64}] * 3


def single(number: int, frame: int, *, label: str = "cue", group: int = 0) -> str:
    """Write a shape that is no track as CVAT exports it: a track of one frame, ended on the next."""
    written = track(number, polygon(frame), polygon(frame + 1, outside=1), label=label)
    return written.replace("<track ", f'<track group_id="{group}" ') if group else written


def test_single_shapes_are_told_apart_by_class_and_not_by_their_own_tracks(tmp_path: Path) -> None:
    given = [single(2 * f + (label == "eight"), f, label=label) for f in range(3) for label in ("cue", "eight")]  # fmt: skip
    (drawing,) = drawings(video(tmp_path, *given))
    made = labelled(drawing)
    assert made.labels == {1: "cue", 2: "eight"}
    assert [[m.track for m in row.masks] for row in made.frames()] == [[1, 2]] * 3


def test_single_shapes_of_one_class_need_groups(tmp_path: Path) -> None:
    numbers = [(f, ball) for f in range(3) for ball in (5, 8)]
    alike = [single(k, f, label="solid") for k, (f, _) in enumerate(numbers)]
    (drawing,) = drawings(video(tmp_path, *alike))
    with pytest.raises(InputError, match=r"frame 0: 2 shapes of class 'solid'.*group number"):
        labelled(drawing)
    grouped = [single(k, f, label="solid", group=ball) for k, (f, ball) in enumerate(numbers)]
    (drawing,) = drawings(video(tmp_path, *grouped))
    assert labelled(drawing).labels == {5: "solid", 8: "solid"}


@pytest.mark.parametrize("tag", ["box", "points", "cuboid"])
def test_boxes_are_no_masks(tmp_path: Path, tag: str) -> None:
    said = f'<{tag} frame="0" keyframe="1" outside="0" xtl="1" ytl="1" xbr="5" ybr="5"/>'
    with pytest.raises(InputError, match=rf"track 1: frame 0: a <{tag}> is no mask; draw polygon"):
        drawings(video(tmp_path, track(1, said), size=1))


def test_a_task_of_every_fifth_frame_is_annotated_there_alone(tmp_path: Path) -> None:
    more = "<start_frame>10</start_frame><stop_frame>24</stop_frame><frame_filter>step=5</frame_filter>"
    path = video(tmp_path, track(1, polygon(10), polygon(15), polygon(20)), size=3, more=more)
    (drawing,) = drawings(path)
    assert drawing.frames is None
    assert labelled(drawing).labelled == (10, 15, 20)


@pytest.mark.parametrize("frame", [3, 99])
def test_a_shape_beyond_the_task_is_refused(tmp_path: Path, frame: int) -> None:
    every = [polygon(f) for f in range(3)]
    with pytest.raises(InputError, match=f"frame {frame}: the task has frames 0 to 2"):
        drawings(video(tmp_path, track(1, *every, polygon(frame))))


def test_a_damaged_shape_is_named_with_its_frame(tmp_path: Path) -> None:
    (drawing,) = drawings(video(tmp_path, track(1, polygon(0, "4,5;6")), size=1))
    with pytest.raises(InputError, match=r"expected points \[x, y\]"):
        list(labelled(drawing).frames())


def images(tmp_path: Path, *inside: str) -> Path:
    path = tmp_path / "annotations.xml"
    rows = (
        f'<image id="{k}" name="{k:05d}.jpg" width="32" height="24">{said}</image>'
        for k, said in enumerate(inside)
    )
    meta = "<meta><task><name>game-1</name><size>9</size></task></meta>"
    path.write_text(f"<annotations>{meta}{''.join(rows)}</annotations>")
    return path


def shape(label: str, *, track: str = "", group: str = "") -> str:
    told = f'<attribute name="track_id">{track}</attribute>' if track else ""
    grouped = f' group_id="{group}"' if group else ""
    return f'<polygon label="{label}"{grouped} points="{SQUARE}" z_order="0">{told}</polygon>'


def test_images_tell_their_tracks_by_an_attribute_or_the_group(tmp_path: Path) -> None:
    path = images(
        tmp_path, shape("cue", track="9") + shape("solid", group="4"), "", shape("cue", track="9")
    )
    (drawing,) = drawings(path)
    made = labelled(drawing)
    assert made.labels == {4: "solid", 9: "cue"}
    assert [[m.track for m in row.masks] for row in made.frames()] == [[4, 9], [], [9]]


def test_without_tracks_a_class_is_one_object_where_it_is_there_once(tmp_path: Path) -> None:
    (drawing,) = drawings(images(tmp_path, shape("cue") + shape("eight"), shape("cue")))
    assert labelled(drawing).labels == {1: "cue", 2: "eight"}


def test_without_tracks_two_of_a_class_cannot_be_told_apart(tmp_path: Path) -> None:
    (drawing,) = drawings(images(tmp_path, shape("cue"), shape("solid") + shape("solid")))
    with pytest.raises(
        InputError, match="frame 1: 2 shapes of class 'solid' and nothing that tells"
    ):
        labelled(drawing)


def test_an_object_has_one_class(tmp_path: Path) -> None:
    (drawing,) = drawings(images(tmp_path, shape("cue", track="1"), shape("eight", track="1")))
    with pytest.raises(InputError, match="frame 1: object 1 is 'eight', before it was 'cue'"):
        labelled(drawing)


def test_shapes_of_one_object_on_a_frame_are_one_mask(tmp_path: Path) -> None:
    other = shape("cue", track="1").replace(SQUARE, "20,5;24,5;24,9;20,9")
    (drawing,) = drawings(images(tmp_path, shape("cue", track="1") + other))
    (row,) = labelled(drawing).frames()
    assert rle.area(row.masks[0].rle) == 64 + 16


def test_images_of_two_sizes_are_no_clip(tmp_path: Path) -> None:
    path = images(tmp_path, shape("cue"), "")
    path.write_text(
        path.read_text().replace('width="32" height="24">', 'width="30" height="24">', 1)
    )
    with pytest.raises(InputError, match="images of sizes"):
        drawings(path)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "not readable as XML"),
        ("<annotations><meta>", "not readable as XML"),
        ("<other/>", "begins with <other>, expected <annotations>"),
        ("<annotations><meta><project/></meta></annotations>", "the export of one task"),
        ("<annotations/>", "the export of one task"),
    ],
)
def test_what_is_no_export_of_a_task_is_refused(tmp_path: Path, content: str, told: str) -> None:
    path = tmp_path / "annotations.xml"
    path.write_text(content)
    with pytest.raises(InputError, match=told):
        drawings(path)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize(
    "declared",
    [
        '<!DOCTYPE annotations [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">]>',
        '<!DOCTYPE annotations SYSTEM "file:///etc/passwd">',
        "<!DOCTYPE annotations>",
    ],
)
def test_document_types_and_entities_are_refused(
    tmp_path: Path, declared: str, encoding: str
) -> None:
    path = tmp_path / "annotations.xml"
    said = f'<?xml version="1.0" encoding="{encoding}"?>{declared}<annotations>&b;</annotations>'
    path.write_bytes(said.encode(encoding))
    with pytest.raises(InputError, match="declares a document type or entities"):
        drawings(path)
