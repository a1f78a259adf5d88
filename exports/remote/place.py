"""A folder of any store that fsspec knows: this disk, S3, Google's, memory. Knows no datasets.

A name is a path below the folder with forward slashes. Whatever goes wrong is said in the product's own errors
(see ``exports.remote.faults``).
"""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from exports.remote.faults import patiently, said

_FLAT: Final = frozenset({"s3", "s3a", "gs", "gcs", "az", "abfs", "memory", "oci", "r2"})
"""Stores without folders: making one there would try to make the bucket."""
_PIECE: Final = 1 << 22
_LOCAL: Final = frozenset({"file", "local"})


@dataclass(frozen=True, slots=True)
class Place:
    """A folder: ``url`` as people write it, ``store`` fsspec's file system, ``root`` the folder's path within it."""

    url: str
    store: Any
    root: str

    def below(self, name: str) -> "Place":
        """Return a folder in this one."""
        return Place(f"{self.url}/{name}", self.store, f"{self.root}/{name}")

    def path(self, name: str) -> str:
        """Return the path of a file within the store."""
        return f"{self.root}/{name}"

    @property
    def local(self) -> bool:
        """Whether the folder is on this machine's disk."""
        return not _LOCAL.isdisjoint(_protocols(self.store))

    def read(self, name: str) -> bytes | None:
        """Return a file's content, None where there is no such file."""
        try:
            with said(self.url):
                content: bytes = patiently(lambda: self.store.cat_file(self.path(name)))
                return content
        except FileNotFoundError:
            return None

    def replace(self, name: str, data: bytes) -> None:
        """Write a file so that a reader finds the old content or the new one, never a part."""
        with said(self.url, writing=True):
            self._folder_of(name)
            if not self.local:
                patiently(lambda: self.store.pipe_file(self.path(name), data))
                return
            beside = Path(self.path(f"{name}.part"))
            beside.write_bytes(data)
            _flush(beside)
            beside.replace(self.path(name))

    def send(self, source: Path, name: str) -> None:
        """Copy a file of this disk to the store."""
        with said(self.url, writing=True):
            self._folder_of(name)
            patiently(lambda: self.store.put_file(str(source), self.path(name)))

    def copy(self, source: str, name: str) -> bool:
        """Copy a file within the store, ``source`` its path there; return False where it is not there any more."""
        try:
            with said(self.url):
                self._folder_of(name)
                patiently(lambda: self.store.cp_file(source, self.path(name)))
        except FileNotFoundError:
            return False
        return True

    def fetch(self, name: str, target: Path) -> bool:
        """Copy a file of the store to this disk; return False where there is none."""
        try:
            with said(self.url):
                patiently(lambda: self.store.get_file(self.path(name), str(target)))
        except FileNotFoundError:
            return False
        return True

    def digest(self, name: str) -> str:
        """Return the SHA-256 of a file, read in pieces; "" where there is none."""
        try:
            with said(self.url):
                return patiently(lambda: self._digest(self.path(name)))
        except FileNotFoundError:
            return ""

    def sizes(self) -> dict[str, int]:
        """Return the size in bytes of every file below the folder, by name."""
        return dict(self._listed())

    def _digest(self, path: str) -> str:
        """Read a file once, piece by piece."""
        found = hashlib.sha256()
        with self.store.open(path, "rb") as file:
            while piece := file.read(_PIECE):
                found.update(piece)
        return found.hexdigest()

    def _listed(self) -> Iterator[tuple[str, int]]:
        """Yield name and size of each file; a store without folders may keep empty files that stand for some."""
        with said(self.url):
            self.store.invalidate_cache()
            try:
                found = patiently(lambda: self.store.find(self.root, detail=True))
            except FileNotFoundError:
                return
        prefix = f"{self.root.rstrip('/')}/"
        for path, facts in found.items():
            name = path.removeprefix(prefix)
            if path.startswith(prefix) and name and not name.endswith("/"):
                yield name, int(facts.get("size") or 0)

    def _folder_of(self, name: str) -> None:
        """Make the folder of a file in stores that have folders."""
        if _FLAT.isdisjoint(_protocols(self.store)):
            self.store.makedirs(self.path(name).rpartition("/")[0], exist_ok=True)


def place_of(where: str | Path) -> Place:
    """Return the place of an address (``s3://bucket/folder``, ``memory://x``) or of a folder on this disk.

    Raises:
        ExportError: nothing that is installed knows the address's kind of store.
    """
    url = str(where).rstrip("/") or "/"
    with said(url):
        store, root = import_module("fsspec.core").url_to_fs(url)
        return Place(url, store, str(root).rstrip("/"))


def _protocols(store: Any) -> frozenset[str]:
    """Return the names of a store's kind."""
    kind = store.protocol
    return frozenset({kind} if isinstance(kind, str) else kind)


def _flush(path: Path) -> None:
    """Bring a file to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
