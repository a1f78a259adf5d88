"""Fetches files over HTTP once, goes on where it stopped, and never leaves half a file in place. Knows no model."""

import fcntl
import http.client
import re
import shutil
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from engine.errors import NO_ROOM, DiskFull, WeightsError
from engine.models.catalogue import noted_sha256, partial_of, sha256_of

Progress = Callable[[int, int], None]
_PIECE = 1 << 20
_TIMEOUT = 30.0
_SPARE = 16 << 20  # bytes that a disk keeps for others


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file to fetch, where it goes, and what is known of it beforehand (0 and "": nothing)."""

    url: str
    path: Path
    size: int = 0
    sha256: str = ""

    @property
    def partial(self) -> Path:
        """Where what has come lies until it is whole."""
        return partial_of(self.path)

    @property
    def version(self) -> Path:
        """Where the server's mark of the version that is being fetched lies."""
        return self.path.with_name(self.path.name + ".version")


def fetch(
    url: str,
    folder: Path,
    *,
    sha256: str = "",
    size: int = 0,
    progress: Progress | None = None,
    waiting: Callable[[], None] | None = None,
) -> Path:
    """Return the file of ``url`` in ``folder``, fetching what is missing of it.

    Two processes that fetch one file do not disturb each other: the second waits and finds it. A checksum that
    is not known beforehand is noted in ``NAME.sha256`` as the file arrives, so that later damage is seen.

    Args:
        url: http or https.
        folder: made where it is missing.
        sha256: checksum that the content must have.
        size: bytes that the content must have.
        progress: called with the bytes that are there and the bytes in all (0: the server does not say).
        waiting: called when another process holds the file.

    Raises:
        WeightsError: the server does not answer, has no such file, or sends another content.
        DiskFull: there is no room; what has come is kept.
    """
    wanted = Wanted(url, folder / _file_name(url), size, sha256)
    if wanted.path.is_file():
        return wanted.path
    with _local_faults(wanted):
        folder.mkdir(parents=True, exist_ok=True)
        with _lock(wanted.path, waiting or (lambda: None)):
            if not wanted.path.is_file():
                _go_on(wanted, progress or (lambda _here, _all: None))
                _settle(wanted)
    return wanted.path


def _file_name(url: str) -> str:
    """Return the name that the file of an address gets."""
    parts = urlsplit(url)
    name = unquote(parts.path).rpartition("/")[2]
    if parts.scheme not in {"http", "https"} or not name or name.startswith("."):
        raise WeightsError(f"{url}: expected an http or https address that ends with a file's name")
    return name


@contextmanager
def _lock(path: Path, waiting: Callable[[], None]) -> Iterator[None]:
    """Hold a file for this process; the kernel lets go of it when the process ends, however it ends."""
    with path.with_name(path.name + ".lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            waiting()
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def _local_faults(wanted: Wanted) -> Iterator[None]:
    """Translate what goes wrong on this machine."""
    try:
        yield
    except OSError as error:
        if error.errno in NO_ROOM:
            raise DiskFull(
                f"{wanted.path}: no room left on the disk; free some, or set ENGINE_CACHE to a folder with room, "
                "and run the same command again: it goes on where it stopped"
            ) from error
        raise WeightsError(
            f"{wanted.path.parent}: cannot be written ({error.strerror or error}); "
            "check its permissions, or set ENGINE_CACHE to another folder"
        ) from error


def _go_on(wanted: Wanted, progress: Progress) -> None:
    """Fetch what is missing; a connection that breaks is taken up again as long as it brings something."""
    while True:
        before = _have(wanted)
        try:
            return _get(wanted, progress)
        except urllib.error.HTTPError as error:
            if error.code != HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE or not before:
                raise _answered(wanted, error) from error
            wanted.partial.unlink()  # all of it is there, or it is of another file: begin anew
        except (http.client.HTTPException, ConnectionError, TimeoutError) as error:
            if _have(wanted) <= before:
                raise _broken(wanted, error) from error
        except urllib.error.URLError as error:
            raise _unreachable(wanted, error) from error


def _have(wanted: Wanted) -> int:
    """Return how many bytes have come so far."""
    return wanted.partial.stat().st_size if wanted.partial.exists() else 0


def _get(wanted: Wanted, progress: Progress) -> None:
    """Ask for the bytes behind those that are there and write them."""
    have = _have(wanted)
    request = urllib.request.Request(wanted.url, headers=_rest(wanted, have))  # noqa: S310 - see _file_name
    with urllib.request.urlopen(request, timeout=_TIMEOUT) as answer:  # noqa: S310 - http and https only
        have = _begins(answer, have)
        length = answer.length or 0
        total = length + have if length else 0
        _refuse_other(wanted, have, total)
        _refuse_no_room(wanted, length)
        if not have:
            wanted.version.write_text(_version(answer.headers), encoding="latin-1")
        _append(answer, wanted, have, total, progress)


def _begins(answer: Any, have: int) -> int:
    """Return which byte of the file an answer begins with, or refuse one that leaves a gap."""
    if answer.status != HTTPStatus.PARTIAL_CONTENT:
        return 0
    said = re.match(r"bytes (\d+)-", answer.headers.get("Content-Range") or "")
    if said and int(said[1]) != have:
        raise ConnectionError(f"asked for bytes from {have:,} on, the server sends from {said[1]}")
    return have


def _rest(wanted: Wanted, have: int) -> dict[str, str]:
    """Return the headers that ask for the rest of a file, or for the whole where it has changed since."""
    if not have:
        return {}
    mark = wanted.version.read_text(encoding="latin-1") if wanted.version.exists() else ""
    return {"Range": f"bytes={have}-"} | ({"If-Range": mark} if mark else {})


def _version(headers: Any) -> str:
    """Return the mark by which a server knows a version of a file; "" where it gives none that is reliable."""
    tag = str(headers.get("ETag") or "")
    return str(headers.get("Last-Modified") or "") if not tag or tag.startswith("W/") else tag


def _append(answer: Any, wanted: Wanted, have: int, total: int, progress: Progress) -> None:
    """Write an answer behind the first ``have`` bytes; an answer that ends early is an error."""
    with wanted.partial.open("ab" if have else "wb") as file:
        progress(have, total)
        while piece := _read(answer):
            file.write(piece)
            have += len(piece)
            progress(have, total)
    if total and have < total:
        raise ConnectionError(f"the connection ended after {have:,} of {total:,} bytes")


def _read(answer: Any) -> bytes:
    """Return the next bytes; what fails here is the network's fault, unlike a fault of writing."""
    try:
        piece: bytes = answer.read(_PIECE)
    except (
        OSError,
        ValueError,
    ) as error:  # TLS, routes and malformed chunks each have errors of their own
        raise ConnectionError(str(error)) from error
    return piece


def _refuse_other(wanted: Wanted, have: int, total: int) -> None:
    """Refuse an answer whose length shows that it is not the file, before fetching it."""
    if wanted.size and total and total != wanted.size:
        if have:  # the rest fits a file of another length, so the beginning is of that one
            wanted.partial.unlink(missing_ok=True)
        raise WeightsError(
            f"{wanted.url}: the server offers {total:,} bytes, expected {wanted.size:,}: this is another file, or a "
            f"proxy's page; check the network, or put the file at {wanted.path} by hand"
        )


def _refuse_no_room(wanted: Wanted, length: int) -> None:
    """Refuse to begin what the disk cannot hold."""
    free = shutil.disk_usage(wanted.path.parent).free
    if length + _SPARE > free and length:
        raise DiskFull(
            f"{wanted.path}: {length:,} bytes are to be fetched, {free:,} are free; "
            "free some, or set ENGINE_CACHE to a folder with room"
        )


def _settle(wanted: Wanted) -> None:
    """Check what has come and put it in its place."""
    found = sha256_of(wanted.partial)
    expected = wanted.sha256 or noted_sha256(wanted.path)
    if expected and found != expected:
        wanted.partial.unlink()
        wanted.version.unlink(missing_ok=True)
        raise WeightsError(
            f"{wanted.url}: checksum {found}, expected {expected}: damaged on the way, or another file; what was "
            "fetched is deleted, run the same command again; if it stays so, do not use that file"
        )
    if not expected:
        note = wanted.path.with_name(wanted.path.name + ".sha256")
        note.write_text(f"{found}  {wanted.path.name}\n", encoding="utf-8")
    wanted.partial.replace(wanted.path)
    for beside in (wanted.version, wanted.path.with_name(wanted.path.name + ".lock")):
        with suppress(OSError):
            beside.unlink()


def _answered(wanted: Wanted, error: urllib.error.HTTPError) -> WeightsError:
    """Return the error for a server that answers, but not with the file."""
    said = f"{wanted.url}: the server answers {error.code} {error.reason}"
    if error.code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return WeightsError(f"{said}; its trouble, not yours: run the same command again later")
    return WeightsError(
        f"{said}: the file is not there, or not for everybody; check the address, "
        f"or put the file at {wanted.path} by hand"
    )


def _broken(wanted: Wanted, error: Exception) -> WeightsError:
    """Return the error for a connection that ended and brought nothing new."""
    return WeightsError(
        f"{wanted.url}: the connection broke ({error}); {_have(wanted):,} bytes are kept in {wanted.partial}: "
        "run the same command again to go on"
    )


def _unreachable(wanted: Wanted, error: urllib.error.URLError) -> WeightsError:
    """Return the error for a server that cannot be reached."""
    return WeightsError(
        f"{wanted.url}: {urlsplit(wanted.url).netloc} cannot be reached ({error.reason}); check the network and the "
        f"proxy (HTTPS_PROXY) and run the same command again, or put the file at {wanted.path} by hand"
    )
