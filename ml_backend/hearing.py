"""Hears webhooks: decides what one is about and whether it is ours. Stores deliveries; knows no HTTP and acts on nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from engine.errors import AccessError, SelectionError
from engine.ports import Bridge, Link, OutsideProject
from engine.wiring import Workbench
from ml_backend.guard import showing
from ml_backend.receiving import Told, delivery_of, store
from ml_backend.schemas import Webhook

SAVED: Final = frozenset({"ANNOTATION_CREATED", "ANNOTATION_UPDATED"})
TRAINING: Final = "START_TRAINING"
"""The one webhook that comes as Label Studio's other requests do: with the login and without a secret."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What became of a webhook: the HTTP status, a word for it and why, and the clip where there is one."""

    status: int
    what: str
    note: str = ""
    clip: str = ""

    def answer(self) -> dict[str, str]:
        """Return what is answered."""
        return {"status": self.what, "note": self.note}


def known(bench: Workbench, secret: str) -> tuple[OutsideProject, ...]:
    """Return the projects whose webhooks show this secret.

    Raises:
        AccessError: there is none.
    """
    return showing(bench.bridge.projects(), secret)


def hear_logged_in(hook: Webhook) -> Heard:
    """Answer a webhook that showed the login, not a secret.

    Raises:
        AccessError: it is one that must show a secret.
    """
    if hook.action != TRAINING:
        raise AccessError(
            "a webhook without its secret: run `engine labelstudio setup`, which writes it into Label Studio"
        )
    return Heard(200, "ignored", "nothing is trained from Label Studio: see `engine train`")


def hear(bench: Workbench, hook: Webhook, projects: Sequence[OutsideProject]) -> Heard:
    """Store what a webhook tells that showed the secret of ``projects``.

    Raises:
        AccessError: it is about another project of ours.
        InputError: it tells of an annotation in a way that is not understood.
    """
    if hook.action not in SAVED:
        return Heard(200, "ignored", f"nothing to do for {hook.action}")
    number = hook.project.id if hook.project else None
    mine = [project for project in projects if project.number == number]
    if not mine:
        _refuse_foreign(bench.bridge, number)
        return Heard(202, "unknown", f"project {number} is not linked to clips")
    told = delivery_of(_annotation(hook), action=hook.action)
    link = _link(bench.bridge, mine, told)
    if link is None:
        return Heard(202, "unknown", f"task {told.task} is not linked to a clip")
    return _stored(bench, link, told)


def _refuse_foreign(bridge: Bridge, number: int | None) -> None:
    """Refuse the secret of one project for another."""
    if any(project.number == number for project in bridge.projects()):
        raise AccessError(f"this is not the secret of project {number}")


def _annotation(hook: Webhook) -> Mapping[str, Any]:
    return hook.annotation or {}


def _link(bridge: Bridge, projects: Sequence[OutsideProject], told: Told) -> Link | None:
    """Return the link of the task, None where it has none."""
    links = (link for project in projects for link in bridge.links(project=project.id))
    return next((link for link in links if link.task == told.task), None)


def _stored(bench: Workbench, link: Link, told: Told) -> Heard:
    """Store a delivery; a task that is forgotten just then is unknown."""
    try:
        stored = store(bench.bridge, bench.queue, link, told)
    except SelectionError as error:
        return Heard(202, "unknown", str(error), link.clip)
    if stored is None:
        return Heard(200, "known", "it was delivered before, or a later one was", link.clip)
    return Heard(201, "stored", "", link.clip)
