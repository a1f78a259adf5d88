"""Whatever happens in the workspace and on the board, and wherever a sync is killed: one quiet sync later both agree, and no tag is lost."""

import dataclasses
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from engine.errors import StageError
from engine.ports.board import Card, Tag
from engine.stages import Move, Stage
from engine.workflows.board.cards import cards, gathered, told
from engine.workflows.board.layers import doubtful, wanted
from engine.workflows.board.sync import sync
from engine.workflows.findings import kept_doubts
from tests.engine.workflows.board.mortal import (
    Fate,
    Killed,
    Mortal,
    MortalBoard,
    MortalRevisions,
    die,
)
from tests.engine.workflows.board.room import Room

CLIPS = ("game-0", "game-1")
BY_PEOPLE = [Move.SUBMIT, Move.ACCEPT, Move.REJECT, Move.EXCLUDE, Move.REOPEN, Move.PRIORITISE, Move.DEFER]  # fmt: skip
REQUESTS = st.sets(st.sampled_from([Tag.REDO, Tag.EXCLUDE]), min_size=1)
clips, steps = st.sampled_from(CLIPS), st.integers(1, 60)


def mortal(room: Room, fate: Fate) -> Any:
    """Return the desk of a process that has this fate."""
    return room.at(
        board=MortalBoard(room.board, fate),
        catalog=Mortal(room.db.catalog, fate, ("clips", "move")),
        revisions=MortalRevisions(room.revisions, fate),
        findings=Mortal(room.db.desk.findings, fate, ("put",)),
    )


def agreeing(room: Room) -> None:
    """Hold the board to the workspace: cards, masks to the pixel, tags, progress."""
    held, facts = room.board.held(), gathered(room.desk)
    made = cards(facts, film=room.desk.film, page_url=room.desk.page_url)
    silent = {id_: dataclasses.replace(one, said="") for id_, one in room.board.cards.items()}
    assert silent == {one.clip.id: one for one in made}
    assert held.keys() == silent.keys()
    for card in made:
        mine = held[card.clip.id]
        assert (mine.masks, mine.drawn) == wanted(card, facts.lines.get(card.clip.id))
        assert mine.tags == ({Tag.PRIORITY} if card.priority else set())
        for revision, shown in ((mine.masks, room.board.masks), (mine.drawn, room.board.drawn)):
            if revision is not None:
                expected = list(room.db.revisions.frames(revision))
                assert list(shown[card.clip.id].rows) == expected
            else:
                assert card.clip.id not in shown
        agreeing_about_masks(room, card)
    now = told(facts, room.desk)
    assert dataclasses.replace(room.board.progress, at=now.at) == now


def agreeing_about_masks(room: Room, card: Card) -> None:
    """Hold what is said of single masks to what was found: doubts, and how models and people agree."""
    if card.clip.id in room.board.masks and card.stage is not Stage.EXCLUDED:
        shown = room.board.masks[card.clip.id]
        assert shown.doubtful == doubtful(kept_doubts(room.desk.findings, shown.revision))
        assert shown.doubtful
        assert card.measures is not None
        assert (card.agreement is not None) is (card.accepted is not None)
    if card.clip.id in room.board.drawn and card.accepted:
        assert room.board.drawn[card.clip.id].overlap


class Story(RuleBasedStateMachine):
    """People work, leads tag, syncs come and die."""

    def __init__(self) -> None:
        super().__init__()
        self.room, self.notes = Room(CLIPS), 0
        self.asked: dict[str, tuple[str, set[Tag], int | None]] = {}
        self.heard: dict[str, str] = {}
        self._listen()

    def _listen(self) -> None:
        """Remember what a card says at the moment when tags are taken off."""
        board, own = self.room.board, self.room.board.untag

        def listening(clip, tags):
            if clip in board.cards:
                self.heard[board.held()[clip].note] = board.cards[clip].said
            own(clip, tags)

        board.untag = listening

    @rule(clip=clips, x=st.integers(8, 14))
    def models_draw(self, clip, x):
        if self.room.stage(clip) in {Stage.INGESTED, Stage.PREANNOTATED, Stage.REJECTED}:
            self.room.draw(clip, x)

    @rule(clip=clips, x=st.integers(8, 14))
    def somebody_corrects(self, clip, x):
        status = self.room.db.catalog.clip(clip)
        if status.head and status.stage not in {Stage.SUBMITTED, Stage.ACCEPTED, Stage.EXCLUDED}:
            self.room.correct(clip, x=x)

    @rule(clip=clips, move=st.sampled_from(BY_PEOPLE))
    def somebody_moves(self, clip, move):
        with suppress(StageError):
            self.room.move(clip, move)

    @rule(clip=clips, tags=REQUESTS)
    def a_lead_asks(self, clip, tags):
        self.ask(clip, tags)

    def ask(self, clip, tags, *, during=False):
        """Tag a clip; nobody can tell which masks a lead saw who excludes it just while they change."""
        held = self.room.board.held().get(clip)
        if held is not None and held.tags.isdisjoint({Tag.REDO, Tag.EXCLUDE}):
            self.notes += 1
            note = f"note {self.notes}."
            self.room.board.tag(clip, *tags, by="eve", note=note)
            shown = None if Tag.EXCLUDE in tags and during else held.masks
            self.asked[note] = clip, tags, shown

    @rule(clip=clips)
    def a_lead_changes_priority(self, clip):
        held = self.room.board.held().get(clip)
        if held is not None and Tag.PRIORITY in held.tags:
            self.room.board.take_off(clip, Tag.PRIORITY)
        elif held is not None:
            self.room.board.tag(clip, Tag.PRIORITY, by=held.by, note=held.note)

    @rule(clip=clips)
    def somebody_deletes_a_clip_from_the_board(self, clip):
        self.room.board.drop([clip])
        self.asked = {note: ask for note, ask in self.asked.items() if ask[0] != clip}

    @rule(at=steps, masks=st.booleans(), costly=st.booleans())
    def a_sync_is_killed(self, at, masks, costly):
        with suppress(Killed):
            sync(mortal(self.room, Fate(at, die)), by="lead", masks=masks, costly=costly)

    @rule(at=steps, clip=clips, tags=REQUESTS)
    def a_lead_asks_during_a_sync(self, at, clip, tags):
        fate = Fate(at, lambda: self.ask(clip, tags, during=True))
        sync(mortal(self.room, fate), by="lead")

    @rule(at=steps, clip=clips)
    def somebody_corrects_during_a_sync(self, at, clip):
        sync(mortal(self.room, Fate(at, lambda: self.somebody_corrects(clip, 9))), by="lead")

    @rule()
    def a_quiet_sync(self):
        report = self.room.sync()
        assert report.failed == {}
        agreeing(self.room)
        self.every_request_was_answered()

    def every_request_was_answered(self):
        """Find what the card of each request's clip said when its tags went."""
        for note, (_, tags, _) in self.asked.items():
            first = Tag.EXCLUDE if Tag.EXCLUDE in tags else Tag.REDO
            assert f"{first} by eve: " in self.heard[note]

    @invariant()
    def no_verdict_is_about_masks_that_the_lead_did_not_see(self):
        for clip in CLIPS:
            for event in self.room.db.catalog.events(clip):
                if event.note in self.asked and event.move not in {Move.PRIORITISE, Move.DEFER}:
                    _, tags, shown = self.asked[event.note]
                    assert shown == event.revision or (shown is None and Tag.EXCLUDE in tags)

    def teardown(self):
        self.a_quiet_sync()
        again = self.room.sync()
        assert not again.changed


TestStory = Story.TestCase
TestStory.settings = settings(max_examples=150, stateful_step_count=25, deadline=None)
TestStory.pytestmark = [pytest.mark.slow]
