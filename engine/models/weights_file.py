"""Tensors out of a file without executing anything in it; knows formats and damage, refuses to know models."""

import json
import os
import pickle
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open

from engine.errors import WeightsError

_NESTED = ("model", "state_dict")  # where trainings of SAM 2 and Lightning keep the tensors
_GLOBAL = re.compile(r"GLOBAL (\S+)")


@dataclass(frozen=True, slots=True)
class WeightsFile:
    """The tensors of a file by name, on the CPU, and the texts of its header (safetensors only)."""

    tensors: Mapping[str, torch.Tensor]
    header: Mapping[str, str] = field(default_factory=dict)


def read_weights(path: Path) -> WeightsFile:
    """Read a checkpoint: safetensors, or a PyTorch file of nothing but tensors.

    A PyTorch file may hold the tensors bare, or under "model" or "state_dict"; what else is in it is left alone.

    Raises:
        WeightsError: the file is missing, unreadable, damaged, something else, or holds objects that would run code.
    """
    start = first_bytes(path)
    if start[8:9] == b"{":
        return _safetensors(path)
    if start[:4] == b"PK\x03\x04" or start[:1] == b"\x80":
        return WeightsFile(_pytorch(path))
    raise WeightsError(f"{path}: {_what_it_is(start)}; expected safetensors or a PyTorch .pt")


def first_bytes(path: Path) -> bytes:
    """Return the first bytes of a file.

    Raises:
        WeightsError: there is none, it is a folder, is empty or may not be read.
    """
    if os.path.isdir(path):  # noqa: PTH112 - asks nothing of impossible names, where Path raises
        inside = sorted(p.name for p in path.glob("*") if p.suffix in {".pt", ".safetensors"})
        hint = f"one of its files: {', '.join(inside[:5])}" if inside else "a file"
        raise WeightsError(f"{path}: is a folder, expected a checkpoint; name {hint}")
    try:
        with path.open("rb") as file:
            start = file.read(512)
    except FileNotFoundError as error:
        raise WeightsError(
            f"{path}: no such checkpoint; name an existing file, or a model that `engine models list` shows"
        ) from error
    except OSError as error:
        raise WeightsError(
            f"{path}: cannot be read ({error.strerror}); check the permissions of the file and its folder"
        ) from error
    if not start:
        raise WeightsError(f"{path}: is empty, expected a checkpoint; fetch or copy it again")
    return start


def _what_it_is(start: bytes) -> str:
    """Say what a file is that holds no weights, from its first bytes."""
    text = start.lstrip().lower()
    if text.startswith((b"<!doctype", b"<html", b"<?xml")):
        return (
            "is a web page, probably a server's error message saved under this name; fetch it again"
        )
    if text.startswith(b"version https://git-lfs"):
        return "is a Git LFS pointer, not the weights themselves; fetch them with `git lfs pull`"
    return f"is no checkpoint (it begins with {start[:12]!r})"


def _safetensors(path: Path) -> WeightsFile:
    """Read safetensors; the format holds nothing but tensors and texts."""
    try:
        with safe_open(path, framework="pt") as file:
            header = dict(file.metadata() or {})
            return WeightsFile({name: file.get_tensor(name) for name in file.keys()}, header)  # noqa: SIM118 - no mapping
    except (SafetensorError, OSError) as error:
        raise WeightsError(
            f"{path}: not readable as safetensors ({error}; {_size(path)}): truncated or damaged; "
            "fetch or copy it again"
        ) from error


def read_header(path: Path) -> dict[str, str]:
    """Return the texts in the header of a safetensors file, without its tensors; {} where there are none."""
    try:
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            header = json.loads(file.read(min(length, os.fstat(file.fileno()).st_size)))
        return {str(k): str(v) for k, v in header.get("__metadata__", {}).items()}
    except (OSError, ValueError, AttributeError):
        return {}


def _pytorch(path: Path) -> Mapping[str, torch.Tensor]:
    """Read a PyTorch file with ``weights_only``: its pickle may build tensors and plain containers, nothing else."""
    try:
        with path.open("rb") as file:  # given a path, torch goes by its suffix
            content = torch.load(file, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise _refusal(path, str(error)) from error
    except Exception as error:  # torch raises half a dozen kinds for damaged files
        reason = str(error).partition("\n")[0].partition(". This is")[0]
        raise WeightsError(
            f"{path}: not readable as a PyTorch checkpoint ({reason}; {_size(path)}): truncated or damaged; "
            "fetch or copy it again"
        ) from error
    return _tensors(path, content)


def _refusal(path: Path, reason: str) -> WeightsError:
    """Return the error for a pickle that asks for more than tensors, or is cut off."""
    asked = _GLOBAL.search(reason)
    if asked is None:
        return WeightsError(
            f"{path}: not readable as a PyTorch checkpoint ({_size(path)}): damaged, or no checkpoint; "
            "fetch or copy it again"
        )
    if asked[1].startswith("ultralytics."):
        return WeightsError(
            f"{path}: holds a network of ultralytics, expected tensors of a segmenter; give it as the detector's "
            "(--detector, --detector-weights)"
        )
    return WeightsError(
        f"{path}: holds Python objects beside tensors ({asked[1]}), which could run code when opened; nothing "
        "was executed. Expected tensors only: save `model.state_dict()` with torch.save, or as safetensors"
    )


def _tensors(path: Path, content: Any) -> Mapping[str, torch.Tensor]:
    """Return the tensors of a checkpoint by name, without the prefix that parallel training adds."""
    for key in _NESTED:
        if isinstance(content, dict) and isinstance(content.get(key), dict):
            content = content[key]
            break
    if not isinstance(content, dict):
        raise WeightsError(
            f"{path}: holds {type(content).__name__}, expected tensors by name; save `model.state_dict()`"
        )
    found = {str(k): v for k, v in content.items() if isinstance(v, torch.Tensor)}
    if not found:
        keys = ", ".join(map(str, list(content)[:5])) or "nothing"
        raise WeightsError(
            f"{path}: holds no tensors by name (found: {keys}), expected them at the top or under "
            f"{' or '.join(map(repr, _NESTED))}; save `model.state_dict()`"
        )
    if all(name.startswith("module.") for name in found):
        found = {name.removeprefix("module."): value for name, value in found.items()}
    return found


def refuse_diverged(path: Path, tensors: Mapping[str, torch.Tensor]) -> None:
    """Refuse tensors with infinite numbers or none at all (NaN), as a failed training leaves them.

    Either makes the sum so, which takes one pass and no memory; in double precision no sum of weights overflows.

    Raises:
        WeightsError: there are some; the message names the first.
    """
    broken = [
        name
        for name, value in sorted(tensors.items())
        if value.is_floating_point() and not bool(value.sum(dtype=torch.float64).isfinite())
    ]
    if broken:
        raise WeightsError(
            f"{path}: {len(broken)} of {len(tensors)} tensors hold infinite or undefined numbers ({broken[0]} first): "
            "a training that diverged; take an earlier checkpoint, or train with a lower learning rate"
        )


def _size(path: Path) -> str:
    """Return the size of a file in words."""
    return f"{path.stat().st_size:,} bytes"
