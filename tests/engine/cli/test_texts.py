"""What a person reads after each command: every outcome has its line, and every line its next step."""

import re
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from engine.cli import texts
from engine.cli.actions import Shown
from engine.cli.app import app
from engine.cli.weights import PullReport, Row, pulled, table
from engine.models.catalogue import Kind, State
from engine.ports import ClipStatus, JobCounts
from engine.stages import Stage
from engine.types import Clip, Track
from engine.workflows.ingest import Added, Failed, IngestReport, Known
from engine.workflows.pre_annotate import Drawn, PreAnnotateReport
from engine.workflows.review import Verdict
from engine.workflows.status import StageLine, StatusReport


def helps(command: Any, name: str = "engine") -> Iterator[tuple[str, str]]:
    """Yield the help of a command and of all below it, as it is written."""
    yield name, command.help or ""
    for below, one in getattr(command, "commands", {}).items():
        yield from helps(one, f"{name} {below}")


def test_examples_stand_on_lines_of_their_own_in_the_help_of_every_command() -> None:
    """Markdown runs lines together unless they stand between fences."""
    for name, text in helps(get_command(app)):
        prose = re.sub(r"^```text\n.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
        assert not re.search(r"^ *engine \S+.*\n *engine ", prose, re.MULTILINE), name
        assert "```" not in prose, name
        assert not re.search(r"^ {4}", prose, re.MULTILINE), name


def progress(accepted: float, *, drawn: float = 0.0, jobs: JobCounts | None = None) -> StatusReport:
    lines = (StageLine(Stage.ACCEPTED, 3, accepted), StageLine(Stage.REJECTED, 0, 0.0))
    return StatusReport(lines, accepted, drawn, 2000.0, jobs or JobCounts(), ("engine export",))


def bar(text: str, name: str) -> str:
    return next(line for line in text.splitlines() if line.strip().startswith(name))


@pytest.mark.parametrize(
    ("seconds", "full", "share"), [(0, 0, "0.00 %"), (500, 8, "25.00 %"), (2000, 32, "100.00 %")]
)
def test_a_bar_is_as_full_as_its_share(seconds: float, full: int, share: str) -> None:
    line = bar(texts.status(progress(seconds)), "accepted")
    assert (line.count("█"), line.count("█") + line.count("░")) == (full, texts.BAR)
    assert line.endswith(share)


def test_more_than_was_wanted_does_not_run_over_the_bar() -> None:
    line = bar(texts.status(progress(9000)), "accepted")
    assert line.count("█") == texts.BAR
    assert "9000.0 s" in line


def test_the_status_names_stages_that_have_clips_and_the_next_step() -> None:
    text = texts.status(progress(500))
    assert "accepted" in text
    assert "rejected" not in text
    assert text.endswith("next:\n  engine export")


def test_the_status_names_failed_jobs_with_their_reason() -> None:
    jobs = JobCounts(waiting=1, running=2, failed=1, errors={"game-1": "the disk is on fire"})
    text = texts.status(progress(0, jobs=jobs))
    assert "jobs: 1 waiting, 2 running, 1 failed" in text
    assert "failed: game-1: the disk is on fire" in text


def test_a_quiet_queue_is_not_mentioned() -> None:
    assert "jobs:" not in texts.status(progress(0))


def test_clips_are_listed_in_columns_only_when_they_are_wanted() -> None:
    clip = Clip("game-1", "f00d", "v.mp4", 0, 45, 960, 540, Fraction(30), "val")
    line = ClipStatus(clip, Stage.SUBMITTED)
    assert texts.clip_list([line], wanted=False) == ""
    assert texts.clip_list([], wanted=True).strip() == ""
    assert texts.clip_list([line], wanted=True).split() == [
        *("game-1", "submitted", "1.5", "s", "val")
    ]


def test_a_clip_that_is_wanted_first_says_so_in_the_list() -> None:
    clip = Clip("game-1", "f00d", "v.mp4", 0, 45, 960, 540, Fraction(30), "val")
    wanted, other = (ClipStatus(clip, Stage.SUBMITTED, priority=on) for on in (True, False))
    first, second = texts.clip_list([wanted, other], wanted=True).strip().splitlines()
    assert first.strip() == f"{second.strip()}  priority"


def test_every_file_of_an_ingest_has_its_line() -> None:
    report = IngestReport(
        (Added(Path("a.mp4"), ("a-1", "a-2"), ("it is interlaced",)),),
        (Known(Path("b.mp4"), ("b-1",)),),
        (Failed(Path("c.mp4"), "c.mp4: truncated"),),
    )
    assert texts.ingested(report).splitlines() == [
        "added   a.mp4: 2 clips (working copy: it is interlaced)",
        "known   b.mp4: ingested before as b-1",
        "failed  c.mp4: c.mp4: truncated",
        "next: engine preannotate",
        "      engine duplicates   (names clips that show the same)",
    ]


def test_a_single_clip_can_show_what_no_other_one_shows() -> None:
    report = IngestReport((Added(Path("a.mp4"), ("a-1",)),))
    assert texts.ingested(report).splitlines()[-1] == "next: engine preannotate"


def test_what_is_known_anew_of_a_recording_stands_on_its_line() -> None:
    report = IngestReport(known=(Known(Path("b.mp4"), ("b-1",), ("camera is now 'x', was ''",)),))
    first, _ = texts.ingested(report).splitlines()
    assert first == "known   b.mp4: ingested before as b-1; camera is now 'x', was ''"


def test_an_ingest_that_added_nothing_proposes_nothing() -> None:
    text = texts.ingested(IngestReport(failed=(Failed(Path("c.mp4"), "gone"),)))
    assert "next" not in text


def test_a_clip_drawn_anew_says_what_drew_it_before() -> None:
    drawn = Drawn("a", 16, 300, 7), Drawn("b", 15, 300, 8, "nano 14d9c3d49bcf")
    assert texts.preannotated(PreAnnotateReport(drawn)).splitlines() == [
        "drawn   a: 16 tracks, 300 frames",
        "drawn   b: 15 tracks, 300 frames (before with nano 14d9c3d49bcf)",
    ]


def test_a_run_without_work_says_so_and_an_interrupted_one_how_to_go_on() -> None:
    assert "nothing to do" in texts.preannotated(PreAnnotateReport())
    text = texts.preannotated(PreAnnotateReport(failed={"a": "no masks"}, interrupted=True))
    assert text.splitlines() == [
        "failed  a: no masks",
        "interrupted; the same command goes on from the last block",
    ]


def shown(film: Path | None, drawn_with: str) -> Shown:
    tracks = (Track(1, "cue"), Track(2, "solid"))
    facts = ("game-1", Stage.PREANNOTATED, 7, "auto", "det-sam2", tracks)
    return Shown(*facts, Path("s.png"), film, drawn_with)


def test_a_clip_is_shown_with_its_tracks_pictures_and_models() -> None:
    text = texts.shown(shown(Path("f.mp4"), "nano 14d9c3d49bcf"))
    assert "game-1: pre-annotated, revision 7 (auto by det-sam2)" in text
    assert "tracks: 1 cue, 2 solid" in text
    assert text.endswith("overlay film:  f.mp4\ndrawn with: nano 14d9c3d49bcf")


def test_what_is_not_there_is_not_mentioned() -> None:
    text = texts.shown(shown(None, ""))
    assert text.endswith("contact sheet: s.png")


def test_verdicts_tell_what_happened_and_what_did_not() -> None:
    made = [
        Verdict("a", Stage.ACCEPTED, 7),
        Verdict("b", None, error="cannot accept"),
        Verdict("c", Stage.EXCLUDED),
    ]
    assert texts.verdicts(made).splitlines() == [
        "accepted  a (revision 7)",
        "failed  b: cannot accept",
        "excluded  c",
    ]


def row(name: str, state: State, *, in_use: bool = False) -> Row:
    return Row(name, Kind.SEGMENTER, 156_008_466, "Apache-2.0", state, in_use, "", Path(name))


def test_the_list_of_models_marks_what_is_in_use_and_says_how_to_mend() -> None:
    good = table([row("nano", State.BUNDLED, in_use=True), row("large", State.MISSING)])
    assert good.splitlines()[1].startswith("* nano")
    assert good.splitlines()[2].startswith("  large")
    assert "engine models pull" not in good
    assert "engine models pull NAME" in table([row("large", State.DAMAGED)])


def test_columns_stay_in_line_whatever_the_names() -> None:
    rows = [row("a", State.CACHED), row("/data/runs/a very long name.pt", State.CACHED)]
    lines = table(rows).splitlines()[:3]
    assert len({line.index("segmenter") for line in lines[1:]}) == 1
    assert lines[0].index("kind") == lines[1].index("segmenter")


def test_what_was_pulled_from_an_address_is_used_by_its_path() -> None:
    url = "https://example.org/ours.pt"
    report = PullReport({url: Path("/cache/ours.pt")}, {"sam3": "unknown model"})
    assert pulled(report).splitlines() == [
        f"here    {url}: /cache/ours.pt",
        "failed  sam3: unknown model",
        "next: engine models use /cache/ours.pt",
    ]
    assert "next" not in pulled(PullReport({}, {"sam3": "unknown model"}))
