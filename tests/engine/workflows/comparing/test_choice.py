"""What is compared: drawings by model, named as people can name them, beside what was accepted or beside each other."""

from collections.abc import Callable
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import SelectionError
from engine.fakes.queue import MemoryDatabase
from engine.stages import Move
from engine.types import Clip, FrameMasks, Kind, Revision, Video
from engine.workflows.comparing.choice import (
    Choice,
    Model,
    drawings,
    models,
    with_each_other,
    with_people,
)

NANO = {"segmenter": "nano", "segmenter_sha256": "aaaa1111", "detector": "yolo", "detector_sha256": "dddd4444"}  # fmt: skip
BIG = NANO | {"segmenter": "big", "segmenter_sha256": "bbbb2222"}
NANO_AGAIN = NANO | {"segmenter_sha256": "aaaa9999"}
BY_NANO, BY_BIG = "nano aaaa1111, yolo dddd4444", "big bbbb2222, yolo dddd4444"

Draw = Callable[..., int]


@pytest.fixture
def database() -> MemoryDatabase:
    """Return three clips without masks."""
    made = MemoryDatabase()
    clips = [Clip(f"game-{n}", "f00d", "a.mp4", 30 * n, 30, 8, 8, Fraction(30)) for n in range(3)]
    made.catalog.add_video(Video("f00d", "a.mp4", "a.mp4", 8, 8, Fraction(30), 90), clips)
    return made


@pytest.fixture
def draw(database: MemoryDatabase) -> Draw:
    """Return what adds a revision to a clip: by these models, or by a person."""

    def add(clip: str, provenance: dict[str, str] | None = None, author: str = "det-sam2") -> int:
        head = database.catalog.clip(clip).head
        kind = Kind.MANUAL if provenance is None else Kind.AUTO
        made = Revision(clip, head, kind, author, (), provenance or {})
        database.catalog.move(clip, Move.CORRECT if provenance is None else Move.PREANNOTATE, actor=author)  # fmt: skip
        return database.revisions.append(made, [FrameMasks(0)]).id

    return add


@pytest.fixture
def accept(database: MemoryDatabase) -> Callable[[str], None]:
    def judge(clip: str) -> None:
        stage = database.catalog.clip(clip).stage
        if stage == "in correction":
            database.catalog.move(clip, Move.SUBMIT, actor="ada")
        database.catalog.move(clip, Move.ACCEPT, actor="lead")

    return judge


def chosen(choice: Choice) -> list[tuple[str, int, int]]:
    return [(pair.clip.id, pair.true, pair.drawn) for pair in choice.pairs]


def test_models_are_listed_with_the_clips_they_drew_those_of_most_clips_first(
    database, draw, accept
) -> None:
    draw("game-0", NANO)
    draw("game-0", NANO)
    draw("game-1", BIG)
    draw("game-2", BIG)
    draw("game-1")
    accept("game-1")
    drawn = drawings(database.catalog, database.revisions)
    assert models(drawn) == (Model(BY_BIG, 2, 1), Model(BY_NANO, 1, 0))


def test_an_import_that_names_no_model_goes_by_its_author(database, draw) -> None:
    draw("game-0", {"source": "there"}, "another tool")
    (only,) = models(drawings(database.catalog, database.revisions))
    assert only.name == "another tool"


def test_nothing_drawn_is_no_model(database) -> None:
    assert models(drawings(database.catalog, database.revisions)) == ()


def test_only_named_clips_count(database, draw) -> None:
    draw("game-0", NANO)
    draw("game-1", BIG)
    drawn = drawings(database.catalog, database.revisions, ["game-1", "game-1"])
    assert [one.model for one in drawn] == [BY_BIG]
    with pytest.raises(SelectionError):
        drawings(database.catalog, database.revisions, ["gone"])


@pytest.mark.parametrize(
    ("name", "means"),
    [(BY_NANO, True), ("nano", True), ("aaaa", True), ("aaaa1111", True), ("dddd", True), ("aaa", False), ("nan", False), ("bbbb", False), ("", False)],
)  # fmt: skip
def test_a_model_goes_by_all_its_words_a_name_or_the_first_digits_of_its_weights(
    database, draw, name, means
) -> None:
    draw("game-0", NANO)
    (one,) = drawings(database.catalog, database.revisions)
    assert one.by(name) is means


def test_what_people_accepted_is_compared_with_what_was_drawn_last(database, draw, accept) -> None:
    draw("game-0", NANO)
    last = draw("game-0", BIG)
    accepted = draw("game-0")
    accept("game-0")
    draw("game-1", NANO)
    choice = with_people(drawings(database.catalog, database.revisions))
    assert chosen(choice) == [("game-0", accepted, last)]
    assert choice.pairs[0].model == BY_BIG
    assert choice.left_out == {"game-1": "is pre-annotated, not accepted"}


def test_what_people_accepted_is_compared_with_what_one_model_drew_last(
    database, draw, accept
) -> None:
    first = draw("game-0", NANO)
    draw("game-0", BIG)
    accepted = draw("game-0")
    accept("game-0")
    choice = with_people(drawings(database.catalog, database.revisions), "nano")
    assert chosen(choice) == [("game-0", accepted, first)]
    assert choice.what == "accepted and nano"


def test_what_was_accepted_as_it_was_drawn_is_compared_with_itself(database, draw, accept) -> None:
    only = draw("game-0", NANO)
    accept("game-0")
    choice = with_people(drawings(database.catalog, database.revisions))
    assert chosen(choice) == [("game-0", only, only)]


def test_where_nothing_is_accepted_there_is_nothing_to_compare(database, draw) -> None:
    draw("game-0", NANO)
    with pytest.raises(SelectionError, match=r"accepted yet: game-0 is pre-annotated; "):
        with_people(drawings(database.catalog, database.revisions))


def test_where_a_clip_that_was_asked_for_stands_is_told(database, draw) -> None:
    draw("game-1", NANO)
    database.catalog.move("game-1", Move.REJECT, actor="lead")
    with pytest.raises(SelectionError, match="accepted yet: game-1 is rejected; "):
        with_people(drawings(database.catalog, database.revisions, ["game-1"]))


def test_of_many_clips_the_stages_are_counted() -> None:
    made = MemoryDatabase()
    clips = [Clip(f"game-{n}", "f00d", "a.mp4", 30 * n, 30, 8, 8, Fraction(30)) for n in range(4)]
    made.catalog.add_video(Video("f00d", "a.mp4", "a.mp4", 8, 8, Fraction(30), 120), clips)
    for clip in clips:
        made.revisions.append(Revision(clip.id, None, Kind.AUTO, "x", (), NANO), [])
        made.catalog.move(clip.id, Move.PREANNOTATE, actor="x")
    made.catalog.move("game-3", Move.REJECT, actor="lead")
    with pytest.raises(
        SelectionError, match="3 of the clips are pre-annotated, 1 of the clips is rejected"
    ):
        with_people(drawings(made.catalog, made.revisions))


def test_where_nothing_is_drawn_the_next_step_is_told(database) -> None:
    drawn = drawings(database.catalog, database.revisions)
    for choose in (
        lambda: with_people(drawn),
        lambda: with_people(drawn, "nano"),
        lambda: with_each_other(drawn, "nano", "big"),
    ):
        with pytest.raises(
            SelectionError, match="nothing of this is drawn yet: `engine preannotate`"
        ):
            choose()


def test_the_same_models_with_other_settings_are_other_drawings(database, draw) -> None:
    every = [
        NANO | {"det_sam2": f'{{"every": {n}, "rules": {{"confidence": 0.25}}}}'} for n in (30, 10)
    ]
    often, seldom = f"{BY_NANO} (every 10)", f"{BY_NANO} (every 30)"
    first, second = draw("game-0", every[0]), draw("game-0", every[1])
    drawn = drawings(database.catalog, database.revisions)
    assert [one.name for one in models(drawn)] == [often, seldom]
    assert chosen(with_each_other(drawn, seldom, often)) == [("game-0", first, second)]
    assert chosen(with_each_other(drawn, seldom, BY_NANO)) == [("game-0", first, second)]


def test_a_model_that_drew_nothing_is_refused_with_those_that_did(database, draw) -> None:
    draw("game-0", NANO)
    drawn = drawings(database.catalog, database.revisions)
    with pytest.raises(SelectionError, match=r"'nan' .*known are nano aaaa1111.*compare --list"):
        with_people(drawn, "nan")
    with pytest.raises(SelectionError, match="'huge'"):
        with_each_other(drawn, "nano", "huge")


def test_two_models_are_compared_on_the_clips_that_both_drew(database, draw) -> None:
    draw("game-0", NANO)
    big, again = draw("game-0", BIG), draw("game-0", NANO)
    draw("game-1", NANO)
    draw("game-2", BIG)
    choice = with_each_other(drawings(database.catalog, database.revisions), "big", "nano")
    assert chosen(choice) == [("game-0", big, again)]
    assert (choice.pairs[0].whose, choice.pairs[0].model) == (BY_BIG, BY_NANO)
    assert choice.left_out == {"game-1": "only nano drew it", "game-2": "only big drew it"}


def test_two_versions_of_one_model_are_told_apart_by_their_weights(database, draw) -> None:
    old, new = draw("game-0", NANO), draw("game-0", NANO_AGAIN)
    drawn = drawings(database.catalog, database.revisions)
    assert chosen(with_each_other(drawn, "aaaa1111", "aaaa9999")) == [("game-0", old, new)]
    assert chosen(with_each_other(drawn, "aaaa1111", "nano")) == [("game-0", old, new)]


def test_a_model_is_not_compared_with_itself(database, draw) -> None:
    draw("game-0", NANO)
    drawn = drawings(database.catalog, database.revisions)
    with pytest.raises(SelectionError, match="both names mean the same masks"):
        with_each_other(drawn, "nano", "aaaa")


def test_models_without_a_clip_in_common_cannot_be_compared(database, draw) -> None:
    draw("game-0", NANO)
    draw("game-1", BIG)
    drawn = drawings(database.catalog, database.revisions)
    with pytest.raises(SelectionError, match="only nano drew it"):
        with_each_other(drawn, "nano", "big")


@given(st.lists(st.tuples(st.integers(0, 2), st.sampled_from([NANO, BIG, NANO_AGAIN])), max_size=9))
def test_every_clip_that_either_drew_is_compared_or_left_out_with_a_reason(
    steps: list[tuple[int, dict[str, str]]],
) -> None:
    made = MemoryDatabase()
    clips = [Clip(f"game-{n}", "f00d", "a.mp4", 30 * n, 30, 8, 8, Fraction(30)) for n in range(3)]
    made.catalog.add_video(Video("f00d", "a.mp4", "a.mp4", 8, 8, Fraction(30), 90), clips)
    for number, models_ in steps:
        head = made.catalog.clip(f"game-{number}").head
        made.revisions.append(Revision(f"game-{number}", head, Kind.AUTO, "x", (), models_), [])
    drawn = drawings(made.catalog, made.revisions)
    try:
        choice = with_each_other(drawn, "nano", "big")
    except SelectionError:
        both = [{model["segmenter"] for n, model in steps if n == number} for number in range(3)]
        assert {"nano", "big"} not in both
        return
    compared = {pair.clip.id for pair in choice.pairs}
    assert compared | choice.left_out.keys() == {one.status.clip.id for one in drawn}
    assert compared.isdisjoint(choice.left_out)
    newest = {(one.status.clip.id, one.revision.provenance["segmenter"]): one.revision.id for one in drawn}  # fmt: skip
    assert {(p.clip.id, p.true, p.drawn) for p in choice.pairs} == {
        (clip, newest[clip, "nano"], newest[clip, "big"]) for clip in compared
    }
