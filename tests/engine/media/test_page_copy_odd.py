"""Whatever ingest makes of an odd video, its browser's copy shows the same pictures as the clip, frame by frame."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.adapters.video_pyav import PyavFrameSource
from engine.fakes.frames import read_number
from engine.media import decode, probe
from engine.media.page_copy import write_page_copy
from engine.media.prober import PyavProber
from engine.types import Clip

Make = Callable[..., Path]


def rotated(degrees: int) -> Callable[[Any], None]:
    return lambda stream: stream.set_display_rotation(degrees)


def silent(done: int, total: int) -> None:
    """Show nothing."""


def ingested(path: Path, folder: Path) -> Clip:
    """Return the whole video as a clip of what ingest would decode."""
    prober, media = PyavProber(), path
    footage = prober.look(path, progress=silent)
    if footage.reasons:
        media = folder / "working.mp4"
        prober.copy(path, media, footage, progress=silent)
    return Clip(
        "c", "v", str(media), 0, footage.frames, footage.width, footage.height, footage.rate
    )


ODD: dict[str, dict[str, Any]] = {
    "variable rate": {"stamps": [40 * k + 71 * (k // 7) for k in range(40)]},
    "bursts": {"name": "u.mkv", "stamps": [33 * k - (25 if k % 9 == 4 else 0) for k in range(40)]},
    "turned by 90": {"prepare": rotated(90)},
    "turned by 180": {"prepare": rotated(180)},
    "odd size": {"size": (95, 63), "pixels": "yuv444p"},
    "NTSC with open groups": {
        "rate": Fraction(30000, 1001),
        "options": {"x264-params": "open-gop=1:keyint=12:bframes=3"},
    },
    "one frame": {"frames": 1},
    "a frame each second": {"rate": Fraction(1)},
    "240 frames/s": {"rate": Fraction(240)},
    "ten bits": {"pixels": "yuv420p10le"},
    "grey": {"name": "g.mkv", "codec": "ffv1", "pixels": "gray"},
    "transport stream": {"name": "t.ts"},
}


@pytest.mark.parametrize("kind", ODD)
def test_every_frame_is_the_clips(kind: str, film: Make, tmp_path: Path) -> None:
    clip = ingested(film(**{"name": "film.mp4", **ODD[kind]}), tmp_path)
    assert write_page_copy(clip, tmp_path / "copy.mp4")
    seen = [rgb for batch in PyavFrameSource().batches(clip) for rgb in batch.rgb]
    shown = list(decode(tmp_path / "copy.mp4"))
    assert [read_number(rgb) for rgb in shown] == [read_number(rgb) for rgb in seen]
    for ours, theirs in zip(shown, seen, strict=True):
        assert np.abs(ours.astype(int) - theirs).mean() < 6


@pytest.mark.parametrize("kind", ODD)
def test_browsers_find_nothing_odd_any_more(kind: str, film: Make, tmp_path: Path) -> None:
    clip = ingested(film(**{"name": "film.mp4", **ODD[kind]}), tmp_path)
    write_page_copy(clip, tmp_path / "copy.mp4")
    facts = probe(tmp_path / "copy.mp4")
    assert facts.reasons == ()
    assert (facts.width, facts.height) == (clip.width, clip.height)
    assert facts.frames == clip.frames
    assert clip.frames == 1 or facts.rate == clip.rate
