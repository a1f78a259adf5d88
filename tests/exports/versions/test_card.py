"""The data card: everything of the manifest that a reader needs, plots, pictures, and lines that run as they stand."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from engine import rle
from engine.errors import InputError
from engine.ports import ExportItem
from engine.types import FrameMasks, TrackMask
from exports.cards import loading as card_loading
from exports.cards.card import Sample, card
from exports.cards.pictures import spread
from exports.cards.tree import tree
from exports.files import Files
from exports.manifest import MANIFEST, WRITER, version_of
from exports.registry import FORMATS, LAYOUTS, exporter

Make = Callable[..., Path]


def carded(folder: Path, samples: tuple[Sample, ...] = (), **change: Any) -> str:
    """Write the card of a dataset and return its text."""
    said = json.loads((folder / MANIFEST).read_text()) | change
    card(Files(folder, folder.parent), said, samples)
    return (folder / "README.md").read_text()


def blocks(text: str, language: str) -> list[str]:
    """Return the code of a language in Markdown."""
    parts = text.split(f"```{language}\n")[1:]
    return [part.split("\n```")[0] for part in parts]


def sample(folder: Path, clip: str, *, size: tuple[int, int] = (540, 960)) -> Sample:
    """Return a grey picture with one ball."""
    path = folder / f"{clip}.jpg"
    Image.new("RGB", size[::-1], (90, 90, 90)).save(path, quality=95)
    rows, columns = np.mgrid[: size[0], : size[1]]
    radius = size[0] // 10
    inside = (columns - size[1] // 2) ** 2 + (rows - size[0] // 2) ** 2 < radius**2
    row = FrameMasks(4, (TrackMask(1, rle.encode(inside)),))
    return Sample(clip, path, row, {1: "cue"})


def test_the_card_says_what_it_is_of(make_dataset: Make):
    text = carded(make_dataset("one", {"game-1": {}, "game-2": {"split": "val"}}))
    assert text.startswith("# Billiards: SA-V\n")
    assert "4 masklets with 100 masks in 2 clips, 2 seconds of video" in text
    assert "| format | SA-V (`sav`, layout `dense`) |" in text
    assert "| settings | `min_area` 20 |" in text
    assert "| masks | 100 | 50 | 50 |" in text
    assert "| masks of cue | 60 | 30 | 30 |" in text


def test_sources_are_listed_by_recording_split_and_camera(make_dataset: Make):
    text = carded(make_dataset("one", {"a": {}, "b": {}, "c": {"split": "val", "camera": ""}}))
    assert "| `f00df00df00d` | train | north | CC BY 4.0 | 2 | 2 |" in text
    assert "| `f00df00df00d` | val | not stated | CC BY 4.0 | 1 | 1 |" in text


def test_a_licence_that_nobody_stated_is_said_with_the_next_step(make_dataset: Make):
    text = carded(make_dataset("one", {"a": {}, "b": {"licence": ""}}))
    assert "| licence | CC BY 4.0; not stated: set it with `engine ingest --licence` |" in text


def test_the_models_that_drew_are_named(make_dataset: Make):
    text = carded(
        make_dataset("one", {"a": {}, "b": {"provenance": {"segmenter": "sam2.1-large"}}})
    )
    assert "| segmenter | litesam2-nano | 1 |" in text
    assert "| segmenter | sam2.1-large | 1 |" in text


def test_notes_are_the_known_limits_and_a_long_list_is_cut(make_dataset: Make):
    text = carded(make_dataset("one", {f"clip-{k}": {} for k in range(60)}))
    assert "- Masks under 20 pixels count as not visible." in text
    assert "- clip-7: track 4 is a speck" in text
    assert "- 22 more: see `engine.json`." in text
    assert "clip-59: track" not in text


def test_what_was_left_out_stands_before_what_is_only_said_of_a_clip(make_dataset: Make):
    text = carded(make_dataset("one", {"a": {}}))  # "a note" is of no clip
    assert "pixels count as not visible.\n- a note\n- a: track 4 is a speck\n" in text


def test_words_of_people_cannot_break_a_table_or_smuggle_tags(make_dataset: Make):
    text = carded(make_dataset("one", {"a": {"camera": "a|b\n<script>", "licence": "x\n\n# y"}}))
    assert "a\\|b &lt;script>" in text
    assert "<script>" not in text
    assert "\n# y" not in text


def test_the_fingerprint_names_the_data_and_does_not_move_with_the_card(make_dataset: Make):
    folder = make_dataset("one", {"a": {}})
    said = json.loads((folder / MANIFEST).read_text())
    rest = {name: fact for name, fact in said["files"].items() if name != "README.md"}
    first = carded(folder)
    assert version_of(said["clips"], rest)[:16] in first
    more = said["files"] | {"README.md": ["0" * 64, 1], "card/areas.svg": ["1" * 64, 1]}
    assert carded(folder, files=more).split("## Files")[0] == first.split("## Files")[0]


def test_the_same_manifest_gives_the_same_bytes(make_dataset: Make, tmp_path: Path):
    folder = make_dataset("one", {"a": {}, "b": {}})
    samples = (sample(tmp_path, "a"),)
    carded(folder, samples)
    first = {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
    carded(folder, samples)
    assert {path: path.read_bytes() for path in sorted(first)} == first


def test_every_picture_on_the_card_is_written_and_remembered(make_dataset: Make, tmp_path: Path):
    folder = make_dataset("one", {"a": {}})
    files = Files(folder, folder.parent)
    card(files, json.loads((folder / MANIFEST).read_text()), [sample(tmp_path, "a")])
    text = (folder / "README.md").read_text()
    shown = {part.split('"')[0] for part in text.split('src="')[1:]}
    plots = {f"card/{name}.svg" for name in ("areas", "balls", "classes", "seconds")}
    assert shown == {"card/a.jpg", *plots}
    assert files.made.keys() == {"README.md", *shown}
    assert all((folder / name).is_file() for name in shown)


def test_sample_pictures_are_at_most_960_wide(make_dataset: Make, tmp_path: Path):
    folder = make_dataset("one", {"a": {}})
    carded(folder, (sample(tmp_path, "c0", size=(1080, 1920)),))
    with Image.open(folder / "card/c0.jpg") as opened:
        assert opened.size == (960, 540)


def test_at_most_six_clips_are_shown_from_the_first_to_the_last():
    assert spread([f"c{k}" for k in range(11)]) == ["c0", "c2", "c4", "c6", "c8", "c10"]
    assert spread(["a", "b"]) == ["a", "b"]


@pytest.mark.parametrize("size", [(540, 960), (1080, 1920), (270, 480)])
def test_the_mask_is_drawn_over_its_ball_at_any_size(
    make_dataset: Make, tmp_path: Path, size: tuple[int, int]
):
    folder = make_dataset("one", {"a": {}})
    carded(folder, (sample(tmp_path, "a", size=size),))
    with Image.open(folder / "card/a.jpg") as opened:
        pixels = np.asarray(opened.convert("RGB"), int)
    high, wide = pixels.shape[:2]
    coloured = np.ptp(pixels, axis=2) > 60
    rows, columns = np.nonzero(coloured)
    assert abs((rows.min() + rows.max()) / 2 - high / 2) < 3
    assert abs((columns.min() + columns.max()) / 2 - wide / 2) < 3
    assert np.ptp(columns) == pytest.approx(high / 5, abs=4)


def test_masks_of_another_size_than_the_picture_are_scaled_to_it(
    make_dataset: Make, tmp_path: Path
):
    folder, big = make_dataset("one", {"a": {}}), sample(tmp_path, "a", size=(1080, 1920))
    small = sample(tmp_path, "b", size=(480, 853)).picture
    carded(folder, (Sample("a", small, big.row, big.labels),))
    with Image.open(folder / "card/a.jpg") as opened:
        assert opened.size == (853, 480)


def test_a_picture_that_cannot_be_read_is_named(make_dataset: Make, tmp_path: Path):
    broken = sample(tmp_path, "a")
    broken.picture.write_bytes(b"no picture")
    with pytest.raises(InputError, match=r"a\.jpg"):
        carded(make_dataset("one", {"a": {}}), (broken,))


def test_the_tree_counts_files_and_puts_placeholders_for_clips_and_numbers(make_dataset: Make):
    folder = make_dataset("one", {"game": {}, "game_2": {}, "game-10": {}})
    lines = tree(json.loads((folder / MANIFEST).read_text())).splitlines()
    assert lines[:2] == ["JPEGImages/", "  CLIP/"]
    assert lines[2].split() == ["NNNNN.jpg", "3", "x", "48", "B"]
    assert [line.split()[0] for line in lines[3:]] == [
        "CLIP_manual.json",
        "README.md",
        "engine.json",
    ]
    assert lines[3].split()[1:] == ["3", "x", "6", "B"]


def test_names_that_only_look_like_a_clip_or_a_number_stay():
    facts: dict[str, Any] = {"files": {"train.txt": ["", 1], "480p/x-1/001/00000.png": ["", 1]}}
    half: dict[str, Any] = {"files": {}}
    clips = {
        "x": {"pictures": half, "annotation": half},
        "tr": {"pictures": half, "annotation": half},
    }
    drawn = tree({"clips": clips, **facts}).split()
    assert drawn[:3] == ["480p/", "x-1/", "NNN/"]
    assert "train.txt" in drawn


def test_the_check_on_the_card_runs_and_finds_a_changed_byte(make_dataset: Make):
    folder = make_dataset("one", {"a": {}})
    said = json.loads((folder / MANIFEST).read_text())
    said["files"].pop("README.md")
    script = blocks(carded(folder, files=said["files"]), "python")[-1]
    (folder / MANIFEST).write_text(json.dumps(said))
    assert run(script, folder).stdout.strip() == "every file is as it was written"
    (folder / "a_manual.json").write_bytes(b"[]")
    assert "AssertionError: a_manual.json" in run(script, folder).stderr


def run(script: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", script], cwd=folder, capture_output=True, text=True, check=False
    )


def test_configurations_for_trainers_are_told_of_where_they_lie(make_dataset: Make):
    folder = make_dataset("one", {"a": {}})
    said = json.loads((folder / MANIFEST).read_text())["files"]
    assert "sam2_train.yaml" not in carded(folder)
    text = carded(folder, files=said | {"sam2_train.yaml": ["0" * 64, 1]})
    assert "training/train.py -c configs/sam2.1_training/sam2_train.yaml" in text
    text = carded(folder, files=said | {"engine_train.toml": ["0" * 64, 1]})
    assert "engine train detector --config engine_train.toml" in text


def test_a_format_that_nobody_described_still_gets_a_card(make_dataset: Make):
    text = carded(make_dataset("one", {"a": {}}, format_name="new"))
    assert text.startswith("# Billiards: new\n")
    assert "How to load it" not in text


def test_every_format_has_a_title():
    assert FORMATS.keys() <= card_loading.TITLES.keys()


def test_a_dataset_in_which_nothing_is_seen_has_a_card_without_empty_plots(make_dataset: Make):
    nothing = {"masks": 0, "masklets": 0, "labels": {}, "areas": [], "balls": {}}
    folder = make_dataset("one", {"a": {"statistics": nothing}})
    carded(folder)
    assert [path.name for path in (folder / "card").iterdir()] == ["seconds.svg"]


def test_the_writer_is_the_one_of_the_manifest(make_dataset: Make):
    assert f"| written by | {WRITER} 0." in carded(make_dataset("one", {"a": {}}))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("format_name", "layout"),
    [(name, layout) for name, layouts in LAYOUTS.items() for layout in layouts],
)
def test_the_lines_of_python_on_the_card_run_as_they_stand(
    make_item: Callable[..., ExportItem], tmp_path: Path, format_name: str, layout: str
):
    items = [make_item("a", video="f0"), make_item("b", video="f1", split="val")]
    exporter(format_name, layout=layout)(items, tmp_path / "out", progress=lambda *_: None)
    scripts = blocks((tmp_path / "out" / "README.md").read_text(), "python")
    done = [run(script, tmp_path / "out") for script in scripts]
    assert [one.stderr for one in done if one.returncode] == []
    assert len(done) == 2
    assert all(one.stdout for one in done)
