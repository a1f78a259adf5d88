"""Hears webhooks: decides what one is about and whether it is ours. Stores deliveries; knows no HTTP and acts on nothing."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from engine.errors import AccessError, InputError, SelectionError
from engine.ports import Bridge, Link, OutsideProject
from engine.wiring import Workbench
from ml_backend.serving.guard import showing
from ml_backend.serving.receiving import delivery_of, store
from ml_backend.serving.schemas import Webhook

SAVED: Final = frozenset({"ANNOTATION_CREATED", "ANNOTATION_UPDATED", "ANNOTATIONS_CREATED"})
"""The last one tells of many at once: somebody made annotations of the predictions of some tasks, as they are."""

TRAINING: Final = "START_TRAINING"
"""The one webhook that comes as Label Studio's other requests do: with the login and without a secret."""

_ORDER: Final = ("ignored", "refused", "unknown", "known", "stored")


@dataclass(frozen=True, slots=True)
class Heard:
    """What became of a webhook: the HTTP status, a word for it and why, and the clips that it is about."""

    status: int
    what: str
    note: str = ""
    clips: tuple[str, ...] = ()

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
    links = {link.task: link for one in mine for link in bench.bridge.links(project=one.id)}
    if not isinstance(hook.annotation, list):
        return _one(bench, links, hook.annotation or {}, hook.action)
    return _together([_one_of_many(bench, links, one, hook.action) for one in hook.annotation])


def _refuse_foreign(bridge: Bridge, number: int | None) -> None:
    """Refuse the secret of one project for another."""
    if any(project.number == number for project in bridge.projects()):
        raise AccessError(f"this is not the secret of project {number}")


def _one(
    bench: Workbench, links: Mapping[int, Link], annotation: Mapping[str, Any], action: str
) -> Heard:
    """Store what is told of one annotation; a task that is forgotten just then is unknown."""
    told = delivery_of(annotation, action=action)
    link = links.get(told.task)
    if link is None:
        return Heard(202, "unknown", f"task {told.task} is not linked to a clip")
    try:
        stored = store(bench.bridge, bench.queue, link, told)
    except SelectionError as error:
        return Heard(202, "unknown", str(error), (link.clip,))
    if stored is None:
        return Heard(200, "known", "it was delivered before, or a later one was", (link.clip,))
    return Heard(201, "stored", "", (link.clip,))


def _one_of_many(
    bench: Workbench, links: Mapping[int, Link], annotation: Mapping[str, Any], action: str
) -> Heard:
    """Store one among others, which do not suffer from it."""
    try:
        return _one(bench, links, annotation, action)
    except InputError as error:
        return Heard(202, "refused", str(error))


def _together(heard: Sequence[Heard]) -> Heard:
    """Return what became of many as one: the best of it, and how often what."""
    best = max(heard, key=lambda one: _ORDER.index(one.what), default=Heard(200, "ignored"))
    counts = Counter(one.what for one in heard)
    note = ", ".join(f"{count} {what}" for what, count in counts.items())
    notes = dict.fromkeys(one.note for one in heard if one.note)
    clips = dict.fromkeys(clip for one in heard for clip in one.clips)
    return replace(best, note="; ".join([note, *list(notes)[:5]]), clips=tuple(clips))
