"""What somebody says about the whole clip is read among the regions of its tracks."""

import pytest

from engine.errors import InputError
from ml_backend.boxes.changes import note, verdict
from tests.ml_backend.editing import base


def said(control, **value):
    return {"id": control, "type": "any", "from_name": control, "to_name": "video", "value": value}


@pytest.mark.parametrize("choice", ["accepted", "needs work", "exclude"])
def test_a_verdict_is_read_among_regions(choice):
    assert verdict([*base(), said("verdict", choices=[choice])]) == choice


@pytest.mark.parametrize(
    "result",
    [
        [],
        [said("verdict", choices=[])],
        [said("verdict", choices=None)],
        [said("verdict", choices=["perhaps"])],
        [said("verdict", choices=[{}])],
        [said("verdict", choices=7)],
        [said("event", choices=["accepted"])],
    ],
)
def test_what_is_no_verdict_is_none(result):
    assert verdict(result) is None


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("  the cue hides it ", "the cue hides it"),
        (["first", "second "], "first\nsecond"),
        ([], ""),
        (None, ""),
        ([None, 3], ""),
    ],
)
def test_a_note_is_read_in_all_its_forms(text, read):
    assert note([*base(), said("note", text=text)]) == read


def test_without_a_note_there_is_none():
    assert note(base()) == ""


@pytest.mark.parametrize("read", [verdict, note])
def test_what_is_no_list_of_regions_holds_no_verdict_and_no_note(read):
    with pytest.raises(InputError, match="expected a list of regions"):
        read({"choices": ["accepted"]})
