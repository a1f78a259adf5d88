"""By which text a board tells one workspace from another. Knows no stores."""

import hashlib
import os
import uuid
from contextlib import suppress
from pathlib import Path

from exports.board.keeping import keeping


def identity(home: Path, *, server: str = "") -> str:
    """Return the workspace's text.

    A database on a ``server`` is the same workspace wherever it is opened: where it is says which. One in a file is moved and
    renamed with its folder, so a text is made up once and lies with it, in ``home``.
    """
    if server:
        return hashlib.sha256(server.encode()).hexdigest()[:32]
    path = home / "id"
    with keeping(home):
        if not path.exists():
            _make(path)
        return path.read_text(encoding="utf-8").strip()


def _make(path: Path) -> None:
    """Make up a text, whole or not at all; where another process was first, its text holds."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        part.write_text(uuid.uuid4().hex, encoding="utf-8")
        with suppress(FileExistsError):
            os.link(part, path)
    finally:
        part.unlink(missing_ok=True)
