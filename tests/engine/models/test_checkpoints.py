"""A segmenter is opened by name or path; damage and confusion are told apart."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from engine.errors import WeightsError
from engine.models import checkpoints
from engine.models.catalogue import ASSETS, CATALOGUE, NANO, OFFICIAL
from engine.models.checkpoints import build_official, load_segmenter, read_segmenter

BUNDLED = ASSETS / NANO
TINY = "sam2.1_hiera_tiny"


@pytest.fixture(scope="session")
def tiny() -> Any:
    torch.manual_seed(7)
    return build_official(TINY)


def test_a_nano_of_half_precision_loads_in_float32_and_ready_for_use(saved: Path) -> None:
    loaded = load_segmenter(str(saved))
    assert not loaded.network.training
    assert {p.dtype for p in loaded.network.parameters()} == {torch.float32}
    assert loaded.about == {"model": "nano", "context": "3.5"}


def test_loading_twice_gives_the_same_network(saved: Path) -> None:
    first, second = (load_segmenter(str(saved)).network.state_dict() for _ in range(2))
    assert all(torch.equal(first[key], second[key]) for key in first)


@pytest.mark.parametrize("wrap", [lambda t: t, lambda t: {"model": t}])
def test_a_nano_saved_by_torch_loads_bare_or_nested_under_any_name(
    wrap: Any, nano_weights: dict[str, torch.Tensor], tmp_path: Path
) -> None:
    torch.save(wrap(nano_weights), tmp_path / "my best.pth")
    assert load_segmenter(str(tmp_path / "my best.pth")).about["model"] == "nano"


def test_a_missing_file_is_named() -> None:
    with pytest.raises(WeightsError, match=r"nowhere\.safetensors: no such checkpoint"):
        load_segmenter("nowhere.safetensors")


def test_a_truncated_file_is_refused(saved: Path) -> None:
    saved.write_bytes(saved.read_bytes()[:5000])
    with pytest.raises(WeightsError, match="not readable as safetensors"):
        load_segmenter(str(saved))


def test_weights_of_an_unknown_model_are_refused_by_the_names_in_them(tmp_path: Path) -> None:
    save_file({"layer.weight": torch.zeros(2, 2)}, tmp_path / "other.safetensors")
    with pytest.raises(WeightsError, match=r"another model.*layer\.weight.*expected.*nano"):
        load_segmenter(str(tmp_path / "other.safetensors"))


def test_a_detectors_weights_are_refused_as_a_segmenters() -> None:
    with pytest.raises(WeightsError, match="YOLO detector"):
        read_segmenter(ASSETS / CATALOGUE["ball_yolo_nano"].file)
    with pytest.raises(WeightsError, match="is a detector, expected a segmenter"):
        load_segmenter("ball_yolo_nano")


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda t: t.pop("no_mem_embed"), r"1 missing \(no_mem_embed\)"),
        (lambda t: t.update({"extra": torch.zeros(1)}), r"not part of this model \(extra\)"),
        (
            lambda t: t.update({"no_mem_embed": torch.zeros(1, 1, 3)}),
            r"no_mem_embed is \[1, 1, 3\], expected \[1, 1, \d+\]",
        ),
        (
            lambda t: t.update({"no_mem_embed": torch.full((1, 1, 3), torch.nan)}),
            r"1 of \d+ tensors hold .*undefined numbers \(no_mem_embed first\).*diverged",
        ),
    ],
)
def test_what_does_not_fit_is_named(
    damage: Any, said: str, nano_weights: dict[str, torch.Tensor], tmp_path: Path
) -> None:
    tensors = dict(nano_weights)
    damage(tensors)
    save_file(tensors, tmp_path / "a.safetensors")
    with pytest.raises(WeightsError, match=said):
        read_segmenter(tmp_path / "a.safetensors")


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(WeightsError, match=r"nano.*sam2\.1_hiera_tiny"):
        load_segmenter("sam3")
    with pytest.raises(WeightsError, match=r"sam2\.1_hiera_large"):
        build_official("sam3")


def test_a_pickle_that_would_run_code_is_refused_unread(trap: tuple[Path, Path]) -> None:
    with pytest.raises(WeightsError, match="could run code"):
        load_segmenter(str(trap[0]))
    assert not trap[1].exists()


def test_every_official_name_has_a_configuration_that_the_package_holds() -> None:
    import sam2  # noqa: PLC0415 - heavy

    for official in OFFICIAL.values():
        assert (Path(sam2.__file__).parent / official.config).is_file()


@pytest.mark.slow
def test_an_official_model_is_fetched_once_checked_and_loaded(
    shelf: Any, tiny: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch.save({"model": tiny.state_dict()}, tmp_path / "made.pt")
    shelf.files[f"/{TINY}.pt"] = content = (tmp_path / "made.pt").read_bytes()
    local = replace(OFFICIAL[TINY], url=f"{shelf.url}/{TINY}.pt", size=len(content), sha256="")
    monkeypatch.setattr(checkpoints, "entry", lambda _name: local)
    for _ in range(2):
        loaded = load_segmenter(TINY, cache=tmp_path / "cache")
    assert len(shelf.ranges) == 1
    torch.testing.assert_close(loaded.network.no_mem_embed, tiny.no_mem_embed)


@pytest.mark.slow
def test_the_cache_folder_is_the_one_of_the_environment(
    tiny: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENGINE_CACHE", str(tmp_path))
    torch.save({"model": tiny.state_dict()}, tmp_path / f"{TINY}.pt")
    assert load_segmenter(TINY).network.image_size == 1024


@pytest.mark.slow
def test_a_path_to_an_official_kind_of_checkpoint_is_recognised_whatever_its_name(
    tiny: Any, tmp_path: Path
) -> None:
    torch.save({"model": tiny.state_dict(), "epoch": 4}, tmp_path / "tuned.pt")
    assert load_segmenter(str(tmp_path / "tuned.pt")).about["model"] == TINY
    save_file(dict(tiny.state_dict()), tmp_path / "tuned.safetensors")
    assert load_segmenter(str(tmp_path / "tuned.safetensors")).about["model"] == TINY


@pytest.mark.slow
def test_another_models_weights_under_an_official_name_are_refused(
    saved: Path, tmp_path: Path
) -> None:
    saved.rename(tmp_path / f"{TINY}.pt")
    with pytest.raises(WeightsError, match=f"weights of nano, expected {TINY}"):
        load_segmenter(TINY, cache=tmp_path)


@pytest.mark.slow
def test_weights_of_sam_2_0_are_called_so(tiny: Any, tmp_path: Path) -> None:
    tensors = dict(tiny.state_dict())
    for name in ("no_obj_embed_spatial", "obj_ptr_tpos_proj.weight", "obj_ptr_tpos_proj.bias"):
        tensors.pop(name)
    torch.save({"model": tensors}, tmp_path / "sam2_hiera_tiny.pt")
    with pytest.raises(WeightsError, match=r"SAM 2\.0 weights, expected SAM 2\.1"):
        load_segmenter(str(tmp_path / "sam2_hiera_tiny.pt"))


@pytest.mark.skipif(not BUNDLED.is_file(), reason="the bundled weights are not trained yet")
def test_the_bundled_nano_loads_and_is_small_and_says_how_it_was_trained() -> None:
    about = load_segmenter("nano").about
    assert BUNDLED.stat().st_size < 14_000_000
    assert {"context", "steps", "seed", "trained_by", "version"} <= set(about)
