"""A segmenter is opened by name or path; damage and confusion are told apart."""

from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from engine.errors import WeightsError
from engine.models import checkpoints
from engine.models.checkpoints import NANO, OFFICIAL, Official, build_official, load_segmenter
from engine.models.nano import build_nano

BUNDLED = Path(checkpoints.__file__).parents[1] / "assets" / NANO


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    torch.manual_seed(5)
    weights = {
        key: v.half() if v.is_floating_point() else v
        for key, v in build_nano().state_dict().items()
    }
    save_file(weights, tmp_path / "mine.safetensors", metadata={"context": "3.5"})
    return tmp_path / "mine.safetensors"


def test_a_nano_of_half_precision_loads_in_float32_and_ready_for_use(saved: Path) -> None:
    loaded = load_segmenter(str(saved))
    assert not loaded.network.training
    assert {p.dtype for p in loaded.network.parameters()} == {torch.float32}
    assert loaded.about["context"] == "3.5"


def test_loading_twice_gives_the_same_network(saved: Path) -> None:
    first, second = (load_segmenter(str(saved)).network.state_dict() for _ in range(2))
    assert all(torch.equal(first[key], second[key]) for key in first)


def test_a_missing_file_is_named() -> None:
    with pytest.raises(WeightsError, match=r"nowhere\.safetensors: no such checkpoint"):
        load_segmenter("nowhere.safetensors")


def test_a_truncated_file_is_refused(saved: Path) -> None:
    saved.write_bytes(saved.read_bytes()[:5000])
    with pytest.raises(WeightsError, match="not readable as safetensors"):
        load_segmenter(str(saved))


def test_weights_of_another_model_are_refused(tmp_path: Path) -> None:
    save_file({"layer.weight": torch.zeros(2, 2)}, tmp_path / "other.safetensors")
    with pytest.raises(WeightsError, match="another model"):
        load_segmenter(str(tmp_path / "other.safetensors"))


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(WeightsError, match=r"nano, sam2\.1_hiera_tiny"):
        load_segmenter("sam3")
    with pytest.raises(WeightsError, match=r"sam2\.1_hiera_large"):
        build_official("sam3")


def test_a_pickle_that_would_run_code_is_refused_unread(tmp_path: Path) -> None:
    torch.save({"model": _Trap(tmp_path / "sprung")}, tmp_path / "sam2.1_hiera_tiny.pt")
    with pytest.raises(WeightsError, match="not readable as a SAM 2 checkpoint"):
        load_segmenter(str(tmp_path / "sam2.1_hiera_tiny.pt"))
    assert not (tmp_path / "sprung").exists()


def test_every_official_name_has_a_configuration_that_the_package_holds() -> None:
    import sam2  # noqa: PLC0415 - heavy

    for official in OFFICIAL.values():
        assert (Path(sam2.__file__).parent / official.config).is_file()
        assert official.url.startswith("https://")


@pytest.mark.slow
def test_an_official_model_is_fetched_once_and_loaded(
    shelf: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "sam2.1_hiera_tiny"
    torch.manual_seed(7)
    network = build_official(name)
    torch.save({"model": network.state_dict()}, tmp_path / "made.pt")
    shelf.files[f"/{name}.pt"] = (tmp_path / "made.pt").read_bytes()
    local = Official(OFFICIAL[name].config, f"{shelf.url}/{name}.pt")
    monkeypatch.setattr(checkpoints, "OFFICIAL", {**OFFICIAL, name: local})
    for _ in range(2):
        loaded = load_segmenter(name, cache=tmp_path / "cache")
    assert len(shelf.ranges) == 1
    torch.testing.assert_close(loaded.network.no_mem_embed, network.no_mem_embed)


@pytest.mark.slow
def test_the_cache_folder_is_the_one_of_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENGINE_CACHE", str(tmp_path))
    torch.save(
        {"model": build_official("sam2.1_hiera_tiny").state_dict()},
        tmp_path / "sam2.1_hiera_tiny.pt",
    )
    assert load_segmenter("sam2.1_hiera_tiny").network.image_size == 1024


@pytest.mark.skipif(not BUNDLED.is_file(), reason="the bundled weights are not trained yet")
def test_the_bundled_nano_loads_and_is_small_and_says_how_it_was_trained() -> None:
    about = load_segmenter("nano").about
    assert BUNDLED.stat().st_size < 14_000_000
    assert {"context", "steps", "seed", "trained_by", "version"} <= set(about)


class _Trap:
    """Creates a file when a careless reader unpickles it."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.target,)
