"""Whatever people do, in any order: undone it is gone, redone it is back, and the log alone brings all of it back.

The store is a table of masks by revision, changed by the engine's own edits; what a model would draw is a mask of one pixel
that no other drawing has.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from annotator_ui.session import (
    ConfirmDeed,
    Deed,
    EditDeed,
    HideDeed,
    PromptDeed,
    Redo,
    Session,
    SpreadDeed,
    Undo,
    Why,
    applied,
    begin,
    check,
    parse,
    replay,
    to_body,
    to_store,
)
from engine import rle
from engine.errors import InputError
from engine.masklets import replaced
from engine.ports.desk import Action, State
from engine.propagate_edits import Deed as Change
from engine.propagate_edits import Edit, changes, tracks_after
from engine.types import Clip, FrameMasks, Point, Track, TrackMask

HIGH, WIDE, FRAMES = 32, 64, 6
CLIP = Clip("clip", "video", "media", 0, FRAMES, WIDE, HIGH, Fraction(30))
START = datetime(2026, 1, 1, tzinfo=UTC)
BASE = 10


def pixel(number: int) -> rle.RLE:
    """Return a mask of one pixel, another one for each number."""
    pixels = np.zeros((HIGH, WIDE), bool)
    pixels[number // WIDE, number % WIDE] = True
    return rle.encode(pixels)


def drawing(track: int, number: int) -> TrackMask:
    return TrackMask(track, pixel(number))


Table = tuple[FrameMasks, ...]
FOUND: Table = tuple(
    FrameMasks(f, (drawing(1, 2 * f), drawing(2, 2 * f + 1))) for f in range(FRAMES)
)


@dataclass
class World:
    """A clip being corrected: the live session, the log, and what every revision holds."""

    session: Session
    tables: dict[int, tuple[Table, tuple[Track, ...]]]
    log: list[Action] = field(default_factory=list)

    @property
    def rows(self) -> Table:
        return self.tables[self.session.head][0]

    def act(self, deed: Deed) -> bool:
        """Do a deed if it makes sense, as the service does; return whether it did."""
        try:
            check(self.session, deed)
            then = self._then(deed)
        except InputError:
            return False
        before = self.session.head
        after = before if then == self.tables[before] else max(self.tables) + 1
        self.tables[after] = then
        seq = len(self.log) + 1
        at = START + timedelta(seconds=seq)
        body = to_body(deed)
        self.log.append(Action(seq, CLIP.id, "ann", body, before, at, State.DONE, after))
        self.session = applied(self.session, deed, seq=seq, after=after, tracks=then[1])
        return True

    def again(self) -> Session:
        """Return the session as a reload would find it."""
        tracks = self.tables[self.session.head][1]
        return replay(CLIP, self.log, head=self.session.head, tracks=tracks)

    def _then(self, deed: Deed) -> tuple[Table, tuple[Track, ...]]:
        rows, tracks = self.tables[self.session.head]
        match deed:
            case Undo():
                return self.tables[self.session.undo_step.before]
            case Redo():
                return self.tables[self.session.redo_step.after]
            case ConfirmDeed():
                return rows, tracks
            case SpreadDeed():
                return self._spread(rows, deed), tracks
        edit = to_store(self.session, deed)
        if edit is None:
            new = drawing(deed.track, 100 + len(self.log))
            edit = Edit(
                Change.REPLACE,
                deed.track,
                range(deed.frame, deed.frame + 1),
                label=deed.label,
                mask=new.rle,
            )
        return _changed(rows, edit), tracks_after(edit, tracks)

    def _spread(self, rows: Table, deed: SpreadDeed) -> Table:
        held, number = self.session.held(), 1000 + len(self.log)
        tracks = {prompt.track for prompt in self.session.spreading(deed)}
        inside = deed.frames or range(FRAMES)
        return tuple(
            replaced(
                row, [drawing(t, number) for t in sorted(tracks) if (row.frame, t) not in held]
            )
            if row.frame in inside and (row.frame, 0) not in held
            else row
            for row in rows
        )


def _changed(rows: Table, edit: Edit) -> Table:
    new = {row.frame: row for row in changes(edit, lambda start, stop: iter(rows[start:stop]))}
    return tuple(new.get(row.frame, row) for row in rows)


def opened(confirmed: tuple[range, ...] = ()) -> World:
    tracks = (Track(1, "cue"), Track(2, "red"))
    session = begin(CLIP, head=BASE, tracks=tracks, confirmed=confirmed)
    return World(session, {BASE: (FOUND, tracks)})


frames = st.integers(0, FRAMES - 1)
tracks = st.sampled_from([1, 2, 1, 2, 3, 4])
labels = st.sampled_from(["red", "", "blue", "eight ball", "Kugel grün"])


@st.composite
def runs(draw: st.DrawFn) -> range:
    start = draw(frames)
    return range(start, draw(st.integers(start + 1, FRAMES)))


@st.composite
def boxes(draw: st.DrawFn) -> tuple[float, float, float, float]:
    x, y = draw(st.floats(0, WIDE - 2)), draw(st.floats(0, HIGH - 2))
    return x, y, x + 1, y + draw(st.floats(0.5, 2))


points = st.builds(Point, st.floats(0, WIDE), st.floats(0, HIGH), st.booleans())
masks = st.integers(0, 1900).map(pixel) | st.just(rle.empty((HIGH, WIDE)))
prompts = (
    st.builds(PromptDeed, frames, tracks, point=points, label=labels)
    | st.builds(PromptDeed, frames, tracks, box=boxes(), label=labels)
    | st.builds(PromptDeed, frames, tracks, mask=masks, label=labels)
)
spreads = st.builds(
    SpreadDeed, st.none() | st.lists(tracks, min_size=1, max_size=2).map(tuple), st.none() | runs()
)


@st.composite
def edits(draw: st.DrawFn) -> EditDeed:
    change = draw(st.sampled_from([change for change in Change if change is not Change.REPLACE]))
    track = draw(tracks)
    other = draw(tracks.filter(lambda number: number != track))
    label = "black" if change is Change.RELABEL else draw(labels)
    if change is Change.SPLIT:
        other = draw(st.integers(5, 9))  # a new one, unless it was there before
    return EditDeed(Edit(change, track, draw(runs()), other, label))


hides = st.builds(HideDeed, frames, tracks, st.sampled_from(Why))
confirms = st.builds(ConfirmDeed, runs(), st.booleans())
kinds = [prompts, prompts, prompts, hides, spreads, edits(), edits(), confirms]
deeds = st.sampled_from(kinds).flatmap(lambda kind: kind)
steps = st.sampled_from([*kinds, st.just(Undo()), st.just(Redo())]).flatmap(lambda kind: kind)
histories = st.lists(steps, min_size=10, max_size=30)
accepted = st.lists(runs(), max_size=2).map(tuple)


@given(accepted, st.lists(deeds, min_size=10, max_size=30))
def test_whatever_was_done_undone_gives_the_start_and_redone_the_end(confirmed, history) -> None:
    world = opened(confirmed)
    start = world.session
    for deed in history:
        world.act(deed)
    end, rows, steps = world.session, world.rows, len(world.session.done)
    for _ in range(steps):
        assert world.act(Undo())
    assert not world.act(Undo())
    assert world.session.evidence == start.evidence
    assert world.tables[world.session.head] == world.tables[BASE]
    for _ in range(steps):
        assert world.act(Redo())
    assert not world.act(Redo())
    assert world.session.evidence == end.evidence
    assert (world.session.done, world.rows, world.session.tracks) == (end.done, rows, end.tracks)


@given(histories)
def test_every_undo_brings_the_very_masks_and_prompts_of_before(history) -> None:
    world, past = opened(), []
    for deed in history:
        now = world.session.evidence, world.rows
        if isinstance(deed, Redo) or not world.act(deed):
            continue
        if isinstance(deed, Undo):
            assert (world.session.evidence, world.rows) == past.pop()
        else:
            past.append(now)


@given(histories)
def test_a_reload_after_any_action_finds_the_session_as_it_was(history) -> None:
    world = opened()
    for deed in history:
        world.act(deed)
        assert world.again() == world.session


@given(histories, histories)
def test_a_session_goes_on_after_a_reload_as_if_there_had_been_none(before, after) -> None:
    world = opened()
    for deed in before:
        world.act(deed)
    reloaded = World(world.again(), dict(world.tables), list(world.log))
    for deed in after:
        assert world.act(deed) == reloaded.act(deed)
        assert world.session == reloaded.session


@given(histories)
def test_what_the_session_says_of_a_place_is_so_in_the_masks(history) -> None:
    world = opened()
    for deed in history:
        world.act(deed)
        for frame, track in world.session.hidden():
            assert track not in world.rows[frame].by_track()
        for frame, track in world.session.evidence.gone:
            assert track not in world.rows[frame].by_track()
        for (frame, track), said in world.session.evidence.spoken.items():
            if said.painted:  # after a merge, as a part of what is shown
                shown = world.rows[frame].by_track()[track].rle
                assert rle.area(rle.subtract(said.mask, shown)) == 0


@given(histories)
def test_no_spread_changes_what_is_held(history) -> None:
    world = opened()
    for deed in history:
        held, before = world.session.held(), world.rows
        world.act(deed)
        if isinstance(deed, SpreadDeed):
            for frame, track in held:
                old, new = before[frame].by_track(), world.rows[frame].by_track()
                assert (old == new) if track == 0 else old.get(track) == new.get(track)


@given(histories)
def test_a_spread_leaves_nothing_to_spread_and_its_undo_leaves_all_of_it(history) -> None:
    world = opened()
    for deed in history:
        world.act(deed)
    waiting = world.session.pending()
    if world.act(SpreadDeed()):
        assert not world.session.pending()
        world.act(Undo())
    assert world.session.pending() == waiting


@given(histories)
def test_no_number_is_given_to_two_balls(history) -> None:
    world, used = opened(), {1, 2}
    for deed in history:
        known = {track.id for track in world.session.tracks}
        assert world.session.new_track() == max(used) + 1
        if world.act(deed) and not isinstance(deed, Redo):
            fresh = {track.id for track in world.session.tracks} - known
            assert not fresh & used
            used |= fresh


@given(histories)
def test_what_is_pending_is_in_force_and_inside_what_is_dirty(history) -> None:
    world = opened()
    for deed in history:
        world.act(deed)
    session = world.session
    for track, waiting in session.pending().items():
        assert set(waiting) <= set(session.in_force())
        assert {prompt.frame for prompt in waiting} <= set(session.dirty()[track])
        assert session.dirty()[track][-1] == waiting[-1].frame
    rest = session.earlier(session.spreading())
    assert sorted(map(repr, (*rest, *session.spreading()))) == sorted(map(repr, session.in_force()))


@given(histories)
def test_as_many_deeds_are_counted_as_stand(history) -> None:
    world = opened()
    for deed in history:
        world.act(deed)
    counts = world.session.counts()
    kinds = (
        counts.clicks,
        counts.boxes,
        counts.strokes,
        counts.hides,
        counts.spreads,
        counts.edits,
        counts.confirms,
    )
    assert sum(kinds) == len(world.session.done)


@given(deeds | st.just(Undo()) | st.just(Redo()))
def test_a_deed_comes_back_from_its_json(deed) -> None:
    assert parse(to_body(deed)) == deed


junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)


@given(junk)
def test_what_is_no_action_is_refused_and_nothing_else_happens(body) -> None:
    try:
        parse(body)
    except InputError:
        return
    raise AssertionError(f"taken for an action: {body!r}")


@settings(max_examples=300)
@given(deeds, st.data())
def test_an_action_with_junk_in_it_is_refused_or_still_an_action(deed, data) -> None:
    body = to_body(deed)
    key = data.draw(st.sampled_from([*body, "strange"]))
    body[key] = data.draw(junk)
    try:
        found = parse(body)
    except InputError:
        return
    assert parse(to_body(found)) == found
