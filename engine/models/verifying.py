"""Whether weights are what they should be: checksum, safe reading, fit; refuses to know who asks and what is done then."""

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn

from engine.errors import WeightsError
from engine.models.catalogue import (
    CATALOGUE,
    Kind,
    expected_sha256,
    locate,
    noted_sha256,
    partial_of,
    sha256_of,
)
from engine.models.checkpoints import read_segmenter
from engine.models.fit import DETECTOR, recognise
from engine.models.weights_file import first_bytes, read_header, read_weights, refuse_diverged
from engine.models.yolo import load_checkpoint, load_weights


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found out about weights.

    ``expected`` is the checksum that the file must have, "" where nobody noted one; ``model`` what the tensors
    were made for, ``parameters`` their number; ``about`` what the header says of their training; ``problem``
    what is wrong, "" if nothing is.
    """

    name: str
    path: Path
    kind: Kind
    sha256: str = ""
    expected: str = ""
    model: str = ""
    parameters: int = 0
    about: str = ""
    problem: str = ""

    @property
    def good(self) -> bool:
        """Whether the weights can be used."""
        return not self.problem


def verify(name: str, *, kind: Kind | None = None, cache: Path | None = None) -> Finding:
    """Check the weights behind a name of the catalogue or a path: checksum, reading, names and shapes.

    Args:
        name: a name, or the path of a file.
        kind: what a file is meant for; by default what its tensors look like. A name has its own.
        cache: folder for what is fetched.

    Never raises for weights that are wrong: the finding says what is.
    """
    if name in CATALOGUE:
        found = CATALOGUE[name]
        path, kind, expected = locate(found, cache=cache), found.kind, expected_sha256(found)
    else:
        path = Path(name).expanduser().absolute()
        expected = noted_sha256(path)
    meant = kind or Kind.SEGMENTER
    try:
        _refuse_absent(name, path)
        digest = _checked(name, path, expected)
        meant = kind or _looks_like(path)
        network, model, about = _open(path, meant, name)
    except WeightsError as error:
        return Finding(name, path, meant, expected=expected, problem=str(error))
    count = sum(weight.numel() for weight in network.parameters())
    return Finding(name, path, meant, digest, expected, model, count, about)


def _refuse_absent(name: str, path: Path) -> None:
    """Refuse a name whose file has not been fetched."""
    if name in CATALOGUE and not path.exists():
        part = " (a part of it is there)" if partial_of(path).exists() else ""
        raise WeightsError(f"{path}: not fetched yet{part}; run `engine models pull {name}`")


def _checked(name: str, path: Path, expected: str) -> str:
    """Return the checksum of a file, or refuse it where another is expected."""
    first_bytes(path)
    digest = sha256_of(path)
    if expected and digest != expected:
        raise WeightsError(f"{path}: checksum {digest}, expected {expected}: {_remedy(name)}")
    return digest


def _remedy(name: str) -> str:
    """Say what to do about a file with another checksum."""
    if name not in CATALOGUE:
        return "damaged, or another file than the one whose checksum is noted beside it"
    if CATALOGUE[name].bundled:
        return "damaged; install the package again"
    return f"damaged, or another file; `engine models pull {name}` fetches it again"


def _looks_like(path: Path) -> Kind:
    """Return what the tensors of a file are for."""
    return Kind.DETECTOR if recognise(read_weights(path).tensors) == DETECTOR else Kind.SEGMENTER


def _open(path: Path, kind: Kind, name: str) -> tuple[nn.Module, str, str]:
    """Load weights; return the network, the model that it is, and what the header says of its training."""
    about = trained(path)
    if kind is Kind.SEGMENTER:
        loaded = read_segmenter(path, expected=name if name in CATALOGUE else None)
        network: nn.Module = loaded.network
        return network, loaded.about["model"], about
    ours = first_bytes(path)[8:9] == b"{"
    with torch.inference_mode():
        network, card = load_weights(path) if ours else load_checkpoint(path)
    refuse_diverged(path, network.state_dict())
    return network, f"{card.architecture}, {', '.join(card.classes)}", about


def trained(path: Path) -> str:
    """Return what the header of a file says about how its weights were trained; "" where it says nothing."""
    header = read_header(path)
    said = [header.get(key, "").strip('"') for key in ("trained_by", "command", "history")]
    if header.get("steps"):
        said.append(f"{header['steps']} steps in {header.get('minutes', '?')} minutes")
    return "; ".join(text for text in said if text)
