"""A pass's state as bytes and back: safetensors with a JSON header, no pickle; knows no network.

The size depends on the number of tracks alone, never on how long the pass has run.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from engine import rle
from engine.adapters.sam2.bank import Bank, Entry
from engine.adapters.sam2.colours import Colours
from engine.adapters.sam2.motion import Small
from engine.adapters.sam2.resting import Rest
from engine.errors import InputError, WeightsError
from engine.models.place import Place
from engine.types import TrackMask


@dataclass(frozen=True, slots=True)
class TrackState:
    """One track: its memory; where each ball has its own window also its place, its colours and how it last lay there.

    ``thickness`` is that of its mask in pixels when the ball was seen whole, 0 when that is not known; ``scene`` the
    small picture with which it was seen last, while it is sought.
    """

    bank: Bank
    place: Place | None = None
    colours: Colours | None = None
    rest: Rest | None = None
    thickness: float = 0.0
    scene: Small | None = None


@dataclass(frozen=True, slots=True)
class Header:
    """Whose state it is: the model's fingerprint, the clip, the direction, the last frame taken, whether it was a repeat."""

    model: str
    clip: str
    backward: bool
    last: int | None
    paused: bool = False


def pack(header: Header, tracks: Mapping[int, TrackState], before: Small | None) -> bytes:
    """Return the state as bytes; ``before`` is the last picture, made small."""
    tensors: dict[str, Tensor] = {}
    if before is not None:
        tensors["before"] = torch.from_numpy(before)
    listed = []
    for track, state in tracks.items():
        entries = (*state.bank.conditioning, *state.bank.recent)
        for i, entry in enumerate(entries):
            tensors[f"{track}/{i}/pointer"] = entry.pointer.cpu().clone()
            if entry.features is not None:
                tensors[f"{track}/{i}/features"] = entry.features.cpu().clone()
        if state.colours is not None:
            tensors[f"{track}/colours"] = torch.from_numpy(state.colours)
        if state.scene is not None:
            tensors[f"{track}/scene"] = torch.from_numpy(state.scene).clone()
        if state.rest is not None:
            tensors[f"{track}/picture"] = state.rest.picture.cpu().clone()
            if state.rest.colours is not None:
                tensors[f"{track}/shown"] = torch.from_numpy(state.rest.colours).clone()
        listed.append(
            {
                "track": track,
                "frames": [entry.frame for entry in entries],
                "conditioning": len(state.bank.conditioning),
                "place": asdict(state.place) if state.place else None,
                "rest": _rest_out(state.rest),
                "thickness": state.thickness,
            }
        )
    return save(tensors, {"state": json.dumps({**asdict(header), "tracks": listed})})


def unpack(
    blob: bytes, expected: Header, *, device: torch.device
) -> tuple[int | None, dict[int, TrackState], Small | None, bool]:
    """Return the last frame, the tracks, the last picture of a snapshot, and whether that was a repeat.

    Raises:
        WeightsError: another model made it, or it is none of ours.
        InputError: it is of another clip, or of the other direction.
    """
    found = _header(blob)
    tensors = {name: tensor.to(device) for name, tensor in load(blob).items()}
    if found["model"] != expected.model:
        raise WeightsError(
            f"the snapshot was made by {found['model']}, this is {expected.model}; begin the pass anew"
        )
    if (found["clip"], found["backward"]) != (expected.clip, expected.backward):
        raise InputError(
            f"the snapshot is of clip {found['clip']} backward={found['backward']}, "
            f"expected {expected.clip} backward={expected.backward}"
        )
    tracks = {raw["track"]: _track(raw, tensors) for raw in found["tracks"]}
    before = tensors.get("before")
    small = None if before is None else before.cpu().numpy()
    return found["last"], tracks, small, bool(found.get("paused", False))


def _header(blob: bytes) -> dict[str, Any]:
    """Read the JSON header: safetensors begins with its length, then itself."""
    try:
        load(blob)
        size = int.from_bytes(blob[:8], "little")
        header: dict[str, Any] = json.loads(json.loads(blob[8 : 8 + size])["__metadata__"]["state"])
    except (SafetensorError, ValueError, KeyError) as error:
        raise WeightsError(
            f"not a snapshot of a SAM 2 pass ({error}); begin the pass anew"
        ) from error
    return header


def _track(raw: Mapping[str, Any], tensors: Mapping[str, Tensor]) -> TrackState:
    """Put one track together."""
    stem = f"{raw['track']}/"
    entries = tuple(
        Entry(frame, tensors.get(f"{stem}{i}/features"), tensors[f"{stem}{i}/pointer"])
        for i, frame in enumerate(raw["frames"])
    )
    cut = raw["conditioning"]
    place = Place(**raw["place"]) if raw["place"] else None
    colours, scene = tensors.get(f"{stem}colours"), tensors.get(f"{stem}scene")
    return TrackState(
        Bank(entries[:cut], entries[cut:]),
        place,
        None if colours is None else colours.cpu().numpy(),
        _rest_in(raw, tensors),
        raw.get("thickness", 0.0),
        None if scene is None else scene.cpu().numpy(),
    )


def _rest_out(rest: Rest | None) -> dict[str, Any] | None:
    """Return what JSON can hold of a resting ball."""
    if rest is None:
        return None
    mask = rest.mask
    return {
        "view": rest.view,
        "mask": rle.to_coco(mask.rle),
        "score": mask.score,
        "stability": mask.stability,
    }


def _rest_in(state: Mapping[str, Any], tensors: Mapping[str, Tensor]) -> Rest | None:
    """Return a track's resting ball."""
    raw, track = state["rest"], state["track"]
    picture, shown = tensors.get(f"{track}/picture"), tensors.get(f"{track}/shown")
    if raw is None or picture is None:
        return None
    x0, y0, x1, y1 = raw["view"]
    mask = TrackMask(track, rle.from_coco(raw["mask"]), raw["score"], raw["stability"])
    colours = None if shown is None else shown.cpu().numpy()
    return Rest((x0, y0, x1, y1), picture.cpu(), mask, colours)
