"""`engine export`: what is chosen is written and said; what cannot be is refused and writes nothing."""

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine.cli import export, exported, exporting
from engine.cli.exporting import Shape, Written
from engine.config import Settings
from engine.errors import InputError, SettingsError
from engine.ports import ExportReport
from engine.workflows.selection import Selection
from exports.format import options_of
from exports.remote.sending import Uploaded

Run = Callable[..., subprocess.CompletedProcess[str]]


def marker(folder: Path) -> dict[str, dict[str, dict[str, object]]]:
    found: dict[str, dict[str, dict[str, object]]] = json.loads(
        (folder / "engine.json").read_text()
    )
    return found


def test_accepted_clips_are_written_verified_and_named(
    run: Run, clips: list[str], tmp_path: Path
) -> None:
    done = run("export", "--format", "sav", "out")
    assert done.returncode == 0, done.stderr
    first, second = done.stdout.splitlines()[:2]
    assert first == f"sav: 1 clips, 24 frames, verified: {tmp_path / 'out'}"
    assert second.startswith("version ")
    assert list(marker(tmp_path / "out")["clips"]) == [clips[0]]
    assert run("verify", "out").stdout.splitlines()[-1].startswith("good")


def test_what_is_known_of_the_recording_stands_in_the_dataset(
    run: Run, clips: list[str], tmp_path: Path
) -> None:
    run("export", "--format", "sav", "out", "--by", "maria", "--class", "cue")
    facts = marker(tmp_path / "out")["clips"][clips[0]]
    assert (facts["camera"], facts["licence"]) == ("overhead", "CC0")
    said = json.loads((tmp_path / "out/manifest.json").read_text())["settings"]
    assert (said["annotators"], said["labels"], said["min_area"]) == (["maria"], ["cue"], 20)


def test_the_result_is_json_for_scripts(run: Run, clips: list[str]) -> None:
    words = ("export", "--format", "sav", "out", "--clip", f"{clips[0]}:0:12", "--clip", clips[1])
    report = json.loads(run(*words, "--json").stdout)
    assert (report["clips"], report["frames"], report["uploaded"]) == (1, 12, None)
    assert len(report["version"]) == 64
    assert report["notes"][0] == f"left out by stage accepted: {clips[1]} (pre-annotated)"


@pytest.mark.parametrize(
    ("words", "taken"),
    [
        (("--stage", "accepted", "--stage", "pre-annotated"), "01"),
        (("--stage", "pre-annotated"), "1"),
        (("--stage", "pre-annotated", "--stage", "accepted", "--split", "train"), "0"),
        (("--camera", "overhead"), "0"),
        (("--licence", "CC0"), "0"),
        (("--min-quality", "0.8"), "0"),
        (("--since", "2020-01-01", "--until", "2999-01-01"), "0"),
        (("--max-objects", "1"), "0"),
        (("--fps", "15"), "0"),
        (("--no-auto",), "0"),
    ],
)
def test_each_filter_reaches_the_choice(
    words: tuple[str, ...], taken: str, run: Run, clips: list[str], tmp_path: Path
) -> None:
    done = run("export", "--format", "davis", "out", *words)
    assert done.returncode == 0, done.stderr
    assert list(marker(tmp_path / "out")["clips"]) == [clips[int(k)] for k in taken]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--camera", "side"), "camera 'side' keeps 0"),
        (("--min-quality", "0.9"), "quality 0.9"),
        (("--min-quality", "9"), "expected 0 to 1"),
        (("--since", "monday"), "2026-03-31"),
        (("--fps", "fast"), "expected a number"),
        (("--fps", "11"), "30, 15, 10, 7.5"),
        (("--clip", "nobody"), "nobody"),
        (("--frames", "9"), "START:STOP"),
        (("--frames", "24:"), "has 24"),
        (("--layout", "round"), "round"),
        (("--resolution", "9p"), "9p"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(
    words: tuple[str, ...], said: str, run: Run, clips: list[str], tmp_path: Path
) -> None:
    assert clips
    done = run("export", "--format", "davis", "out", *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert not (tmp_path / "out").exists()


def test_an_unknown_format_is_told_before_anything_is_read(run: Run) -> None:
    run("init")
    done = run("export", "--format", "davies", "out")
    assert done.returncode == 2
    assert "did you mean 'davis'" in done.stderr


def test_a_dataset_needs_a_place(run: Run, clips: list[str]) -> None:
    assert clips
    done = run("export", "--format", "sav")
    assert done.returncode == 2
    assert "--to" in done.stderr


def test_the_help_of_the_group_is_that_of_writing(run: Run) -> None:
    text = run("export", "--help").stdout
    assert all(word in text for word in ("--min-quality", "--format", "engine export diff"))
    assert "AFTER" in run("export", "diff", "--help").stdout.upper()


def test_writing_twice_takes_over_what_did_not_change_and_diff_finds_the_same(
    run: Run, clips: list[str]
) -> None:
    assert clips
    run("export", "--format", "sav", "out")
    assert "1 clips taken over unchanged" in run("export", "--format", "sav", "out").stdout
    assert "taken over" not in run("export", "--format", "sav", "out", "--fresh").stdout
    run("export", "--format", "sav", "other")
    same = run("export", "diff", "out", "other")
    assert (same.returncode, same.stdout[:14]) == (0, "the same files")


def test_the_models_masks_come_and_go_as_they_are_asked_for(
    run: Run, clips: list[str], tmp_path: Path
) -> None:
    path = tmp_path / f"out/{clips[0]}_auto.json"
    for words, there in (((), True), (("--no-auto",), False), ((), True)):
        assert run("export", "--format", "sav", "out", *words).returncode == 0
        assert path.exists() == there


def test_ctrl_c_says_that_the_same_command_goes_on(
    run: Run, clips: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert clips

    def pressed(*_: object, **__: object) -> Iterator[None]:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("exports.publish.write_clip", pressed)
        done = run("export", "--format", "sav", "out")
    assert done.returncode == 130
    assert "the same command goes on" in done.stderr
    assert not (tmp_path / "out").exists()
    assert run("export", "--format", "sav", "out").returncode == 0
    assert [path.name for path in tmp_path.glob("*out*")] == ["out"]


def test_an_exporter_is_built_as_the_options_say() -> None:
    made = Shape("davis", layout="unsupervised", resolution="480p", workers=3).exporter(Selection())
    assert options_of(made.format) == {"resolution": "480p"}
    assert (made.format.layout, made.workers, made.settings) == (
        "unsupervised",
        3,
        Selection().as_json(),
    )
    assert Shape("sav").exporter(Selection()).workers == exporting.cores() >= 1
    with pytest.raises(SettingsError, match="round"):
        Shape("davis", layout="round").exporter(Selection())


def test_a_place_is_asked_for_before_the_workspace_is_opened(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="--to"):
        exporting.export(Settings(workspace=tmp_path), Shape("sav"), None, Selection())


def test_an_export_tells_its_version_its_notes_and_where_it_was_sent() -> None:
    report = ExportReport(Path("out"), 2, 24, ("a: track 4 is too small",), "ab" * 32, 1)
    sent = Uploaded("s3://b/x", "ab" * 32, 3, 4, 5, 6789)
    assert exported.written(Written(report, sent), "sav").splitlines() == [
        "sav: 2 clips, 24 frames, verified: out",
        "version abababababababab, 1 clips taken over unchanged",
        "  note: a: track 4 is too small",
        "sent to s3://b/x: 12 files (3 sent, 4 copied there, 5 there before), 6,789 bytes",
    ]


def test_a_word_that_names_no_command_belongs_to_writing() -> None:
    assert {command.name for command in export.app.registered_commands} == {export.WRITE, None}
    assert {"diff", "fetch", "check"} == {
        c.callback.__name__ for c in export.app.registered_commands if c.callback
    } - {"write"}
