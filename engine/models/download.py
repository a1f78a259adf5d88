"""Fetches weights once, goes on where it stopped, and never leaves half a file in place. Knows no model."""

import hashlib
import http.client
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

from engine.errors import WeightsError

_PIECE = 1 << 20


def fetch(
    url: str,
    folder: Path,
    *,
    sha256: str | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Path:
    """Return the file of ``url`` in ``folder``, fetching what is missing of it.

    Raises:
        WeightsError: the server does not answer or the content has another checksum.
    """
    path = folder / url.rpartition("/")[2]
    if path.is_file():
        return path
    folder.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(path.suffix + ".partial")
    try:
        _go_on(url, partial, progress or (lambda _here, _all: None))
    except (OSError, http.client.HTTPException) as error:
        raise WeightsError(
            f"{url}: could not be fetched ({error}); run the same command again to go on, "
            f"or put the file at {path} by hand"
        ) from error
    if sha256 is not None and _sha256(partial) != sha256:
        found = _sha256(partial)
        partial.unlink()
        raise WeightsError(
            f"{url}: checksum {found}, expected {sha256}; what was fetched is deleted"
        )
    partial.replace(path)
    return path


def _go_on(url: str, partial: Path, progress: Callable[[int, int], None]) -> None:
    """Append what is missing; where the server has nothing beyond what is there, begin anew."""
    try:
        _get(url, partial, progress)
    except urllib.error.HTTPError as error:
        if error.code != http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE or not partial.exists():
            raise
        partial.unlink()
        _get(url, partial, progress)


def _get(url: str, partial: Path, progress: Callable[[int, int], None]) -> None:
    """Ask for the bytes behind those of ``partial`` and write them."""
    have = partial.stat().st_size if partial.exists() else 0
    request = urllib.request.Request(url, headers={"Range": f"bytes={have}-"} if have else {})  # noqa: S310 - names from a fixed table
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - as above
        resumed = answer.status == 206
        total = int(answer.headers.get("Content-Length", 0)) + (have if resumed else 0)
        _append(answer, partial, have if resumed else 0, total, progress)


def _append(
    answer: Any, partial: Path, have: int, total: int, progress: Callable[[int, int], None]
) -> None:
    """Write an answer behind the first ``have`` bytes; an answer that ends early is an error."""
    with partial.open("ab" if have else "wb") as file:
        while piece := answer.read(_PIECE):
            file.write(piece)
            have += len(piece)
            progress(have, total)
    if total and have < total:
        raise OSError(f"the connection ended after {have} of {total} bytes")


def _sha256(path: Path) -> str:
    """Return the checksum of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
