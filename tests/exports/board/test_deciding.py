"""Decisions of several people between two syncs: nobody's is done in another's name. The dataset is a table of the test's own."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exports.board.plugin import asking
from exports.board.plugin.deciding import DECISIONS, VERDICTS, decide


class Table:
    """A dataset as far as decisions ask for it: rows by id, views of some of them."""

    def __init__(self, rows, order=None):
        self.rows, self.order = rows, list(rows) if order is None else order

    def select(self, samples, *, ordered=False):
        kept = set(samples)
        return Table(
            self.rows, list(samples) if ordered else [one for one in self.rows if one in kept]
        )

    def values(self, names):
        return [[self.rows[one][name] for one in self.order] for name in names]

    def set_values(self, name, values):
        for one, value in zip(self.order, values, strict=True):
            self.rows[one][name] = value

    def tag_samples(self, tag):
        for one in self.order:
            self.rows[one]["tags"] = [*{*self.rows[one]["tags"], tag}]

    def untag_samples(self, tags):
        for one in self.order:
            self.rows[one]["tags"] = [each for each in self.rows[one]["tags"] if each not in tags]

    def has_sample_field(self, name):
        return all(name in row for row in self.rows.values())


def row(name, *, tags=(), told=None, by=None, note=None):
    """Return a clip as FiftyOne keeps it."""
    return {
        "id": name, "clip": f"clip-{name}", "tags": list(tags),
        "engine_priority": told, "engine_by": by, "engine_note": note,
    }  # fmt: skip


def table(*rows):
    """Return a dataset of clips."""
    return Table({one["id"]: one for one in rows})


def told(dataset, name):
    """Return the tags of a clip, who set them and why."""
    found = dataset.rows[name]
    return sorted(found["tags"]), found["engine_by"], found["engine_note"]


def test_a_clip_on_which_a_decision_of_somebody_else_waits_is_left_alone_and_named():
    clips = table(row("a"), row("b"))
    assert decide(clips, ["a"], "priority", by="ada", note="for Friday") == {}
    assert decide(clips, ["b", "a"], "redo", by="bo", note="second look") == {"clip-a": "ada"}
    assert told(clips, "a") == (["priority"], "ada", "for Friday")
    assert told(clips, "b") == (["redo"], "bo", "second look")


def test_who_gave_no_name_is_somebody_else_too():
    clips = table(row("a", tags=["redo"]))
    assert decide(clips, ["a"], "exclude", by="ada", note="two tables") == {"clip-a": ""}
    assert decide(clips, ["a"], "exclude", by="", note="two tables") == {}


def test_priority_that_the_engine_knows_waits_for_nothing():
    clips = table(row("a", tags=["priority"], told=True, by="ada", note="for Friday"))
    assert decide(clips, ["a"], "redo", by="bo", note="shadow") == {}
    assert told(clips, "a") == (["priority", "redo"], "bo", "shadow")


def test_priority_that_is_to_go_waits():
    clips = table(row("a", tags=["priority"], told=True))
    decide(clips, ["a"], "defer", by="ada", note="")
    assert decide(clips, ["a"], "redo", by="bo", note="shadow") == {"clip-a": "ada"}


def test_notes_of_one_person_about_two_decisions_stand_together():
    clips = table(row("a"))
    decide(clips, ["a"], "priority", by="ada", note="for Friday")
    decide(clips, ["a"], "redo", by="ada", note="shadow")
    assert told(clips, "a") == (["priority", "redo"], "ada", "for Friday; shadow")


def test_a_note_about_a_verdict_that_is_replaced_goes_with_it():
    clips = table(row("a"))
    decide(clips, ["a"], "redo", by="ada", note="shadow")
    decide(clips, ["a"], "exclude", by="ada", note="two tables")
    assert told(clips, "a") == (["exclude"], "ada", "two tables")


@pytest.mark.parametrize(("done", "back"), [("redo", "nothing"), ("priority", "defer")])
def test_what_is_taken_back_leaves_no_word_for_the_next_tag(done, back):
    clips = table(row("a"))
    decide(clips, ["a"], done, by="ada", note="shadow")
    decide(clips, ["a"], back, by="ada", note="never mind")
    assert told(clips, "a") == ([], "", "")


@given(st.lists(st.tuples(st.sampled_from(list(DECISIONS)), st.sampled_from(["ada", "bo", ""]))))
def test_what_waits_is_always_said_by_who_asked_for_it(decisions):
    clips, whose = table(row("a")), None
    for decision, name in decisions:
        left = decide(clips, ["a"], decision, by=name, note="why")
        tags, by, _ = told(clips, "a")
        assert bool(left) == (whose is not None and whose != name)
        whose = by if tags else None
        assert whose in {None, *left.values()} if left else whose in {None, name}
        assert len(set(tags) & set(VERDICTS)) <= 1


def test_decisions_are_made_where_clips_are():
    pictures = Table({"a": {"clip": "clip-a"}})
    assert asking.what_first(pictures, ["a"]) == asking.NOT_HERE
    assert asking.what_first(table(row("a")), []) == asking.NO_CLIP
    assert asking.what_first(table(row("a")), ["a"]) is None


@pytest.mark.parametrize(
    ("said", "lacks"),
    [
        ({}, asking.NOT_YET),
        ({"note": "why"}, asking.NOT_YET),
        ({"decision": "redo"}, asking.NO_REASON),
        ({"decision": "exclude", "note": "  "}, asking.NO_REASON),
        ({"decision": "redo", "note": "shadow"}, ""),
        ({"decision": "priority", "note": None}, ""),
    ],
)
def test_verdicts_need_a_reason_and_other_decisions_do_not(said, lacks):
    assert asking.lacking(said) == lacks


def test_what_became_of_a_decision_is_said_in_words():
    assert asking.outcome("redo", 1, {}).startswith("redo: 1 clip. It counts with the next sync")
    assert "3 clips" in asking.outcome("redo", 3, {})
    none = asking.outcome("redo", 0, {"clip-a": "ada", "clip-b": ""})
    assert none.startswith("Not done")
    assert "clip-a (ada), clip-b (no name)" in none
    many = asking.outcome("redo", 1, {f"clip-{n}": "ada" for n in range(9)})
    assert "and 4 more" in many
