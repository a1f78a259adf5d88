"""Names lead to files, files to checksums, and what is damaged is called so."""

import hashlib
import re
from dataclasses import replace
from pathlib import Path

import pytest

from engine.errors import WeightsError
from engine.models import catalogue
from engine.models.catalogue import (
    ASSETS,
    CATALOGUE,
    OFFICIAL,
    Kind,
    State,
    cache_folder,
    entry,
    expected_sha256,
    fingerprint,
    locate,
    noted_sha256,
    sha256_of,
    state,
    weights_path,
)

TINY = OFFICIAL["sam2.1_hiera_tiny"]


@pytest.mark.parametrize("name", [n for n, e in CATALOGUE.items() if e.bundled])
def test_bundled_weights_are_those_whose_checksum_is_noted(name: str) -> None:
    """Fails where new weights were bundled without `sha256sum *.safetensors > SHA256SUMS` in engine/assets."""
    found = CATALOGUE[name]
    assert sha256_of(locate(found)) == expected_sha256(found)
    assert state(found) is State.BUNDLED


def test_all_bundled_weights_together_are_at_most_32_megabytes() -> None:
    assert sum(path.stat().st_size for path in ASSETS.glob("*.safetensors")) <= 32_000_000


@pytest.mark.parametrize("found", OFFICIAL.values(), ids=list(OFFICIAL))
def test_every_official_model_has_address_size_checksum_and_licence(found: catalogue.Entry) -> None:
    assert found.url == (
        f"https://dl.fbaipublicfiles.com/segment_anything_2/092824/{found.name}.pt"
    )
    assert 150_000_000 < found.size < 900_000_000
    assert re.fullmatch(r"[0-9a-f]{64}", found.sha256)
    assert (found.kind, found.licence) == (Kind.SEGMENTER, "Apache-2.0")


def test_official_models_differ_in_size_and_checksum() -> None:
    assert len({(e.size, e.sha256, e.config) for e in OFFICIAL.values()}) == len(OFFICIAL) == 4


def test_the_documentation_states_every_size_and_checksum() -> None:
    page = (Path(__file__).parents[3] / "docs" / "models.md").read_text()
    for found in OFFICIAL.values():
        assert found.sha256 in page
        assert f"{found.size:,}" in page


def test_an_unknown_name_lists_the_known_ones_and_the_nearest() -> None:
    with pytest.raises(WeightsError, match=r"known are nano.*did you mean 'sam2.1_hiera_large'"):
        entry("sam2_hiera_large")


def test_the_cache_is_where_the_environment_says(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ENGINE_CACHE", str(tmp_path))
    assert cache_folder() == tmp_path
    monkeypatch.setenv("ENGINE_CACHE", "")
    assert cache_folder() == Path.home() / ".cache" / "billiards-engine"


def test_a_fetched_file_goes_from_missing_over_partial_to_cached(tmp_path: Path) -> None:
    found = replace(TINY, size=3)
    assert state(found, cache=tmp_path) is State.MISSING
    (tmp_path / f"{TINY.file}.partial").write_bytes(b"a")
    assert state(found, cache=tmp_path) is State.PARTIAL
    (tmp_path / TINY.file).write_bytes(b"abc")
    assert state(found, cache=tmp_path) is State.CACHED


def test_a_fetched_file_of_another_size_is_damaged(tmp_path: Path) -> None:
    (tmp_path / TINY.file).write_bytes(b"abc")
    assert state(TINY, cache=tmp_path) is State.DAMAGED


def test_a_bundled_file_that_changed_is_damaged(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    nano = entry("nano")
    (tmp_path / nano.file).write_bytes(b"abc")
    (tmp_path / "SHA256SUMS").write_text((ASSETS / "SHA256SUMS").read_text())
    monkeypatch.setattr(catalogue, "ASSETS", tmp_path)
    assert state(nano) is State.DAMAGED


@pytest.mark.parametrize("line", ["{}  a.pt", "{} *a.pt", "ff  b.pt\n{}  a.pt\n"])
@pytest.mark.parametrize("beside", ["SHA256SUMS", "a.pt.sha256"])
def test_a_checksum_beside_a_file_is_found_in_the_usual_formats(
    line: str, beside: str, tmp_path: Path
) -> None:
    digest = hashlib.sha256(b"abc").hexdigest()
    (tmp_path / beside).write_text(line.format(digest.upper()))
    assert noted_sha256(tmp_path / "a.pt") == digest


def test_no_checksum_beside_a_file_is_none_known(tmp_path: Path) -> None:
    (tmp_path / "SHA256SUMS").write_text("ff  b.pt\n")
    assert not noted_sha256(tmp_path / "a.pt")


def test_a_fingerprint_is_the_same_by_name_and_by_path_and_changes_with_the_weights(
    tmp_path: Path,
) -> None:
    assert fingerprint("nano") == fingerprint(str(weights_path("nano")))
    assert expected_sha256(entry("nano")).startswith(fingerprint("nano"))
    (tmp_path / "a.pt").write_bytes(b"abc")
    before = fingerprint(str(tmp_path / "a.pt"))
    assert before == hashlib.sha256(b"abc").hexdigest()[:12]
    (tmp_path / "a.pt").write_bytes(b"abd")
    assert fingerprint(str(tmp_path / "a.pt")) != before


def test_a_fingerprint_of_nothing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"none\.pt: cannot be read"):
        fingerprint(str(tmp_path / "none.pt"))
