"""Which weights there are by name, where each lies and whether it is whole; refuses to know tensors and networks."""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType

from engine.errors import WeightsError

ASSETS = Path(__file__).parents[1] / "assets"
SUMS = "SHA256SUMS"
NANO = "litesam2_nano.safetensors"
DETECTOR = "ball_yolo_nano.safetensors"
_BASE = "https://dl.fbaipublicfiles.com/segment_anything_2/092824"
_DIGITS = 12


class Kind(StrEnum):
    """What a model does."""

    SEGMENTER = "segmenter"
    DETECTOR = "detector"


class State(StrEnum):
    """Whether a model's file is there, and whole as far as its size and, for bundled ones, its checksum say."""

    BUNDLED = "bundled"
    CACHED = "cached"
    PARTIAL = "partial"
    MISSING = "missing"
    DAMAGED = "damaged"


@dataclass(frozen=True, slots=True)
class Entry:
    """Weights that have a name.

    ``size`` in bytes and ``sha256`` are those of the file as published; 0 and "" for bundled files, whose
    checksums stand in the ``SHA256SUMS`` beside them. ``config`` is the configuration in the ``sam2`` package.
    """

    name: str
    kind: Kind
    file: str
    licence: str
    url: str = ""
    size: int = 0
    sha256: str = ""
    config: str = ""

    @property
    def bundled(self) -> bool:
        """Whether the weights are part of this package."""
        return not self.url


def _official(name: str, short: str, size: int, sha256: str) -> Entry:
    """Return the entry of an official SAM 2.1 checkpoint."""
    file = f"sam2.1_hiera_{name}.pt"
    config = f"configs/sam2.1/sam2.1_hiera_{short}.yaml"
    url = f"{_BASE}/{file}"
    return Entry(
        file.removesuffix(".pt"), Kind.SEGMENTER, file, "Apache-2.0", url, size, sha256, config
    )


_BUNDLED = (
    Entry("nano", Kind.SEGMENTER, NANO, "Apache-2.0"),
    Entry("ball_yolo_nano", Kind.DETECTOR, DETECTOR, "Apache-2.0, runs with AGPL-3.0"),
)
# Sizes and checksums: docs/models.md names the sources, which agree with each other.
_OFFICIAL = (
    _official(
        "tiny",
        "t",
        156_008_466,
        "7402e0d864fa82708a20fbd15bc84245c2f26dff0eb43a4b5b93452deb34be69",
    ),
    _official(
        "small",
        "s",
        184_416_285,
        "6d1aa6f30de5c92224f8172114de081d104bbd23dd9dc5c58996f0cad5dc4d38",
    ),
    _official(
        "base_plus",
        "b+",
        323_606_802,
        "a2345aede8715ab1d5d31b4a509fb160c5a4af1970f199d9054ccfb746c004c5",
    ),
    _official(
        "large",
        "l",
        898_083_611,
        "2647878d5dfa5098f2f8649825738a9345572bae2d4350a2468587ece47dd318",
    ),
)
CATALOGUE: Mapping[str, Entry] = MappingProxyType({e.name: e for e in (*_BUNDLED, *_OFFICIAL)})
BUNDLED_DETECTORS: Mapping[str, str] = MappingProxyType({"yolo": "ball_yolo_nano"})  # by registry
OFFICIAL: Mapping[str, Entry] = MappingProxyType({e.name: e for e in _OFFICIAL})


def entry(name: str) -> Entry:
    """Return the entry of a name.

    Raises:
        WeightsError: there is none; the message lists the known names.
    """
    if name not in CATALOGUE:
        near = get_close_matches(name, CATALOGUE, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise WeightsError(f"unknown model {name!r}: known are {', '.join(CATALOGUE)}{hint}")
    return CATALOGUE[name]


def cache_folder() -> Path:
    """Return the folder for what is fetched: ``ENGINE_CACHE``, or ~/.cache/billiards-engine."""
    return Path(os.environ.get("ENGINE_CACHE") or "~/.cache/billiards-engine").expanduser()


def locate(found: Entry, *, cache: Path | None = None) -> Path:
    """Return where the file of an entry lies, or will lie once it is fetched."""
    return (ASSETS if found.bundled else cache or cache_folder()) / found.file


def partial_of(path: Path) -> Path:
    """Return where what is fetched of a file lies until it is whole."""
    return path.with_name(path.name + ".partial")


def state(found: Entry, *, cache: Path | None = None) -> State:
    """Say whether the weights are there and whole.

    Bundled files are compared with their checksum, fetched ones with their size: `verify` reads those, which takes
    seconds for the larger ones.
    """
    path = locate(found, cache=cache)
    if not path.is_file():
        return State.PARTIAL if partial_of(path).is_file() else State.MISSING
    if found.bundled:
        return State.BUNDLED if sha256_of(path) == expected_sha256(found) else State.DAMAGED
    return State.CACHED if path.stat().st_size == found.size else State.DAMAGED


def expected_sha256(found: Entry) -> str:
    """Return the checksum that the file of an entry must have; "" where none is known."""
    return noted_sha256(ASSETS / found.file) if found.bundled else found.sha256


def noted_sha256(path: Path) -> str:
    """Return the checksum of ``path`` that a ``SHA256SUMS`` or ``NAME.sha256`` beside it notes; "" if none does."""
    for notes in (path.with_name(SUMS), path.with_name(path.name + ".sha256")):
        if not notes.is_file():
            continue
        for line in notes.read_text(encoding="utf-8", errors="replace").splitlines():
            digest, _, name = line.partition(" ")
            if name.strip().lstrip("*") == path.name:
                return digest.lower()
    return ""


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file's content as 64 hexadecimal digits.

    Raises:
        WeightsError: the file cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise WeightsError(
            f"{path}: cannot be read ({error.strerror}); check that it exists and that you may read it"
        ) from error


def weights_path(name: str, *, cache: Path | None = None) -> Path:
    """Return the file behind a name of the catalogue, or behind a path."""
    return locate(CATALOGUE[name], cache=cache) if name in CATALOGUE else Path(name).expanduser()


def fingerprint(name: str, *, cache: Path | None = None) -> str:
    """Return the first 12 digits of the SHA-256 of the weights behind a name or a path.

    Names change their meaning when weights are trained anew and paths are overwritten; this tells which
    weights drew a mask.

    Raises:
        WeightsError: the file is not there.
    """
    return sha256_of(weights_path(name, cache=cache))[:_DIGITS]
