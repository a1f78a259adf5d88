"""Everything a run needs to go on exactly where it stopped, as bytes. Knows the layout, nothing of models or storage.

The layout: four letters, the length of a JSON header (32 bits, big-endian), the header, then the mask runs and the
segmenter's snapshot verbatim, in the header's order. No pickle: reading a state runs no code.
"""

import json
import struct
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import accumulate
from typing import Any

from engine.errors import DamagedChunk
from engine.tracks import Tracked, Tracks, Twins
from engine.types import RLE, FrameMasks, Track, TrackMask

MAGIC = b"PST1"


@dataclass(frozen=True, slots=True)
class PipelineState:
    """A run between two frames: ``next_frame`` comes next, ``rows`` are the frames that may still change.

    ``handed`` are the tracks that settled frames show; ``wanted`` is the frame of the next look out of turn, -1 for
    none; ``snapshot`` is the segmenter's.
    """

    next_frame: int
    tracks: Tracks
    rows: tuple[FrameMasks, ...]
    handed: frozenset[int]
    wanted: int
    snapshot: bytes

    def to_bytes(self) -> bytes:
        """Return the state as bytes."""
        masks = [mask for row in self.rows for mask in row.masks]
        header = {
            "next": self.next_frame,
            "tracks": asdict(self.tracks),
            "rows": [[row.frame, [_line(mask) for mask in row.masks]] for row in self.rows],
            "handed": sorted(self.handed),
            "wanted": self.wanted,
            "snapshot": len(self.snapshot),
        }
        head = json.dumps(header).encode()
        parts = [mask.rle.counts for mask in masks]
        return b"".join([MAGIC, struct.pack(">I", len(head)), head, *parts, self.snapshot])


def from_bytes(data: bytes) -> PipelineState:
    """Read a state.

    Raises:
        DamagedChunk: it is truncated, or of another version.
    """
    try:
        magic, length = struct.unpack(">4sI", data[:8])
        _expect("first letters", magic, MAGIC)
        header = json.loads(data[8 : 8 + length])
        return _read(header, data[8 + length :])
    except (ValueError, KeyError, TypeError, struct.error) as error:
        raise DamagedChunk(
            f"a checkpoint of {len(data)} bytes cannot be read ({error}); begin the clip anew"
        ) from error


def _read(header: dict[str, Any], body: bytes) -> PipelineState:
    """Cut the body as the header says."""
    lengths = [line[1] for _, lines in header["rows"] for line in lines]
    _expect("bytes", len(body), sum(lengths) + header["snapshot"])
    starts = iter(accumulate(lengths, initial=0))
    rows = tuple(
        FrameMasks(frame, tuple(_mask(line, body, next(starts)) for line in lines))
        for frame, lines in header["rows"]
    )
    return PipelineState(
        next_frame=header["next"],
        tracks=_tracks(header["tracks"]),
        rows=rows,
        handed=frozenset(header["handed"]),
        wanted=header["wanted"],
        snapshot=body[sum(lengths) :],
    )


def _expect(what: str, found: object, wanted: object) -> None:
    if found != wanted:
        raise ValueError(f"{what}: {found!r}, expected {wanted!r}")


def _line(mask: TrackMask) -> list[Any]:
    """Return what the header says of a mask: track, length, height, width, score, stability."""
    return [mask.track, len(mask.rle.counts), *mask.rle.size, mask.score, mask.stability]


def _mask(line: Sequence[Any], body: bytes, start: int) -> TrackMask:
    track, length, high, wide, score, stability = line
    return TrackMask(track, RLE((high, wide), body[start : start + length]), score, stability)


def _tracks(raw: dict[str, Any]) -> Tracks:
    """Turn JSON's lists back into tuples."""
    alive = tuple(
        Tracked(
            **{
                **known,
                "box": tuple(known["box"]),
                "found": tuple(known["found"]),
                "votes": tuple((label, score) for label, score in known["votes"]),
            }
        )
        for known in raw["alive"]
    )
    twins = tuple(Twins(**{**pair, "box": tuple(pair["box"])}) for pair in raw["twins"])
    return Tracks(raw["next_id"], alive, tuple(Track(**track) for track in raw["ended"]), twins)
