"""`engine evaluate` as a person runs it: a process, a dataset on disk, a report."""

import json
import shutil
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest

from engine import rle
from engine.fakes.scene import Disc, Scene, rests, rolls
from engine.media import VideoWriter
from engine.types import FrameMasks


def write(folder: Path, name: str, scene: Scene, *, keep: Callable[[FrameMasks], bool]) -> None:
    """Write a clip as rendered ones are: NAME.mp4 beside NAME.json, without masks on frames not kept."""
    folder.mkdir(exist_ok=True)
    with VideoWriter(
        folder / f"{name}.mp4", width=scene.width, height=scene.height, rate=Fraction(30)
    ) as writer:
        for frame in range(scene.frames):
            writer.write(scene.paint(scene.clip, frame))
    rows = [scene.truth(frame) for frame in range(scene.frames)]
    said = {
        "id": name,
        "width": scene.width,
        "height": scene.height,
        "rate": [30, 1],
        "frames": scene.frames,
        "objects": [
            {"track": n, "label": disc.label, "number": n} for n, disc in enumerate(scene.discs, 1)
        ],
        "masks": [
            [{"track": mask.track, **rle.to_coco(mask.rle)} for mask in row.masks if keep(row)]
            for row in rows
        ],
    }
    (folder / f"{name}.json").write_text(json.dumps(said))


@pytest.fixture
def truth(tmp_path: Path) -> Path:
    for name, x in (("first", 20), ("second", 30)):
        discs = [
            Disc((230, 230, 220), "cue", rolls(x, 40, dx=3), radius=7),
            Disc((200, 30, 30), "solid", rests(120, 60), radius=7),
        ]
        write(tmp_path / "truth", name, Scene(discs, frames=10), keep=lambda _: True)
    return tmp_path / "truth"


@pytest.fixture
def found(truth: Path, tmp_path: Path) -> Path:
    """Return predictions that are exact in one clip and lost from frame 5 on in the other."""
    shutil.copytree(truth, tmp_path / "found")
    path = tmp_path / "found" / "second.json"
    said = json.loads(path.read_text())
    said["masks"][5:] = [[] for _ in range(5)]
    path.write_text(json.dumps(said))
    return tmp_path / "found"


@pytest.mark.slow
def test_predictions_are_judged_against_truth_and_reported_as_a_table(run, truth, found) -> None:
    done = run("evaluate", str(found), "--truth", str(truth))
    assert done.returncode == 0, done.stderr
    lines = [line.split() for line in done.stdout.splitlines()]
    assert lines[0][:3] == ["clip", "balls", "J"]
    assert [line[:3] for line in lines[1:]] == [
        ["second", "2", "0.500"],
        ["first", "2", "1.000"],
        ["all", "4", "0.750"],
    ]


@pytest.mark.slow
def test_a_report_is_written_and_json_goes_to_the_output_stream(
    run, truth, found, tmp_path
) -> None:
    done = run("evaluate", str(found), "--truth", str(truth), "--out", "report", "--json")
    said = json.loads(done.stdout)
    assert said["total"]["j"]["mean"] == 0.75
    assert json.loads((tmp_path / "report/report.json").read_text()) == said
    assert "second, frame 5: mean J 0.000" in (tmp_path / "report/report.html").read_text()


@pytest.mark.slow
def test_a_clip_without_predictions_is_named_and_the_others_are_judged(run, truth, found) -> None:
    (found / "first.json").unlink()
    done = run("evaluate", str(found), "--truth", str(truth), "--json")
    assert done.returncode == 0
    assert "first: clip first: not among the predictions" in done.stderr
    said = json.loads(done.stdout)
    assert list(said["clips"]) == ["second"]
    assert list(said["failed"]) == ["first"]


@pytest.mark.slow
def test_only_when_nothing_could_be_evaluated_the_exit_status_is_one(run, truth, found) -> None:
    (found / "first.json").unlink()
    done = run("evaluate", str(found), "--truth", str(truth), "--clip", "first")
    assert done.returncode == 1
    assert "nothing could be evaluated" in done.stdout


@pytest.mark.slow
def test_a_clip_that_there_is_not_is_refused_with_those_there_are(run, truth) -> None:
    done = run("evaluate", "--truth", str(truth), "--clip", "third")
    assert done.returncode == 2
    assert "no clip third; the dataset has first, second" in done.stderr


@pytest.mark.slow
def test_without_predictions_the_bundled_models_draw(run, truth) -> None:
    done = run("evaluate", "--truth", str(truth), "--clip", "first", "--mode", "boxes", "--json")
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["about"]["masks"] == "drawn, mode boxes"
    assert said["about"]["segmenter"] == "nano"
    assert said["about"]["segmenter_sha256"]
    assert said["total"]["j"]["mean"] > 0.7
    assert "10/10" in done.stderr


@pytest.mark.slow
def test_a_video_that_does_not_decode_is_named_and_the_others_are_drawn(run, truth) -> None:
    (truth / "first.mp4").write_bytes(b"no video")
    done = run("evaluate", "--truth", str(truth), "--mode", "boxes", "--json")
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert list(said["clips"]) == ["second"]
    assert "first.mp4" in said["failed"]["first"]


@pytest.mark.slow
def test_clicks_are_counted_and_a_simulated_person_corrects(run, truth, found) -> None:
    done = run(
        *("evaluate", str(found), "--truth", str(truth), "--clip", "second"),
        *("--clicks", "--annotator", "--looks", "2", "--threshold", "0.6", "--json"),
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["clicks"]["objects"] == 3 * 2
    assert 1 <= said["clicks"]["noc"]["85"] <= 20
    before, *_, after = said["corrected"]["second"]
    assert before["wrong"] == 10
    assert after["wrong"] < 10
    assert said["labour"]["effort"]["clicks"] > 0
    assert said["about"]["segmenter"] == "nano"
