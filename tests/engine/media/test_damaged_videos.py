"""A damaged recording is refused in the product's own words, or read as far as it says; it never breaks anything off."""

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine.errors import EngineError, VideoError
from engine.media import decode, probe
from engine.media.prober import PyavProber

Make = Callable[..., Path]
KINDS: dict[str, dict[str, Any]] = {
    "a.mp4": {},
    "b.mp4": {"muxer": {"movflags": "faststart"}},
    "a.mkv": {},
    "a.avi": {"codec": "mjpeg", "pixels": "yuvj420p"},
}


def damaged(path: Path, seed: int, folder: Path) -> Path:
    """Return a copy with some bytes flipped, lost or repeated, now and then cut off."""
    dice, content = random.Random(seed), bytearray(path.read_bytes())
    for _ in range(dice.choice([1, 4, 32, 256])):
        place = dice.randrange(len(content))
        match dice.choice(["flip", "flip", "lose", "repeat"]):
            case "flip":
                content[place] = dice.randrange(256)
            case "lose":
                del content[place : place + dice.randrange(1, 50)]
            case "repeat":
                content[place:place] = content[place : place + dice.randrange(1, 50)]
    kept = dice.choice([len(content), dice.randrange(1, len(content))])
    out = folder / f"{seed}-{path.name}"
    out.write_bytes(bytes(content[:kept]))
    return out


@pytest.mark.slow
@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("seed", range(20))
def test_damage_is_refused_in_words_or_the_file_is_what_it_says(
    name: str, seed: int, film: Make, tmp_path: Path
) -> None:
    path = damaged(film(name, frames=24, **KINDS[name]), seed, tmp_path)
    said: list[Exception] = []
    frames = shown = 0
    try:
        frames = probe(path).frames
        shown = sum(1 for _ in decode(path))
    except VideoError as error:
        said.append(error)
    assert all(str(path) in str(error) for error in said)
    assert said or shown == frames > 0


def test_a_remark_in_any_encoding_does_not_keep_a_film_from_being_read(
    film: Make, tmp_path: Path
) -> None:
    def remark(stream: Any) -> None:
        stream.metadata["title"] = "Zurich, 3rd table"

    old = tmp_path / "camera.mkv"
    content = film("a.mkv", frames=24, prepare=remark).read_bytes()
    assert content.count(b"Zurich") == 1
    old.write_bytes(content.replace(b"Zurich", b"Z\xfcrich"))
    assert probe(old).frames == 24


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(8))
def test_a_working_copy_of_damaged_footage_is_whole_or_is_not_there(
    seed: int, film: Make, tmp_path: Path
) -> None:
    path, out = damaged(film("a.mkv", frames=24), seed, tmp_path), tmp_path / "copy.mp4"
    prober = PyavProber()
    try:
        footage = prober.look(path, progress=lambda *_: None)
        prober.copy(path, out, footage, progress=lambda *_: None)
    except EngineError:
        assert not out.exists()
    else:
        assert probe(out).frames == footage.frames
    assert not list(tmp_path.glob("*.part*"))
