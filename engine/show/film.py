"""A clip with its masks drawn over it, as a film. Reads and writes frame by frame."""

from collections.abc import Callable, Iterable
from pathlib import Path

from engine.media import VideoWriter
from engine.media.paint import paint, text
from engine.types import Clip, FrameBatch, FrameMasks, Track


def write_film(
    path: Path,
    clip: Clip,
    *,
    pictures: Iterable[FrameBatch],
    frames: Iterable[FrameMasks],
    tracks: Iterable[Track] = (),
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Path:
    """Write the overlay film of a clip as H.264 to ``path`` and return it.

    ``pictures`` and ``frames`` come in step, from frame 0. With ``tracks`` each ball carries its
    number and class. ``progress(done, total)`` is called after each frame.

    Raises:
        VideoError: the clip's media does not decode.
        DiskFull: no room; nothing is left at ``path``.
    """
    names = {track.id: track.label for track in tracks}
    rows = iter(frames)
    path.parent.mkdir(parents=True, exist_ok=True)
    with VideoWriter(path, width=clip.width, height=clip.height, rate=clip.rate, crf=20) as writer:
        for batch in pictures:
            for offset, rgb in enumerate(batch.rgb):
                row = next(rows)
                painted = paint(rgb, row, names=names)
                caption = f"{clip.id}   frame {row.frame}   {len(row.masks)} balls"
                writer.write(text(painted, caption, at=(8, 6), size=max(12, clip.height // 45)))
                progress(batch.first + offset + 1, clip.frames)
    return path
