"""Requests over a real pipe: kept until answered, clicks repeated once when the process dies, all else given up."""

from fractions import Fraction
from multiprocessing import Pipe
from types import MappingProxyType

import pytest

from annotator_ui.model.calls import Calls
from annotator_ui.model.messages import Done, Draw, Drawn, Failed, Progress, Spread, Stop, Warm
from engine.errors import InputError, ModelError
from engine.propagate import Correction
from engine.types import Clip, FrameMasks, Point, Prompt
from engine.workflows.correct import Asked

CLIP = Clip("a", "sha", "a.mp4", 0, 10, 64, 48, Fraction(30))
ASKED = Asked("a", None, (Prompt(3, 1, points=(Point(1, 2),)),), frames=range(3, 4))
DRAWN = Drawn(Correction({}, 1), {"segmenter": "nano"})


@pytest.fixture
def calls() -> Calls:
    return Calls()


@pytest.fixture
def process(calls):
    """Return the other end of the pipe, where the process reads."""
    ours, theirs = Pipe()
    calls.connect(ours)
    yield theirs
    theirs.close()
    ours.close()


def draw(calls: Calls):
    return calls.begin(lambda number: Draw(number, CLIP, ASKED, "ann"))


def spread(calls: Calls):
    return calls.begin(lambda number: Spread(number, CLIP, ASKED, "ann"))


def heard(pipe) -> list:
    found = []
    while pipe.poll(0.05):
        found.append(pipe.recv())
    return found


def test_what_is_asked_for_travels_whole(calls, process) -> None:
    call = draw(calls)
    assert heard(process) == [call.request]
    assert call.request.asked == ASKED


def test_an_answer_comes_to_the_call_that_it_belongs_to(calls) -> None:
    first, second = draw(calls), draw(calls)
    calls.answer(Done(second.request.id, DRAWN))
    assert second.next(1) == Done(second.request.id, DRAWN)
    assert first.next(0) is None


def test_what_is_asked_for_before_anybody_listens_is_sent_when_somebody_does(calls) -> None:
    call = draw(calls)
    ours, theirs = Pipe()
    calls.connect(ours)
    assert heard(theirs) == [call.request]


def test_progress_leaves_a_call_open(calls) -> None:
    call = spread(calls)
    row = Progress(call.request.id, FrameMasks(3), 1, 5)
    calls.answer(row)
    calls.answer(Done(call.request.id, DRAWN))
    assert [call.next(1), call.next(1)] == [row, Done(call.request.id, DRAWN)]


def test_an_answer_that_nobody_waits_for_any_more_is_let_go(calls) -> None:
    calls.answer(Done(99, DRAWN))


def test_a_click_is_sent_to_the_next_process_when_one_dies(calls, process) -> None:
    call = draw(calls)
    heard(process)
    calls.disconnect("the model process was ended by SIGKILL")
    ours, theirs = Pipe()
    calls.connect(ours)
    assert heard(theirs) == [call.request]
    assert call.next(0) is None


def test_a_click_of_which_two_processes_die_has_failed(calls) -> None:
    call = draw(calls)
    for _ in range(2):
        ours, _ = Pipe()
        calls.connect(ours)
        calls.disconnect("the model process was ended by SIGSEGV")
    answer = call.next(0)
    assert isinstance(answer, Failed)
    assert isinstance(answer.error, ModelError)
    assert "SIGSEGV" in str(answer.error)
    assert "ask for it again" in str(answer.error)


def test_a_spread_fails_when_its_process_dies(calls, process) -> None:
    call = spread(calls)
    assert heard(process) == [call.request]
    calls.disconnect("the model process was ended by SIGKILL")
    assert isinstance(call.next(0).error, ModelError)


def test_a_spread_that_no_process_had_begun_waits_for_the_next_one(calls) -> None:
    call = spread(calls)
    calls.disconnect("the model process ended by itself")
    ours, theirs = Pipe()
    calls.connect(ours)
    assert heard(theirs) == [call.request]


def test_a_process_that_reads_no_more_is_no_error_for_who_asks(calls) -> None:
    ours, theirs = Pipe()
    calls.connect(ours)
    theirs.close()
    call = draw(calls)
    calls.tell(Stop(call.request.id))
    assert call.next(0) is None


def test_a_process_that_begins_hears_where_each_playhead_rests(calls) -> None:
    for frame in (1, 2, 3):
        calls.tell(Warm(CLIP, frame, None))
    ours, theirs = Pipe()
    calls.connect(ours)
    assert heard(theirs) == [Warm(CLIP, 3, None)]


def test_the_oldest_wait_counts(calls) -> None:
    assert calls.waiting_since() is None
    first, second = draw(calls), draw(calls)
    assert calls.waiting_since() == first.since
    calls.answer(Done(first.request.id, DRAWN))
    assert calls.waiting_since() == second.since


def test_when_all_fails_everybody_hears_why(calls) -> None:
    waiting = [draw(calls), spread(calls)]
    calls.fail(ModelError("closed"))
    assert [str(call.next(0).error) for call in waiting] == ["closed", "closed"]
    assert calls.waiting_since() is None


def test_errors_travel_with_their_kind_and_words() -> None:
    ours, theirs = Pipe()
    theirs.send(Failed(1, InputError("track 7 is new: name its class")))
    error = ours.recv().error
    assert type(error) is InputError
    assert str(error) == "track 7 is new: name its class"


def test_a_view_of_a_mapping_cannot_travel_which_is_why_labels_are_copied() -> None:
    ours, _ = Pipe()
    with pytest.raises(TypeError):
        ours.send(MappingProxyType({1: "cue"}))
