"""The ingest workflow's Prober over real files: translates facts into footage. Decides nothing more."""

from fractions import Fraction
from pathlib import Path

from engine.media.display import even
from engine.media.probing import VideoFacts, probe
from engine.media.scanning import Progress
from engine.media.working_copy import write_working_copy
from engine.workflows.ingest import Footage


class PyavProber:
    """Looks at files with PyAV."""

    def look(self, path: Path, *, progress: Progress) -> Footage:
        """Decode the file once and say what its clips would be made of; see the port."""
        facts = probe(path, progress=progress)
        return Footage(
            width=even(facts.width),
            height=even(facts.height),
            rate=Fraction(facts.rate),
            frames=len(facts.frame_map) or facts.frames,
            reasons=facts.reasons,
            frame_map=_telling(facts),
        )

    def copy(self, path: Path, out: Path, footage: Footage, *, progress: Progress) -> None:
        """Write the working copy that ``footage`` describes; see the port."""
        shown = footage.frame_map or range(footage.frames)
        write_working_copy(path, out, rate=footage.rate, frame_map=shown, progress=progress)


def _telling(facts: VideoFacts) -> tuple[int, ...]:
    """Return the map, or nothing where it maps every frame to itself."""
    same = facts.frame_map == tuple(range(facts.frames))
    return () if same else facts.frame_map
