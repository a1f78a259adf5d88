"""What a card says of a clip: where it stands and why, who worked on it, with what, and where to open it."""

import pytest

from engine.ports import Link, OutsideProject, TaskKind
from engine.ports.desk import State
from engine.stages import Move, Stage
from engine.workflows.board.cards import cards, gathered, told
from tests.engine.workflows.board.room import Room


def card(room: Room, clip: str = "game-0"):
    facts = gathered(room.desk)
    made = cards(facts, film=room.desk.film, page_url=room.desk.page_url)
    return {one.clip.id: one for one in made}[clip]


def test_a_clip_that_nobody_touched_says_where_to_open_it_and_nothing_of_work(room):
    fresh = card(room)
    assert (fresh.stage, fresh.revision, fresh.accepted) == (Stage.INGESTED, None, None)
    assert (fresh.film, fresh.page) == ("/page/game-0.mp4", "http://page.test/ui/?clip=game-0")
    assert (fresh.camera, fresh.model, fresh.annotator, fresh.reviewer) == ("north", "", "", "")
    assert (fresh.since, fresh.accepted_at, fresh.task, fresh.measures) == (None, None, "", None)


def test_cards_come_in_the_order_of_the_clips(room):
    made = cards(gathered(room.desk), film=room.desk.film, page_url="http://page.test")
    assert [one.clip.id for one in made] == ["game-0", "game-1", "game-2"]


def test_what_models_drew_names_them_and_no_annotator(room):
    revision = room.draw()
    drawn = card(room)
    assert (drawn.revision, drawn.model, drawn.annotator) == (revision, "nano 14d9c3d49bcf", "")


def test_who_made_the_newest_revision_is_its_annotator_also_when_another_submits_it(room):
    room.draw()
    room.correct(by="ada")
    room.submit(by="bo")
    assert card(room).annotator == "ada"


def test_of_a_clip_drawn_anew_the_annotator_is_who_worked_on_it_last(room):
    room.draw()
    room.correct(by="ada")
    room.submit(by="bo")
    room.move("game-0", Move.REJECT, "lead")
    room.draw()
    assert card(room).annotator == "bo"


def test_a_submission_without_changes_has_the_submitter_for_annotator(room):
    room.draw()
    room.submit(by="cy")
    assert card(room).annotator == "cy"


def test_a_rejection_says_who_and_why_until_the_clip_goes_on_and_is_counted_for_ever(room):
    room.draw()
    room.submit()
    room.move("game-0", Move.REJECT, "bo", "edges are off")
    rejected = card(room)
    assert (rejected.reviewer, rejected.reason, rejected.rejections) == ("bo", "edges are off", 1)
    room.correct()
    corrected = card(room)
    assert (corrected.reviewer, corrected.reason, corrected.rejections) == ("bo", "", 1)


def test_an_exclusion_says_why(room):
    room.move("game-0", Move.EXCLUDE, "bo", "no table to be seen")
    assert card(room).reason == "no table to be seen"
    assert card(room).reviewer == "bo"


def test_a_reopened_clip_says_who_and_why_to_who_corrects_it_again(room):
    room.draw()
    room.accept(by="bo")
    room.move("game-0", Move.REOPEN, "eve", "the cue is half a ball")
    room.correct(by="ada")
    again = card(room)
    assert (again.stage, again.reviewer) == (Stage.IN_CORRECTION, "eve")
    assert again.reason == "the cue is half a ball"
    room.submit()
    assert card(room).reason == ""


def test_who_takes_the_own_submission_back_has_judged_nothing(room):
    room.draw()
    room.submit(by="ada")
    room.move("game-0", Move.REOPEN, "ada")
    assert card(room).reviewer == ""


def test_acceptance_says_which_revision_and_when_and_reopening_takes_it_off(room):
    revision = room.draw()
    room.accept()
    accepted = card(room)
    assert (accepted.accepted, accepted.accepted_at) == (revision, room.clock.now)
    room.move("game-0", Move.REOPEN)
    assert (card(room).accepted, card(room).accepted_at) == (None, None)


def test_a_clip_stands_in_its_stage_since_it_came_there_whatever_is_said_of_it_later(room):
    room.draw()
    arrived = room.clock.now
    room.draw()
    room.move("game-0", Move.PRIORITISE)
    assert card(room).since == arrived
    assert card(room).priority


def test_work_on_the_page_is_summed_up(room):
    log, claims = room.db.desk.actions, room.db.desk.claims
    for author, pauses in (("ada", (30, 60)), ("bo", (90,))):
        claims.claim("game-0", user=author, tab=author, force=True)
        for pause in (0, *pauses):
            room.clock.advance(pause)
            action = log.put("game-0", author, {"kind": "undo"}, before=None, tab=author)
            log.settle(action.seq, State.DONE)
    assert (card(room).actions, card(room).minutes) == (5, 3.0)


def test_the_task_is_that_of_the_newest_project_of_whole_clips(room):
    bridge = room.db.bridge
    for server, kind, number, task in (
        ("http://old.test", TaskKind.CLIP, 3, 17),
        ("http://tasks.test", TaskKind.CLIP, 4, 21),
        ("http://tasks.test", TaskKind.FRAMES, 5, 99),
    ):
        project = bridge.put_project(OutsideProject(server, kind, number))
        bridge.put_link(Link(project.id, task, "game-0"))
    assert card(room).task == "http://tasks.test/projects/4/data?task=21"
    assert card(room, "game-1").task == ""


@pytest.mark.parametrize("address", ["http://page.test", "http://page.test/"])
def test_a_page_is_found_with_and_without_a_slash_at_the_end_of_its_address(room, address):
    made = cards(gathered(room.desk), film=room.desk.film, page_url=address)
    assert made[0].page == "http://page.test/ui/?clip=game-0"


def test_measures_are_those_of_the_newest_revision_alone(room):
    room.draw()
    room.sync()
    assert card(room).measures.balls == 2
    room.correct()
    assert card(room).measures is None


def test_agreement_is_told_of_what_is_accepted_with_what_models_drew_last(room):
    drawn = room.draw()
    true = room.correct()
    room.submit()
    room.accept()
    room.sync()
    agreement = card(room).agreement
    assert (agreement.drawn, agreement.true) == (drawn, true)
    assert 0 < agreement.by_track[2] < agreement.by_track[1] == 1
    room.move("game-0", Move.REOPEN)
    assert card(room).agreement is None


def test_damaged_findings_count_as_absent(room):
    revision = room.draw()
    for kind in ("measures", "agreement"):
        room.db.desk.findings.put(revision, kind, "{")
    assert card(room).measures is None


def test_clips_that_look_alike_are_named_the_likest_first(room):
    room.alike = {"game-0": ["game-2", "game-1"]}
    assert card(room).alike == ("game-2", "game-1")


def test_progress_is_told_from_the_same_facts(room):
    room.draw()
    room.accept()
    sum_ = told(gathered(room.desk), room.desk)
    assert (sum_.at, sum_.target, sum_.accepted) == (room.clock.now, 2000.0, 0.2)


def test_progress_names_clips_that_look_alike(room):
    room.alike = {"game-1": ["game-0"], "game-0": ["game-1"]}
    (step,) = told(gathered(room.desk), room.desk).next
    assert (step.clip, step.why) == ("game-1", "shows almost the same as game-0: exclude one of them")  # fmt: skip
