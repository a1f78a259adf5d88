"""What every Bridge promises of projects and links: one of each kind for a server, one clip for a task, nothing secret."""

import dataclasses
from typing import Any, TypeAlias

import pytest

from db.connect import Database
from engine.errors import InputError, SelectionError, StoreError
from engine.fakes.queue import MemoryDatabase
from engine.ports import Link, OutsideProject, TaskKind
from engine.ports.bridge import by_clip
from engine.types import Kind, Revision

Stores: TypeAlias = Database | MemoryDatabase

SERVER = "http://labels.example.test"
SECRET = "0123456789abcdef" * 4
WHOLE = OutsideProject(SERVER, TaskKind.CLIP, 4, SECRET)
LARGE = 2**63 - 1


@pytest.fixture
def project(stocked: Stores) -> OutsideProject:
    """Return the one project that is stored."""
    return stocked.bridge.put_project(WHOLE)


def revision(stores: Stores, clip: str = "table-0", parent: int | None = None) -> int:
    stored = stores.revisions.append(Revision(clip, parent, Kind.AUTO, "nano", ()), ())
    assert stored.id is not None
    return stored.id


def test_a_project_is_there_as_it_was_stored_with_a_number_of_its_own(stocked: Stores) -> None:
    stored = stocked.bridge.put_project(WHOLE)
    assert stored.id > 0
    assert dataclasses.replace(stored, id=0) == WHOLE
    assert stocked.bridge.projects() == (stored,)


def test_storing_a_project_twice_is_storing_it_once(
    stocked: Stores, project: OutsideProject
) -> None:
    assert stocked.bridge.put_project(WHOLE) == project
    assert stocked.bridge.put_project(project) == project
    assert stocked.bridge.projects() == (project,)


def test_the_number_and_secret_of_a_project_can_change(
    stocked: Stores, project: OutsideProject
) -> None:
    moved = stocked.bridge.put_project(dataclasses.replace(WHOLE, number=9, secret=""))
    assert moved == dataclasses.replace(project, number=9, secret="")
    assert stocked.bridge.projects() == (moved,)


def test_a_server_has_one_project_of_each_kind_and_servers_are_told_apart(
    stocked: Stores, project: OutsideProject
) -> None:
    frames = stocked.bridge.put_project(dataclasses.replace(WHOLE, kind=TaskKind.FRAMES))
    other = stocked.bridge.put_project(dataclasses.replace(WHOLE, server="https://elsewhere/ls"))
    assert stocked.bridge.projects() == (project, frames, other)
    assert stocked.bridge.projects(server=SERVER) == (project, frames)
    assert stocked.bridge.projects(server="https://elsewhere/ls") == (other,)
    assert stocked.bridge.projects(server="http://nobody") == ()


def test_a_task_is_about_a_clip(stocked: Stores, project: OutsideProject) -> None:
    link = Link(project.id, 11, "table-1")
    assert stocked.bridge.put_link(link) == link
    assert stocked.bridge.links() == (link,)


def test_a_link_says_what_its_task_shows_now(stocked: Stores, project: OutsideProject) -> None:
    stocked.bridge.put_link(Link(project.id, 11, "table-0"))
    shown = Link(project.id, 11, "table-0", revision(stocked), "accepted")
    assert stocked.bridge.put_link(shown) == shown
    assert stocked.bridge.put_link(shown) == shown
    assert stocked.bridge.links() == (shown,)
    stocked.bridge.put_link(Link(project.id, 11, "table-0"))
    assert stocked.bridge.links() == (Link(project.id, 11, "table-0"),)


def test_links_come_by_project_by_clip_and_in_the_order_of_projects_and_tasks(
    stocked: Stores, project: OutsideProject
) -> None:
    frames = stocked.bridge.put_project(dataclasses.replace(WHOLE, kind=TaskKind.FRAMES))
    links = [
        Link(project.id, 2, "table-1"),
        Link(project.id, 30, "table-0"),
        Link(frames.id, 1, "table-0"),
    ]
    for link in reversed(links):
        stocked.bridge.put_link(link)
    assert stocked.bridge.links() == tuple(links)
    assert stocked.bridge.links(project=frames.id) == (links[2],)
    assert stocked.bridge.links(clip="table-0") == (links[1], links[2])
    assert stocked.bridge.links(project=project.id, clip="table-0") == (links[1],)
    assert stocked.bridge.links(clip="table-2") == stocked.bridge.links(project=99) == ()


def test_links_by_their_clips_keep_their_order(stocked: Stores, project: OutsideProject) -> None:
    links = [Link(project.id, task, f"table-{task % 2}") for task in (1, 2, 3)]
    for link in links:
        stocked.bridge.put_link(link)
    sorted_ = {"table-1": (links[0], links[2]), "table-0": (links[1],)}
    assert by_clip(stocked.bridge.links()) == sorted_


def test_a_task_of_another_clip_is_refused_until_its_link_is_dropped(
    stocked: Stores, project: OutsideProject
) -> None:
    first = stocked.bridge.put_link(Link(project.id, 11, "table-0"))
    with pytest.raises(InputError, match=r"11.*table-0.*not table-1"):
        stocked.bridge.put_link(Link(project.id, 11, "table-1"))
    assert stocked.bridge.links() == (first,)
    stocked.bridge.drop_link(project.id, 11)
    second = stocked.bridge.put_link(Link(project.id, 11, "table-1"))
    assert stocked.bridge.links() == (second,)


def test_dropping_a_link_that_is_not_there_is_nothing(
    stocked: Stores, project: OutsideProject
) -> None:
    link = stocked.bridge.put_link(Link(project.id, 11, "table-0"))
    for unknown in ((project.id, 12), (project.id + 1, 11), (2**70, -1)):
        stocked.bridge.drop_link(*unknown)
    assert stocked.bridge.links() == (link,)


def test_there_is_no_link_without_its_project_and_its_clip(
    stocked: Stores, project: OutsideProject
) -> None:
    with pytest.raises(SelectionError, match="no project 77"):
        stocked.bridge.put_link(Link(77, 11, "table-0"))
    with pytest.raises(SelectionError, match="tabel-0"):
        stocked.bridge.put_link(Link(project.id, 11, "tabel-0"))
    assert stocked.bridge.links() == ()


def test_a_task_shows_no_revision_that_its_clip_does_not_have(
    stocked: Stores, project: OutsideProject
) -> None:
    foreign = revision(stocked, "table-1")
    for unknown in (foreign, 99, -1, 2**40, 2**70):
        with pytest.raises(StoreError):
            stocked.bridge.put_link(Link(project.id, 11, "table-0", unknown))
    assert stocked.bridge.links() == ()


def test_links_of_a_project_that_is_no_more_go_and_those_of_others_stay(
    stocked: Stores, project: OutsideProject
) -> None:
    frames = stocked.bridge.put_project(dataclasses.replace(WHOLE, kind=TaskKind.FRAMES))
    stocked.bridge.put_link(Link(project.id, 11, "table-0"))
    kept = stocked.bridge.put_link(Link(frames.id, 11, "table-0"))
    stocked.bridge.put_project(dataclasses.replace(WHOLE, secret=""))
    assert len(stocked.bridge.links()) == 2
    stocked.bridge.put_project(dataclasses.replace(WHOLE, number=5))
    assert stocked.bridge.links() == (kept,)


def test_numbers_as_large_as_a_tool_gives_them_are_kept(stocked: Stores) -> None:
    stored = stocked.bridge.put_project(dataclasses.replace(WHOLE, number=LARGE))
    link = stocked.bridge.put_link(Link(stored.id, LARGE, "table-0"))
    assert stocked.bridge.projects() == (stored,)
    assert stocked.bridge.links(project=stored.id) == (link,)
    assert stocked.bridge.links(project=LARGE) == stocked.bridge.links(project=2**70) == ()


@pytest.mark.parametrize("number", [-1, 2**63, 2**80])
def test_numbers_that_no_database_holds_are_refused_clearly(
    stocked: Stores, project: OutsideProject, number: int
) -> None:
    with pytest.raises(InputError, match=str(number)):
        stocked.bridge.put_project(dataclasses.replace(WHOLE, number=number))
    with pytest.raises(InputError, match=str(number)):
        stocked.bridge.put_link(Link(project.id, number, "table-0"))
    assert stocked.bridge.projects() == (project,)


@pytest.mark.parametrize(
    "change",
    [
        {"server": ""},
        {"server": "http://labels/"},
        {"server": "http://" + "a" * 500},
        {"server": "http://\0"},
        {"server": "http://\ud800"},
    ],
    ids=["empty", "slash at the end", "endless", "zero byte", "half a character"],
)
def test_an_address_that_names_no_server_is_refused(
    stocked: Stores, change: dict[str, Any]
) -> None:
    with pytest.raises(InputError, match="address"):
        stocked.bridge.put_project(dataclasses.replace(WHOLE, **change))
    assert stocked.bridge.projects() == ()


@pytest.mark.parametrize("secret", ["swordfish-9", SECRET.upper(), SECRET + "0", SECRET[:-1]])
def test_a_secret_itself_is_never_stored_nor_said(stocked: Stores, secret: str) -> None:
    with pytest.raises(InputError, match="SHA-256") as refused:
        stocked.bridge.put_project(dataclasses.replace(WHOLE, secret=secret))
    assert secret not in str(refused.value)
    assert stocked.bridge.projects() == ()


@pytest.mark.parametrize("stage", ["\0", "\udfff", "a" * 501])
def test_a_stage_that_cannot_be_stored_is_refused(
    stocked: Stores, project: OutsideProject, stage: str
) -> None:
    with pytest.raises(InputError, match="stage"):
        stocked.bridge.put_link(Link(project.id, 11, "table-0", stage=stage))
    assert stocked.bridge.links() == ()
