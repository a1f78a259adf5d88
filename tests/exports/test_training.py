"""What trainers are told about a dataset: which classes read which folders, and how."""

import tomllib
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import yaml

from engine.ports import ExportItem
from engine.types import FrameMasks
from exports.files import Files
from exports.masks import read_masks
from exports.notes import Notes
from exports.registry import FORMATS, exporter
from exports.training import Source, unsampled, write_engine, write_sam2

MakeItem = Callable[..., ExportItem]
Silent = Callable[[str, int, int], None]
PALETTE = Source("PNGRawDataset", "Pictures", "Masks", (("is_palette", True),))
OBJECTS = Source("PNGRawDataset", "Pictures", "Masks", (("is_palette", False),))


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path / "data", tmp_path / "aside")


def parts(folder: Path) -> list[dict[str, Any]]:
    train = yaml.safe_load((folder / "sam2_train.yaml").read_text())["trainer"]["data"]["train"]
    return list(train["datasets"][0]["dataset"]["datasets"])


def below(path: str) -> str:
    return f"${{oc.env:DATASET_ROOT}}/{path}" if path else "${oc.env:DATASET_ROOT}"


def test_clips_that_are_read_alike_are_one_part_with_the_datasets_own_list(files: Files) -> None:
    write_sam2(files, {"a": {}, "b": {}}, "train.txt", lambda _: PALETTE)
    (part,) = parts(files.root)
    assert part["video_dataset"] == {
        "_target_": "training.dataset.vos_raw_dataset.PNGRawDataset",
        "img_folder": below("Pictures"),
        "gt_folder": below("Masks"),
        "file_list_txt": below("train.txt"),
        "is_palette": True,
    }
    assert sorted(files.made) == ["sam2_train.yaml"]


def test_clips_that_are_read_otherwise_are_parts_with_lists_of_their_own(files: Files) -> None:
    kinds = {"a": {"kind": PALETTE}, "b": {"kind": OBJECTS}, "c": {"kind": PALETTE}}
    write_sam2(files, kinds, "train.txt", lambda facts: facts["kind"])
    first, second = (part["video_dataset"] for part in parts(files.root))
    assert (first["is_palette"], second["is_palette"]) == (True, False)
    assert first["file_list_txt"] == below("training/part1.txt")
    assert (files.root / "training/part1.txt").read_text() == "a\nc\n"
    assert (files.root / "training/part2.txt").read_text() == "b\n"


def test_a_clip_without_a_window_is_not_trained_on(files: Files) -> None:
    write_sam2(files, {"a": {"sampled": False}, "b": {}}, "train.txt", lambda _: PALETTE)
    (part,) = parts(files.root)
    assert part["video_dataset"]["file_list_txt"] == below("training/part1.txt")
    assert (files.root / "training/part1.txt").read_text() == "b\n"


def test_nothing_to_train_on_gives_no_configuration(files: Files) -> None:
    write_sam2(files, {"a": {"sampled": False}}, "train.txt", lambda _: PALETTE)
    assert not files.made


def test_what_the_official_loader_needs_and_does_not_default_to_is_there(files: Files) -> None:
    write_sam2(files, {"a": {}}, "train.txt", lambda _: PALETTE)
    read = yaml.safe_load((files.root / "sam2_train.yaml").read_text())
    assert read["defaults"] == ["sam2.1_hiera_b+_MOSE_finetune", "_self_"]
    train = read["trainer"]["data"]["train"]
    assert train["batch_sizes"] == [1]  # drop_last loses a dataset smaller than a batch
    assert {"phases_per_epoch", "num_workers", "shuffle", "pin_memory", "drop_last"} <= set(train)
    assert train["collate_fn"]["_partial_"] is True
    (part,) = parts(files.root)
    assert (part["multiplier"], part["training"]) == (1, True)
    assert part["sampler"]["num_frames"] == 8
    assert part["sampler"]["reverse_time_prob"] > 0
    steps = part["transforms"][0]["transforms"]
    assert [step["v2"] for step in steps if "v2" in step] == [False] * 3


def test_paths_for_our_own_trainer_are_relative_to_the_file(files: Files) -> None:
    write_engine(files)
    read = tomllib.loads((files.root / "engine_train.toml").read_text())
    assert read["data"] == ["."]
    assert set(read) == {"data", "segmenter", "detector"}


def shown(make_item: MakeItem, frames: int, seen: Callable[[int], bool]) -> str:
    item = make_item(frames=frames)
    mask = next(item.frames()).masks[0]

    def rows() -> Iterator[FrameMasks]:
        return (FrameMasks(k, (mask,) if seen(k) else ()) for k in range(frames))

    masks = read_masks(replace(item, frames=rows), min_area=1, sparse=True, notes=Notes())
    return unsampled(masks)


def test_a_window_has_eight_annotated_frames_and_begins_with_a_visible_ball(
    make_item: MakeItem,
) -> None:
    assert shown(make_item, 8, lambda k: k == 0) == ""
    assert shown(make_item, 9, lambda k: k == 1) == ""
    assert "7 annotated frames" in shown(make_item, 7, lambda _: True)
    assert "no ball on a frame" in shown(make_item, 8, lambda k: k == 1)
    assert "no ball on a frame" in shown(make_item, 20, lambda k: k > 12)


def test_only_the_tracks_that_are_trained_on_count(make_item: MakeItem) -> None:
    masks = read_masks(make_item(), min_area=1, sparse=True, notes=Notes())
    assert unsampled(masks, only={1}) == ""
    assert unsampled(masks, only=()) != ""


READ_BY = {
    "sav": ("JSONRawDataset", {"ann_every": 1, "sample_rate": 1}, "train.txt"),
    "davis": ("PNGRawDataset", {"is_palette": True, "sample_rate": 1}, "ImageSets/2017/train.txt"),
    "mose": ("PNGRawDataset", {"is_palette": True, "sample_rate": 1}, "train.txt"),
    "frames": ("PNGRawDataset", {"is_palette": False, "sample_rate": 1}, "train.txt"),
    "sav-val": ("PNGRawDataset", {"is_palette": False, "sample_rate": 1}, "sav_val.txt"),
}


@pytest.mark.parametrize("name", READ_BY)
def test_every_trainable_format_names_its_reader_and_folders_that_are_there(
    name: str, item: ExportItem, tmp_path: Path, silent: Silent
) -> None:
    folder = exporter(name)([item], tmp_path / name, progress=silent).out
    reader, settings, listed = READ_BY[name]
    (part,) = parts(folder)
    read = part["video_dataset"]
    assert read["_target_"] == f"training.dataset.vos_raw_dataset.{reader}"
    assert settings.items() <= read.items()
    assert read["file_list_txt"] == below(listed)
    for key in ("img_folder", "gt_folder", "file_list_txt"):
        assert Path(read[key].replace("${oc.env:DATASET_ROOT}", str(folder))).exists()
    assert (folder / "engine_train.toml").exists() == (name != "sav-val")


@pytest.mark.parametrize(("name", "key"), [("sav", "ann_every"), ("sav-val", "sample_rate")])
def test_a_step_between_annotated_frames_is_told_to_the_trainer(
    name: str, key: str, make_item: MakeItem, tmp_path: Path, silent: Silent
) -> None:
    items = [
        replace(make_item("a", frames=24), step=3),
        replace(make_item("b", frames=16, rate=Fraction(25), video="cafe"), step=2),
    ]
    folder = exporter(name)(items, tmp_path / name, progress=silent).out
    assert [part["video_dataset"][key] for part in parts(folder)] == [3, 2]
    assert (folder / "training/part2.txt").read_text() == "b\n"


@pytest.mark.parametrize("name", ["sav", "davis", "mose", "frames"])
def test_a_dataset_for_validation_alone_tells_trainers_nothing(
    name: str, make_item: MakeItem, tmp_path: Path, silent: Silent
) -> None:
    folder = exporter(name)([make_item(split="val")], tmp_path / name, progress=silent).out
    assert not (folder / "sam2_train.yaml").exists()
    assert not (folder / "engine_train.toml").exists()


def test_a_clip_of_auto_masklets_alone_is_told_to_nobody(
    make_item: MakeItem, tmp_path: Path, silent: Silent
) -> None:
    item = replace(make_item(), reviewed=False, edited=dict)
    folder = exporter("sav")([item], tmp_path / "sav", progress=silent).out
    assert not (folder / "sam2_train.yaml").exists()


def test_a_short_clip_of_davis_is_noted_and_kept_from_the_trainer(
    make_item: MakeItem, tmp_path: Path, silent: Silent
) -> None:
    items = [make_item("long"), make_item("short", frames=5, video="cafe")]
    report = exporter("davis")(items, tmp_path / "davis", progress=silent)
    assert any(note.startswith("short: 5 annotated frames") for note in report.notes)
    assert (report.out / "training/part1.txt").read_text() == "long\n"


def test_this_table_knows_every_format_that_sam_2_can_train_on() -> None:
    others = {"coco", "youtube-vis", "yolo-seg", "mots"}
    assert set(FORMATS) - others == set(READ_BY)
