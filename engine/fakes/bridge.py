"""What ties clips to an annotation tool, in memory, exact and gone with the process. Refuses to know threads, files and tools."""

import dataclasses
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from engine.errors import InputError, SelectionError, StoreError
from engine.fakes.store import Shelf
from engine.ports.bridge import Delivery, Link, OutsideProject
from engine.ports.bridge_rules import (
    Newest,
    is_news,
    moment,
    plain,
    readable,
    refuse_delivery,
    refuse_link,
    refuse_project,
)
from engine.ports.desk import State
from engine.ports.desk_rules import same_outcome


class MemoryBridge:
    """``engine.ports.Bridge`` in memory."""

    def __init__(self, shelf: Shelf) -> None:
        """Share ``shelf`` with the other stores."""
        self._shelf = shelf
        self._projects: dict[int, OutsideProject] = {}
        self._links: dict[tuple[int, int], Link] = {}
        self._deliveries: dict[int, Delivery] = {}

    def put_project(self, project: OutsideProject) -> OutsideProject:
        """Store a project, or change the number and secret of the one of its server and kind."""
        refuse_project(project)
        same = [p for p in self.projects(server=project.server) if p.kind is project.kind]
        id_ = same[0].id if same else len(self._projects) + 1
        if same and same[0].number != project.number:
            for link in self.links(project=id_):
                self.drop_link(id_, link.task)
        self._projects[id_] = dataclasses.replace(project, id=id_)
        return self._projects[id_]

    def projects(self, *, server: str | None = None) -> tuple[OutsideProject, ...]:
        """Return all projects, or those of a server, in the order they were stored."""
        return tuple(p for p in self._projects.values() if server in (None, p.server))

    def put_link(self, link: Link) -> Link:
        """Store a link, or what its task shows now."""
        refuse_link(link)
        self._shelf.clip(link.clip)
        if link.project not in self._projects:
            raise SelectionError(f"no project {link.project} of an annotation tool")
        self._refuse_unknown(link.revision, clip=link.clip)
        _refuse_other(link, self._links.get((link.project, link.task), link))
        self._links[link.project, link.task] = link
        return link

    def drop_link(self, project: int, task: int) -> None:
        """Forget a task that is no more; an unknown one is ignored."""
        self._links.pop((project, task), None)

    def links(self, *, project: int | None = None, clip: str | None = None) -> tuple[Link, ...]:
        """Return the links of a project, of a clip, or all, in the order of projects and tasks."""
        found = (link for _, link in sorted(self._links.items()))
        return tuple(x for x in found if project in (None, x.project) and clip in (None, x.clip))

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
        """Store what was delivered about a linked task; None where it is no news."""
        refuse_delivery(number=number, author=author, digest=digest)
        about = link.project, link.task, link.clip
        told = Delivery(0, *about, number, author, moment(at), plain(body), digest)
        self._shelf.clip(link.clip)
        if (link.project, link.task) not in self._links:
            raise SelectionError(f"task {link.task} of project {link.project} is linked to no clip")
        _refuse_other(link, self._links[link.project, link.task])
        if not is_news(self._newest(link, number), at=told.at, digest=digest):
            return None
        id_ = len(self._deliveries) + 1
        self._deliveries[id_] = dataclasses.replace(told, id=id_)
        return self._deliveries[id_]

    def waiting(self, *, clip: str | None = None) -> tuple[Delivery, ...]:
        """Return the deliveries that were not acted on yet, in the order of their times, of one clip or of all."""
        found = (one for one in self._deliveries.values() if one.state is State.ASKED)
        return _in_order(one for one in found if clip in (None, one.clip))

    def deliveries(
        self, clip: str, *, number: int | None = None, project: int | None = None
    ) -> tuple[Delivery, ...]:
        """Return all deliveries about a clip, or those of one annotation, in the order of their times."""
        found = (one for one in self._deliveries.values() if one.clip == clip)
        return _in_order(
            one for one in found if number in (None, one.number) and project in (None, one.project)
        )

    def settle(self, id_: int, state: State, *, after: int | None = None, note: str = "") -> None:
        """Say what became of a delivery; of two notes on the same outcome the first stands."""
        if id_ not in self._deliveries:
            raise SelectionError(f"no delivery {id_}: read what waits again")
        one = self._deliveries[id_]
        if same_outcome(f"delivery {id_}", (one.state, one.after), (state, after)):
            return
        self._refuse_unknown(after, clip=one.clip)
        said = dataclasses.replace(one, state=state, after=after, note=readable(note))
        self._deliveries[id_] = said

    def _newest(self, link: Link, number: int) -> Newest | None:
        same = self.deliveries(link.clip, number=number, project=link.project)
        mine = [
            Newest(one.at, one.digest, one.state, one.note) for one in same if one.task == link.task
        ]
        return mine[-1] if mine else None

    def _refuse_unknown(self, revision: int | None, *, clip: str) -> None:
        stored = self._shelf.revisions.get(revision or 0)
        if revision is not None and (stored is None or stored.clip != clip):
            raise StoreError(f"clip {clip} has no revision {revision}: read its newest one")


def _in_order(deliveries: Iterable[Delivery]) -> tuple[Delivery, ...]:
    return tuple(sorted(deliveries, key=lambda one: (one.at, one.id)))


def _refuse_other(link: Link, known: Link) -> None:
    if known.clip != link.clip:
        raise InputError(
            f"task {link.task} of project {link.project} is about clip {known.clip}, not {link.clip}"
        )
