"""Sets the projects up in Label Studio, or mends them: running it again changes nothing. Knows the order of things, makes no task."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from engine.config import Settings
from engine.errors import InputError, ServerError
from engine.ports import OutsideProject, TaskKind
from engine.wiring import Workbench
from ml_backend.asking import tasks
from ml_backend.asking.client import Client
from ml_backend.asking.client_projects import (
    Backend,
    create_project,
    half_made,
    mend_backend,
    mend_project,
    mend_storage,
    mend_version,
    mend_webhook,
    project_of,
)
from ml_backend.asking.client_views import mend_view
from ml_backend.shown import labelling

TITLES: Final[Mapping[TaskKind, str]] = {
    TaskKind.CLIP: "Billiards clips",
    TaskKind.FRAMES: "Billiards key frames",
}


@dataclass(frozen=True, slots=True)
class Wishes:
    """What somebody asked for; a ``title`` is that of the project of clips."""

    title: str = ""
    key_frames: bool = False
    replace_config: bool = False

    def titled(self, kind: TaskKind) -> str:
        """Return the title of a new project."""
        if not self.title:
            return TITLES[kind]
        return self.title if kind is TaskKind.CLIP else f"{self.title} - key frames"


@dataclass(frozen=True, slots=True)
class Ready:
    """A project that is set up: what was changed for that, and what is still wrong."""

    kind: TaskKind
    number: int
    title: str
    address: str
    changed: tuple[str, ...] = ()
    wrong: tuple[str, ...] = field(default=())


def set_up(bench: Workbench, client: Client, wishes: Wishes) -> tuple[Ready, ...]:
    """Make or mend the project of clips, and that of key frames where it is wanted or there.

    Raises:
        ServerError: Label Studio refuses, or does not answer; what was made stays, and the next run goes on from there.
        InputError: a project's labelling configuration does not fit; the message says what to change.
        SettingsError: Label Studio cannot see the workspace's files.
    """
    client.whoami()
    stored = {one.kind: one for one in bench.bridge.projects(server=client.server)}
    kinds = [TaskKind.CLIP]
    if wishes.key_frames or TaskKind.FRAMES in stored:
        kinds.append(TaskKind.FRAMES)
    for kind in kinds:  # before anything is made
        tasks.storage(bench.settings, kind)
    return tuple(_ready(bench, client, wishes, kind, stored.get(kind)) for kind in kinds)


def backend_of(settings: Settings) -> Backend:
    """Return our backend as Label Studio sees it."""
    return Backend(
        settings.ml_backend_url,
        settings.ml_backend_user,
        settings.ml_backend_password.get_secret_value(),
    )


def used_labels(bench: Workbench) -> tuple[str, ...]:
    """Return the classes of all balls in the newest revisions, in the order of ours."""
    heads = [one.head for one in bench.catalog.clips() if one.head is not None]
    found = {track.label for head in heads for track in bench.revisions.revision(head).tracks}
    return tuple(sorted(found, key=lambda label: (_rank(label), label)))


def marker(settings: Settings) -> str:
    """Return the description of our projects, by which one is known again that was made and not written down."""
    place = hashlib.sha256(str(settings.workspace.absolute()).encode()).hexdigest()[:12]
    return f"Balls in billiards clips, kept in step by the billiards engine (workspace {place})."


def address_of(server: str, number: int) -> str:
    """Return where a browser opens a project."""
    return f"{server}/projects/{number}/data"


def _ready(
    bench: Workbench,
    client: Client,
    wishes: Wishes,
    kind: TaskKind,
    stored: OutsideProject | None,
) -> Ready:
    """Set up one project, writing down at once what was made."""
    changed: list[str] = []
    labels = used_labels(bench)
    present = _found(client, stored, wishes.titled(kind), marker(bench.settings))
    if present is None:
        present = _made(client, bench, kind, wishes, labels)
        changed.append("project")
    number = int(present["id"])
    if stored is None or stored.number != number:
        stored = bench.bridge.put_project(OutsideProject(client.server, kind, number))
    changed += _configured(client, present, kind, wishes, labels)
    changed += mend_view(client.connection, number)
    path = tasks.storage(bench.settings, kind)
    path.mkdir(parents=True, exist_ok=True)
    changed += mend_storage(client.connection, number, path, title=path.name)
    changed += _secured(bench, client, stored)
    wrong = _connected(client, number, backend_of(bench.settings), changed)
    return Ready(
        kind,
        number,
        str(present["title"]),
        address_of(client.server, number),
        tuple(changed),
        tuple(wrong),
    )


def _found(
    client: Client, stored: OutsideProject | None, title: str, mark: str
) -> Mapping[str, Any] | None:
    """Return our project as it is there, or None where it has to be made."""
    present = project_of(client.connection, stored.number) if stored else None
    return present or half_made(client.connection, title, mark)


def _made(
    client: Client, bench: Workbench, kind: TaskKind, wishes: Wishes, labels: Sequence[str]
) -> Mapping[str, Any]:
    """Make a project."""
    return create_project(
        client.connection,
        title=wishes.titled(kind),
        marker=marker(bench.settings),
        config=labelling.config(kind, _offered(labels)),
        instructions=labelling.instructions(kind),
    )


def _configured(
    client: Client,
    present: Mapping[str, Any],
    kind: TaskKind,
    wishes: Wishes,
    labels: Sequence[str],
) -> list[str]:
    """Keep a configuration that fits; put ours in its place where that is wanted.

    Raises:
        InputError: it does not fit.
    """
    here, ours = str(present["label_config"]), labelling.config(kind, _offered(labels))
    if wishes.replace_config:
        wanted = {} if here == ours else {"label_config": ours}
        return list(mend_project(client.connection, present, **wanted))
    wrong = labelling.problems(here, kind=kind, labels=labels)
    if wrong:
        raise InputError(labelling.explained(str(present["title"]), wrong))
    return list(mend_project(client.connection, present))


def _secured(bench: Workbench, client: Client, stored: OutsideProject) -> list[str]:
    """Have the webhook show a secret, and write down how it is recognised."""
    backend = backend_of(bench.settings)
    digest, changed = mend_webhook(client.connection, stored.number, backend, digest=stored.secret)
    if digest != stored.secret:
        bench.bridge.put_project(OutsideProject(stored.server, stored.kind, stored.number, digest))
    return changed


def _connected(client: Client, number: int, backend: Backend, changed: list[str]) -> list[str]:
    """Connect the backend; return what is wrong where it does not answer, since all else works without it."""
    try:
        changed += mend_backend(client.connection, number, backend)
        changed += mend_version(client.connection, number)
    except ServerError as error:
        return [str(error)]
    return []


def _offered(labels: Sequence[str]) -> tuple[str, ...]:
    """Return all classes that a configuration of ours offers: those of the vocabulary, and what else is in use."""
    return (*labelling.LABELS, *(one for one in labels if one not in labelling.LABELS))


def _rank(label: str) -> int:
    known = labelling.LABELS
    return known.index(label) if label in known else len(known)
