"""The truth of a rendered clip as JSON: objects, masks, pockets, events, camera. Knows no film and no folder."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from pycocotools import mask as coco

from engine.synth.camera import Camera
from engine.synth.physics import Event
from engine.synth.pockets import Opening
from engine.synth.render import Frame, RenderedClip


def clip_truth(
    name: str,
    clip: RenderedClip,
    *,
    seed: int,
    masks: list[list[dict[str, Any]]],
    pockets: list[list[dict[str, Any]]],
) -> dict[str, Any]:
    """Return the truth of ``clip`` called ``name``; ``masks`` and ``pockets`` are those of its frames."""
    rate = [clip.rate.numerator, clip.rate.denominator]
    objects = [{"track": t, "label": label, "number": number} for t, label, number in clip.objects]
    events = [_event(clip, frame, event) for frame, event in clip.events()]
    return {"id": name, "width": clip.width, "height": clip.height, "rate": rate, "frames": len(masks),
            "seed": seed, "preset": clip.scene.preset, "profile": clip.scene.profile,
            "camera": _camera(clip), "objects": objects, "events": events,
            "pockets": pockets, "masks": masks}  # fmt: skip


def frame_masks(frame: Frame) -> list[dict[str, Any]]:
    """Return the visible balls of ``frame`` as COCO run lengths with their boxes xyxy, half-open."""
    return [_mask(int(track), frame.tracks == track) for track in np.unique(frame.tracks) if track]


def frame_pockets(frame: Frame) -> list[dict[str, Any]]:
    """Return the six openings of ``frame``, in pixels, or none on a table without pockets."""
    return [_opening(pocket) for pocket in frame.pockets]


def _camera(clip: RenderedClip) -> dict[str, Any]:
    """Return focal length in pixels, lens and pose; the pose of every frame where it moves."""
    camera, lens = clip.scene.camera, clip.scene.camera.lens
    out: dict[str, Any] = {"focal": round(camera.focal, 2), **_pose(camera)}
    if not lens.straight:
        out["lens"] = {"k1": lens.k1, "k2": lens.k2}
    if clip.scene.shake is not None:
        out["poses"] = [_pose(clip.camera(k)) for k in range(len(clip))]
    return out


def _pose(camera: Camera) -> dict[str, Any]:
    return {
        "centre": camera.centre.round(5).tolist(),
        "rotation": camera.rotation.round(7).tolist(),
    }


def _event(clip: RenderedClip, frame: int, event: Event) -> dict[str, Any]:
    time = round(event.time - clip.scene.begin, 5)
    tracks = [k + 1 for k in event.balls]
    return {"kind": event.kind, "frame": frame, "time": time, "tracks": tracks,
            "pocket": event.pocket}  # fmt: skip


def _opening(pocket: Opening) -> dict[str, Any]:
    box = [round(k, 1) for k in pocket.box]
    return {"x": round(pocket.x, 1), "y": round(pocket.y, 1), "radius": round(pocket.radius, 1),
            "box": box, "visible": pocket.visible}  # fmt: skip


def _mask(track: int, mask: NDArray[np.bool_]) -> dict[str, Any]:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    box = [int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1]
    counts = coco.encode(np.asfortranarray(mask.astype(np.uint8)))["counts"].decode()
    return {"track": track, "size": list(mask.shape), "counts": counts, "box": box}
