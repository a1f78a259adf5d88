"""What a run reports reaches the terminal, a table and TensorBoard, and a run that goes on adds to it."""

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.training.run_log import BOARD, CURVE, HELD_OUT, RunLog, duration


def rows(folder: Path) -> list[dict[str, str]]:
    with (folder / CURVE).open(newline="") as file:
        return list(csv.DictReader(file))


def told(log: RunLog, step: int, *values: float) -> None:
    for value in values:
        log.note({"mask": value})
    log.tell(step, seconds=2.0 * step, rate=1e-3, left=90.0)


@pytest.fixture
def lines() -> list[str]:
    return []


@pytest.fixture
def log(tmp_path: Path, lines: list[str]) -> RunLog:
    made = RunLog(tmp_path, lines.append)
    made.begin(0)
    return made


def test_a_row_holds_the_means_since_the_last_one(log: RunLog) -> None:
    told(log, 25, 1.0, 3.0)
    told(log, 50, 5.0)
    assert [(row["step"], float(row["mask"])) for row in rows(log.folder)] == [("25", 2), ("50", 5)]
    assert rows(log.folder)[0]["seconds"] == "50"


def test_the_line_on_the_terminal_says_how_far_and_how_long(log: RunLog, lines: list[str]) -> None:
    told(log, 25, 1.5)
    assert lines == ["step 25  mask 1.5000  rate 1.0e-03  2.00 s/step  90 s left"]


def test_a_run_that_goes_on_adds_to_its_curve_and_drops_what_it_takes_anew(log: RunLog) -> None:
    for step in (25, 50, 75):
        told(log, step, 1.0)
    again = RunLog(log.folder, lambda _: None)
    again.begin(50)
    told(again, 75, 9.0)
    assert [(row["step"], row["mask"]) for row in rows(log.folder)] == [
        ("25", "1"),
        ("50", "1"),
        ("75", "9"),
    ]


def test_a_run_that_begins_anew_has_a_curve_of_its_own(log: RunLog) -> None:
    told(log, 25, 1.0)
    RunLog(log.folder, lambda _: None).begin(0)
    assert not (log.folder / CURVE).exists()


def test_a_part_that_the_first_row_lacks_does_not_spoil_the_table(log: RunLog) -> None:
    told(log, 25, 1.0)
    log.note({"mask": 1.0, "extra": 4.0})
    log.tell(50, seconds=1.0, rate=1e-3, left=0.0)
    assert list(rows(log.folder)[1]) == ["step", "seconds", "rate", "mask"]


def test_a_part_that_is_missing_for_a_while_leaves_its_place_empty(log: RunLog) -> None:
    told(log, 25, 1.0)
    log.tell(50, seconds=1.0, rate=1e-3, left=0.0)
    assert rows(log.folder)[1]["mask"] == ""


def test_tensorboard_gets_every_part(log: RunLog) -> None:
    pytest.importorskip("tensorboard")
    told(log, 25, 1.0)
    log.close()
    (written,) = (log.folder / BOARD).iterdir()
    assert b"mask" in written.read_bytes()


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (119.4, "119 s"), (120, "2 min"), (3599, "59 min"), (3900, "1 h 05 min")],
)
def test_times_are_said_in_words(seconds: float, words: str) -> None:
    assert duration(seconds) == words


@given(st.floats(-10, 1e6))
def test_every_time_has_words(seconds: float) -> None:
    assert duration(seconds).endswith((" s", " min"))


def test_figures_of_clips_held_out_have_a_table_of_their_own(log: RunLog, lines: list[str]) -> None:
    log.measured(100, {"prompted": 0.9, "followed": 0.85})
    log.measured(200, {"prompted": 0.95, "followed": 0.9})
    assert lines[0] == "step 100  held out: prompted 0.9000  followed 0.8500"
    RunLog(log.folder, lines.append).begin(150)
    assert (log.folder / HELD_OUT).read_text() == "step,prompted,followed\n100,0.9,0.85\n"


def test_what_was_noted_and_not_told_is_pending(log: RunLog) -> None:
    assert not log.pending
    log.note({"mask": 1.0})
    assert log.pending
    log.tell(1, seconds=1.0, rate=1e-3, left=0.0)
    assert not log.pending
