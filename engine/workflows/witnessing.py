"""A detector that remembers what it saw of a clip, as a witness of the masks that it helped to draw. Knows ports, keeps nothing itself."""

from collections.abc import Mapping, Sequence
from contextlib import suppress

from engine.errors import EngineError
from engine.ports import Detector, Findings, RevisionStore
from engine.types import Detection, FrameBatch
from engine.workflows.findings import Witnesses
from engine.workflows.prepare import Look, keep_witnesses, look_at, witnesses


class Witnessing:
    """``engine.ports.Detector`` that passes on what another one finds on the frames of one clip, and remembers it."""

    def __init__(self, detector: Detector) -> None:
        """Remember nothing yet."""
        self._detector = detector
        self._looks: dict[int, Look] = {}

    def detect(self, batch: FrameBatch) -> list[tuple[Detection, ...]]:
        """Return the detections of every frame of the batch; see the port."""
        looks = look_at(self._detector, batch)
        self._looks |= dict(enumerate(looks, batch.first))
        return [tuple(look.balls) for look in looks]

    def seen(self, *, name: str, every: int) -> Witnesses | None:
        """Return what was seen so far, by frame; None where nothing was looked at.

        A run that was taken up after a kill saw only the frames after it: what a witness did not see it says nothing about.
        """
        looks: Sequence[tuple[int, Look]] = sorted(self._looks.items(), key=lambda pair: pair[0])
        return witnesses(looks, name=name, every=every) if looks else None


def testify(
    seen: Witnesses | None, clip: str, revisions: RevisionStore, findings: Findings | None
) -> None:
    """Keep what a detector saw of a clip that has a revision; masks that are stored are not given up for it."""
    if findings is not None and seen is not None:
        with suppress(EngineError):
            keep_witnesses(revisions, findings, clip, seen)


def detector_name(models: Mapping[str, str]) -> str:
    """Return the detector's name and weights, as findings record them, from what a revision records of its models."""
    return f"{models.get('detector', '')} {models.get('detector_sha256', '')}".strip()
