"""Odd videos, made on the spot: every picture shows its own number."""

import os
import shutil
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import pytest

from engine.fakes.frames import numbered

MakeFilm = Callable[..., Path]


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> MakeFilm:
    """Encode ``frames`` numbered pictures as asked; ``stamps`` are times in milliseconds."""

    def make(
        name: str,
        *,
        frames: int = 40,
        codec: str = "libx264",
        pixels: str = "yuv420p",
        size: tuple[int, int] = (96, 64),
        rate: Fraction = Fraction(30),
        stamps: Sequence[int] | None = None,
        options: dict[str, str] | None = None,
        muxer: dict[str, str] | None = None,
        prepare: Callable[[Any], object] = id,
    ) -> Path:
        path = tmp_path_factory.mktemp("film") / name
        base = Fraction(1, 1000) if stamps else 1 / rate
        with av.open(str(path), "w", options=muxer or {}) as container:
            stream = container.add_stream(codec, rate=rate, options=options or {})
            stream.width, stream.height = size
            stream.pix_fmt, stream.gop_size = pixels, 12
            stream.codec_context.time_base = base
            prepare(stream)
            for number in range(frames):
                picture = numbered(number, width=size[0], height=size[1])
                frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format=pixels)
                frame.pts, frame.time_base = stamps[number] if stamps else number, base
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
        return path

    return make


@pytest.fixture(scope="session")
def recut(tmp_path_factory: pytest.TempPathFactory) -> MakeFilm:
    """Copy the packets of an mp4 without encoding, ``late`` ticks later: a negative one makes an edit list."""

    def make(source: Path, *, late: int) -> Path:
        path = tmp_path_factory.mktemp("recut") / "recut.mp4"
        with av.open(str(source)) as container, av.open(str(path), "w") as out:
            template = container.streams.video[0]
            stream = out.add_stream_from_template(template)
            for packet in container.demux(template):
                if packet.dts is not None and packet.pts is not None:
                    packet.pts, packet.dts, packet.stream = (
                        packet.pts + late,
                        packet.dts + late,
                        stream,
                    )
                    out.mux(packet)
        return path

    return make


@pytest.fixture(scope="session")
def footage() -> Path:
    """Find the real clips, or skip."""
    beside = Path(__file__).parents[3].parent / "shared" / "footage"
    folder = Path(os.environ.get("ENGINE_FOOTAGE", beside))
    if not folder.is_dir():
        pytest.skip(f"no real clips at {folder}; set ENGINE_FOOTAGE")
    return folder


@pytest.fixture(scope="session")
def ffprobe() -> str:
    """Find the program, or skip."""
    program = shutil.which("ffprobe")
    if program is None:
        pytest.skip("ffprobe is not installed")
    return program
