"""Files are told apart by what is in them; nothing in them is executed; every refusal names a next step."""

import os
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.torch import save_file

from engine.errors import WeightsError
from engine.models.weights_file import read_header, read_weights

TENSORS = {"a.weight": torch.arange(6.0).reshape(2, 3), "a.count": torch.tensor(7)}


def same(found: Any) -> bool:
    return found.keys() == TENSORS.keys() and all(torch.equal(found[k], TENSORS[k]) for k in found)


@pytest.mark.parametrize("zipped", [True, False])
@pytest.mark.parametrize(
    "wrap",
    [
        lambda t: t,
        lambda t: {"model": t},
        lambda t: {"model": t, "optimizer": {"lr": 0.1}, "epoch": 3},
        lambda t: {"state_dict": t, "epoch": 3},
        lambda t: {f"module.{k}": v for k, v in t.items()},
    ],
)
def test_a_pytorch_file_is_read_bare_or_nested_or_from_parallel_training(
    wrap: Any, *, zipped: bool, tmp_path: Path
) -> None:
    torch.save(wrap(TENSORS), tmp_path / "a.pt", _use_new_zipfile_serialization=zipped)
    assert same(read_weights(tmp_path / "a.pt").tensors)


def test_safetensors_are_read_with_their_header(tmp_path: Path) -> None:
    save_file(TENSORS, tmp_path / "a.safetensors", metadata={"context": "3.5"})
    found = read_weights(tmp_path / "a.safetensors")
    assert same(found.tensors)
    assert found.header == read_header(tmp_path / "a.safetensors") == {"context": "3.5"}


def test_the_format_is_seen_from_the_content_whatever_the_name(tmp_path: Path) -> None:
    torch.save(TENSORS, tmp_path / "a.safetensors")
    save_file(TENSORS, tmp_path / "a.pt")
    assert same(read_weights(tmp_path / "a.safetensors").tensors)
    assert same(read_weights(tmp_path / "a.pt").tensors)


def test_a_header_of_anything_else_is_empty(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"\xff" * 40)
    assert read_header(tmp_path / "a") == read_header(tmp_path / "none") == {}


def test_code_in_a_pickle_is_refused_and_not_executed(trap: tuple[Path, Path]) -> None:
    evil, sprung = trap
    with pytest.raises(WeightsError, match=r"could run code.*nothing was executed.*state_dict"):
        read_weights(evil)
    assert not sprung.exists()


def test_the_refusal_names_what_the_pickle_asked_for(tmp_path: Path) -> None:
    torch.save({"model": torch.nn.Linear(2, 2)}, tmp_path / "whole.pt")
    with pytest.raises(WeightsError, match=r"torch\.nn\.modules\.linear\.Linear"):
        read_weights(tmp_path / "whole.pt")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"<!DOCTYPE html><html><body>404</body></html>", "web page"),
        (b"\n  <html>blocked by the proxy</html>", "web page"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:00", "git lfs pull"),
        (b"just some words", "begins with b'just some wo'"),
        (b"\x80\x02garbage", "damaged"),
        (b"PK\x03\x04garbage", "truncated or damaged"),
        (b"\x08\x00\x00\x00\x00\x00\x00\x00{notjson", "truncated or damaged"),
    ],
)
def test_what_is_no_checkpoint_is_called_by_its_name(
    content: bytes, said: str, tmp_path: Path
) -> None:
    path = tmp_path / "a.pt"
    path.write_bytes(content)
    with pytest.raises(WeightsError) as refused:
        read_weights(path)
    assert said in str(refused.value)
    assert str(path) in str(refused.value)


@pytest.mark.parametrize("kept", [0.1, 0.5, 0.99])
@pytest.mark.parametrize("name", ["a.pt", "a.safetensors"])
def test_a_truncated_file_says_how_long_it_is(name: str, kept: float, tmp_path: Path) -> None:
    path = tmp_path / name
    large = {"w": torch.zeros(20_000)}
    torch.save(large, path) if name.endswith(".pt") else save_file(large, path)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * kept)])
    with pytest.raises(WeightsError, match=rf"{int(len(whole) * kept):,} bytes.*truncated"):
        read_weights(path)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ([torch.zeros(2)], "holds list"),
        ({"epoch": 3}, "found: epoch"),
        ({}, "found: nothing"),
        ({"model": {"config": "b+"}}, "found: config"),
    ],
)
def test_a_file_without_tensors_by_name_says_what_it_holds(
    content: Any, said: str, tmp_path: Path
) -> None:
    torch.save(content, tmp_path / "a.pt")
    with pytest.raises(WeightsError, match=said):
        read_weights(tmp_path / "a.pt")


def test_a_folder_lists_the_checkpoints_in_it(tmp_path: Path) -> None:
    torch.save(TENSORS, tmp_path / "best.pt")
    with pytest.raises(WeightsError, match=r"is a folder.*best\.pt"):
        read_weights(tmp_path)


def test_a_missing_file_points_at_the_list(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"no such checkpoint.*engine models list"):
        read_weights(tmp_path / "none.pt")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_names_the_permissions(tmp_path: Path) -> None:
    torch.save(TENSORS, tmp_path / "a.pt")
    (tmp_path / "a.pt").chmod(0)
    with pytest.raises(WeightsError, match="permissions"):
        read_weights(tmp_path / "a.pt")


def test_a_name_too_long_for_the_file_system_is_an_error_of_ours(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="cannot be read"):
        read_weights(tmp_path / ("a" * 300))


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(start=st.sampled_from([b"", b"PK\x03\x04", b"\x80\x02", b"\x80\x04"]), rest=st.binary())
def test_no_bytes_whatever_raise_anything_but_our_error(
    start: bytes, rest: bytes, tmp_path: Path
) -> None:
    (tmp_path / "a.pt").write_bytes(start + rest)
    with pytest.raises(WeightsError):
        read_weights(tmp_path / "a.pt")
