"""What is asked about tasks: pages are read to the end, predictions are replaced, verdicts of ours are known from people's."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import ServerError
from ml_backend import names
from ml_backend.asking.client import (
    Client,
    is_predicted,
    is_touched,
    is_verdict,
    says_accepted,
)
from ml_backend.asking.credentials import Credentials
from ml_backend.names import VERDICT_ID
from ml_backend.shown import labelling
from ml_backend.shown.prediction import Prediction


def region(id_: str, choice: str = names.ACCEPTED) -> dict[str, Any]:
    return {
        "id": id_,
        "from_name": names.VERDICT,
        "to_name": names.VIDEO,
        "type": "choices",
        "value": {"choices": [choice]},
    }


OURS = {"id": 1, "result": [region(f"{VERDICT_ID}-0")], "was_cancelled": False}
BOX = {"id": "r1t1", "from_name": names.BOX, "type": "videorectangle", "value": {}}


def test_what_we_decided_is_known_by_its_region() -> None:
    assert is_verdict(OURS)
    assert says_accepted(OURS)


def test_what_we_decided_is_known_with_the_note_beside_it() -> None:
    note = {"id": f"{VERDICT_ID}-1", "from_name": names.NOTE, "type": "textarea", "value": {}}
    assert is_verdict(OURS | {"result": [*OURS["result"], note]})
    assert not is_verdict(OURS | {"result": [note]})


@pytest.mark.parametrize(
    "theirs",
    [
        OURS | {"result": [region("Ab3")]},
        OURS | {"result": [*OURS["result"], BOX]},
        OURS | {"result": [region(f"{VERDICT_ID}-0", names.NEEDS_WORK)]},
        OURS | {"was_cancelled": True},
        OURS | {"result": []},
        OURS | {"result": None},
    ],
)
def test_what_a_person_made_or_changed_is_theirs(theirs: dict[str, Any]) -> None:
    assert not is_verdict(theirs)


def test_a_persons_acceptance_counts_whatever_else_they_said() -> None:
    assert says_accepted({"result": [BOX, region("Ab3")]})
    assert not says_accepted({"result": [BOX, region("Ab3", names.EXCLUDED)]})
    assert not says_accepted({"result": [BOX]})


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_no_result_that_somebody_stores_is_too_strange_to_look_at(result: Any) -> None:
    assert not is_verdict({"result": result})
    assert says_accepted({"result": result}) in (True, False)


@pytest.fixture
def client(server: Any) -> Any:
    with Client(Credentials(server.url, "token")) as opened:
        yield opened


def test_all_pages_of_tasks_are_read_and_no_more(server: Any, client: Client) -> None:
    answer = type(server.answers[0])
    pages = [{"tasks": [{"id": 1}, {"id": 2}], "total": 3}, {"tasks": [{"id": 3}], "total": 3}]
    server.answers[:] = [answer(200, page) for page in pages] + [answer(500)]
    assert [task["id"] for task in client.tasks(4)] == [1, 2, 3]
    assert len(server.asked) == 2


@pytest.mark.parametrize("nothing", [{"tasks": [], "total": 0}, {"tasks": [], "total": 5}])
def test_a_project_without_tasks_has_none(server: Any, client: Client, nothing: Any) -> None:
    server.answers[0].body = nothing
    assert list(client.tasks(4)) == []


def test_many_tasks_are_made_in_a_few_requests_in_their_order(server: Any, client: Client) -> None:
    answer = type(server.answers[0])
    server.answers[:] = [
        answer(201, {"task_ids": list(range(first, min(first + 50, 120)))})
        for first in (0, 50, 100)
    ]
    assert client.create_tasks(4, [{"clip": str(n)} for n in range(120)]) == tuple(range(120))
    assert [len(one.body) for one in server.asked] == [50, 50, 20]
    assert server.asked[1].body[0] == {"data": {"clip": "50"}}


def test_tasks_bring_their_predictions_along(server: Any, client: Client) -> None:
    answer = type(server.answers[0])
    config = {"label_config": labelling.clip_config(), "title": "clips"}
    server.answers[:] = [answer(200, config), answer(201, {"task_ids": [7]})]
    assert client.create_tasks(4, [{"clip": "a"}], shown=[Prediction((), 0.5)]) == (7,)
    told = {"model_version": names.MODEL_VERSION, "score": 0.5, "result": []}
    assert server.asked[-1].body == [{"data": {"clip": "a"}, "predictions": [told]}]


def test_no_task_is_made_whose_prediction_would_not_be_shown(server: Any, client: Client) -> None:
    server.answers[0].body = {"label_config": "<View/>", "title": "clips"}
    with pytest.raises(ServerError, match='there is no <Video name="video">'):
        client.create_tasks(4, [{"clip": "a"}], shown=[Prediction((BOX,), 0.5)])
    assert [one.method for one in server.asked] == ["GET"]


def test_a_new_prediction_comes_before_the_old_ones_go(server: Any, client: Client) -> None:
    answer = type(server.answers[0])
    old = {"id": 5, "project": 2, "model_version": names.MODEL_VERSION}
    theirs = {"id": 6, "project": 2, "model_version": "another"}
    config = {"label_config": labelling.clip_config(), "title": "clips"}
    server.answers[:] = [
        answer(200, [old, theirs]),
        answer(200, config),
        answer(201, {"id": 7, "project": 2}),
        answer(200, [old, theirs, old | {"id": 7}]),
        answer(204),
    ]
    assert client.replace_prediction(1, result=[], score=0.5) == 7
    asked = [(one.method, one.path.partition("?")[0]) for one in server.asked]
    assert asked == [
        ("GET", "/api/predictions/"),
        ("GET", "/api/projects/2/"),
        ("POST", "/api/predictions/"),
        ("GET", "/api/predictions/"),
        ("DELETE", "/api/predictions/5/"),
    ]


def test_a_prediction_that_would_not_be_shown_is_not_sent(server: Any, client: Client) -> None:
    answer = type(server.answers[0])
    server.answers[:] = [
        answer(200, [{"id": 5, "project": 2, "model_version": names.MODEL_VERSION}]),
        answer(200, {"label_config": "<View/>", "title": "clips"}),
    ]
    with pytest.raises(ServerError, match='there is no <Video name="video">'):
        client.replace_prediction(1, result=[BOX], score=0.5)
    assert [one.method for one in server.asked] == ["GET", "GET"]


def test_the_first_prediction_of_a_task_is_taken_back_where_it_would_not_be_shown(
    server: Any, client: Client
) -> None:
    answer = type(server.answers[0])
    server.answers[:] = [
        answer(200, []),
        answer(201, {"id": 7, "project": 2}),
        answer(200, {"label_config": "<View/>", "title": "clips"}),
        answer(204),
    ]
    with pytest.raises(ServerError, match="--replace-config"):
        client.replace_prediction(1, result=[BOX], score=0.5)
    assert (server.asked[-1].method, server.asked[-1].path) == ("DELETE", "/api/predictions/7/")


def test_a_task_that_is_gone_is_told_with_what_makes_a_new_one(server: Any, client: Client) -> None:
    gone = {"task": ["Select a valid choice. That choice is not one of the available choices."]}
    server.answers[0].status, server.answers[0].body = 400, gone
    with pytest.raises(ServerError, match=r"task 9 is gone .*`engine labelstudio sync`"):
        client.predictions(9)


def test_where_somebody_accepted_already_nothing_is_added(server: Any, client: Client) -> None:
    server.answers[0].body = [{"id": 3, "result": [BOX, region("Ab3")]}]
    assert client.put_verdict(1, [region(VERDICT_ID)]) == 3
    assert [one.method for one in server.asked] == ["GET"]


WORDS = {"links": "<p>l</p>", "state": "submitted"}


@pytest.mark.parametrize(
    ("there", "asked"),
    [({"clip": "a", "theirs": 1}, ["GET", "PATCH"]), ({"clip": "a"} | WORDS, ["GET"])],
)
def test_words_come_beside_what_a_task_holds_and_only_where_it_differs(
    server: Any, client: Client, there: dict[str, Any], asked: list[str]
) -> None:
    answer = type(server.answers[0])
    server.answers[:] = [answer(200, {"tasks": [{"id": 5, "data": there}]}), answer(200, {})]
    assert client.inform(2, 5, WORDS) is (len(asked) == 2)
    assert [one.method for one in server.asked] == asked
    assert server.asked[0].path.startswith("/api/tasks/?"), "asked for alone it would be predicted"
    if len(asked) == 2:
        assert server.asked[1].body == {"data": there | WORDS}


def test_words_for_a_task_that_is_gone_say_what_makes_a_new_one(
    server: Any, client: Client
) -> None:
    server.answers[0].body = {"tasks": []}
    with pytest.raises(ServerError, match=r"task 5 is gone .*`engine labelstudio sync`"):
        client.inform(2, 5, WORDS)


def test_what_we_decided_has_no_star_and_ids_of_ours(server: Any, client: Client) -> None:
    answer = type(server.answers[0])
    server.answers[:] = [answer(200, []), answer(201, {"id": 9})]
    assert client.put_verdict(1, [region(""), region("")]) == 9
    body = server.asked[-1].body
    assert body["ground_truth"] is False
    assert [one["id"] for one in body["result"]] == [f"{VERDICT_ID}-0", f"{VERDICT_ID}-1"]


def test_only_verdicts_of_ours_are_taken_away(server: Any, client: Client) -> None:
    theirs = {"id": 4, "result": [region("Ab3")]}
    answer = type(server.answers[0])
    server.answers[:] = [answer(200, [OURS, theirs]), answer(204)]
    assert client.drop_verdict(1)
    assert [one.path for one in server.asked[1:]] == ["/api/annotations/1/"]


@pytest.mark.parametrize("body", [{}, [], "<html></html>", {"username": "x"}])
def test_another_server_is_no_label_studio(server: Any, client: Client, body: Any) -> None:
    server.answers[0].body = body
    with pytest.raises(ServerError, match="not as Label Studio does"):
        client.whoami()


def test_a_server_without_users_is_no_label_studio(server: Any, client: Client) -> None:
    server.answers[0].status = 404
    with pytest.raises(ServerError, match="is the address right"):
        client.whoami()


@pytest.mark.parametrize(
    ("versions", "count", "predicted"),
    [
        (names.MODEL_VERSION, 1, True),
        ([names.MODEL_VERSION], 1, True),
        ("", 1, False),  # the count is wrong: it was taken away
        (names.MODEL_VERSION, 2, False),
        (f"another,{names.MODEL_VERSION}", 2, False),
        (None, 0, False),
    ],
)
def test_whether_a_task_has_its_prediction_is_seen_in_the_list(
    versions: Any,
    count: int,
    predicted: bool,  # noqa: FBT001 - a case
) -> None:
    task = {"predictions_model_versions": versions, "total_predictions": count}
    assert is_predicted(task) is predicted


@pytest.mark.parametrize(
    ("task", "touched"),
    [
        ({"annotations_ids": "3,4", "total_annotations": 0, "cancelled_annotations": 0}, True),
        ({"annotations_ids": "", "total_annotations": 0, "cancelled_annotations": 1}, True),
        ({"annotations_ids": "", "total_annotations": 0, "cancelled_annotations": 0}, False),
    ],
)
def test_whether_somebody_annotated_a_task_is_seen_in_the_list(
    task: Any,
    touched: bool,  # noqa: FBT001 - a case
) -> None:
    assert is_touched(task) is touched
