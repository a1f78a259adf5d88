"""The line of `engine status` that says when the dataset will be done, and at what pace."""

from datetime import date

import pytest

from engine.cli import texts
from engine.cli.outlook import outlook
from engine.ports import JobCounts
from engine.workflows.status import Outlook, StatusReport

DAY = date(2030, 3, 1)
EARLIER, LATER = date(2030, 2, 1), date(2030, 5, 1)


def report(told: Outlook | None, accepted: float = 500.0) -> StatusReport:
    return StatusReport((), accepted, 0.0, 2000.0, JobCounts(), (), told)


@pytest.mark.parametrize(
    ("told", "lines"),
    [
        (None, []),
        (
            Outlook(41.25, 10, DAY, EARLIER, LATER, 0.0),
            ["pace: 41.2 s accepted a day over the last 10 days at work; done by 2030-03-01 (2030-02-01 to 2030-05-01)"],
        ),
        (
            Outlook(1500.0, 1, DAY, DAY, DAY, 0.0),
            ["pace: 1,500.0 s accepted a day over the last day at work; done by 2030-03-01"],
        ),
        (
            Outlook(3.0, 2, DAY, EARLIER, None, 0.0),
            ["pace: 3.0 s accepted a day over the last 2 days at work; done by 2030-03-01 (2030-02-01 to never)"],
        ),
        (
            Outlook(0.0, 4, None, None, None, 0.0),
            ["pace: 0.0 s accepted a day over the last 4 days at work; no forecast"],
        ),
        (
            Outlook(0.0, 0, None, None, None, 1200.0),
            [
                "pace: nobody worked in the last four weeks; no forecast",
                "footage: 1,200.0 s too little, were every clip accepted; `engine ingest` adds some",
            ],
        ),
    ],
)  # fmt: skip
def test_the_pace_is_told_in_words(told: Outlook | None, lines: list[str]) -> None:
    assert outlook(report(told)) == lines


def test_a_target_that_is_reached_says_since_when() -> None:
    done = Outlook(41.0, 10, DAY, DAY, DAY, 0.0)
    assert outlook(report(done, accepted=2000.0)) == ["reached on 2030-03-01"]


def test_the_status_shows_it_below_the_bars() -> None:
    lines = texts.status(report(Outlook(0.0, 0, None, None, None, 0.0))).splitlines()
    assert lines[3] == "  pace: nobody worked in the last four weeks; no forecast"
    assert "pace:" not in texts.status(report(None))
