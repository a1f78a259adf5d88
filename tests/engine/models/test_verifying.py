"""Verifying says what is wrong with weights, whatever it is, and raises nothing."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from engine.models.catalogue import CATALOGUE, OFFICIAL, Kind, locate
from engine.models.verifying import trained, verify
from engine.models.yolo import ultralytics_tasks


@pytest.mark.parametrize("name", [n for n, e in CATALOGUE.items() if e.bundled])
def test_bundled_weights_are_good_and_say_how_they_were_trained(name: str) -> None:
    found = verify(name)
    assert found.good, found.problem
    assert found.sha256 == found.expected != ""
    assert found.kind is CATALOGUE[name].kind
    assert 1_000_000 < found.parameters < 10_000_000
    assert "engine.training" in found.about


def test_a_file_of_ones_own_is_good_without_a_checksum(saved: Path) -> None:
    found = verify(str(saved))
    assert (found.good, found.model, found.kind) == (True, "nano", Kind.SEGMENTER)
    assert found.sha256 == hashlib.sha256(saved.read_bytes()).hexdigest()
    assert not found.expected


def test_a_checksum_noted_beside_a_file_is_compared(saved: Path) -> None:
    digest = hashlib.sha256(saved.read_bytes()).hexdigest()
    saved.with_name(saved.name + ".sha256").write_text(f"{digest}  {saved.name}\n")
    assert verify(str(saved)).good
    saved.write_bytes(saved.read_bytes()[:-1] + b"\x01")
    assert "checksum" in verify(str(saved)).problem


def test_a_detectors_file_is_seen_to_be_one() -> None:
    found = verify(str(locate(CATALOGUE["ball_yolo_nano"])))
    assert (found.good, found.kind) == (True, Kind.DETECTOR)
    assert found.model.startswith("yolo11n, ")


def test_a_segmenter_is_refused_as_a_detector_and_the_other_way_round(saved: Path) -> None:
    assert not verify(str(saved), kind=Kind.DETECTOR).good
    detector = str(locate(CATALOGUE["ball_yolo_nano"]))
    assert "YOLO detector" in verify(detector, kind=Kind.SEGMENTER).problem


def test_a_detector_that_ultralytics_saved_is_good_if_it_is_meant_as_one(tmp_path: Path) -> None:
    theirs = ultralytics_tasks().DetectionModel("yolo11n.yaml", nc=1, verbose=False)
    theirs.names = {0: "ball"}
    torch.save({"model": theirs}, tmp_path / "best.pt")
    found = verify(str(tmp_path / "best.pt"), kind=Kind.DETECTOR)
    assert (found.good, found.model) == (True, "yolo11n.yaml, ball")
    assert "--detector" in verify(str(tmp_path / "best.pt")).problem


def test_a_pickle_is_never_opened_for_either(trap: tuple[Path, Path]) -> None:
    evil, sprung = trap
    assert "run code when opened" in verify(str(evil), kind=Kind.DETECTOR).problem
    assert "nothing was executed" in verify(str(evil), kind=Kind.SEGMENTER).problem
    assert "nothing was executed" in verify(str(evil)).problem
    assert not sprung.exists()


@pytest.mark.parametrize("kind", [None, *Kind])
@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda p: p.unlink(), "no such checkpoint"),
        (lambda p: p.write_bytes(b""), "is empty"),
        (lambda p: (p.unlink(), p.mkdir()), "is a folder"),
    ],
)
def test_what_cannot_be_read_is_called_by_its_name(
    damage: Any, said: str, kind: Kind | None, saved: Path
) -> None:
    damage(saved)
    assert said in verify(str(saved), kind=kind).problem


def test_what_is_not_fetched_points_at_the_command(tmp_path: Path) -> None:
    name = "sam2.1_hiera_tiny"
    assert f"engine models pull {name}" in verify(name, cache=tmp_path).problem
    (tmp_path / f"{name}.pt.partial").write_bytes(b"a")
    assert "a part of it is there" in verify(name, cache=tmp_path).problem


def test_a_fetched_file_with_other_content_is_damaged(tmp_path: Path) -> None:
    name = "sam2.1_hiera_tiny"
    (tmp_path / f"{name}.pt").write_bytes(b"abc")
    found = verify(name, cache=tmp_path)
    assert f"expected {OFFICIAL[name].sha256}" in found.problem
    assert f"engine models pull {name}" in found.problem


def test_a_header_tells_the_training_whoever_wrote_it(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    save_file(
        {"w": torch.zeros(1)},
        path,
        metadata={"command": json.dumps("train it"), "history": '"well"'},
    )
    assert trained(path) == "train it; well"
    save_file({"w": torch.zeros(1)}, path, metadata={"steps": "12", "minutes": "3"})
    assert trained(path) == "12 steps in 3 minutes"
    save_file({"w": torch.zeros(1)}, path)
    assert trained(path) == ""
