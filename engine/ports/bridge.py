"""What ties clips to tasks of an annotation tool outside, and keeps what people did there until it is acted on. Knows no tool and no database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from engine.ports.desk import State


class TaskKind(StrEnum):
    """What a task shows: a whole clip with tracks of boxes, or a few of its frames with masks."""

    CLIP = "clip"
    FRAMES = "frames"


@dataclass(frozen=True, slots=True)
class OutsideProject:
    """A project in the tool at ``server`` (its address without a slash at the end), there called ``number``.

    ``secret`` is the SHA-256 of what its deliveries must show, in hexadecimal digits, never the secret itself; "" where
    none was agreed on. At most one project of each kind for a server.
    """

    server: str
    kind: TaskKind
    number: int
    secret: str = ""
    id: int = 0


@dataclass(frozen=True, slots=True)
class Link:
    """Task ``task`` of a project (by its ``OutsideProject.id``) is about ``clip``.

    ``revision`` is the one whose masks the task shows (None: none yet), ``stage`` that which the tool was last told; "" for none.
    """

    project: int
    task: int
    clip: str
    revision: int | None = None
    stage: str = ""


@dataclass(frozen=True, slots=True)
class Delivery:
    """What somebody did to a task, as the tool told it: ``number`` is the annotation's there, ``at`` its time there.

    ``body`` is the tool's JSON, ``digest`` tells one content from another. ``after`` is the clip's newest revision when it was
    done; ``note`` says why it failed or was dropped.
    """

    id: int
    project: int
    task: int
    clip: str
    number: int
    author: str
    at: datetime
    body: Mapping[str, Any]
    digest: str
    state: State = State.ASKED
    after: int | None = None
    note: str = ""


class Bridge(Protocol):
    """Keeps projects, links and deliveries. Every method is one transaction."""

    def put_project(self, project: OutsideProject) -> OutsideProject:
        """Store a project, or change the number and secret of the one of its server and kind; return it with its id.

        Links of another number of before are gone: they were tasks of a project that is no more.
        """
        ...

    def projects(self, *, server: str | None = None) -> tuple[OutsideProject, ...]:
        """Return all projects, or those of a server, in the order they were stored."""
        ...

    def put_link(self, link: Link) -> Link:
        """Store a link, or what its task shows now.

        Raises:
            SelectionError: there is no such project or clip.
            InputError: the task is linked to another clip.
        """
        ...

    def drop_link(self, project: int, task: int) -> None:
        """Forget a task that is no more; an unknown one is ignored."""
        ...

    def links(self, *, project: int | None = None, clip: str | None = None) -> tuple[Link, ...]:
        """Return the links of a project, of a clip, or all, in the order of projects and tasks."""
        ...

    def receive(
        self,
        link: Link,
        *,
        number: int,
        author: str,
        at: datetime,
        body: Mapping[str, Any],
        digest: str,
    ) -> Delivery | None:
        """Store what was delivered about a linked task; None where it is no news.

        It is no news when the newest delivery of this annotation is of the same time or a later one: it was sent twice, or was
        overtaken. Nor is it when that has the same digest, unless it failed or came with a note: then somebody tries again.

        Raises:
            SelectionError: the task is not linked.
        """
        ...

    def waiting(self, *, clip: str | None = None) -> tuple[Delivery, ...]:
        """Return the deliveries that were not acted on yet, in the order of their times, of one clip or of all."""
        ...

    def deliveries(
        self, clip: str, *, number: int | None = None, project: int | None = None
    ) -> tuple[Delivery, ...]:
        """Return all deliveries about a clip, or those of one annotation, in the order of their times."""
        ...

    def settle(self, id_: int, state: State, *, after: int | None = None, note: str = "") -> None:
        """Say what became of a delivery; saying the same twice is fine.

        Raises:
            SelectionError: there is no such delivery.
            StoreError: it was settled otherwise before.
        """
        ...


def by_clip(links: Sequence[Link]) -> Mapping[str, tuple[Link, ...]]:
    """Return links by their clips."""
    found: dict[str, tuple[Link, ...]] = {}
    for link in links:
        found[link.clip] = (*found.get(link.clip, ()), link)
    return found
