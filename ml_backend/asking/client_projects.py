"""Makes and mends what a project of ours needs in Label Studio: itself, the permission to read files, webhook, backend. Asks, compares, changes only what differs."""

import hashlib
import re
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from engine.errors import ServerError
from ml_backend import names
from ml_backend.asking.client_connection import Connection

ACTIONS: Final = (
    *("ANNOTATION_CREATED", "ANNOTATIONS_CREATED"),
    *("ANNOTATION_UPDATED", "ANNOTATIONS_DELETED"),
)
"""What the webhook tells; the rest would only make Label Studio slower."""

CONNECTED: Final = "CO"
"""The state of a backend that answered."""

_LIVE: Final = {
    "show_collab_predictions": True,
    "reveal_preannotations_interactively": False,
    "sampling": "Sequential sampling",
    "show_instruction": True,
    "enable_empty_annotation": True,
    "maximum_annotations": 1,
}
"""Settings on which our predictions depend, or which keep two people from correcting the same clip at once."""

_MENDED: Final = ("show_collab_predictions", "reveal_preannotations_interactively")
"""Those among them that are put back when somebody changed them: without them nobody sees a prediction."""


@dataclass(frozen=True, slots=True)
class Backend:
    """Where Label Studio finds our backend, and with what it logs in; no user, no login."""

    url: str
    user: str = ""
    password: str = field(default="", repr=False)

    @property
    def webhook(self) -> str:
        """Where Label Studio tells what people did."""
        return f"{self.url.rstrip('/')}/webhook"


def project_of(connection: Connection, number: int) -> Mapping[str, Any] | None:
    """Return a project, or None where there is none (any more)."""
    found: Mapping[str, Any] | None = connection.get(f"/api/projects/{number}/")
    return found


def half_made(connection: Connection, title: str, marker: str) -> Mapping[str, Any] | None:
    """Return a project that we made and never wrote down: of this title and description, and without tasks."""
    answer = connection.get("/api/projects/", title=title, page_size=100) or {"results": []}
    for one in answer["results"]:
        if (one["title"], one["description"], one["task_number"]) == (title, marker, 0):
            return project_of(connection, int(one["id"]))
    return None


def create_project(
    connection: Connection, *, title: str, marker: str, config: str, instructions: str
) -> Mapping[str, Any]:
    """Make a project."""
    body = _LIVE | {
        "title": title,
        "description": marker,
        "label_config": config,
        "expert_instruction": instructions,
    }
    made: Mapping[str, Any] = connection.post("/api/projects/", body)
    return made


def mend_project(
    connection: Connection, present: Mapping[str, Any], **wanted: str
) -> Iterator[str]:
    """Put back the settings without which predictions are not seen, and those ``wanted``; yield what was changed."""
    values = {name: _LIVE[name] for name in _MENDED} | wanted
    differing = {name: value for name, value in values.items() if present.get(name) != value}
    if differing:
        connection.patch(f"/api/projects/{present['id']}/", differing)
        yield "setting " + ", ".join(sorted(differing))


def mend_storage(connection: Connection, project: int, path: Path, *, title: str) -> Iterator[str]:
    """Let the project show files of a folder on Label Studio's machine; yield what was changed."""
    present = connection.get("/api/storages/localfiles/", project=project) or []
    if any(str(one["path"]).rstrip("/") == str(path) for one in present):
        return
    body = {"project": project, "path": str(path), "title": title, "use_blob_urls": True}
    try:
        connection.post("/api/storages/localfiles/", body)
    except ServerError as error:
        raise ServerError(
            f"{error}\nLabel Studio must be started with LABEL_STUDIO_LOCAL_FILES_SERVING_ENABLED=true and "
            f"LABEL_STUDIO_LOCAL_FILES_DOCUMENT_ROOT naming a folder above {path}, which it can read there under the "
            "same path; tell us that folder with ENGINE_LABEL_STUDIO_FILES"
        ) from error
    yield f"permission to read {path}"


def mend_webhook(
    connection: Connection, project: int, backend: Backend, *, digest: str
) -> tuple[str, list[str]]:
    """Have Label Studio tell the backend what people do, with a secret; return its SHA-256 and what was changed.

    A webhook that shows the secret of ``digest`` and tells enough stays as it is. One to an address that the backend had
    before goes, since it shows a secret to whoever is there now.
    """
    present = connection.get("/api/webhooks/", project=project) or []
    changed = list(_forsaken(connection, present, backend))
    body = {
        "url": backend.webhook,
        "send_payload": True,
        "send_for_all_actions": False,
        "is_active": True,
        "actions": list(ACTIONS),
    }
    found = next((one for one in present if one["url"] == backend.webhook), None)
    if found is not None and digest and _same(found, body, digest):
        return digest, changed
    secret = secrets.token_urlsafe(32)
    headers = {**(found or {}).get("headers", {}), names.SECRET_HEADER: secret}
    if found is None:
        connection.post("/api/webhooks/", body | {"project": project, "headers": headers})
    else:
        connection.patch(f"/api/webhooks/{found['id']}/", body | {"headers": headers})
    return digest_of(secret), [*changed, f"webhook to {backend.webhook}"]


def mend_backend(connection: Connection, project: int, backend: Backend) -> Iterator[str]:
    """Connect the backend to the project; yield what was changed.

    Raises:
        ServerError: Label Studio does not reach it; the message says what to start.
    """
    wanted: dict[str, Any] = {
        "url": backend.url.rstrip("/"),
        "title": names.MODEL_VERSION,
        "is_interactive": False,
        "auth_method": "BASIC_AUTH" if backend.user else "NONE",
    }
    if backend.user:
        wanted |= {"basic_auth_user": backend.user}
    present = connection.get("/api/ml/", project=project) or []
    found = next((one for one in present if one["title"] == names.MODEL_VERSION), None)
    if found and found["state"] == CONNECTED and not _differing(found, wanted):
        return
    body = wanted | {"project": project}
    if backend.user:
        body |= {"basic_auth_pass": backend.password}
    try:
        if found is None:
            connection.post("/api/ml/", body)
        else:
            connection.patch(f"/api/ml/{found['id']}", body)
    except ServerError as error:
        said = re.sub(r"<[^>]*>", "", str(error)).partition(". Make sure it is up")[0]
        raise ServerError(
            f"the backend is not connected: {said.rstrip('.')}. Start it with `engine serve ml-backend` where Label Studio finds "
            f"it at {backend.url} (ENGINE_ML_BACKEND_URL), with the user and password that it asks for "
            "(ENGINE_ML_BACKEND_USER, ENGINE_ML_BACKEND_PASSWORD), then run `engine labelstudio setup` again. "
            "All else works without it"
        ) from error
    yield f"connection to the backend at {backend.url}"


def mend_version(connection: Connection, project: int) -> Iterator[str]:
    """Have tasks open with the predictions of our models; possible once the backend is known, or a prediction there is."""
    present = project_of(connection, project) or {}
    if present.get("model_version") != names.MODEL_VERSION:
        connection.patch(f"/api/projects/{project}/", {"model_version": names.MODEL_VERSION})
        yield "the predictions that are shown"


def digest_of(secret: str) -> str:
    """Return what is stored of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _forsaken(
    connection: Connection, present: list[Mapping[str, Any]], backend: Backend
) -> Iterator[str]:
    """Remove webhooks of ours to other addresses."""
    for one in present:
        if one["url"] != backend.webhook and names.SECRET_HEADER in one.get("headers", {}):
            connection.delete(f"/api/webhooks/{one['id']}/")
            yield f"webhook to {one['url']} removed"


def _same(found: Mapping[str, Any], wanted: Mapping[str, Any], digest: str) -> bool:
    """Say whether a webhook shows the right secret and tells what it must."""
    shown = digest_of(str(found.get("headers", {}).get(names.SECRET_HEADER, "")))
    told = found.get("send_for_all_actions") or set(ACTIONS) <= set(found.get("actions", ()))
    return bool(
        secrets.compare_digest(shown, digest)
        and told
        and all(found.get(name) == wanted[name] for name in ("send_payload", "is_active"))
    )


def _differing(found: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    return any(found.get(name) != value for name, value in wanted.items())
