"""A lead's tags become moves in the lead's name, about the masks that the lead saw; every tag is answered in words."""

from itertools import product

import pytest

from engine.errors import StoreError
from engine.ports import ClipStatus
from engine.ports.board import Tag
from engine.stages import Move, Stage, after
from engine.workflows.board.tags import exclude, redo
from tests.engine.workflows.board.room import Room, brought, last, tagged

EVERY_REQUEST = list(product(Stage, (Tag.REDO, Tag.EXCLUDE)))


@pytest.mark.parametrize(
    ("stage", "move", "becomes"),
    [
        (Stage.PREANNOTATED, Move.REJECT, Stage.REJECTED),
        (Stage.SUBMITTED, Move.REJECT, Stage.REJECTED),
        (Stage.ACCEPTED, Move.REOPEN, Stage.IN_CORRECTION),
    ],
)
def test_redo_sends_a_clip_back_in_the_leads_name_and_with_the_leads_words(stage, move, becomes):
    room = brought(stage)
    (answer,) = tagged(room, Tag.REDO, by="eve", note="edges are off")
    event = last(room)
    assert (event.move, event.stage) == (move, becomes)
    assert (event.actor, event.note) == ("eve", "edges are off")
    assert (answer.clip, answer.by, answer.done) == ("game-0", "eve", True)


@pytest.mark.parametrize(
    ("stage", "word"), [(Stage.IN_CORRECTION, "in correction"), (Stage.REJECTED, "rejected")]
)
def test_redo_of_a_clip_that_is_corrected_anyway_changes_nothing_and_says_so(stage, word):
    room = brought(stage)
    before = room.db.catalog.events("game-0")
    (answer,) = tagged(room, Tag.REDO)
    assert room.db.catalog.events("game-0") == before
    assert answer.done
    assert word in answer.said


@pytest.mark.parametrize(
    ("stage", "word"), [(Stage.INGESTED, "drawn"), (Stage.EXCLUDED, "reopen it")]
)
def test_redo_where_there_is_nothing_to_correct_is_refused_with_the_reason(stage, word):
    room = brought(stage)
    before = room.db.catalog.events("game-0")
    (answer,) = tagged(room, Tag.REDO, note="look at 3 s")
    assert room.db.catalog.events("game-0") == before
    assert not answer.done
    assert word in answer.said
    assert "look at 3 s" in answer.said, "the lead's words are not lost with the tag"


@pytest.mark.parametrize("stage", Stage)
def test_exclude_excludes_from_every_stage(stage):
    room = brought(stage)
    (answer,) = tagged(room, Tag.EXCLUDE, by="eve", note="no table")
    assert room.stage() == Stage.EXCLUDED
    assert answer.done
    if stage is not Stage.EXCLUDED:
        assert (last(room).actor, last(room).note) == ("eve", "no table")


@pytest.mark.parametrize("stage", Stage)
def test_of_redo_and_exclude_together_exclude_wins_and_says_so(stage):
    room = brought(stage)
    (answer,) = tagged(room, Tag.REDO, Tag.EXCLUDE)
    assert room.stage() == Stage.EXCLUDED
    assert answer.tags == (Tag.EXCLUDE, Tag.REDO)
    assert "redo beside it" in answer.said
    assert room.board.held()["game-0"].tags == frozenset()


@pytest.mark.parametrize(("stage", "tag"), EVERY_REQUEST)
def test_whatever_becomes_of_a_request_its_tag_goes_and_the_card_says_what_became_of_it(stage, tag):
    room = brought(stage)
    (answer,) = tagged(room, tag)
    assert room.board.held()["game-0"].tags == frozenset()
    assert room.board.cards["game-0"].said == answer.said
    assert answer.said.startswith(f"{tag} by lead: ")


@pytest.mark.parametrize(("stage", "tag"), EVERY_REQUEST)
def test_a_request_is_acted_on_once(stage, tag):
    room = brought(stage)
    tagged(room, tag)
    events = room.db.catalog.events("game-0")
    room.sync()
    assert room.db.catalog.events("game-0") == events


def test_what_was_answered_is_to_be_read_until_the_clip_goes_on():
    room = brought(Stage.REJECTED)
    tagged(room, Tag.REDO)
    room.sync()
    assert "redo by lead" in room.board.cards["game-0"].said
    room.correct()
    room.sync()
    assert room.board.cards["game-0"].said == ""


def test_who_syncs_acts_where_a_tag_does_not_say_who_set_it():
    room = brought(Stage.SUBMITTED)
    tagged(room, Tag.REDO, by="  ")
    assert last(room).actor == "lead"


@pytest.mark.parametrize("tag", [Tag.REDO, Tag.EXCLUDE])
def test_a_verdict_on_masks_that_are_not_the_newest_is_refused_before_the_new_ones_are_shown(tag):
    room = brought(Stage.PREANNOTATED)
    shown = room.head()
    room.correct()
    room.submit()
    (answer,) = tagged(room, tag, note="edges are off")
    assert room.stage() == Stage.SUBMITTED
    assert f"those of {shown}" in answer.said
    assert f"revision {room.head()}" in answer.said
    assert "edges are off" in answer.said
    held = room.board.held()["game-0"]
    assert (held.masks, held.tags) == (room.head(), frozenset()), "else it would strike unseen"
    room.sync()
    assert room.stage() == Stage.SUBMITTED


def test_who_looks_again_and_tags_again_is_heard():
    room = brought(Stage.PREANNOTATED)
    room.correct()
    room.submit()
    tagged(room, Tag.REDO)
    (answer,) = tagged(room, Tag.REDO)
    assert answer.done
    assert room.stage() == Stage.REJECTED


def test_redo_says_something_of_masks_and_needs_them_shown_exclude_may_be_about_the_footage():
    room = Room()
    room.draw()
    room.sync(masks=False)
    (answer,) = tagged(room, Tag.REDO)
    assert "no masks were shown" in answer.said
    other = Room()
    other.draw()
    other.sync(masks=False)
    tagged(other, Tag.EXCLUDE)
    assert (room.stage(), other.stage()) == (Stage.PREANNOTATED, Stage.EXCLUDED)


def test_a_clip_tagged_while_others_get_their_masks_keeps_those_that_the_lead_saw():
    room = brought(Stage.PREANNOTATED)
    shown = room.head()
    room.draw()
    put_cards = room.board.put_cards

    def tagging(cards):
        put_cards(cards)
        room.board.tag("game-0", Tag.REDO)

    room.board.put_cards = tagging
    room.sync(costly=False)
    room.board.put_cards = put_cards
    assert room.board.held()["game-0"].masks == shown
    (answer,) = room.sync().refused
    assert f"those of {shown}" in answer.said
    assert room.stage() == Stage.PREANNOTATED


def test_a_clip_tagged_just_while_its_masks_change_shows_none_until_that_is_answered():
    room = brought(Stage.PREANNOTATED)
    newest, put_masks = room.draw(), room.board.put_masks

    def tagging(clip, *layers):
        put_masks(clip, *layers)
        room.board.tag("game-0", Tag.REDO)

    room.board.put_masks = tagging
    assert room.sync(costly=False).masks == 0
    room.board.put_masks = put_masks
    assert room.board.held()["game-0"].masks is None
    (answer,) = room.sync().refused
    assert "no masks were shown" in answer.said
    assert room.stage() == Stage.PREANNOTATED
    assert room.board.held()["game-0"].masks == newest


def test_doubts_found_about_a_clip_that_was_tagged_meanwhile_wait_for_the_answer():
    room = Room()
    shown = room.draw()
    room.sync(costly=False)
    before = room.board.masks["game-0"]

    def tagging(clip, **_how):
        if clip.id == "game-0":
            room.board.tag("game-0", Tag.REDO)
        return False

    room.desk = room.at(copy=tagging)
    assert room.sync().measured == 0
    assert room.board.masks["game-0"] is before
    room.desk = room.at()
    report = room.sync()
    assert (room.stage(), report.measured) == (Stage.REJECTED, 1)
    assert room.board.held()["game-0"].masks == shown
    assert room.board.masks["game-0"].doubtful


class Refusing:
    """A catalog that does not take moves of a kind."""

    def __init__(self, catalog, move: Move) -> None:
        self._catalog, self._refused = catalog, move

    def move(self, clip, move, **how):
        if move is self._refused:
            raise StoreError("the database does not answer")
        return self._catalog.move(clip, move, **how)

    def __getattr__(self, name):
        return getattr(self._catalog, name)


def test_a_tag_that_could_not_be_acted_on_stays_says_why_and_is_tried_again():
    room = brought(Stage.ACCEPTED)
    room.board.tag("game-0", Tag.EXCLUDE, by="eve", note="no table")
    own, room.desk = room.desk, room.at(catalog=Refusing(room.db.catalog, Move.EXCLUDE))
    (answer,) = room.sync().refused
    assert not answer.settled
    assert "does not answer" in room.board.cards["game-0"].said
    held = room.board.held()["game-0"]
    assert (held.tags, held.by, held.note) == ({Tag.EXCLUDE}, "eve", "no table")
    room.desk = own
    assert room.sync().decided
    assert (room.stage(), last(room).actor) == (Stage.EXCLUDED, "eve")


def test_one_clips_tag_that_fails_stops_no_others():
    room = brought(Stage.ACCEPTED)
    room.draw("game-1")
    room.sync()
    room.board.tag("game-0", Tag.REDO)
    room.board.tag("game-1", Tag.REDO)
    room.desk = room.at(catalog=Refusing(room.db.catalog, Move.REOPEN))
    room.sync()
    assert (room.stage("game-0"), room.stage("game-1")) == (Stage.ACCEPTED, Stage.REJECTED)


def status(stage: Stage, *, head: int | None, priority: bool = False) -> ClipStatus:
    return ClipStatus(Room.clip("game-0", 0), stage, head, None, priority)


@pytest.mark.parametrize(
    ("stage", "head", "shown"), list(product(Stage, (None, 7), (None, 3, 7))), ids=str
)
def test_plans_are_always_possible_and_never_about_masks_that_nobody_saw(stage, head, shown):
    for decide in (redo, exclude):
        plan, now = decide(status(stage, head=head), shown=shown), stage
        for move in plan.moves:
            now = after(now, move)
        assert not plan.moves or shown in {None, head}
        assert not plan.done or now in {Stage.REJECTED, Stage.IN_CORRECTION, Stage.EXCLUDED}
        assert plan.done is not plan.said.startswith("not done")
    assert not redo(status(stage, head=head), shown=None).moves
