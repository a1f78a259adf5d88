"""From pictures to masks: the streaming loop of Det-SAM2. Knows the ports, refuses to know what stands behind them.

The published loop looks with a detector at every n-th frame, carries masks forward through a buffer of K frames and
repairs at most M frames backwards. Here a look compares detections with the masks of the very same
frame, and only new evidence is followed back.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass

from engine import association as rules_of
from engine.association import Candidate, Look
from engine.duplicates import guilty, watch
from engine.geometry import iou
from engine.masklets import without
from engine.pipeline_settings import DetSam2, Filter, Parts
from engine.pipeline_state import PipelineState
from engine.ports import Session
from engine.repair import follow_back, overlay_path, reading
from engine.tracks import Tracks, box_of, boxes_of, end, expired, lose, observe, prompts_of
from engine.types import Box, Clip, FrameBatch, FrameMasks, Image, Prompt, Track

__all__ = ["Block", "DetSam2", "Filter", "Parts", "annotate"]

READ = 4
FEW = 5


@dataclass(frozen=True, slots=True)
class Block:
    """Frames that will not change any more, and the run after them.

    ``tracks`` are the tracks of all frames handed out so far, with their classes as known now.
    """

    settled: tuple[FrameMasks, ...]
    state: PipelineState
    tracks: tuple[Track, ...]


def annotate(
    clip: Clip,
    parts: Parts,
    *,
    settings: DetSam2,
    resume: PipelineState | None = None,
    pause: Callable[[], bool] = lambda: False,
    progress: Callable[[int], None] = lambda _: None,
) -> Iterator[Block]:
    """Yield the clip's masks in blocks, in order, every frame exactly once.

    A run that is taken up from a block's state gives exactly the frames that it would have given. Memory
    holds a few pictures and the masks of ``settings.hold`` frames. ``pause`` is asked after each
    frame and ends the block early; ``progress`` hears how many frames are drawn.

    Raises:
        VideoError: the clip cannot be read.
        WeightsError: ``resume`` was made with another model.
    """
    run = _Run(clip, parts, settings, resume)
    begin = run.next_frame
    with (
        closing(run),
        reading(parts.source.batches(clip, size=READ, start=begin)) as batches,
    ):
        since = 0
        for batch in batches:
            for offset, rgb in enumerate(batch.rgb):
                run.step(batch.first + offset, rgb)
                progress(run.next_frame)
                since += 1
                last = run.next_frame == clip.frames
                if not last and (since == settings.buffer or pause()):
                    yield run.block(run.next_frame - settings.hold)
                    since = 0
        yield run.block(clip.frames)


class _Run:
    """One pass: the forward session, the tracks and the frames that may still change."""

    def __init__(
        self, clip: Clip, parts: Parts, settings: DetSam2, resume: PipelineState | None
    ) -> None:
        self._clip, self._parts, self._settings = clip, parts, settings
        self.next_frame = resume.next_frame if resume else 0
        self._tracks = resume.tracks if resume else Tracks()
        self._rows = {row.frame: row for row in resume.rows} if resume else {}
        self._handed = resume.handed if resume else frozenset()
        self._wanted = resume.wanted if resume else -1
        self._session = parts.segmenter.open(clip, snapshot=resume.snapshot if resume else None)

    def close(self) -> None:
        """Free the model's memory."""
        self._session.close()

    def block(self, settled: int) -> Block:
        """Hand out the frames before ``settled``."""
        if settled == self._clip.frames:
            self._drop(settled, self._doubtful())
        done = [self._rows.pop(frame) for frame in sorted(self._rows) if frame < settled]
        self._handed |= {mask.track for row in done for mask in row.masks}
        state = PipelineState(
            self.next_frame,
            self._tracks,
            tuple(self._rows[frame] for frame in sorted(self._rows)),
            self._handed,
            self._wanted,
            self._session.snapshot(),
        )
        named = tuple(track for track in self._tracks.named() if track.id in self._handed)
        return Block(tuple(done), state, named)

    def step(self, frame: int, rgb: Image) -> None:
        """Take one frame."""
        self._end(expired(self._tracks, frame=frame, patience=self._settings.rules.patience))
        row = self._look(frame, rgb) if self._is_due(frame) else self._session.step(frame, rgb)
        boxes = boxes_of(row)
        self._tracks = watch(self._tracks, row, boxes, overlap=self._settings.rules.twin)
        self._miss(row)
        self._tracks = observe(self._tracks, frame, boxes)
        self._rows[frame] = row
        self._part_twins(frame)
        self.next_frame = frame + 1

    def _is_due(self, frame: int) -> bool:
        regular = frame % self._settings.every == 0 or frame == self._clip.frames - 1
        return regular or frame == self._wanted

    def _miss(self, row: FrameMasks) -> None:
        """Plan a look out of turn, once between regular ones, when a ball that was just there is gone."""
        seen = {mask.track for mask in row.masks}
        gone = any(
            known.seen == row.frame - 1 and known.id not in seen for known in self._tracks.alive
        )
        interval = row.frame - row.frame % self._settings.every
        if gone and self._settings.lost and self._wanted < interval:
            self._wanted = row.frame + self._settings.lost

    def _look(self, frame: int, rgb: Image) -> FrameMasks:
        """Take a frame that the detector looks at."""
        found = self._parts.detector.detect(FrameBatch(frame, rgb[None]))[0]
        if self._parts.keep_only is not None:
            found = self._parts.keep_only(found, rgb)
        with ExitStack() as stack:
            probe = self._parts.segmenter.open(self._clip, snapshot=self._session.snapshot())
            stack.callback(probe.close)
            drawn = probe.step(frame, rgb)
            boxes = boxes_of(drawn)
            regular = frame % self._settings.every == 0
            seen = rules_of.look(
                self._tracks, boxes, found, rules=self._settings.rules, counts=regular
            )
            self._tracks = seen.tracks
            prompts = self._prompts(rgb, seen, drawn)
            if prompts:
                row = self._session.step(frame, rgb, prompts)
            else:
                stack.pop_all()
                row = self._swap(probe, drawn)
        self._drop(frame, seen.dropped)
        for track in set(seen.strayed) - {prompt.track for prompt in prompts}:
            self._give_up(frame, track, boxes[track])
            row = without(row, (track,))
        return without(row, seen.dropped)

    def _swap(self, probe: Session, drawn: FrameMasks) -> FrameMasks:
        """Go on with the session that has taken the frame already."""
        self._session.close()
        self._session = probe
        return drawn

    def _prompts(self, rgb: Image, seen: Look, drawn: FrameMasks) -> tuple[Prompt, ...]:
        """Follow new evidence back, decide who is who and return what to tell the segmenter."""
        refreshed = seen.disputed
        if self._settings.refresh == "always":
            refreshed += seen.agreed
        refreshed = tuple(pair for pair in refreshed if pair[0] not in seen.dropped)
        first = self._tracks.next_id
        numbered = tuple(enumerate(seen.candidates, start=first))
        if not refreshed and not numbered:
            return ()
        paths = follow_back(
            self._clip,
            rgb,
            prompts_of((*refreshed, *numbered)),
            known={**self._rows, drawn.frame: drawn},
            stop=max(0, drawn.frame - self._settings.repair),
            source=self._parts.source,
            segmenter=self._parts.segmenter,
        )
        candidates = [
            Candidate(found, paths[number].boxes(), paths[number].met, paths[number].owner)
            for number, found in numbered
        ]
        labels = {track: found.label for track, found in seen.agreed + seen.disputed}
        visible = {mask.track: labels.get(mask.track, "") for mask in drawn.masks}
        self._tracks, ids = rules_of.admit(
            self._tracks, candidates, visible=visible, rules=self._settings.rules
        )
        if not visible.keys().isdisjoint(ids) and self._settings.lost:
            self._wanted = (
                drawn.frame + 1
            )  # what a track has jumped onto may be a ball without one now
        refreshed = tuple(pair for pair in refreshed if pair[0] not in ids)
        for track, _ in refreshed:
            overlay_path(self._rows, track, paths[track])
        for (number, _), track in zip(numbered, ids, strict=True):
            overlay_path(self._rows, track, paths[number])
        admitted = zip(ids, seen.candidates, strict=True)
        return prompts_of((*refreshed, *admitted))

    def _drop(self, frame: int, tracks: tuple[int, ...]) -> None:
        """Take tracks back that never were balls, as far as frames may still change."""
        self._end(tracks)
        self._erase(tracks, range(max(0, frame - self._settings.hold), frame))

    def _doubtful(self) -> tuple[int, ...]:
        """Return the tracks that the clip's end leaves unconfirmed and that were hardly seen."""
        seen = Counter(mask.track for row in self._rows.values() for mask in row.masks)
        return tuple(
            known.id
            for known in self._tracks.alive
            if not rules_of.is_kept(known, self._settings.rules) and seen[known.id] < FEW
        )

    def _part_twins(self, frame: int) -> None:
        """Take the wrong one of two tracks off a ball; it may return if it was a ball of its own before."""
        rules = self._settings.rules
        for twins in guilty(self._tracks, frame=frame, frames=rules.twin_frames):
            self._erase((twins.wrong,), range(twins.since, frame + 1))
            if twins.seen < 0:
                self._end((twins.wrong,))
            else:
                self._session.forget(twins.wrong)
                self._tracks = lose(self._tracks, twins.wrong, box=twins.box, seen=twins.seen)

    def _give_up(self, frame: int, track: int, box: Box) -> None:
        """Take a mask back that has left its ball, from when it came to the place where it stays."""
        since = frame
        while since > max(0, frame - self._settings.hold):
            mask = self._rows[since - 1].by_track().get(track)
            if mask is None or iou(box_of(mask.rle), box) < self._settings.rules.same:
                break
            since -= 1
        self._session.forget(track)
        self._erase((track,), range(since, frame))
        self._tracks = lose(self._tracks, track, box=box, seen=since - 1)

    def _erase(self, tracks: tuple[int, ...], frames: range) -> None:
        for frame in frames:
            if tracks and frame in self._rows:
                self._rows[frame] = without(self._rows[frame], tracks)

    def _end(self, tracks: tuple[int, ...]) -> None:
        self._tracks = end(self._tracks, tracks)
        for track in tracks:
            self._session.forget(track)
