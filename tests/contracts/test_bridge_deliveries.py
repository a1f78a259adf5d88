"""What every Bridge promises of deliveries: nothing twice, nothing overtaken, in order, kept as it came, settled once."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any, TypeAlias

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db.connect import Database
from engine.errors import InputError, SelectionError, StoreError
from engine.fakes.queue import MemoryDatabase
from engine.ports import Delivery, Link, OutsideProject, State, TaskKind
from engine.types import Kind, Revision

Stores: TypeAlias = Database | MemoryDatabase

NOON = datetime(2030, 5, 1, 12, tzinfo=UTC)
BODY = {"result": [{"id": "r1t3", "value": {"sequence": [{"frame": 1, "x": 12.5}]}}]}


@pytest.fixture
def link(stocked: Stores) -> Link:
    """Return task 11 about table-0, in a project for whole clips."""
    project = stocked.bridge.put_project(OutsideProject("http://labels", TaskKind.CLIP, 4))
    return stocked.bridge.put_link(Link(project.id, 11, "table-0"))


def tell(stores: Stores, link: Link, after: float = 0, **more: Any) -> Delivery | None:
    """Deliver annotation 7 of maria, so many seconds after noon."""
    told: dict[str, Any] = {"number": 7, "author": "maria", "body": BODY, "digest": "d1"} | more
    return stores.bridge.receive(link, at=NOON + timedelta(seconds=after), **told)


def told(stores: Stores, link: Link, after: float = 0, **more: Any) -> Delivery:
    delivery = tell(stores, link, after, **more)
    assert delivery is not None
    return delivery


def revision(stores: Stores, clip: str = "table-0", parent: int | None = None) -> int:
    stored = stores.revisions.append(Revision(clip, parent, Kind.AUTO, "nano", ()), ())
    assert stored.id is not None
    return stored.id


def test_a_delivery_is_there_as_it_was_told_and_waits(stocked: Stores, link: Link) -> None:
    delivery = told(stocked, link)
    about = (link.project, 11, "table-0", 7, "maria", NOON, BODY, "d1")
    assert delivery == Delivery(delivery.id, *about)
    assert (delivery.state, delivery.after, delivery.note) == (State.ASKED, None, "")
    assert stocked.bridge.waiting() == (delivery,)
    assert stocked.bridge.deliveries("table-0") == (delivery,)


def test_what_is_sent_twice_is_stored_once(stocked: Stores, link: Link) -> None:
    first = told(stocked, link)
    assert tell(stocked, link) is None
    assert tell(stocked, link, after=5) is None
    assert stocked.bridge.deliveries("table-0") == (first,)


def test_what_was_overtaken_by_a_later_one_is_no_news(stocked: Stores, link: Link) -> None:
    later = told(stocked, link, after=5, digest="later")
    assert tell(stocked, link, after=3, digest="earlier") is None
    assert tell(stocked, link, after=5, digest="same moment") is None
    assert stocked.bridge.deliveries("table-0") == (later,)


def test_what_comes_later_and_differs_is_news(stocked: Stores, link: Link) -> None:
    first = told(stocked, link)
    second = told(stocked, link, after=1e-6, digest="d2")
    assert stocked.bridge.deliveries("table-0") == (first, second)


def test_a_content_that_comes_back_after_another_is_news_again(stocked: Stores, link: Link) -> None:
    deliveries = [told(stocked, link, after=n, digest=d) for n, d in enumerate("aba")]
    assert stocked.bridge.deliveries("table-0") == tuple(deliveries)


@pytest.mark.parametrize("state", [State.DONE, State.DROPPED])
def test_what_was_acted_on_is_no_news_when_it_comes_again(
    stocked: Stores, link: Link, state: State
) -> None:
    stocked.bridge.settle(told(stocked, link).id, state)
    assert tell(stocked, link, after=9) is None
    assert stocked.bridge.waiting() == ()


@pytest.mark.parametrize(("state", "note"), [(State.FAILED, "reopen it"), (State.DONE, "look")])
def test_what_was_refused_or_done_with_a_remark_can_be_told_again(
    stocked: Stores, link: Link, state: State, note: str
) -> None:
    stocked.bridge.settle(told(stocked, link).id, state, note=note)
    assert tell(stocked, link) is None
    assert tell(stocked, link, after=9) is not None


def test_annotations_tasks_and_projects_do_not_overtake_each_other(
    stocked: Stores, link: Link
) -> None:
    frames = stocked.bridge.put_project(OutsideProject("http://labels", TaskKind.FRAMES, 5))
    others = [
        stocked.bridge.put_link(Link(link.project, 12, "table-0")),
        stocked.bridge.put_link(Link(frames.id, 11, "table-0")),
    ]
    first = told(stocked, link, after=9)
    second = told(stocked, link, number=8)
    third, fourth = (told(stocked, other) for other in others)
    assert stocked.bridge.deliveries("table-0") == (second, third, fourth, first)
    assert stocked.bridge.deliveries("table-0", number=7) == (third, fourth, first)
    assert stocked.bridge.deliveries("table-0", project=frames.id) == (fourth,)
    assert stocked.bridge.deliveries("table-0", number=7, project=link.project) == (third, first)
    assert stocked.bridge.deliveries("table-0", number=99) == ()
    assert stocked.bridge.deliveries("table-0", number=2**70, project=2**70) == ()


def test_deliveries_come_in_the_order_of_their_times_then_of_their_arrival(
    stocked: Stores, link: Link
) -> None:
    late = told(stocked, link, after=9, number=1)
    early = told(stocked, link, after=1, number=2)
    same = told(stocked, link, after=1, number=3)
    assert stocked.bridge.waiting() == (early, same, late)
    assert stocked.bridge.deliveries("table-0") == (early, same, late)


def test_what_waits_is_told_of_one_clip_or_of_all(stocked: Stores, link: Link) -> None:
    other = stocked.bridge.put_link(Link(link.project, 12, "table-1"))
    first, second = told(stocked, link), told(stocked, other, after=1)
    assert stocked.bridge.waiting() == (first, second)
    assert stocked.bridge.waiting(clip="table-1") == (second,)
    assert stocked.bridge.waiting(clip="table-2") == stocked.bridge.deliveries("table-2") == ()


def test_the_same_moment_in_another_zone_is_the_same_time(stocked: Stores, link: Link) -> None:
    zone = timezone(timedelta(hours=5, minutes=30))
    first = told(stocked, link)
    more: dict[str, Any] = {"number": 7, "author": "maria", "body": BODY}
    assert stocked.bridge.receive(link, at=NOON.astimezone(zone), digest="x", **more) is None
    moved = (NOON + timedelta(seconds=1)).astimezone(zone)
    second = stocked.bridge.receive(link, at=moved, digest="x", **more)
    assert stocked.bridge.deliveries("table-0") == (first, second)
    assert second is not None
    assert second.at.utcoffset() == timedelta(0)


@pytest.mark.parametrize("at", [NOON.replace(tzinfo=None), NOON.replace(year=1)])
def test_a_time_that_names_no_moment_is_refused(stocked: Stores, link: Link, at: datetime) -> None:
    with pytest.raises(InputError, match="time with its zone"):
        stocked.bridge.receive(link, number=7, author="m", at=at, body=BODY, digest="d")
    assert stocked.bridge.waiting() == ()


def test_nothing_is_received_about_a_task_that_is_not_linked(stocked: Stores, link: Link) -> None:
    for stray in (
        Link(link.project, 12, "table-0"),
        Link(99, 11, "table-0"),
        Link(link.project, 2**70, "table-0"),
        Link(link.project, 11, "table-9"),
    ):
        with pytest.raises(SelectionError):
            tell(stocked, stray)
    with pytest.raises(InputError, match="about clip table-0"):
        tell(stocked, Link(link.project, 11, "table-1"))
    assert stocked.bridge.waiting() == ()


def test_what_people_did_stays_when_the_task_is_no_more(stocked: Stores, link: Link) -> None:
    delivery = told(stocked, link)
    stocked.bridge.drop_link(link.project, link.task)
    with pytest.raises(SelectionError, match="linked to no clip"):
        tell(stocked, link, after=5, digest="d2")
    assert stocked.bridge.waiting() == (delivery,)
    stocked.bridge.put_project(OutsideProject("http://labels", TaskKind.CLIP, 9))
    assert stocked.bridge.waiting() == (delivery,)


def test_a_settled_delivery_waits_no_more_and_remembers_its_revision(
    stocked: Stores, link: Link
) -> None:
    delivery, after = told(stocked, link), revision(stocked)
    stocked.bridge.settle(delivery.id, State.DONE, after=after, note="2 tracks")
    assert stocked.bridge.waiting() == ()
    (found,) = stocked.bridge.deliveries("table-0")
    assert (found.state, found.after, found.note) == (State.DONE, after, "2 tracks")
    assert (found.id, found.body) == (delivery.id, BODY)


@pytest.mark.parametrize("state", [State.DONE, State.FAILED, State.DROPPED])
def test_saying_the_same_outcome_twice_is_fine_and_the_first_note_stands(
    stocked: Stores, link: Link, state: State
) -> None:
    id_ = told(stocked, link).id
    stocked.bridge.settle(id_, state, note="first")
    stocked.bridge.settle(id_, state, note="second")
    (found,) = stocked.bridge.deliveries("table-0")
    assert (found.state, found.note) == (state, "first")


def test_another_outcome_is_refused_once_there_is_one(stocked: Stores, link: Link) -> None:
    id_, after = told(stocked, link).id, revision(stocked)
    stocked.bridge.settle(id_, State.DONE, after=after)
    for state, other in ((State.FAILED, None), (State.DONE, None), (State.DROPPED, after)):
        with pytest.raises(StoreError, match=rf"delivery {id_} is done.*cannot become"):
            stocked.bridge.settle(id_, state, after=other)
    with pytest.raises(InputError, match="settles nothing"):
        stocked.bridge.settle(id_, State.ASKED)
    (found,) = stocked.bridge.deliveries("table-0")
    assert (found.state, found.after) == (State.DONE, after)


def test_a_delivery_that_is_not_there_cannot_be_settled(stocked: Stores, link: Link) -> None:
    told(stocked, link)
    for unknown in (77, 0, -1, 2**40, 2**70):
        with pytest.raises(SelectionError, match=f"no delivery {unknown}"):
            stocked.bridge.settle(unknown, State.DONE)
    assert len(stocked.bridge.waiting()) == 1


def test_a_revision_that_the_clip_does_not_have_settles_nothing(
    stocked: Stores, link: Link
) -> None:
    delivery, foreign = told(stocked, link), revision(stocked, "table-1")
    for unknown in (foreign, 99, 2**40, 2**70):
        with pytest.raises(StoreError):
            stocked.bridge.settle(delivery.id, State.DONE, after=unknown)
    assert stocked.bridge.waiting() == (delivery,)


def test_a_note_that_cannot_be_stored_is_stored_as_far_as_it_can(
    stocked: Stores, link: Link
) -> None:
    stocked.bridge.settle(told(stocked, link).id, State.FAILED, note="bad \0 and \ud800, ä")
    (found,) = stocked.bridge.deliveries("table-0")
    assert found.note == "bad \ufffd and ?, ä"


@pytest.mark.parametrize("change", [{"author": "\0"}, {"digest": "\ud800"}, {"author": "a" * 501}])
def test_words_that_cannot_be_stored_are_refused(
    stocked: Stores, link: Link, change: dict[str, Any]
) -> None:
    with pytest.raises(InputError, match="characters that can be read"):
        tell(stocked, link, **change)
    assert stocked.bridge.waiting() == ()


@pytest.mark.parametrize("number", [-1, 2**63])
def test_annotations_are_numbered_as_a_tool_counts(
    stocked: Stores, link: Link, number: int
) -> None:
    largest = told(stocked, link, number=2**63 - 1)
    with pytest.raises(InputError, match=f"annotation {number}"):
        tell(stocked, link, number=number)
    assert stocked.bridge.waiting() == (largest,)


def nested(levels: int) -> dict[str, Any]:
    inner: Any = 1
    for _ in range(levels - 1):
        inner = [inner]
    return {"a": inner}


@pytest.mark.parametrize(
    "body",
    [{"a": float("nan")}, {"a": [-float("inf")]}, {"a": {1, 2}}, nested(101), nested(10_000)],
    ids=["no number", "infinite", "a set", "deep", "endless"],
)
def test_what_is_no_json_is_refused_and_nothing_is_stored(
    stocked: Stores, link: Link, body: dict[str, Any]
) -> None:
    with pytest.raises(InputError, match="what was delivered"):
        tell(stocked, link, body=body)
    assert stocked.bridge.waiting() == ()


def test_what_is_nested_as_deep_as_may_be_is_kept(stocked: Stores, link: Link) -> None:
    delivery = told(stocked, link, body=nested(100))
    assert stocked.bridge.waiting() == (delivery,)


def test_five_megabytes_are_kept(stocked: Stores, link: Link) -> None:
    body = {"result": [{"id": f"r1t{n}f0", "rle": list(range(255)) * 20} for n in range(260)]}
    delivery = told(stocked, link, body=body)
    assert delivery.body == body
    assert stocked.bridge.waiting()[0].body == body


def test_the_body_belongs_to_the_store_once_it_is_stored(stocked: Stores, link: Link) -> None:
    body: dict[str, Any] = {"result": [1]}
    delivery = told(stocked, link, body=body)
    body["result"].append(2)
    assert delivery.body == {"result": [1]}
    assert stocked.bridge.waiting()[0].body == {"result": [1]}


letters = st.text(st.characters(codec=None, categories=None), max_size=10)
simple = st.none() | st.booleans() | st.integers(-(2**70), 2**70) | letters
bodies = st.dictionaries(
    letters,
    st.recursive(
        simple | st.floats(allow_nan=False, allow_infinity=False),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(letters, inner, max_size=3),
        max_leaves=8,
    ),
    max_size=5,
)


@given(body=bodies)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_json_comes_back_as_it_went_in_zero_bytes_and_half_characters_too(
    stocked: Stores, link: Link, body: dict[str, Any]
) -> None:
    after = len(stocked.bridge.deliveries("table-0"))
    delivery = told(stocked, link, after=after, body=body, digest=str(after))
    assert delivery.body == body
    assert stocked.bridge.deliveries("table-0")[-1].body == body
