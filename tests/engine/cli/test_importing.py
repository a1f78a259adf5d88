"""`engine import` brings masks from outside, says what became of each clip, and leaves nothing half done when it dies."""

import json
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow

from engine import wiring
from engine.cli.importing import renames, told
from engine.config import Settings
from engine.errors import SettingsError
from engine.stages import Stage
from engine.workflows.importing_values import ImportReport, Outcome

Run = Callable[..., subprocess.CompletedProcess[str]]
WIDE, HIGH, FRAMES = 64, 48, 10


def disc(x: float, y: float):
    rows, columns = np.mgrid[:HIGH, :WIDE]
    return (columns - x) ** 2 + (rows - y) ** 2 < 36


def davis(root: Path, *names: str, labels=("cue", "eight"), frames: int = FRAMES) -> Path:
    """Write clips as DAVIS does: a palette PNG with two balls for each picture."""
    for name in names:
        for kind in ("JPEGImages", "Annotations"):
            (root / kind / "480p" / name).mkdir(parents=True)
        for frame in range(frames):
            picture = np.full((HIGH, WIDE, 3), 20 * (frame % 10) + names.index(name), np.uint8)
            Pillow.fromarray(picture).save(root / f"JPEGImages/480p/{name}/{frame:05d}.jpg")
            numbers = disc(10 + frame % 30, 12) * 1 + disc(40, 30) * 2
            masks = Pillow.fromarray(numbers.astype(np.uint8), mode="P")
            masks.putpalette(bytes(range(256)) * 3)
            masks.save(root / f"Annotations/480p/{name}/{frame:05d}.png")
    said = {name: dict(zip(("1", "2"), labels, strict=True)) for name in names}
    (root / "davis_semantics.json").write_text(json.dumps(said))
    return root


@pytest.fixture
def workspace(run: Run, tmp_path: Path) -> Path:
    assert run("init").returncode == 0
    return tmp_path / "workspace"


def bench(workspace: Path):
    return wiring.workbench(Settings(workspace=workspace))


def test_a_dataset_of_strangers_becomes_clips_to_accept(
    run: Run, workspace: Path, tmp_path: Path
) -> None:
    davis(tmp_path / "theirs", "bear", "wolf")
    answer = run("import", "theirs", "--by", "maria")
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.splitlines() == [
        "imported   bear: new clip, 10 frames differ, revision 1",
        "imported   wolf: new clip, 10 frames differ, revision 2",
        "next: engine accept bear wolf",
    ]
    with bench(workspace) as opened:
        made = opened.revisions.head("wolf")
        assert made.author == "maria"
        assert made.provenance["format"] == "dataset"
        assert made.provenance["source"] == "theirs"
        assert len(made.provenance["annotation_sha256"]) == 64
    assert run("accept", "bear", "wolf").returncode == 0


def test_the_second_time_nothing_differs(run: Run, workspace: Path, tmp_path: Path) -> None:
    davis(tmp_path / "theirs", "bear")
    run("import", "theirs")
    answer = run("import", "theirs")
    assert answer.stdout == "unchanged  bear: nothing differs\n"
    assert answer.returncode == 0
    assert len(list((workspace / "media").iterdir())) == 1


def test_unknown_classes_end_with_status_1_and_the_words_to_type(
    run: Run, workspace: Path, tmp_path: Path
) -> None:
    davis(tmp_path / "theirs", "bear", labels=("cueball", "8"))
    answer = run("import", "theirs")
    assert answer.returncode == 1
    assert "unknown classes: --class '8=...' --class 'cueball=...'" in answer.stdout
    assert "nothing was written" in answer.stdout
    assert not (workspace / "media").exists()
    mapped = run("import", "theirs", "--class", "cueball=cue", "--class", "8=eight")
    assert mapped.returncode == 0


def test_one_bad_clip_stops_the_others_unless_told_to_keep_going(
    run: Run, workspace: Path, tmp_path: Path
) -> None:
    davis(tmp_path / "theirs", "bear", "wolf")
    (tmp_path / "theirs/Annotations/480p/bear/00004.png").write_bytes(b"no picture")
    stopped = run("import", "theirs")
    assert stopped.returncode == 1
    assert "00004.png: not readable as a picture" in stopped.stdout
    assert "refused    wolf: could be imported; others of the same source cannot" in stopped.stdout
    going = run("import", "theirs", "--keep-going", "--json")
    assert going.returncode == 1
    what = {one["source"]: one["what"] for one in json.loads(going.stdout)["outcomes"]}
    assert what == {"bear": "refused", "wolf": "imported"}
    with bench(workspace) as opened:
        assert [status.clip.id for status in opened.catalog.clips()] == ["wolf"]


def test_a_dry_run_tells_the_same_and_writes_nothing(
    run: Run, workspace: Path, tmp_path: Path
) -> None:
    davis(tmp_path / "theirs", "bear")
    answer = run("import", "theirs", "--dry-run")
    assert answer.returncode == 0
    assert "would be   bear: new clip, 10 frames differ" in answer.stdout
    assert "dry run: nothing was written" in answer.stdout
    with bench(workspace) as opened:
        assert opened.catalog.clips() == ()


@pytest.mark.usefixtures("workspace")
def test_a_dataset_of_ours_says_its_format_and_its_counts_of_edits(
    run: Run, tmp_path: Path
) -> None:
    davis(tmp_path / "theirs", "bear")
    run("import", "theirs")
    assert run("accept", "bear").returncode == 0
    exported = run("export", "sav", "--format", "sav")
    assert exported.returncode == 0, exported.stderr
    answer = run("--workspace", "other", "init")
    assert answer.returncode == 0
    assert run("--workspace", "other", "import", "sav").returncode == 0
    with bench(tmp_path / "other") as opened:
        assert opened.revisions.head("bear").provenance["format"] == "sav"
        assert opened.revisions.head("bear").provenance["edited"] == "{}"


CVAT = """<annotations><meta><task><name>shift 3</name><size>10</size>
<original_size><width>64</width><height>48</height></original_size></task></meta>
<track id="1" label="eight">{}</track></annotations>"""
POLYGON = '<polygon frame="{}" keyframe="1" outside="0" points="4,5;12,5;12,13;4,13"/>'


def test_annotations_of_cvat_land_on_the_clip_that_is_named(
    run: Run, workspace: Path, tmp_path: Path
) -> None:
    davis(tmp_path / "theirs", "bear")
    run("import", "theirs")
    said = CVAT.format("".join(POLYGON.format(frame) for frame in range(FRAMES)))
    (tmp_path / "annotations.xml").write_text(said)
    lost = run("import", "annotations.xml")
    assert lost.returncode == 1
    assert "the workspace has no clip of this id" in lost.stdout
    answer = run("import", "annotations.xml", "--clip", "bear")
    assert answer.stdout.startswith("imported   shift 3 as bear: 10 frames differ, revision 2\n")
    with bench(workspace) as opened:
        assert opened.revisions.head("bear").provenance["format"] == "cvat"


@pytest.mark.usefixtures("workspace")
def test_keyframes_of_cvat_are_held_when_asked(run: Run, tmp_path: Path) -> None:
    davis(tmp_path / "theirs", "bear")
    run("import", "theirs")
    (tmp_path / "annotations.xml").write_text(CVAT.format(POLYGON.format(0)))
    refused = run("import", "annotations.xml", "--clip", "bear")
    assert refused.returncode == 2
    assert "--hold-keyframes" in refused.stderr
    held = run("import", "annotations.xml", "--clip", "bear", "--hold-keyframes")
    assert held.returncode == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("nowhere",), "nowhere: there is nothing"),
        (("theirs", "--clip", "bare"), "no clip 'bare'"),
        (("theirs", "--class", "cue"), "expected FOREIGN=OURS"),
        (("theirs", "--class", "cue=pumpkin"), "class 'pumpkin': expected one of cue"),
        (("theirs", "--format", "xml"), "no format 'xml' to import; known: auto, dataset, cvat"),
        (("theirs.zip",), "unpack it first"),
        (("empty",), "no clips; expected rendered ones"),
    ],
)
@pytest.mark.usefixtures("workspace")
def test_what_cannot_be_asked_for_is_told(
    run: Run, tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    davis(tmp_path / "theirs", "bear")
    (tmp_path / "empty").mkdir()
    (tmp_path / "theirs.zip").write_bytes(b"PK")
    answer = run("import", *words)
    assert answer.returncode == 2
    assert said in answer.stderr


def test_a_class_may_hold_an_equals_sign() -> None:
    assert renames(["a=b=cue"]) == {"a=b": "cue"}
    with pytest.raises(SettingsError, match="--class =cue"):
        renames(["=cue"])


def test_notes_and_other_names_are_told() -> None:
    one = Outcome("their bear", "bear", "imported", 4, 3, notes=("track 0 is kept as 1",))
    assert told(ImportReport((one,))).splitlines() == [
        "imported   their bear as bear: 3 frames differ, revision 4",
        "           note: track 0 is kept as 1",
        "next: engine accept bear",
    ]


@pytest.mark.slow
def test_kill_9_leaves_every_clip_as_it_was_or_imported_and_the_next_import_ends_it(
    run: Run, workspace: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    names = [f"clip-{k}" for k in range(12)]
    davis(tmp_path / "theirs", *names, frames=40)
    command = [sys.executable, "-m", "engine.cli", "import", "theirs"]
    states = set()
    for attempt in range(8):
        process = subprocess.Popen(
            command, cwd=tmp_path, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )  # fmt: skip
        _wait_for(process, workspace, 1 + 3 * attempt)
        process.send_signal(signal.SIGKILL)
        process.wait()
        with bench(workspace) as opened:
            for status in opened.catalog.clips():
                states.add((status.stage, status.head is not None))
                assert len(list(Path(status.clip.media).iterdir())) == 40
                if status.head is not None:
                    rows = list(opened.revisions.frames(status.head))
                    assert [len(row.masks) for row in rows] == [2] * 40
    ended = run("import", "theirs")
    assert ended.returncode == 0, ended.stdout
    with bench(workspace) as opened:
        stages = {status.clip.id: status.stage for status in opened.catalog.clips()}
        assert stages == dict.fromkeys(names, Stage.SUBMITTED)
        assert all(len(opened.revisions.history(name)) == 1 for name in names)
    assert {(Stage.INGESTED, False), (Stage.SUBMITTED, True)} <= states


def _wait_for(process: subprocess.Popen[bytes], workspace: Path, rows: int) -> None:
    """Wait until so many clips and revisions are in the database."""
    deadline = time.monotonic() + 60
    with closing(sqlite3.connect(f"file:{workspace / 'engine.db'}?mode=ro", uri=True)) as database:
        while process.poll() is None and time.monotonic() < deadline:
            counts = "SELECT (SELECT COUNT(*) FROM clips) + (SELECT COUNT(*) FROM revisions)"
            if database.execute(counts).fetchone()[0] >= rows:
                return
            time.sleep(0.001)
