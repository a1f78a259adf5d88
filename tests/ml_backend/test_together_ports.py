"""A workspace's programs are found where they were."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import InputError
from ml_backend.together_ports import FREE, USUAL, Asked, Ports, chosen, keep

KEPT = Ports(1111, 2222, 3333)
NOTHING = Asked(None, None, None)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return where ports are kept, nothing there yet."""
    return tmp_path / "ports.json"


def test_the_first_time_they_are_the_usual_ones(path: Path) -> None:
    assert chosen(NOTHING, path) == USUAL
    assert not path.exists(), "choosing keeps nothing"


def test_the_first_time_they_are_free_ones_where_that_is_asked_for(path: Path) -> None:
    found = chosen(Asked(), path)
    assert len({found.label_studio, found.backend, found.page} - {FREE}) == 3


@pytest.mark.parametrize("asked", [NOTHING, Asked(), Asked(1111, 2222, 3333)])
def test_afterwards_they_stay_the_same(path: Path, asked: Asked) -> None:
    keep(KEPT, path)
    assert chosen(asked, path) == KEPT


def test_what_is_asked_for_is_taken_and_the_rest_stays(path: Path) -> None:
    assert chosen(Asked(5, None, None), path) == Ports(5, USUAL.backend, USUAL.page)
    keep(KEPT, path)
    assert chosen(Asked(None, 5, FREE), path) == Ports(1111, 5, 3333)


def test_label_studio_does_not_move_and_it_is_said_how_it_could(path: Path) -> None:
    keep(KEPT, path)
    with pytest.raises(InputError, match=r"has port 1111, asked for 8080") as refused:
        chosen(Asked(8080, None, None), path)
    assert "Leave --port out" in str(refused.value)
    assert str(path) in str(refused.value)


@given(*[st.integers(1, 65535)] * 3)
def test_what_is_kept_is_found(
    tmp_path_factory: pytest.TempPathFactory, label_studio: int, backend: int, page: int
) -> None:
    path = tmp_path_factory.mktemp("kept") / "ports.json"
    ports = Ports(label_studio, backend, page)
    keep(ports, path)
    assert chosen(NOTHING, path) == ports


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[1, 2, 3]",
        '{"label_studio": 1}',
        '{"label_studio": "1", "backend": 2, "page": 3}',
        '{"label_studio": 0, "backend": 2, "page": 3}',
        '{"label_studio": 70000, "backend": 2, "page": 3}',
    ],
)
def test_a_damaged_file_is_named_with_what_belongs_into_it(path: Path, text: str) -> None:
    path.write_text(text)
    with pytest.raises(InputError, match=r"ports.json: no ports .*expected label_studio"):
        chosen(NOTHING, path)
