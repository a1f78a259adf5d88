"""Writes one rendered clip as H.264 beside its truth as JSON, whole or not at all. Knows no dataset."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av

from engine.synth.render import RenderedClip
from engine.synth.truth import clip_truth, frame_masks, frame_pockets


def write_clip(
    out: Path,
    name: str,
    clip: RenderedClip,
    *,
    seed: int,
    crf: int,
    heard: Callable[[int], None] | None = None,
) -> None:
    """Write ``name``.mp4 and ``name``.json into ``out``, the JSON last.

    ``crf`` is x264's quality, 0 best; ``heard`` is told how many frames are done. Whatever stops it, half a
    clip never stays.
    """
    film, truth = (out / f"{temporary(name)}.{end}" for end in ("mp4", "json"))
    try:
        written = _encode(film, clip, crf, heard)
        text = json.dumps(clip_truth(name, clip, seed=seed, **written), separators=(",", ":"))
        truth.write_text(text)
        film.rename(out / f"{name}.mp4")
        truth.rename(out / f"{name}.json")
    except BaseException:
        film.unlink(missing_ok=True)
        truth.unlink(missing_ok=True)
        if not (out / f"{name}.json").exists():
            (out / f"{name}.mp4").unlink(missing_ok=True)
        raise


def temporary(name: str) -> str:
    """Return the stem of the files in which this process writes clip ``name``."""
    return f".{name}.{os.getpid()}"


def _encode(
    path: Path, clip: RenderedClip, crf: int, heard: Callable[[int], None] | None
) -> dict[str, list[list[dict[str, Any]]]]:
    """Render and encode every frame; return their masks and pockets."""
    masks, pockets = [], []
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=clip.rate)
        stream.width, stream.height, stream.pix_fmt = clip.width, clip.height, "yuv420p"
        stream.thread_count = 1
        stream.options = {"crf": str(crf), "preset": "veryfast"}
        for frame in clip:
            masks.append(frame_masks(frame))
            pockets.append(frame_pockets(frame))
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame.rgb, format="rgb24")))
            if heard is not None:
                heard(len(masks))
        container.mux(stream.encode())
    return {"masks": masks, "pockets": pockets}
