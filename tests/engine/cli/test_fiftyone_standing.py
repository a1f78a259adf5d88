"""What FiftyOne holds of a workspace, and what waits: counted from clips and cards, no matter how they came about."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.cli.fiftyone.standing import standing
from engine.ports import ClipStatus
from engine.ports.board import Held, Tag
from engine.stages import Stage
from engine.types import Clip


def status(name: str, head: int | None) -> ClipStatus:
    """Return a clip with its newest revision."""
    clip = Clip(name, "video", "/video.mp4", 0, 30, Fraction(30), 64, 48, "train")
    stage = Stage.INGESTED if head is None else Stage.PREANNOTATED
    return ClipStatus(clip, stage, head, None)


def test_nothing_held_means_that_all_clips_are_new() -> None:
    now = standing("billiards", [status("a", 1), status("b", None)], {})
    assert (now.clips, now.held, now.new, now.masks, now.waiting, now.gone) == (2, 0, 2, 0, 1, 0)


def test_everything_held_means_that_nothing_waits() -> None:
    clips = [status("a", 1), status("b", None)]
    now = standing("billiards", clips, {"a": Held("x", masks=1), "b": Held("y")})
    assert (now.held, now.masks, now.new, now.waiting, now.gone, now.tagged) == (2, 1, 0, 0, 0, {})


def test_masks_of_another_revision_wait() -> None:
    now = standing("billiards", [status("a", 2)], {"a": Held("x", masks=1)})
    assert (now.masks, now.waiting) == (0, 1)


def test_a_clip_that_the_workspace_does_not_have_is_gone() -> None:
    now = standing("billiards", [], {"a": Held("x", masks=1)})
    assert (now.held, now.gone) == (0, 1)


@pytest.mark.parametrize(
    ("held", "tagged"),
    [
        (Held("x"), ()),
        (Held("x", tags=frozenset({Tag.REDO})), (Tag.REDO,)),
        (Held("x", tags=frozenset({Tag.REDO, Tag.EXCLUDE})), (Tag.EXCLUDE, Tag.REDO)),
        (Held("x", tags=frozenset({Tag.PRIORITY})), (Tag.PRIORITY,)),
        (Held("x", tags=frozenset({Tag.PRIORITY}), priority=True), ()),
        (Held("x", priority=True), (Tag.PRIORITY,)),
    ],
)
def test_a_tag_waits_unless_it_says_what_was_told(held: Held, tagged: tuple[Tag, ...]) -> None:
    now = standing("billiards", [status("a", None)], {"a": held})
    assert now.tagged == ({"a": tagged} if tagged else {})


names = st.sampled_from("abcdef")
heads = st.none() | st.integers(1, 3)


@given(
    clips=st.dictionaries(names, heads),
    held=st.dictionaries(names, st.builds(Held, st.just("x"), masks=heads)),
)
def test_every_clip_is_counted_once(clips: dict[str, int | None], held: dict[str, Held]) -> None:
    now = standing("billiards", [status(name, head) for name, head in clips.items()], held)
    assert now.held + now.new == now.clips == len(clips)
    assert now.held + now.gone == len(held)
    assert now.masks + now.waiting == sum(head is not None for head in clips.values())


def test_where_things_run_is_told_as_it_is_given() -> None:
    now = standing("billiards", [], {}, database="there", app="http://here", syncing="ada")
    assert (now.database, now.app, now.syncing) == ("there", "http://here", "ada")
