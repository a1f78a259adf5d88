"""Lists of regions are read as Label Studio writes them, and refused by name where they are not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import InputError
from ml_backend.boxes.regions import Name, parse, regions, revision_of

NUMBERS = st.integers(0, 10**9 - 1)


def part(id_="r1t2", **other):
    return {
        "id": id_,
        "type": "videorectangle",
        "from_name": "box",
        "value": {"sequence": [], "labels": ["red"]},
    } | other


@given(
    st.builds(Name, NUMBERS, track=NUMBERS)
    | st.builds(Name, NUMBERS, track=NUMBERS, frame=NUMBERS)
    | st.builds(Name, NUMBERS, event=NUMBERS)
)
def test_an_id_of_ours_is_read_back_as_what_it_was_made_of(name):
    assert parse(str(name)) == name


def test_ids_of_ours_look_as_agreed():
    assert str(Name(7, track=3)) == "r7t3"
    assert str(Name(7, event=2)) == "r7e2"
    assert str(Name(7, track=3, frame=120)) == "r7t3f120"


@pytest.mark.parametrize(
    "id_",
    ["", "Bk3_x", "r7", "r7t", "t3", "r7t3f", "r-7t3", " r7t3", "r7t3#2", "r7t3\n", "r7e2f1"],
)
def test_what_others_call_their_regions_is_nobodys_track(id_):
    assert parse(id_) is None


def test_a_digit_of_another_script_is_no_digit_of_ours():
    assert parse("r\u0667t3") is None


def test_parts_under_one_id_are_one_region():
    box = {"id": "a", "type": "rectangle", "from_name": "box", "value": {"x": 1}}
    label = {"id": "a", "type": "labels", "from_name": "ball", "value": {"labels": ["red"]}}
    for order in ([box, label], [label, box]):
        (region,) = regions(order)
        assert (region.type, region.control, region.labels) == ("rectangle", "box", ("red",))
        assert region.value == {"x": 1}


def test_labels_of_the_box_itself_come_before_those_beside_it():
    beside = {"id": "r1t2", "type": "labels", "from_name": "ball", "value": {"labels": ["blue"]}}
    assert regions([beside, part()])[0].labels == ("red",)


def test_labels_are_found_under_the_name_of_their_control():
    brush = {"id": "a", "type": "brushlabels", "value": {"brushlabels": ["cue"], "rle": []}}
    assert regions([brush])[0].labels == ("cue",)


def test_a_copied_region_is_another_one_and_not_ours():
    first, second, third = regions([part(), part(), part()])
    assert first.name == Name(1, track=2)
    assert (second.id, second.name) == ("r1t2#2", None)
    assert third.id == "r1t2#3"


def test_what_the_editor_keeps_behind_a_hash_is_no_part_of_an_id():
    assert regions([part("r1t2#917")])[0].name == Name(1, track=2)


def test_regions_without_ids_are_told_apart_by_their_places():
    nameless = {key: value for key, value in part().items() if key != "id"}
    assert [region.id for region in regions([nameless, part(""), nameless])] == ["#0", "#1", "#2"]


def test_relations_and_other_things_without_a_value_are_regions_without_anything():
    (region,) = regions([{"type": "relation", "from_id": "a", "to_id": "b"}])
    assert (region.type, region.value, region.labels) == ("relation", {}, ())


@pytest.mark.parametrize(
    ("meta", "text"),
    [
        ({"text": ["track 3"]}, ("track 3",)),
        ({"text": "track 3"}, ("track 3",)),
        ({"text": None}, ()),
        ({}, ()),
        (None, ()),
    ],
)
def test_the_note_of_a_region_is_read_in_all_its_forms(meta, text):
    assert regions([part(meta=meta)])[0].text == text


@pytest.mark.parametrize("result", [None, 3, "[]", b"[]", {"result": []}])
def test_what_is_no_list_is_refused(result):
    with pytest.raises(InputError, match="expected a list of regions"):
        regions(result)


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        (["r1t2"], "region 0: expected an object"),
        ([part(), None], "region 1: expected an object"),
        ([part({"id": 3})], "region 0: expected an id"),
        ([part(value=[1])], "region r1t2: expected an object as value"),
        ([part(value={"labels": "red"})], "region r1t2: expected a list of labels"),
        ([part(value={"labels": [1]})], "region r1t2: expected a list of labels"),
    ],
)
def test_a_broken_region_is_refused_by_its_name(broken, told):
    with pytest.raises(InputError, match=told):
        regions(broken)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "type", "from_name", "value", "labels", "meta", "text"]),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)


def test_a_type_that_is_no_word_is_a_type_that_nobody_knows():
    assert regions([part(type=["videorectangle"])])[0].type == "['videorectangle']"


@given(JSON)
def test_whatever_comes_it_is_read_or_refused(result):
    try:
        found = regions(result)
    except InputError:
        return
    assert len({region.id for region in found}) == len(found)


def test_the_newest_revision_that_ids_name_is_the_one_that_was_shown():
    assert revision_of([part("r3t1"), part("mine"), part("r4t1")]) == 4
    assert revision_of([part("mine")]) is None
    assert revision_of([]) is None
