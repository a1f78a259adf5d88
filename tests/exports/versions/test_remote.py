"""Versions in object stores: whole or not named, sent once, checked, in memory, on disk and over HTTP as S3."""

import hashlib
import json
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import fsspec
import pytest

from engine.errors import ExportError, InputError
from exports.difference import difference
from exports.manifest import MANIFEST
from exports.placing import alone
from exports.remote.fetching import download
from exports.remote.manifest import LATEST
from exports.remote.place import Place, place_of
from exports.remote.sending import check, upload

Make = Callable[..., Path]


def content(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of every file below a folder."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def files_of(folder: Path) -> int:
    return len(content(folder)) - 1  # without the manifest


def version_of(folder: Path) -> str:
    version: str = json.loads((folder / MANIFEST).read_text())["version"]
    return version


def stored(url: str, name: str) -> bytes:
    found = place_of(url).read(name)
    assert found is not None
    return found


def test_what_was_uploaded_comes_back_byte_for_byte(
    make_dataset: Make, address: str, tmp_path: Path
):
    folder = make_dataset("one", {"game-1": {}, "game-2": {}})
    before = content(folder)
    sent = upload(folder, address)
    assert sent.sent == sent.files == files_of(folder)
    assert sent.url == f"{address}/{version_of(folder)[:16]}"
    got = download(address, tmp_path / "back")
    assert (got.version, got.fetched) == (version_of(folder), files_of(folder))
    assert content(tmp_path / "back") == before == content(folder)


def test_the_newest_version_is_named_with_what_it_is(make_dataset: Make, address: str):
    folder = make_dataset("one", {"game-1": {}, "game-2": {}})
    upload(folder, address)
    version = version_of(folder)
    said = json.loads(stored(address, LATEST))
    assert said == {"version": version, "path": version[:16], "format": "sav", "clips": 2}


def test_a_second_upload_sends_nothing(make_dataset: Make, address: str):
    folder = make_dataset("one", {"game-1": {}})
    first, second = upload(folder, address), upload(folder, address)
    assert (second.sent, second.copied, second.present) == (0, 0, first.files)
    assert second.sent_bytes == 0


def test_a_new_version_sends_only_what_changed_and_leaves_the_old_one_whole(
    make_dataset: Make, address: str, tmp_path: Path
):
    old = make_dataset("old", {"game-1": {}, "game-2": {"pictures": b"two", "masks": b"2"}})
    new = make_dataset("new", {"game-1": {}, "game-2": {"pictures": b"two", "masks": b"3"}})
    first = upload(old, address)
    second = upload(new, address)
    assert second.sent == 1  # the masks of game-2; engine.json does not tell them apart
    assert second.copied == files_of(new) - 1
    assert not check(first.url, deep=True).faults
    assert not check(second.url, deep=True).faults
    download(first.url, tmp_path / "old-again")
    assert content(tmp_path / "old-again") == content(old)
    assert json.loads(stored(address, LATEST))["version"] == version_of(new)


def test_a_file_that_only_changed_its_name_is_copied_in_the_store(make_dataset: Make, address: str):
    upload(make_dataset("old", {"game-1": {"pictures": b"p" * 99, "masks": b"m"}}), address)
    new = make_dataset("new", {"game-9": {"pictures": b"p" * 99, "masks": b"m"}})
    assert upload(new, address).copied >= 2


def test_files_that_the_store_has_lost_are_sent_again(make_dataset: Make, address: str):
    old, new = make_dataset("old", {"game-1": {}}), make_dataset("new", {"game-1": {}, "b": {}})
    first = upload(old, address)
    drop(first.url, "game-1_manual.json")
    assert check(first.url).faults == ("game-1_manual.json: missing",)
    upload(new, address)
    assert not check(address, deep=True).faults
    assert upload(old, address).sent + upload(old, address).copied <= 1
    assert not check(first.url, deep=True).faults


def drop(url: str, name: str) -> None:
    place = place_of(url)
    place.store.rm_file(place.path(name))


def test_a_damaged_pointer_to_the_latest_is_mended_by_the_next_upload(
    make_dataset: Make, address: str
):
    folder = make_dataset("one", {"game-1": {}})
    place_of(address).replace(LATEST, b"{")
    with pytest.raises(InputError, match="damaged"):
        check(address)
    upload(folder, address)
    assert check(address).version == version_of(folder)


def test_a_pointer_that_leads_out_of_the_address_is_not_followed(make_dataset: Make, address: str):
    upload(make_dataset("one", {"game-1": {}}), address)
    place_of(address).replace(LATEST, b'{"path": "../elsewhere"}')
    with pytest.raises(InputError, match="no folder below it"):
        check(address)


def test_check_finds_what_is_missing_cut_short_stray_and_changed(make_dataset: Make, address: str):
    url = upload(make_dataset("one", {"a": {}, "b": {}, "c": {}}), address).url
    place = place_of(url)
    drop(url, "a_manual.json")
    place.replace("b_manual.json", b"{")
    place.replace("c_manual.json", b"[]")
    place.replace("notes.txt", b"mine")
    sizes = check(url).faults
    assert set(sizes) == {
        "a_manual.json: missing",
        "b_manual.json: 1 bytes, manifest.json says 2",
        "notes.txt: a stray file, not in manifest.json",
    }
    deep = check(url, deep=True).faults
    assert set(deep) - set(sizes) == {"c_manual.json: its SHA-256 is not that of manifest.json"}


def test_progress_counts_all_bytes_once(make_dataset: Make, address: str):
    seen: list[tuple[int, int]] = []
    folder = make_dataset("one", {"a": {}, "b": {}})
    upload(folder, address, progress=lambda _, done, total: seen.append((done, total)))
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    total = size - (folder / MANIFEST).stat().st_size
    assert seen[0] == (0, total)
    assert seen[-1] == (total, total)
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)


def test_a_dataset_that_was_changed_by_hand_is_not_sent(make_dataset: Make, address: str):
    folder = make_dataset("one", {"game-1": {}})
    (folder / "game-1_manual.json").write_bytes(b"[]")
    with pytest.raises(ExportError, match=r"game-1_manual\.json: is not what manifest\.json says"):
        upload(folder, address)
    assert place_of(address).read(LATEST) is None


def test_a_folder_without_a_manifest_is_not_sent(tmp_path: Path, address: str):
    with pytest.raises(InputError, match=r"manifest\.json: not readable"):
        upload(tmp_path, address)


def test_nothing_lies_where_nothing_was_sent(address: str, tmp_path: Path):
    for read in (check, lambda url: download(url, tmp_path / "x")):
        with pytest.raises(InputError, match="no dataset lies there"):
            read(address)
    assert not (tmp_path / "x").exists()


def test_two_datasets_in_stores_can_be_compared(make_dataset: Make, address: str):
    upload(make_dataset("old", {"game-1": {}}), f"{address}/a")
    upload(make_dataset("new", {"game-1": {}, "game-2": {}}), f"{address}/b")
    assert difference(f"{address}/a", f"{address}/b").clips.added == ("game-2",)


def test_a_dataset_cannot_be_sent_into_itself(make_dataset: Make):
    folder = make_dataset("one", {"game-1": {}})
    for inside in (folder, folder / "sets"):
        with pytest.raises(InputError, match="itself"):
            upload(folder, f"file://{inside}")
    assert check(str(folder)).faults == ()


def test_a_folder_on_another_disk_needs_no_scheme(make_dataset: Make, tmp_path: Path):
    folder = make_dataset("one", {"game-1": {}})
    url = upload(folder, str(tmp_path / "nas")).url
    assert content(Path(url)) == content(folder)


KILLED = """
import os, signal, sys
from pathlib import Path
from exports.remote.sending import upload

count = 0
def progress(name, done, total):
    global count
    count += bool(name)
    if count == {after}:
        os.kill(os.getpid(), signal.SIGKILL)

upload(Path(sys.argv[1]), sys.argv[2], progress=progress, workers=2)
"""


@pytest.mark.slow
@pytest.mark.parametrize("after", [1, 7, 19])
@pytest.mark.parametrize("kind", ["file", "s3"])
def test_an_upload_that_was_killed_goes_on_and_was_never_named(
    make_dataset: Make,
    request: pytest.FixtureRequest,
    tmp_path: Path,
    after: int,
    kind: str,
):
    bucket = f"file://{tmp_path}/nas" if kind == "file" else request.getfixturevalue("bucket")
    clips = {f"g{k}": {"pictures": b"p%d" % k, "masks": b"m%d" % k} for k in range(10)}
    old, new = make_dataset("old", {"g0": clips["g0"]}), make_dataset("new", clips)
    upload(old, bucket)
    script = textwrap.dedent(KILLED).format(after=after)
    command = [sys.executable, "-c", script, str(new), bucket]
    done = subprocess.run(command, cwd=Path(__file__).parents[3], env=os.environ, check=False)
    assert done.returncode == -signal.SIGKILL
    assert check(bucket, deep=True).version == version_of(old)
    went_on = upload(new, bucket)
    assert went_on.present >= after
    assert check(bucket, deep=True) == check(went_on.url, deep=True)
    assert not check(bucket, deep=True).faults


def test_half_a_file_of_a_killed_upload_is_sent_again(make_dataset: Make, address: str):
    folder = make_dataset("one", {"game-1": {}})
    version = place_of(address).below(version_of(folder)[:16])
    version.replace("game-1_manual.json", b"{")
    sent = upload(folder, address)
    assert sent.present == 0
    assert not check(address, deep=True).faults


def test_a_reader_never_finds_a_pointer_before_its_version_is_whole(
    make_dataset: Make, address: str
):
    folder = make_dataset("one", {"game-1": {}, "game-2": {}})

    def look(_name: str, _done: int, _total: int) -> None:
        assert place_of(address).read(LATEST) is None
        assert place_of(address).below(version_of(folder)[:16]).read(MANIFEST) is None

    upload(folder, address, progress=look)
    assert not check(address).faults


def test_a_download_goes_on_where_it_was_interrupted(
    make_dataset: Make, address: str, tmp_path: Path
):
    url = upload(
        make_dataset("one", {f"g{k}": {"masks": b"%d" % k} for k in range(9)}), address
    ).url
    kept = stored(url, "g8_manual.json")
    drop(url, "g8_manual.json")
    with pytest.raises(ExportError, match=r"g8_manual\.json: missing"):
        download(url, tmp_path / "back", workers=1)
    assert not (tmp_path / "back").exists()
    place_of(url).replace("g8_manual.json", kept)
    got = download(url, tmp_path / "back")
    assert got.present > 0
    assert got.fetched < 9
    assert sorted(path.name for path in tmp_path.glob(".back*")) == []


def test_a_download_takes_from_the_older_dataset_what_did_not_change(
    make_dataset: Make, address: str, tmp_path: Path
):
    old = make_dataset("old", {"a": {"masks": b"1"}, "b": {"masks": b"2"}})
    new = make_dataset("new", {"a": {"masks": b"1"}, "b": {"masks": b"3"}})
    upload(old, address)
    download(address, tmp_path / "here")
    upload(new, address)
    got = download(address, tmp_path / "here")
    assert got.fetched == 1
    assert content(tmp_path / "here") == content(new)


def test_a_download_does_not_trust_an_older_dataset_that_was_changed_by_hand(
    make_dataset: Make, address: str, tmp_path: Path
):
    folder = make_dataset("one", {"a": {"masks": b"1"}})
    upload(folder, address)
    download(address, tmp_path / "here")
    (tmp_path / "here" / "a_manual.json").write_bytes(b"x")
    assert download(address, tmp_path / "here").fetched == 1
    assert content(tmp_path / "here") == content(folder)


def test_two_downloads_keep_out_of_each_others_way(make_dataset: Make, tmp_path: Path):
    upload(make_dataset("one", {"a": {}}), str(tmp_path / "nas"))
    with alone(tmp_path / ".here.arriving"), pytest.raises(ExportError, match="another export"):
        download(str(tmp_path / "nas"), tmp_path / "here")
    assert download(str(tmp_path / "nas"), tmp_path / "here").fetched > 0


def test_bytes_that_changed_in_the_store_do_not_arrive(
    make_dataset: Make, address: str, tmp_path: Path
):
    url = upload(make_dataset("one", {"a": {}}), address).url
    place_of(url).replace("a_manual.json", b"[]")
    with pytest.raises(ExportError, match=r"a_manual\.json: is not what manifest\.json says"):
        download(url, tmp_path / "here")
    assert not (tmp_path / "here").exists()


def test_a_folder_of_somebody_else_is_never_replaced(
    make_dataset: Make, address: str, tmp_path: Path
):
    upload(make_dataset("one", {"a": {}}), address)
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(ExportError, match="no dataset of ours"):
        download(address, tmp_path)
    assert (tmp_path / "thesis.txt").read_text() == "mine"


def test_names_below_an_address_are_those_of_its_files_alone():
    store = fsspec.filesystem("memory")
    store.pipe_file("/sizes/sets/a.txt", b"12")
    store.pipe_file("/sizes/sets/deep/b.txt", b"345")
    store.pipe_file("/sizes/sets-2/c.txt", b"6")
    assert Place("memory://sizes/sets", store, "/sizes/sets").sizes() == {
        "a.txt": 2,
        "deep/b.txt": 3,
    }
