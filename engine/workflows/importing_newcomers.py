"""Clips that the workspace does not know become recordings of it, with the pictures they bring. Reads no mask.

Pictures are copied as they are into a folder that is named by their content; those of clips that one recording was cut
into follow each other there, so that they stay one recording.
"""

import hashlib
import os
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from pathlib import Path

from engine.errors import NO_ROOM, DiskFull, InputError, VideoError
from engine.ports import Catalog
from engine.types import Clip, Video
from engine.workflows.importing_values import Incoming
from engine.workflows.ingest import Footage, Prober
from engine.workflows.recordings import copy_into, sha256_of

ENDINGS = {".jpg": ".jpg", ".jpeg": ".jpg", ".png": ".png"}
_DIGITS = 16


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A clip that may become one of ours. ``digests`` are the SHA-256 of its files; ``footage`` is of a video alone.

    ``video`` is the clip's own video beside its pictures, where both show the same number of frames of one size.
    """

    source: Incoming
    files: tuple[Path, ...]
    digests: tuple[str, ...]
    footage: Footage | None = None
    video: Path | None = None


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording that is not made yet, with its clips; ``files`` are its pictures in order, or one video.

    ``videos`` are those of clips, by the frame that the clip begins at: they are kept beside the pictures, so that a
    format with videos gets them back as they came.
    """

    video: Video
    clips: tuple[Clip, ...]
    files: tuple[Path, ...]
    footage: Footage | None = None
    videos: Mapping[int, Path] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Newcomers:
    """Makes clips below the folder ``media``; ``size_of`` returns (width, height) of a picture."""

    catalog: Catalog
    prober: Prober
    media: Path
    size_of: Callable[[Path], tuple[int, int]]

    def examine(self, source: Incoming) -> Newcomer:
        """Look at every file of a clip.

        Raises:
            InputError: there are no pictures, or one is missing, of another size or kind.
            VideoError: the video cannot be used.
        """
        if source.pictures:
            return self._pictures(source)
        if not source.pictured:
            raise InputError(
                "the workspace has no clip of this id and the source brings no pictures; name the clip with --clip, "
                "or add its recording with `engine ingest` first"
            )
        return self._video(source)

    def _pictures(self, source: Incoming) -> Newcomer:
        """Look at a clip of single pictures."""
        clip = source.labelled.clip
        endings = {ENDINGS.get(path.suffix.lower(), "") for path in source.pictures}
        if len(endings) != 1 or "" in endings:
            found = ", ".join(sorted({path.suffix for path in source.pictures}))
            raise InputError(f"pictures are {found}; expected all .jpg or all .png")
        if len(source.pictures) != clip.frames:
            raise InputError(f"{len(source.pictures)} pictures for {clip.frames} frames")
        for path in source.pictures:
            if (size := self.size_of(path)) != (clip.width, clip.height):
                raise InputError(
                    f"{path}: {size[0]} x {size[1]}, expected {clip.width} x {clip.height}"
                )
        digests = tuple(sha256_of(path) for path in source.pictures)
        return Newcomer(source, source.pictures, digests, video=self._beside(source))

    def _beside(self, source: Incoming) -> Path | None:
        """Return the video that shows the same frames as a clip's pictures, None where there is none."""
        clip = source.labelled.clip
        if source.video is None:
            return None
        try:
            footage = self.prober.look(source.video, progress=lambda *_: None)
        except VideoError:
            return None
        found = (footage.width, footage.height, footage.frames)
        same = found == (clip.width, clip.height, clip.frames)
        return source.video if same and not footage.reasons else None

    def _video(self, source: Incoming) -> Newcomer:
        """Look at a clip that is a video: its frames must be those that the masks count."""
        clip, path = source.labelled.clip, Path(source.labelled.clip.media)
        footage = self.prober.look(path, progress=lambda *_: None)
        found = (footage.width, footage.height, footage.frames)
        if footage.frame_map or found != (clip.width, clip.height, clip.frames):
            raise InputError(
                f"{path}: decodes as {found[2]} frames of {found[0]} x {found[1]} at a constant rate, its masks are for "
                f"{clip.frames} of {clip.width} x {clip.height}; bring its pictures instead"
            )
        return Newcomer(source, (path,), (sha256_of(path),), footage)

    def recordings(self, newcomers: Sequence[Newcomer]) -> tuple[Recording, ...]:
        """Return the recordings that newcomers are cut from, each with those of its clips that came.

        Raises:
            InputError: two of them, or one and a clip of the workspace under another id, have the same pictures.
        """
        ordered = sorted(newcomers, key=_group)
        made = tuple(self._recording(list(group)) for _, group in groupby(ordered, key=_together))
        owner: dict[str, str] = {}
        for recording in made:
            name = recording.clips[0].id
            if (first := owner.setdefault(recording.video.sha256, name)) != name:
                raise InputError(f"{first} and {name} have the same pictures; import one of them")
            if self.catalog.video(recording.video.sha256) is not None:
                there = [
                    s.clip.id
                    for s in self.catalog.clips()
                    if s.clip.video == recording.video.sha256
                ]
                raise InputError(
                    f"{', '.join(clip.id for clip in recording.clips)}: the workspace has these pictures as "
                    f"{', '.join(there) or 'a recording without clips'}; name that with --clip"
                )
        return made

    def _recording(self, group: Sequence[Newcomer]) -> Recording:
        """Return the recording of clips that belong together, its clips one behind the other."""
        first, starts = group[0].source.labelled.clip, [0]
        for one in group:
            starts.append(starts[-1] + one.source.labelled.clip.frames)
        files = tuple(path for one in group for path in one.files)
        if footage := group[0].footage:
            sha256, media = group[0].digests[0], self.media / f"{group[0].digests[0]}.mp4"
            rate = footage.rate
        else:
            sha256, rate = _digest(one for member in group for one in member.digests), first.rate
            media = self.media / sha256[:_DIGITS]
        name = group[0].source.name
        video = Video(sha256, name, str(media), first.width, first.height, rate, starts[-1])
        clips = tuple(
            replace(
                one.source.labelled.clip, video=sha256, media=str(media), start=start, rate=rate
            )
            for one, start in zip(group, starts, strict=False)
        )
        beside = zip(group, starts, strict=False)
        videos = {start: one.video for one, start in beside if one.video is not None}
        return Recording(video, clips, files, footage, videos)

    def make(self, recording: Recording) -> None:
        """Copy what a recording is made of, then add it with its clips.

        Raises:
            DiskFull: no room; nothing is left of the copy.
            InputError: its clips were added meanwhile under other ids.
        """
        self.media.mkdir(parents=True, exist_ok=True)
        out = Path(recording.video.media)
        if not out.exists():
            self._copy(recording, out)
        self.catalog.add_video(recording.video, recording.clips)

    def _copy(self, recording: Recording, out: Path) -> None:
        """Copy pictures or the video; ``out`` appears when it is complete."""
        if recording.footage is None:
            _copy_pictures(recording.files, recording.videos, out)
        elif recording.footage.reasons:
            self.prober.copy(recording.files[0], out, recording.footage, progress=lambda *_: None)
        else:
            copy_into(recording.files[0], out)


def _together(newcomer: Newcomer) -> tuple[object, ...]:
    """Return what clips of one recording have in common; a video is a recording of its own."""
    clip = newcomer.source.labelled.clip
    own = newcomer.source.name if newcomer.footage else ""
    ending = newcomer.files[0].suffix.lower()
    return (
        clip.video,
        clip.width,
        clip.height,
        clip.rate,
        clip.split,
        ENDINGS.get(ending, ending),
        own,
    )


def _group(newcomer: Newcomer) -> tuple[object, ...]:
    """Return the order of clips: by recording, then by their place in it."""
    return *_together(newcomer), newcomer.source.start or 0, newcomer.source.name


def _digest(digests: Iterable[str]) -> str:
    """Return the SHA-256 over those of the pictures."""
    return hashlib.sha256("\n".join(digests).encode()).hexdigest()


def _copy_pictures(files: Sequence[Path], videos: Mapping[int, Path], out: Path) -> None:
    """Copy pictures, and videos, under the numbers of their (first) frames; the folder appears when all are there.

    Raises:
        DiskFull: no room; nothing is left.
    """
    part = out.with_name(f".{out.name}.{os.getpid()}.part")
    shutil.rmtree(part, ignore_errors=True)
    try:
        part.mkdir()
        for frame, path in enumerate(files):
            shutil.copyfile(path, part / f"{frame:05d}{ENDINGS[path.suffix.lower()]}")
        for frame, path in videos.items():
            shutil.copyfile(path, part / f"{frame:05d}.mp4")
        part.rename(out)
    except OSError as error:
        if error.errno in NO_ROOM:
            raise DiskFull(f"{out}: no room for {len(files)} pictures; free some") from error
        raise
    finally:
        shutil.rmtree(part, ignore_errors=True)
