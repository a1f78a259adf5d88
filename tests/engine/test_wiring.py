"""What is put together says which weights it uses, not only what they are called."""

import hashlib
from pathlib import Path

import pytest

from engine.config import read_settings
from engine.errors import WeightsError
from engine.models.catalogue import CATALOGUE, expected_sha256, locate
from engine.wiring import gallery, models, workbench


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ENGINE_MODEL", "ENGINE_DETECTOR", "ENGINE_DETECTOR_WEIGHTS", "ENGINE_WORKSPACE"):
        monkeypatch.delenv(name, raising=False)


def test_a_revision_records_names_and_fingerprints_of_the_bundled_weights(tmp_path: Path) -> None:
    recorded = models(read_settings(workspace=tmp_path))
    assert (recorded["segmenter"], recorded["detector"]) == ("nano", "yolo")
    for role, name in (("segmenter", "nano"), ("detector", "ball_yolo_nano")):
        assert recorded[f"{role}_sha256"] == expected_sha256(CATALOGUE[name])[:12]


def test_weights_overwritten_under_one_name_leave_another_record(tmp_path: Path) -> None:
    path = tmp_path / "mine.safetensors"
    recorded = []
    for content in (b"first", b"second"):
        path.write_bytes(content)
        recorded.append(models(read_settings(model=str(path), detector_weights=str(path))))
        digest = hashlib.sha256(content).hexdigest()[:12]
        assert recorded[-1]["segmenter_sha256"] == recorded[-1]["detector_sha256"] == digest
    assert recorded[0] != recorded[1]
    assert recorded[0]["segmenter"] == recorded[1]["segmenter"] == str(path)


def test_a_detector_without_weights_of_its_own_has_no_fingerprint(tmp_path: Path) -> None:
    assert "detector_sha256" not in models(read_settings(workspace=tmp_path, detector="other"))


def test_weights_that_are_gone_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="cannot be read"):
        models(read_settings(model=str(tmp_path / "gone.pt")))


def test_the_bundled_detector_of_the_catalogue_is_the_one_that_the_adapter_opens() -> None:
    from engine.models.yolo import BUNDLED  # noqa: PLC0415 - heavy

    assert locate(CATALOGUE["ball_yolo_nano"]) == BUNDLED


def test_stills_of_clips_lie_in_the_workspace_and_no_network_is_loaded_to_say_what_is_alike(
    tmp_path: Path,
) -> None:
    with workbench(read_settings(workspace=tmp_path), create=True) as bench:
        assert gallery(bench).alike() == {}
        assert gallery(bench).compare().pairs == {}
    assert not (tmp_path / "likeness").exists()
