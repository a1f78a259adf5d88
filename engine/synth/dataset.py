"""Writes rendered clips as H.264 beside their truth as JSON. Knows no scene: only pictures and tracks."""

import json
import multiprocessing
import os
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from numpy.typing import NDArray
from pycocotools import mask as coco

from engine.synth.camera import Camera
from engine.synth.physics import Event
from engine.synth.pockets import Opening
from engine.synth.render import Frame, RenderedClip, render_clip

RATE = Fraction(30)


def write_dataset(
    out: Path, *, clips: int, frames: int, seed: int, width: int, height: int, workers: int = 1
) -> None:
    """Write ``clips`` rendered clips of ``frames`` frames into ``out``; finished ones are kept.

    Clip k depends on (``seed``, k) alone. Both files of a clip are written beside and renamed, the JSON last.
    """
    out.mkdir(parents=True, exist_ok=True)
    jobs = [(out, seed, k, frames, width, height) for k in range(clips)]
    todo = [job for job in jobs if not (out / f"{clip_id(seed, job[2])}.json").exists()]
    done = clips - len(todo)
    if workers <= 1:
        for job in todo:
            done = _report(_write_job(job), done, clips)
        return
    with multiprocessing.get_context("spawn").Pool(workers) as pool:
        for name in pool.imap_unordered(_write_job, todo):
            done = _report(name, done, clips)


def clip_id(seed: int, index: int) -> str:
    """Return the name of clip ``index`` of the dataset of ``seed``."""
    return f"s{seed:04d}_{index:05d}"


def _report(name: str, done: int, clips: int) -> int:
    sys.stderr.write(f"{done + 1}/{clips} {name}\n")
    return done + 1


def _write_job(job: tuple[Path, int, int, int, int, int]) -> str:
    out, seed, index, frames, width, height = job
    cv2.setNumThreads(1)
    rng = np.random.default_rng([seed, index])
    scale = float(rng.uniform(0.85, 1.12))
    size = (max(64, round(width * scale / 16) * 16), max(64, round(height * scale / 16) * 16))
    clip = render_clip(
        int(rng.integers(2**31)), width=size[0], height=size[1], frames=frames, rate=RATE
    )
    name = clip_id(seed, index)
    write_clip(out, name, clip, seed=seed, crf=int(rng.integers(17, 31)))
    return name


def write_clip(out: Path, name: str, clip: RenderedClip, *, seed: int, crf: int) -> None:
    """Write ``name``.mp4 and ``name``.json into ``out``, whole or not at all."""
    video, truth = out / f".{name}.{os.getpid()}.mp4", out / f".{name}.{os.getpid()}.json"
    masks, openings = [], []
    with av.open(str(video), "w") as container:
        stream = container.add_stream("libx264", rate=clip.rate)
        stream.width, stream.height, stream.pix_fmt = clip.width, clip.height, "yuv420p"
        stream.thread_count = 1
        stream.options = {"crf": str(crf), "preset": "veryfast"}
        for frame in clip:
            masks.append(frame_masks(frame))
            openings.append([_opening(pocket) for pocket in frame.pockets])
            for packet in stream.encode(av.VideoFrame.from_ndarray(frame.rgb, format="rgb24")):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)
    truth.write_text(json.dumps(_truth(name, clip, seed, masks, openings), separators=(",", ":")))
    video.rename(out / f"{name}.mp4")
    truth.rename(out / f"{name}.json")


def _truth(
    name: str,
    clip: RenderedClip,
    seed: int,
    masks: list[list[dict[str, Any]]],
    openings: list[list[dict[str, Any]]],
) -> dict[str, Any]:
    rate = [clip.rate.numerator, clip.rate.denominator]
    objects = [{"track": t, "label": label, "number": number} for t, label, number in clip.objects]
    events = [_event(clip, frame, event) for frame, event in clip.events()]
    return {"id": name, "width": clip.width, "height": clip.height, "rate": rate, "frames": len(masks),
            "seed": seed, "preset": clip.scene.preset, "profile": clip.scene.profile,
            "camera": _camera(clip), "objects": objects, "events": events,
            "pockets": openings, "masks": masks}  # fmt: skip


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


def frame_masks(frame: Frame) -> list[dict[str, Any]]:
    """Return the visible balls of ``frame`` as COCO run lengths with their boxes xyxy, half-open."""
    return [_mask(int(track), frame.tracks == track) for track in np.unique(frame.tracks) if track]


def _mask(track: int, mask: NDArray[np.bool_]) -> dict[str, Any]:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    box = [int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1]
    counts = coco.encode(np.asfortranarray(mask.astype(np.uint8)))["counts"].decode()
    return {"track": track, "size": list(mask.shape), "counts": counts, "box": box}
