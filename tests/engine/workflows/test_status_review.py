"""Progress counts what a person accepted apart from what only waits for one, and says what is next."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest

from engine.errors import SelectionError
from engine.fakes.queue import MemoryDatabase
from engine.stages import Move, Stage
from engine.types import Clip, FrameMasks, Kind, Revision, Video
from engine.workflows.review import choose, decide
from engine.workflows.status import Outlook, status

Desk = MemoryDatabase


@pytest.fixture
def desk() -> Desk:
    made = MemoryDatabase()
    clips = [Clip(f"game-{n}", "f00d", "a.mp4", 90 * n, 90, 8, 8, Fraction(30)) for n in range(3)]
    made.catalog.add_video(Video("f00d", "a.mp4", "a.mp4", 8, 8, Fraction(30), 270), clips)
    return made


def drawn(desk: Desk, clip: str) -> None:
    revision = Revision(clip, None, Kind.AUTO, "det-sam2", ())
    desk.revisions.append(revision, [FrameMasks(0)])
    desk.catalog.move(clip, Move.PREANNOTATE, actor="det-sam2")


def steps(desk: Desk) -> str:
    return "\n".join(status(desk.catalog, desk.queue, target_seconds=2000).next_steps)


def test_an_empty_workspace_says_how_to_begin() -> None:
    empty = MemoryDatabase()
    report = status(empty.catalog, empty.queue, target_seconds=2000)
    assert report.clips == 0
    assert "engine ingest" in report.next_steps[0]


def test_seconds_accepted_and_preannotated_stand_apart(desk: Desk) -> None:
    drawn(desk, "game-0")
    drawn(desk, "game-1")
    decide(desk.catalog, ["game-0"], move=Move.ACCEPT, actor="somebody")
    report = status(desk.catalog, desk.queue, target_seconds=2000)
    assert (report.accepted_seconds, report.preannotated_seconds) == (3.0, 3.0)
    assert {line.stage: line.clips for line in report.lines if line.clips} == {
        Stage.INGESTED: 1,
        Stage.PREANNOTATED: 1,
        Stage.ACCEPTED: 1,
    }


@pytest.mark.parametrize(
    ("prepare", "wanted"),
    [
        (lambda _desk: None, "engine preannotate"),
        (lambda desk: drawn(desk, "game-0"), "engine show"),
        (
            lambda desk: (
                drawn(desk, "game-0"),
                decide(desk.catalog, ["game-0"], move=Move.ACCEPT, actor="x"),
            ),
            "engine export",
        ),
    ],
)
def test_the_next_step_follows_from_the_stages(
    prepare: Callable[[Desk], object], wanted: str, desk: Desk
) -> None:
    prepare(desk)
    assert wanted in steps(desk)


def outlook(desk: Desk, *, now: datetime, target: float = 2000) -> Outlook | None:
    return status(
        desk.catalog, desk.queue, target_seconds=target, overview=desk.overview, now=now
    ).outlook


def test_before_the_first_acceptance_nobody_can_tell_how_it_goes_on(desk: Desk) -> None:
    drawn(desk, "game-0")
    assert outlook(desk, now=datetime.now(UTC)) is None


def test_what_was_accepted_a_day_tells_when_it_will_be_enough(desk: Desk) -> None:
    drawn(desk, "game-0")
    decide(desk.catalog, ["game-0"], move=Move.ACCEPT, actor="somebody")
    accepted = desk.catalog.events("game-0")[-1].at
    told = outlook(desk, now=accepted, target=6)
    assert told is not None
    assert (told.window, told.rate, told.short) == (1, 3.0, 0.0)
    assert told.done_by is not None
    assert told.done_by > accepted.date()


def test_footage_that_would_not_be_enough_were_it_all_accepted_is_told(desk: Desk) -> None:
    drawn(desk, "game-0")
    decide(desk.catalog, ["game-0"], move=Move.ACCEPT, actor="somebody")
    desk.catalog.move("game-1", Move.EXCLUDE, actor="somebody")
    now = datetime.now(UTC) + timedelta(days=60)
    told = outlook(desk, now=now, target=10)
    assert told is not None
    assert (told.short, told.window, told.done_by) == (4.0, 0, None)


def test_who_does_not_ask_is_not_told(desk: Desk) -> None:
    drawn(desk, "game-0")
    decide(desk.catalog, ["game-0"], move=Move.ACCEPT, actor="somebody")
    assert status(desk.catalog, desk.queue, target_seconds=2000).outlook is None


def test_one_refused_verdict_does_not_stop_the_others(desk: Desk) -> None:
    drawn(desk, "game-1")
    verdicts = decide(desk.catalog, ["game-0", "game-1"], move=Move.ACCEPT, actor="somebody")
    assert [verdict.stage for verdict in verdicts] == [None, Stage.ACCEPTED]
    assert verdicts[0].error


def test_a_verdict_is_written_with_its_author_and_note(desk: Desk) -> None:
    drawn(desk, "game-0")
    decide(desk.catalog, ["game-0"], move=Move.REJECT, actor="somebody", note="cue ball lost")
    event = desk.catalog.events("game-0")[-1]
    assert (event.stage, event.actor, event.note) == (Stage.REJECTED, "somebody", "cue ball lost")


def test_choosing_asks_for_names_or_all(desk: Desk) -> None:
    with pytest.raises(SelectionError, match="--all"):
        choose(desk.catalog, [], every=False, stages=[Stage.PREANNOTATED])
    with pytest.raises(SelectionError, match="no clip is pre-annotated"):
        choose(desk.catalog, [], every=True, stages=[Stage.PREANNOTATED])
    drawn(desk, "game-2")
    assert choose(desk.catalog, [], every=True, stages=[Stage.PREANNOTATED]) == ("game-2",)
    assert choose(desk.catalog, ["b", "a", "b"], every=False, stages=[]) == ("b", "a")
