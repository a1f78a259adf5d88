"""What the engine asks of a Label Studio about tasks: tasks themselves, predictions, annotations. Refuses to know what they mean."""

import json
from collections.abc import Iterator, Mapping, Sequence
from types import TracebackType
from typing import Any, Final, Self

from engine.errors import ServerError
from engine.ports import TaskKind
from ml_backend import names
from ml_backend.asking.client_connection import ANSWER_SECONDS, Connection, unlike
from ml_backend.asking.credentials import Credentials
from ml_backend.names import VERDICT_ID
from ml_backend.shown import labelling
from ml_backend.shown.prediction import Prediction

_UNKNOWN: Final = "not one of the available choices"
"""What Label Studio says of a task that is not there."""

_LISTED: Final = (
    *("id", "data", "total_annotations", "cancelled_annotations", "annotations_ids"),
    *("total_predictions", "predictions_model_versions"),
)
"""The counts are kept by Label Studio and go wrong, in 1.23.2 once a project was deleted; the other two are looked up."""

_PAGE: Final = 100
_AT_ONCE: Final = 50


class Client:
    """A Label Studio that is asked about tasks; to be closed."""

    def __init__(self, credentials: Credentials, *, seconds: float = ANSWER_SECONDS) -> None:
        """Connect with the first question; each may take ``seconds``."""
        self.connection = Connection(credentials, seconds=seconds)

    def __enter__(self) -> Self:
        """Return the client."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the connection."""
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()

    @property
    def server(self) -> str:
        """The address, without a slash at the end."""
        return self.connection.server

    def whoami(self) -> str:
        """Return the e-mail address of the token's user.

        Raises:
            ServerError: Label Studio refuses, or does not answer. (So does everything here.)
        """
        found = self.connection.get("/api/current-user/whoami")
        if not isinstance(found, dict) or "email" not in found:
            raise ServerError(unlike(self.server))
        return str(found["email"])

    def task(self, task: int) -> Mapping[str, Any] | None:
        """Return a task with its annotations and predictions, or None; where it has none, Label Studio asks the backend first."""
        found: Mapping[str, Any] | None = self.connection.get(f"/api/tasks/{task}/")
        return found

    def tasks(self, project: int) -> Iterator[Mapping[str, Any]]:
        """Yield the tasks of a project with what ``_LISTED`` names: not the predictions themselves, which are heavy."""
        page, found = 1, 0
        while True:
            answer = self.connection.get(
                "/api/tasks/",
                project=project,
                fields="all",
                include=",".join(_LISTED),
                page=page,
                page_size=_PAGE,
            )
            if not answer or not answer["tasks"]:
                return
            yield from answer["tasks"]
            found, page = found + len(answer["tasks"]), page + 1
            if found >= answer["total"]:
                return

    def create_tasks(
        self,
        project: int,
        data: Sequence[Mapping[str, Any]],
        *,
        shown: Sequence[Prediction] | None = None,
    ) -> tuple[int, ...]:
        """Make tasks with these data, and where they are given with these predictions; return their numbers in this order.

        Raises:
            ServerError: as everywhere here; also where the project would not show a prediction. Nothing was made then.
        """
        if shown:
            self._refuse_unseen(project, *(one.result for one in shown))
        bodies: list[dict[str, Any]] = [{"data": dict(one)} for one in data]
        for body, one in zip(bodies, shown, strict=True) if shown else ():
            body["predictions"] = [_told(one)]
        made: list[int] = []
        for first in range(0, len(bodies), _AT_ONCE):
            some = bodies[first : first + _AT_ONCE]
            answer = self.connection.post(
                f"/api/projects/{project}/import", some, return_task_ids="true"
            )
            made += answer["task_ids"]
        return tuple(made)

    def update_task(self, task: int, data: Mapping[str, Any]) -> None:
        """Give a task other data."""
        self.connection.patch(f"/api/tasks/{task}/", {"data": dict(data)})

    def inform(self, project: int, task: int, words: Mapping[str, str]) -> bool:
        """Put fields into a task's data beside what is there; say whether that changed it.

        The task is looked up in the list: asked for by itself, Label Studio would have the backend predict it where nobody did.
        """
        only = {"selectedItems": {"all": False, "included": [task]}}
        asked = {"project": project, "fields": "all", "include": "id,data"}
        found = self.connection.get("/api/tasks/", **asked, query=json.dumps(only)) or {}
        data = next((one["data"] for one in found.get("tasks", ()) if one["id"] == task), None)
        if data is None:
            raise ServerError(_gone(task, self.server))
        if {**data, **words} == data:
            return False
        self.update_task(task, {**data, **words})
        return True

    def predictions(self, task: int) -> tuple[Mapping[str, Any], ...]:
        """Return all predictions of a task, oldest first."""
        try:
            found = self.connection.get("/api/predictions/", task=task) or []
        except ServerError as error:
            if _UNKNOWN not in str(error):
                raise
            raise ServerError(_gone(task, self.server)) from None
        return tuple(sorted(found, key=lambda one: int(one["id"])))

    def own_predictions(self, task: int) -> tuple[Mapping[str, Any], ...]:
        """Return the predictions of our models, oldest first."""
        found = self.predictions(task)
        return tuple(one for one in found if one.get("model_version") == names.MODEL_VERSION)

    def prediction_of(self, task: int) -> Mapping[str, Any] | None:
        """Return the newest prediction of ours, or None."""
        return next(reversed(self.own_predictions(task)), None)

    def replace_prediction(
        self, task: int, *, result: Sequence[Mapping[str, Any]], score: float
    ) -> int:
        """Give a task a prediction of ours and take away those that it had; return its number.

        Raises:
            ServerError: as everywhere here; also where the task's project would not show the prediction.
        """
        present = self.predictions(task)
        for project in {int(one["project"]) for one in present}:
            self._refuse_unseen(project, result)
        body = {"task": task} | _told(Prediction(tuple(result), score))
        answer = self.connection.post("/api/predictions/", body)
        made = int(answer["id"])
        if not present:  # to ask for the task would have told its project, and had the backend predict it meanwhile
            try:
                self._refuse_unseen(int(answer["project"]), result)
            except ServerError:
                self.connection.delete(f"/api/predictions/{made}/")
                raise
        for old in self.own_predictions(task):
            if int(old["id"]) != made:
                self.connection.delete(f"/api/predictions/{old['id']}/")
        return made

    def annotations(self, task: int) -> tuple[Mapping[str, Any], ...]:
        """Return all annotations of a task but skipped ones, oldest first."""
        found = self.connection.get(f"/api/tasks/{task}/annotations/") or []
        return tuple(sorted(found, key=lambda one: int(one["id"])))

    def put_verdict(self, task: int, result: Sequence[Mapping[str, Any]]) -> int:
        """Let a task say what the engine decided, as an annotation of ours; return its number.

        Where one says "accepted" already, ours or a person's, there is nothing to add. Ours has no star: somebody who took the
        verdict out of it would accept the clip by what is left.
        """
        present = next((one for one in self.annotations(task) if says_accepted(one)), None)
        if present is not None:
            return int(present["id"])
        wanted = [{**region, "id": f"{VERDICT_ID}-{n}"} for n, region in enumerate(result)]
        body = {"result": wanted, "ground_truth": False, "was_cancelled": False}
        return int(self.connection.post(f"/api/tasks/{task}/annotations/", body)["id"])

    def drop_verdict(self, task: int) -> bool:
        """Take away what the engine decided; say whether there was something."""
        ours = [one for one in self.annotations(task) if is_verdict(one)]
        for one in ours:
            self.connection.delete(f"/api/annotations/{one['id']}/")
        return bool(ours)

    def _refuse_unseen(self, project: int, *results: Sequence[Mapping[str, Any]]) -> None:
        """Refuse predictions that Label Studio would take without a word, and not show."""
        found = self.connection.get(f"/api/projects/{project}/") or {}
        for result in filter(None, results):
            painted = any(region.get("to_name") == names.IMAGES for region in result)
            kind = TaskKind.FRAMES if painted else TaskKind.CLIP
            wrong = labelling.check(str(found.get("label_config")), result, kind=kind)
            if wrong:
                raise ServerError(labelling.explained(str(found.get("title")), wrong))


def _gone(task: int, server: str) -> str:
    """Say that a task is not there."""
    return f"task {task} is gone from Label Studio at {server}; `engine labelstudio sync` makes a new one"


def _told(shown: Prediction) -> dict[str, Any]:
    """Return a prediction as Label Studio takes it."""
    version = names.MODEL_VERSION
    return {"model_version": version, "score": shown.score, "result": [*shown.result]}


def is_verdict(annotation: Mapping[str, Any]) -> bool:
    """Say whether an annotation is one of ours: it says "accepted" in regions of ours, and nothing else.

    What somebody added to it, or made of it, is theirs.
    """
    regions = _regions(annotation)
    return says_accepted(annotation) and all(
        str(region.get("id", "")).startswith(VERDICT_ID) for region in regions
    )


def says_accepted(annotation: Mapping[str, Any]) -> bool:
    """Say whether an annotation, which nobody cancelled, holds the verdict "accepted"."""
    if annotation.get("was_cancelled"):
        return False
    values = [
        region.get("value")
        for region in _regions(annotation)
        if region.get("from_name") == names.VERDICT
    ]
    return bool(values) and all(
        isinstance(value, Mapping) and value.get("choices") == [names.ACCEPTED] for value in values
    )


def _regions(annotation: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    """Return what of an annotation's result are regions."""
    result = annotation.get("result")
    found = result if isinstance(result, list) else []
    return tuple(region for region in found if isinstance(region, Mapping))


def is_touched(task: Mapping[str, Any]) -> bool:
    """Say whether somebody annotated, or skipped, a task as ``Client.tasks`` lists it."""
    return any(
        task.get(name) for name in ("annotations_ids", "total_annotations", "cancelled_annotations")
    )


def is_predicted(task: Mapping[str, Any]) -> bool:
    """Say whether a task as ``Client.tasks`` lists it seems to have one prediction of ours, and no other."""
    ours = names.MODEL_VERSION in (task.get("predictions_model_versions") or "")
    return ours and task.get("total_predictions") == 1
