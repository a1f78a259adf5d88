"""What set-up decides without a server: titles, labels in use, where the backend is, how our own project is known again."""

from pathlib import Path
from typing import Any

import pytest

from db.connect import Database
from engine.config import Settings
from engine.ports import TaskKind
from engine.types import Kind, Revision, Track
from engine.wiring import workbench
from ml_backend.asking.client_projects import Backend, digest_of
from ml_backend.asking.setup import Wishes, address_of, backend_of, marker, used_labels


@pytest.fixture
def bench(settings: Settings) -> Any:
    with workbench(settings) as opened:
        yield opened


def test_each_kind_of_project_has_a_title_of_its_own() -> None:
    assert Wishes().titled(TaskKind.CLIP) == "Billiards clips"
    assert Wishes().titled(TaskKind.FRAMES) == "Billiards key frames"
    mine = Wishes(title="Table 3")
    assert (mine.titled(TaskKind.CLIP), mine.titled(TaskKind.FRAMES)) == (
        "Table 3",
        "Table 3 - key frames",
    )


def test_labels_in_use_are_those_of_the_newest_revisions_ours_first(
    bench: Any, database: Database
) -> None:
    assert used_labels(bench) == ("cue", "solid")
    head = database.revisions.head("one")
    assert head is not None
    tracks = (Track(1, "chalk"), Track(2, "black"))
    database.revisions.append(Revision("one", head.id, Kind.MANUAL, "ada", tracks), [])
    assert used_labels(bench) == ("cue", "solid", "black", "chalk")


def test_our_projects_are_known_by_their_workspace(tmp_path: Path) -> None:
    one, other = (Settings(workspace=tmp_path / name) for name in ("one", "other"))
    assert marker(one) == marker(Settings(workspace=tmp_path / "one"))
    assert marker(one) != marker(other)
    assert str(tmp_path) not in marker(one)


def test_the_webhook_lies_below_the_backend_and_no_password_is_shown() -> None:
    settings = Settings(
        ml_backend_url="http://ml-backend:9090/", ml_backend_user="studio", ml_backend_password="secret word"  # noqa: S106 - of nobody
    )  # fmt: skip
    backend = backend_of(settings)
    assert backend.webhook == "http://ml-backend:9090/webhook"
    assert Backend("http://ml-backend:9090").webhook == backend.webhook
    assert "secret word" not in repr(backend)


def test_a_secret_is_stored_as_what_cannot_be_turned_back() -> None:
    assert digest_of("a") == "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"


def test_a_project_is_opened_where_its_tasks_are_listed() -> None:
    assert address_of("http://127.0.0.1:8080", 5) == "http://127.0.0.1:8080/projects/5/data"
