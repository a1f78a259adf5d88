"""What Label Studio 1.23 sends us, as far as we read it, and how it is read. Knows its JSON; refuses to know what is done with it.

What is not named here is left unread: in particular the token of a project's creator, which comes with every set-up.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from engine.errors import InputError

Id = Annotated[int, Field(ge=0, lt=1 << 63)]
"""A number that databases take."""

Word = Annotated[str, Field(max_length=1000)]

_Model = TypeVar("_Model", bound=BaseModel)


class _Sent(BaseModel):
    """Something that was sent; what else it says is ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class Setup(_Sent):
    """Says that a project talks to us; ``project`` is its number and when it was made."""

    project: Word = ""
    hostname: Word = ""


class Task(_Sent):
    """A task whose prediction is wanted."""

    data: dict[str, Any] = Field(default_factory=dict)


class Params(_Sent):
    """How predictions are wanted: with a ``context`` somebody waits for what their stroke brings about."""

    context: Any = None


class Predict(_Sent):
    """Asks for predictions."""

    tasks: tuple[Task, ...]
    project: Word | None = None
    label_config: str | None = None
    params: Params | None = None


class Project(_Sent):
    """The project in which something happened."""

    id: Id


class Webhook(_Sent):
    """Says that something happened."""

    action: Annotated[str, Field(max_length=100)]
    project: Project | None = None
    annotation: dict[str, Any] | list[dict[str, Any]] | None = None


class Person(_Sent):
    """Somebody, where a task is asked for alone; everywhere else people are numbers."""

    id: Id
    email: Word = ""


def _aware(value: datetime) -> datetime:
    """Return a time in UTC, which it is where it does not say."""
    return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC)


def _listed(value: Any) -> Any:
    """Return no regions for what holds none."""
    return [] if value is None else value


class Annotation(_Sent):
    """What somebody saved about a task."""

    id: Id
    task: Id
    result: Annotated[list[dict[str, Any]], BeforeValidator(_listed)] = Field(default_factory=list)
    was_cancelled: bool | None = False
    ground_truth: bool | None = False
    updated_at: datetime
    completed_by: Id | Person | None = None
    parent_prediction: Id | None = None

    @property
    def at(self) -> datetime:
        """When it was saved, in UTC.

        Raises:
            InputError: at no time that can be.
        """
        try:
            return _aware(self.updated_at)
        except OverflowError:
            raise InputError(
                f"an annotation of {self.updated_at.isoformat()}: expected a time"
            ) from None


def read(model: type[_Model], body: bytes | bytearray) -> _Model:
    """Read a request's JSON.

    Raises:
        InputError: it is no JSON, or not of this form. The message shows no value: one of them may be a secret.
    """
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        raise InputError(_complaint(error)) from None


def read_value(model: type[_Model], value: Mapping[str, Any]) -> _Model:
    """Read what is no text any more; see ``read``."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise InputError(_complaint(error)) from None


def form(model: type[BaseModel]) -> dict[str, Any]:
    """Return how a request's body is described in OpenAPI, without references to elsewhere."""
    schema = model.model_json_schema()
    parts = schema.pop("$defs", {})
    content = {"application/json": {"schema": _whole(schema, parts)}}
    return {"requestBody": {"required": True, "content": content}}


def _whole(schema: Any, parts: Mapping[str, Any]) -> Any:
    """Return a schema with what it refers to in place."""
    if isinstance(schema, list):
        return [_whole(one, parts) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _whole(parts[schema["$ref"].rsplit("/", 1)[1]], parts)
    return {name: _whole(value, parts) for name, value in schema.items()}


def _complaint(error: ValidationError) -> str:
    """Return what is wrong, without the values."""
    found = error.errors(include_url=False, include_context=False, include_input=False)
    said = "; ".join(
        f"{'.'.join(map(str, one['loc'])) or 'body'}: {one['msg']}" for one in found[:5]
    )
    return f"not as Label Studio 1.23 sends it: {said}"
