"""The layout: every field once, described for people, hidden ones told by their names."""

import pytest

from exports.board import names
from exports.board.fields import CLIP_FIELDS, FRAME_FIELDS, Field

BUILT_IN = {"filepath", "id", "tags", "metadata", "created_at", "last_modified_at", "frame_number"}


@pytest.mark.parametrize("fields", [CLIP_FIELDS, FRAME_FIELDS])
def test_no_field_is_there_twice_or_in_the_way_of_fiftyone_s_own(fields: tuple[Field, ...]) -> None:
    paths = [one.path for one in fields]
    assert len(set(paths)) == len(paths)
    assert not BUILT_IN & set(paths)


@pytest.mark.parametrize("one", [*CLIP_FIELDS, *FRAME_FIELDS], ids=lambda one: one.path)
def test_every_field_is_described_in_a_short_sentence(one: Field) -> None:
    assert 5 < len(one.about) < 60
    assert not one.about.endswith(".")


def test_fields_that_are_not_for_people_are_those_whose_names_say_so() -> None:
    ours = {one.path for one in CLIP_FIELDS if one.path.startswith("engine_")}
    assert ours == set(names.HIDDEN)


def test_what_lies_inside_a_field_is_declared_after_it() -> None:
    for fields in (CLIP_FIELDS, FRAME_FIELDS):
        seen: set[str] = set()
        for one in fields:
            assert "." not in one.path or one.path.partition(".")[0] in seen
            seen.add(one.path)


def test_lists_and_labels_say_what_they_hold_and_nothing_else_does() -> None:
    for one in (*CLIP_FIELDS, *FRAME_FIELDS):
        assert bool(one.of) == (one.kind in {"ListField", "EmbeddedDocumentField"})
