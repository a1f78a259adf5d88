"""Datasets are sent away, checked there, brought back and compared."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

Run = Callable[..., subprocess.CompletedProcess[str]]


def test_diff_says_what_sets_two_datasets_apart(run: Run, clips: list[str]) -> None:
    run("export", "--format", "sav", "out")
    run("export", "--format", "sav", "more", "--stage", "accepted", "--stage", "pre-annotated")
    assert f"+ {clips[1]}" in run("export", "diff", "out", "more").stdout
    found = json.loads(run("export", "diff", "out", "more", "--json").stdout)
    assert found["clips"]["added"] == [clips[1]]
    assert run("export", "diff", "out", "nowhere").returncode == 2


def test_a_dataset_may_be_sent_away_without_a_place_of_its_own(
    run: Run, clips: list[str], tmp_path: Path
) -> None:
    assert clips
    done = run("export", "--format", "sav", "--to", f"file://{tmp_path / 'store'}")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "workspace/exports/sav/engine.json").is_file()
    latest = json.loads((tmp_path / "store/latest.json").read_text())
    assert (tmp_path / "store" / latest["path"] / "manifest.json").is_file()
    assert done.stdout.splitlines()[-1].startswith("sent to ")
    again = run("export", "--format", "sav", "--to", f"file://{tmp_path / 'store'}", "--json")
    assert json.loads(again.stdout)["uploaded"]["sent"] == 0


def test_what_was_sent_away_can_be_checked_and_brought_back(
    run: Run, clips: list[str], tmp_path: Path
) -> None:
    assert clips
    store = f"file://{tmp_path / 'store'}"
    run("export", "--format", "sav", "out", "--to", store)
    good = run("export", "check", store, "--deep")
    assert good.returncode == 0
    assert "every byte read" in good.stdout
    got = run("export", "fetch", store, "back")
    assert got.returncode == 0, got.stderr
    assert run("export", "diff", "out", "back").stdout.startswith("the same files")
    again = json.loads(run("export", "fetch", store, "back", "--json").stdout)
    assert (again["fetched"], again["present"] > 0) == (0, True)
    next((tmp_path / "store").glob("*/sam2_*.yaml")).unlink()
    broken = run("export", "check", store)
    assert broken.returncode == 1
    assert "missing" in broken.stdout
    assert "sizes compared" not in broken.stdout


def test_an_address_where_nothing_lies_is_told(run: Run, tmp_path: Path) -> None:
    for words in (("check", f"file://{tmp_path}/no"), ("fetch", f"file://{tmp_path}/no", "back")):
        done = run("export", *words)
        assert done.returncode == 2
        assert "no dataset lies there" in done.stderr
