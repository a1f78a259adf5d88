"""The left column: which clips are listed, in which order, and how far the dataset is."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from annotator_ui.clip_list import EMPTY, STAGES, Wanted, lines_html, listed, progress
from engine.fakes.scene import Disc, Scene, rests
from engine.ports import ClipStatus, JobCounts
from engine.ports.desk import Claim
from engine.stages import Stage
from engine.workflows.status import StageLine, StatusReport

CLIP = Scene([Disc((200, 20, 20), "cue", rests(20, 20))], 60).clip
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def status(name: str, stage: Stage, *, head: int | None = 1) -> ClipStatus:
    return ClipStatus(replace(CLIP, id=name), stage, head)


def report(*, accepted: float = 0, drawn: float = 0, failed: int = 0) -> StatusReport:
    return StatusReport(
        lines=(StageLine(Stage.ACCEPTED, 1, accepted),),
        accepted_seconds=accepted,
        preannotated_seconds=drawn,
        target_seconds=2000,
        jobs=JobCounts(failed=failed, errors={"<b>bad</b>": "broken"} if failed else {}),
        next_steps=(),
    )


def test_no_line_moves_because_somebody_works_on_a_clip():
    clips = [
        status("new", Stage.PREANNOTATED),
        status("begun", Stage.IN_CORRECTION),
        status("back", Stage.REJECTED),
        status("done", Stage.ACCEPTED),
    ]
    lines = listed(clips, Wanted.OPEN, claims={})
    assert [line.clip for line in lines] == ["new", "begun", "back"]


def test_clips_of_one_stage_stay_in_the_order_in_which_they_were_added():
    clips = [status(name, Stage.SUBMITTED) for name in ("c", "a", "b")]
    assert [line.clip for line in listed(clips, Wanted.REVIEW, claims={})] == ["c", "a", "b"]


def test_all_lists_every_stage():
    clips = [status(stage.name, stage) for stage in Stage]
    assert len(listed(clips, Wanted.ALL, claims={})) == len(Stage)


def test_a_line_says_length_stage_and_who_works_on_it():
    claim = Claim("one", "maria", "tab", NOW, NOW)
    (line,) = listed([status("one", Stage.IN_CORRECTION)], Wanted.OPEN, claims={"one": claim})
    assert line.clip == "one"
    assert line.stage is Stage.IN_CORRECTION
    assert line.text.startswith(" · 2 s")
    assert "maria works on it" in line.text


def test_a_clip_that_is_wanted_first_is_marked_and_stays_where_it_was():
    waits = [status(name, Stage.PREANNOTATED) for name in ("a", "b")]
    lines = listed([waits[0], replace(waits[1], priority=True)], Wanted.OPEN, claims={})
    assert [(line.clip, line.priority) for line in lines] == [("a", False), ("b", True)]
    plain, marked = (lines_html([line], Wanted.OPEN, report()) for line in lines)
    assert ">priority</b>" in marked
    assert "priority" not in plain


def test_a_line_says_that_nothing_is_drawn_yet():
    (line,) = listed([status("one", Stage.INGESTED, head=None)], Wanted.ALL, claims={})
    assert "no masks yet" in line.text


@pytest.mark.parametrize("wanted", Wanted)
def test_every_list_knows_its_stages_and_what_to_do_when_it_is_empty(wanted):
    assert STAGES[wanted]
    lines = listed([status("one", STAGES[wanted][0])], wanted, claims={})
    assert EMPTY[wanted] in lines_html([], wanted, report())
    assert EMPTY[wanted] not in lines_html(lines, wanted, report())


def test_a_line_is_a_button_that_says_which_clip_it_opens_and_how_it_stands():
    lines = listed([status("one", Stage.REJECTED)], Wanted.OPEN, claims={})
    shown = lines_html(lines, Wanted.OPEN, report())
    assert '<button type="button" class="clip-line" data-clip="one">' in shown
    assert '<i class="rejected">rejected</i>' in shown


def test_nothing_above_the_list_changes_its_height():
    said = [progress(report()), progress(report(accepted=500, failed=3))]
    assert [each.count("<p>") + each.count("<br>") for each in said] == [2, 2]


def test_the_bar_shows_what_is_accepted_and_what_waits():
    shown = progress(report(accepted=500, drawn=1000))
    assert 'class="done" style="width:25.00%"' in shown
    assert 'class="drawn" style="width:50.00%"' in shown
    assert "<b>500</b> of 2,000 s accepted" in shown


def test_the_bar_ends_at_the_target():
    assert "width:100.00%" in progress(report(accepted=9000))


def test_clips_that_could_not_be_drawn_are_said_and_no_name_becomes_markup():
    shown = lines_html([], Wanted.OPEN, report(failed=1))
    assert "--retry" in shown
    assert "<b>bad</b>" not in shown
