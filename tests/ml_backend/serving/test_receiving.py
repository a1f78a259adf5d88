"""One annotation is one delivery, whichever way Label Studio told of it."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import InputError
from engine.ports import Link
from ml_backend.serving.receiving import WHAT, Told, delivery_of, store
from tests.ml_backend.conftest import saved, told

KEPT = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**6), 10**6),
    st.floats(-1e6, 1e6),
    st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])),
)
JSON = st.recursive(
    KEPT, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abc"), inner), max_leaves=20
)  # fmt: skip
REGIONS = st.lists(st.dictionaries(st.text("xyz", min_size=1), JSON, max_size=4), max_size=3)


def of(**changes: object) -> Told:
    return delivery_of(saved(**changes)["annotation"])


def test_a_webhook_and_every_way_to_ask_tell_the_same() -> None:
    asked = {"task": 1, "number": 1, "at": datetime(2026, 11, 21, 17, 3, 42, 78950, UTC)}
    ways = [
        told("webhook_updated")["annotation"],
        told("api_annotation") | {"ground_truth": False, "updated_at": "2026-11-21T17:03:42.078950Z"},
        told("predict")["tasks"][0]["annotations"][0],
    ]  # fmt: skip
    found = [delivery_of(way) for way in ways]
    assert len({one.digest for one in found}) == 1
    assert {(one.task, one.number, one.at) for one in found} == {tuple(asked.values())}
    assert {json.dumps(one.body, sort_keys=True) for one in found} == {
        json.dumps(found[0].body, sort_keys=True)
    }


def test_starred_annotations_too() -> None:
    ways = [
        told("webhook_starred")["annotation"],
        told("api_annotation"),
        *told("api_annotations")[:1],
        *(one for one in told("api_task")["annotations"] if one["id"] == 1),
    ]
    found = {(one.digest, one.at, one.number) for one in map(delivery_of, ways)}
    assert len(found) == 1
    assert delivery_of(ways[0]).body["ground_truth"] is True


def test_the_author_is_an_e_mail_where_one_is_told_and_else_a_number() -> None:
    in_task, in_list = told("api_task")["annotations"][0], told("api_annotations")[0]
    assert delivery_of(in_task).author == "admin@example.test"
    assert delivery_of(in_list).author == "label-studio user 1"
    assert of(completed_by=None).author == "label-studio"


def test_a_skipped_task_is_told_as_such() -> None:
    skipped = delivery_of(told("webhook_skipped")["annotation"], action="ANNOTATION_CREATED")
    assert (skipped.body["was_cancelled"], skipped.body["result"]) == (True, [])
    assert skipped.body["action"] == "ANNOTATION_CREATED"


def test_what_people_did_not_decide_changes_no_digest() -> None:
    assert (
        of(parent_prediction=7, completed_by=3, lead_time=99.0, unique_id="x").digest
        == of(parent_prediction=None, updated_at="2027-01-01T00:00:00Z").digest
    )


@pytest.mark.parametrize(
    "change", [{"was_cancelled": True}, {"ground_truth": True}, {"result": []}, {"result": [{}]}]
)
def test_what_people_decided_does(change: dict[str, object]) -> None:
    assert of(**change).digest != of().digest


@given(REGIONS)
def test_the_order_of_names_and_how_numbers_are_written_do_not_count(regions: list[object]) -> None:
    def turned(value: object) -> object:
        if isinstance(value, dict):
            return {name: turned(one) for name, one in reversed(value.items())}
        if isinstance(value, list):
            return [turned(one) for one in value]
        return float(value) if type(value) is int else value

    assert of(result=regions).digest == of(result=turned(regions)).digest


@given(REGIONS)
def test_regions_are_kept_as_they_are(regions: list[object]) -> None:
    assert of(result=regions).body["result"] == regions


@given(REGIONS, REGIONS)
def test_regions_that_differ_have_digests_that_differ(
    one: list[object], other: list[object]
) -> None:
    same = json.dumps(of(result=one).body["result"], sort_keys=True) == json.dumps(
        of(result=other).body["result"], sort_keys=True
    )
    assert (of(result=one).digest == of(result=other).digest) is same


def test_text_that_no_database_holds_is_mended() -> None:
    assert of(result=[{"text": "a\0b\ud800"}]).body["result"] == [
        {"text": "ab\N{REPLACEMENT CHARACTER}"}
    ]


def test_no_regions_at_all_are_an_empty_list() -> None:
    assert of(result=None).body["result"] == []


def test_a_time_without_a_zone_is_utc() -> None:
    assert of(updated_at="2026-11-21T17:00:00").at == datetime(2026, 11, 21, 17, tzinfo=UTC)
    assert of(updated_at="2026-11-21T17:00:00+02:00").at == datetime(2026, 11, 21, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": "one"},
        {"id": -1},
        {"id": 1 << 63},
        {"task": None},
        {"task": {}},
        {"result": "secret-text"},
        {"result": [1]},
        {"result": [{"x": float("nan")}]},
        {"result": [{"x": float("inf")}]},
        {"result": [{"x": 1 << 70}]},
        {"updated_at": None},
        {"updated_at": "yesterday"},
        {"updated_at": "9999-12-31T23:59:59-12:00"},
        {"updated_at": "0001-01-01T00:00:00+12:00"},
        {"completed_by": "somebody"},
        {"was_cancelled": 17},
    ],
)
def test_what_is_no_annotation_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(InputError) as refused:
        of(**wrong)
    assert "secret-text" not in str(refused.value)


def test_storing_asks_for_work_once_it_is_news(database) -> None:
    link = database.bridge.links(clip="one")[0]
    first = store(database.bridge, database.queue, link, of())
    assert first is not None
    assert first.author == "label-studio user 1"
    assert database.queue.counts(WHAT).waiting == 1
    job = database.queue.take(WHAT, worker="w")
    database.queue.done(job)
    assert store(database.bridge, database.queue, link, of()) is None
    assert database.queue.counts(WHAT).waiting == 0
    assert database.bridge.waiting() == (first,)


def test_a_task_that_is_not_linked_stores_nothing(database) -> None:
    with pytest.raises(InputError):
        store(database.bridge, database.queue, Link(1, 77, "one"), of(task=77))
    assert database.bridge.waiting() == ()
    assert database.queue.counts(WHAT).waiting == 0
