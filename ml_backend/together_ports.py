"""On which ports the programs of a workspace run, the same ones every time. Knows a file; refuses to know who listens there.

Tasks are known under Label Studio's address: at another one it counts as another, and would get projects of its own.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from engine.errors import InputError
from ml_backend.service import free_port

FREE: Final = 0
"""Asks for the port of the last time, and for a free one the first time."""


@dataclass(frozen=True, slots=True)
class Ports:
    """The ports of Label Studio, of the backend and of the page."""

    label_studio: int
    backend: int
    page: int


@dataclass(frozen=True, slots=True)
class Asked:
    """The ports that somebody asks for; ``FREE`` is another word, and None asks for nothing."""

    label_studio: int | None = FREE
    backend: int | None = FREE
    page: int | None = FREE


USUAL: Final = Ports(8080, 9090, 7860)


def chosen(asked: Asked, path: Path) -> Ports:
    """Return the ports to run on: what is asked for, else those kept in a file, else the usual ones.

    Raises:
        InputError: Label Studio had another port than the one that is asked for, or the file holds no ports.
    """
    kept = _kept(path)
    if kept is not None and asked.label_studio not in (None, FREE, kept.label_studio):
        raise InputError(
            f"Label Studio of this workspace has port {kept.label_studio}, asked for {asked.label_studio}: there it would count as "
            "another, and all its projects would be made a second time. Leave --port out to keep the port. To have the "
            f"projects anew at another one, run `engine labelstudio sync` while it still runs, end it, and move {path} away"
        )
    return Ports(
        _one(asked.label_studio, kept.label_studio if kept else None, USUAL.label_studio),
        _one(asked.backend, kept.backend if kept else None, USUAL.backend),
        _one(asked.page, kept.page if kept else None, USUAL.page),
    )


def keep(ports: Ports, path: Path) -> None:
    """Keep ports for the next time."""
    part = path.with_name(f"{path.name}.part")
    part.write_text(json.dumps(asdict(ports)) + "\n", encoding="utf-8")
    part.replace(path)


def _one(asked: int | None, kept: int | None, usual: int) -> int:
    """Return one port."""
    return asked or kept or (usual if asked is None else free_port())


def _kept(path: Path) -> Ports | None:
    """Return the ports of the last time; None where there was none.

    Raises:
        InputError: the file holds no ports.
    """
    if not path.exists():
        return None
    try:
        ports = Ports(**json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError) as error:
        raise InputError(_damaged(path, str(error))) from error
    if not all(type(port) is int and 0 < port < 65536 for port in asdict(ports).values()):
        raise InputError(_damaged(path, str(ports)))
    return ports


def _damaged(path: Path, found: str) -> str:
    """Say that a file holds no ports, and what to write into it."""
    return (
        f"{path}: no ports ({found}); expected label_studio, backend and page as JSON numbers. Write those of the last time "
        "into it: `engine labelstudio status` tells Label Studio's"
    )
