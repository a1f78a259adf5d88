"""Progress as JSON for the panel, and what the panel makes of it: words and charts that say what is true, for any figures."""

import json
import re
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.ports.board import Next, Person, Progress
from engine.stages import Stage
from exports.board.plugin import charts, texts
from exports.board.progress_json import VERSION, to_json
from exports.board.questions import STAGE_COLOURS

NOW = datetime(2026, 11, 21, 18, 0, tzinfo=UTC)
AMOUNTS = st.floats(0, 1e5, allow_nan=False)
SHARES = st.floats(0, 1)
DAYS = st.dates(date(2026, 1, 1), date(2030, 1, 1))
WORDS = st.text(st.characters(codec="utf-8"), max_size=30)


def progress(**told):
    """Return figures of a project on its way."""
    figures = {
        "at": NOW,
        "target": 2000.0,
        "accepted": 500.0,
        "stages": (
            (Stage.INGESTED, 3, 30.0),
            (Stage.ACCEPTED, 50, 500.0),
            (Stage.REJECTED, 0, 0.0),
        ),
        "curve": ((date(2026, 11, 1), 100.0), (date(2026, 11, 21), 500.0)),
        "window": 14,
        "rate": 25.0,
        "done_by": date(2027, 1, 20),
        "early": date(2027, 1, 5),
        "late": date(2027, 2, 20),
        "first_time": 0.8,
        "j": 0.9123,
        "people": (Person("ada", 40, 400.0, 30, 800.0), Person("bo", 10, 100.0, 10, 0.0)),
        "next": (Next("shot-1", "waiting for 6 days", 12),),
    }
    return Progress(**figures | told)


@st.composite
def any_progress(draw):
    """Draw any figures, possible or not."""
    return progress(
        target=draw(AMOUNTS),
        accepted=draw(AMOUNTS),
        stages=tuple(draw(st.lists(st.tuples(st.sampled_from(Stage), st.integers(0, 99), AMOUNTS)))),
        curve=tuple(sorted(draw(st.lists(st.tuples(DAYS, AMOUNTS))))),
        window=draw(st.integers(0, 50)),
        rate=draw(AMOUNTS),
        done_by=draw(st.none() | DAYS),
        early=draw(st.none() | DAYS),
        late=draw(st.none() | DAYS),
        first_time=draw(st.none() | SHARES),
        j=draw(st.none() | SHARES),
        people=tuple(draw(st.lists(st.builds(Person, WORDS, st.integers(0, 9), AMOUNTS, st.integers(0, 9), AMOUNTS)))),
        unmeasured=draw(st.integers(0, 3)),
        next=tuple(draw(st.lists(st.builds(Next, WORDS, WORDS, st.integers(0, 900)), max_size=20))),
    )  # fmt: skip


def drawn(figures):
    """Return everything that the panel would show of figures, as one text."""
    found = to_json(figures)
    said = [texts.headline, texts.agreement, texts.people, texts.at]
    return "\n".join([*(each(found) for each in said), texts.next_clips(found, {})])


def test_while_masks_are_not_measured_nothing_is_said_to_need_no_look():
    assert "Nothing needs a look now." in drawn(progress(next=()))
    said = drawn(progress(next=(), unmeasured=3))
    assert "3 clips with masks not measured yet" in said
    assert "Nothing needs a look" not in said
    assert "1 clip with masks" in drawn(progress(unmeasured=1))


@given(any_progress())
def test_what_is_written_is_what_json_holds(figures):
    found = to_json(figures)
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert found["version"] == VERSION == texts.VERSION


@given(any_progress())
def test_the_panel_has_something_to_say_about_any_figures(figures):
    found = to_json(figures)
    json.dumps(
        [charts.burn_up(found), charts.burn_up_layout(found), charts.stages(found), charts.stages_layout()],
        allow_nan=False,
    )  # fmt: skip
    assert drawn(figures)
    assert texts.trouble(found) in (None, texts.NO_CLIPS)


@given(any_progress())
def test_no_name_and_no_reason_breaks_a_table(figures):
    for table in (texts.people(to_json(figures)), texts.next_clips(to_json(figures), {})):
        lines = table.split("\n\n")[0].split("\n")
        bars = {len(re.findall(r"(?<!\\)\|", line)) for line in lines}
        assert len(bars) == 1


def test_every_figure_stands_on_the_panel():
    said = drawn(progress())
    assert "500 of 2,000 s accepted (25%)" in said
    assert "At 25 s a day over the last 14 days" in said
    assert "done by **20 Jan 2027** (between 05 Jan 2027 and 20 Feb 2027)" in said
    assert "**80%** of clips accepted at first sight" in said
    assert "J 0.912" in said
    assert "| ada | 40 | 400 s | 75% | 2.0 |" in said
    assert "| bo | 10 | 100 s | 100% |  |" in said, "work that nobody counted is not known"
    assert "| shot-1 | waiting for 6 days |  |" in said
    assert "As of 21 November 2026, 18:00 UTC" in said


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"accepted": 2000.0}, "The target is reached"),
        ({"done_by": None}, "No forecast yet"),
        ({"window": 1}, "over the last day of work"),
        ({"early": date(2027, 1, 20), "late": date(2027, 1, 20)}, "by **20 Jan 2027**."),
        ({"first_time": None, "j": None}, "No verdicts yet"),
        ({"people": ()}, "Nobody has submitted"),
        ({"next": ()}, "Nothing needs a look now"),
        ({"accepted": 3.5}, "3.5 of 2,000 s accepted (0.2%)"),
        ({"accepted": 0.0}, "0 of 2,000 s accepted (0%)"),
        ({"target": 0.0, "accepted": 0.0}, "(100%)"),
    ],
)
def test_what_is_not_known_or_not_much_is_said_in_words(told, words):
    assert words in drawn(progress(**told))


def test_those_who_did_most_come_first():
    first = Person("zoe", 1, 999.0, 1, 1.0)
    rows = texts.people(to_json(progress(people=(Person("ada", 40, 400.0, 30, 800.0), first))))
    assert rows.index("zoe") < rows.index("ada")


def test_clips_link_to_where_they_can_be_looked_at_and_corrected():
    links = {"shot-1": {"here": "/datasets/b?id=1", "page": "http://p/ui/?clip=shot-1", "task": ""}}
    said = texts.next_clips(to_json(progress()), links)
    assert "[shot-1](</datasets/b?id=1>)" in said
    assert "[page](<http://p/ui/?clip=shot-1&frame=12>)" in said
    assert "task" not in said
    links["shot-1"]["task"] = "http://l/projects/3/data?task=7"
    assert "[task](<http://l/projects/3/data?task=7>)" in texts.next_clips(to_json(progress()), links)  # fmt: skip


@pytest.mark.parametrize("page", ["http://p/ui/?clip=a", "http://p/a"])
def test_the_correction_page_opens_at_the_frame_that_is_meant(page):
    assert texts.at_frame(page, 0) == page
    assert texts.at_frame(page, 5) == page + ("&" if "?" in page else "?") + "frame=5"


def test_an_empty_board_says_what_to_do():
    assert "engine fiftyone sync" in texts.trouble(None)
    assert "engine fiftyone sync" in texts.trouble({})
    assert "another version" in texts.trouble(to_json(progress()) | {"version": VERSION + 1})
    assert "engine ingest" in texts.trouble(to_json(progress(stages=((Stage.INGESTED, 0, 0.0),))))
    assert texts.trouble(to_json(progress())) is None


def test_the_curve_is_drawn_as_it_is_and_ends_at_the_target():
    lines = {line["name"]: line for line in charts.burn_up(to_json(progress()))}
    assert lines["accepted"]["x"] == ["2026-11-01", "2026-11-21"]
    assert lines["accepted"]["y"] == [100.0, 500.0]
    assert lines["at today's rate"]["x"] == ["2026-11-21", "2027-01-20"]
    assert lines["at today's rate"]["y"] == [500.0, 2000.0]
    assert lines["best to worst"]["x"] == ["2026-11-21", "2027-01-05", "2027-02-20", "2026-11-21"]
    assert lines["target 2,000 s"]["x"] == ["2026-11-01", "2027-02-20"]
    assert charts.burn_up_layout(to_json(progress()))["yaxis"]["range"][1] > 2000


def test_a_single_day_is_a_dot_and_a_project_that_is_done_has_no_forecast():
    one = charts.burn_up(to_json(progress(curve=((NOW.date(), 5.0),))))
    assert next(line for line in one if line["name"] == "accepted")["mode"] == "markers"
    done = charts.burn_up(to_json(progress(accepted=2000.0)))
    assert [line["name"] for line in done] == ["accepted", "target 2,000 s"]


@given(st.dictionaries(st.sampled_from(Stage), st.tuples(st.integers(0, 99), AMOUNTS)))
def test_the_bar_holds_every_stage_that_has_clips_once(found):
    figures = progress(stages=tuple((stage, *counts) for stage, counts in found.items()))
    bars = charts.stages(to_json(figures))
    assert len(bars) == sum(clips > 0 for clips, _ in found.values())
    assert sum(bar["x"][0] for bar in bars) == pytest.approx(
        sum(round(seconds, 2) for clips, seconds in found.values() if clips)
    )


def test_the_panel_knows_all_stages_in_the_colours_of_the_saved_views():
    assert {str(stage): colour for stage, colour in STAGE_COLOURS.items()} == charts.STAGES


def test_days_are_told_in_the_time_that_they_were_counted_in():
    later = NOW + timedelta(days=1)
    assert to_json(progress(at=later))["at"] == "2026-11-22T18:00:00+00:00"
