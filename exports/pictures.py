"""The pictures of a clip as files: decoded once, written as JPEG and, where a format has one, as mp4. Knows no format.

A frame that is a JPEG already, of an imported folder of them, is copied as it is. A video whose stream can be cut
without encoding it anew is cut.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from engine.errors import VideoError
from engine.media import VideoWriter
from engine.media.cutting import cut_stream, frames_in
from engine.media.still import jpeg
from engine.types import Clip, FrameBatch, Image
from exports.files import Files
from exports.format import Pictures

Tell: TypeAlias = Callable[[int], None]
Source: TypeAlias = Callable[[], Iterator[FrameBatch]]


@dataclass(frozen=True, slots=True)
class Footage:
    """What is exported of a clip: picture k is picture k * ``thin`` of ``source``, which knows the clip unthinned."""

    clip: Clip
    source: Source
    thin: int = 1


def write_pictures(footage: Footage, places: Pictures, files: Files, *, tell: Tell) -> None:
    """Write the pictures of a clip; ``tell(n)`` is called when n frames are done.

    Raises:
        VideoError: the recording does not decode, or is shorter than the clip says.
    """
    clip = footage.clip
    originals = _originals(footage, places)
    halved = not Path(clip.media).is_dir()  # of a video; single pictures may hold all their colours
    cut = bool(places.video) and cut_video(footage, places, files)
    if originals and (cut or not places.video):
        _copy(originals, places, files, tell)
        return
    with ExitStack() as stack:
        video = None
        if places.video and not cut:
            video = stack.enter_context(_writer(files.path(places.video), clip))
        done = 0
        for number, rgb in _thinned(footage):
            if video is not None:
                video.write(rgb)
            if number % places.every == 0:
                if originals:
                    data = originals[number].read_bytes()
                else:
                    data = jpeg(rgb, size=places.size, halved=halved)
                files.write(places.name(number), data)
            done = number + 1
            tell(done)
        if done != clip.frames:  # in here, so that no video of them gets its name
            raise VideoError(f"{clip.media}: {done} frames, {clip.frames} were expected")
    if video is not None:
        files.adopt(places.video)


def cut_video(footage: Footage, places: Pictures, files: Files) -> bool:
    """Cut the recording's own stream to the clip without encoding it anew; return False where that cannot be exact."""
    clip = footage.clip
    if footage.thin != 1 or places.size != (clip.height, clip.width):
        return False
    media, start = Path(clip.media), clip.start
    if media.is_dir():  # of an imported clip: its own video may lie beside its pictures
        media, start = media / f"{start:05d}.mp4", 0
    if not media.is_file():
        return False
    with suppress(VideoError):  # whatever is odd about the file, decoding it will tell
        if media.parent == Path(clip.media) and frames_in(media) == clip.frames:
            files.write(places.video, media.read_bytes())
            return True
        out = files.path(places.video)
        if cut_stream(media, out, start=start, frames=clip.frames, rate=clip.rate):
            files.adopt(places.video)
            return True
    return False


def _writer(path: Path, clip: Clip) -> VideoWriter:
    """Return a writer of the clip's size and rate; half the time of a slower preset for a sixth more bytes."""
    return VideoWriter(
        path, width=clip.width, height=clip.height, rate=clip.rate, preset="superfast"
    )


def _thinned(footage: Footage) -> Iterator[tuple[int, Image]]:
    """Yield the pictures that are exported with their numbers there."""
    for batch in footage.source():
        for offset, rgb in enumerate(batch.rgb):
            number, rest = divmod(batch.first + offset, footage.thin)
            if not rest:
                yield number, rgb


def _originals(footage: Footage, places: Pictures) -> list[Path]:
    """Return the JPEG that each frame of an imported folder is, nothing where one is missing or must be scaled."""
    clip, folder = footage.clip, Path(footage.clip.media)
    if places.size != (clip.height, clip.width) or not folder.is_dir():
        return []
    numbers = range(clip.start, clip.start + clip.frames * footage.thin, footage.thin)
    paths = [folder / f"{number:05d}.jpg" for number in numbers]
    return paths if all(path.is_file() for path in paths) else []


def _copy(originals: list[Path], places: Pictures, files: Files, tell: Tell) -> None:
    """Write pictures byte for byte as they came."""
    for number, path in enumerate(originals):
        if number % places.every == 0:
            files.write(places.name(number), path.read_bytes())
        tell(number + 1)
