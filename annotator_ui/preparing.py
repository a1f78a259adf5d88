"""Browser copies and doubts, made in the background while people work. Knows what is wanted and what is there; makes nothing itself.

Two processes do the work, one for copies and one for doubts, so that neither waits for the other and clicks wait for none.
"""

import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from threading import Lock
from typing import Any, Final

from annotator_ui.preparing_lane import Lane
from annotator_ui.preparing_process import Dropped, Failed, Made, News
from annotator_ui.preparing_wishes import Copy, Find, Wish
from engine.doubts import Doubt
from engine.media.page_folder import page_copy_path
from engine.stages import Stage
from engine.types import Clip
from engine.wiring import Workbench
from engine.workflows.findings import kept_doubts

CALM: Final = 1.0
"""Seconds without a change after which doubts are found anew."""

AHEAD: Final = 3
"""How many clips that nobody has opened yet get their browser copy."""

AGAIN: Final = 30.0
"""Seconds after which something that failed is tried again when it is wanted."""

REMEMBERED: Final = 1024

WAITING: Final = (Stage.PREANNOTATED, Stage.REJECTED, Stage.SUBMITTED)
"""Stages of clips that somebody will open."""

_LOG = logging.getLogger(__name__)

Publish = Callable[[str, str, Mapping[str, Any]], None]


class Preparer:
    """Prepares the clips that are open, then those that come next; ``close`` ends it."""

    def __init__(self, bench: Workbench, publish: Publish) -> None:
        """Start the processes; ``publish(clip, event, data)`` is called from their threads."""
        self._bench, self._publish = bench, publish
        self._workspace = bench.settings.workspace.absolute()
        self._lock = Lock()
        self._shares: dict[str, float] = {}
        self._failed: dict[Wish, float] = {}
        self._found: OrderedDict[int, tuple[Doubt, ...]] = OrderedDict()
        self._wanted: set[str] = set()
        self._copied: set[str] = set()
        self._copies = Lane(bench.settings, self._heard, name="copies")
        self._finds = Lane(bench.settings, self._heard, name="doubts")
        self._look_ahead()

    def want(self, clip_id: str, revision: int | None) -> None:
        """Ask for a clip's browser copy and a revision's doubts; returns at once."""
        again = clip_id in self._wanted
        self._wanted.add(clip_id)
        copy = Copy(clip_id)
        if clip_id not in self._copied and not self._gave_up(copy):
            self._copies.put(copy)
        if revision is not None and revision not in self._found:
            find = Find(clip_id, revision)
            if not self._gave_up(find):
                self._finds.put(find, after=CALM if again else 0.0)

    def video(self, clip: Clip) -> Path | None:
        """Return the browser copy, or None while there is none."""
        path = page_copy_path(self._workspace, clip)
        if path.is_file():
            return path
        self._copied.discard(clip.id)
        return None

    def progress(self, clip: Clip) -> float:
        """Return how much of the browser copy is made, 0..1."""
        return self._shares.get(clip.id, 0.0)

    def doubts(self, revision: int) -> tuple[Doubt, ...] | None:
        """Return what was found about a revision, or None while it is not known."""
        with self._lock:
            known = self._found.get(revision)
            if known is not None:
                self._found.move_to_end(revision)
                return known
        found = kept_doubts(self._bench.desk.findings, revision)
        if found is not None:
            with self._lock:
                self._found[revision] = found
                while len(self._found) > REMEMBERED:
                    self._found.popitem(last=False)
        return found

    def close(self) -> None:
        """End background work; what was finished stays."""
        for lane in (self._copies, self._finds):
            lane.close()

    def _gave_up(self, wish: Wish) -> bool:
        """Say whether this failed a moment ago."""
        return time.monotonic() - self._failed.get(wish, -AGAIN) < AGAIN

    def _heard(self, wish: Wish, news: News) -> None:
        """Remember how the work goes, and tell the clip's tabs."""
        if isinstance(news, Failed):
            self._failed[wish] = time.monotonic()
            _LOG.warning("clip %s: cannot be prepared: %s", wish.clip, news.why)
        match wish:
            case Copy() if isinstance(news, Dropped):
                self._copies.put(wish, urgent=False)
            case Copy():
                self._heard_of_copy(wish.clip, news)
            case Find():
                why = news.why if isinstance(news, Failed) else ""
                self._publish(wish.clip, "doubts", {"revision": wish.revision, "error": why})

    def _heard_of_copy(self, clip: str, news: News) -> None:
        """Tell how far a browser copy is; after one that was waited for, make those that may come next."""
        share = 1.0 if isinstance(news, Made) else getattr(news, "share", 0.0)
        self._shares[clip] = share
        said = {"ready": isinstance(news, Made), "progress": share}
        why = {"error": news.why} if isinstance(news, Failed) else {}
        if isinstance(news, Made):
            self._copied.add(clip)
        self._publish(clip, "video", {"url": f"/api/clips/{clip}/video.mp4", **said, **why})
        if isinstance(news, Made) and clip in self._wanted:
            self._look_ahead()

    def _look_ahead(self) -> None:
        """Wish, when nothing else is wanted, for doubts about clips that wait, and for copies of those that come next."""
        waiting = self._bench.catalog.clips(stages=WAITING)
        doubts = {one.clip.id: self.doubts(one.head) for one in waiting if one.head is not None}
        for one in reversed(waiting):  # the newest wish goes first
            if one.head is not None and doubts[one.clip.id] is None:
                self._finds.put(Find(one.clip.id, one.head), urgent=False)
        ranked = sorted(waiting, key=lambda one: -_weight(doubts.get(one.clip.id)))
        missing = [one.clip.id for one in ranked[:AHEAD] if self.video(one.clip) is None]
        for clip in reversed(missing):
            if not self._gave_up(Copy(clip)):
                self._copies.put(Copy(clip), urgent=False)


def _weight(found: Sequence[Doubt] | None) -> float:
    """Return how doubtful a clip is: the queue hands out the most doubtful first."""
    return sum(doubt.severity for doubt in found or ())
