"""Whether balls keep their identity: HOTA, MOTA, IDF1, switches, by TrackEval's own code. Knows overlaps, not pixels.

Luiten et al., "HOTA", IJCV 2021; Bernardin and Stiefelhagen, "CLEAR MOT", 2008; Ristani et al., "IDF1", ECCVW 2016.
Similarity is the IoU of masks, as in the tracking-and-segmentation benchmarks; classes play no part.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.evaluation.extras import need
from engine.evaluation.matching import Compared
from engine.types import FrameMasks


@dataclass(frozen=True, slots=True)
class Identity:
    """Figures over all frames; shares 0..1 (MOTA may be negative), counts whole."""

    hota: float
    det_a: float
    ass_a: float
    mota: float
    idf1: float
    switches: int
    fragments: int


def judge_identity(clips: Mapping[str, Sequence[Compared]]) -> Identity:
    """Return the figures over one clip or several, whose tracks have nothing to do with each other.

    Raises:
        SettingsError: TrackEval is not installed.
    """
    metrics = need("trackeval.metrics")
    quiet = {"PRINT_CONFIG": False}
    judges = {"hota": metrics.HOTA(), "clear": metrics.CLEAR(quiet), "id": metrics.Identity(quiet)}
    tables = {name: sequence(compared) for name, compared in clips.items()}
    said = {key: _over(judge, tables) for key, judge in judges.items()}
    hota, clear = said["hota"], said["clear"]
    return Identity(
        float(np.mean(hota["HOTA"])),
        float(np.mean(hota["DetA"])),
        float(np.mean(hota["AssA"])),
        float(clear["MOTA"]),
        float(said["id"]["IDF1"]),
        int(clear["IDSW"]),
        int(clear["Frag"]),
    )


def sequence(compared: Sequence[Compared]) -> dict[str, Any]:
    """Return a clip as TrackEval takes it: track numbers from 0 without gaps, similarities by frame."""
    true = _numbered([one.true for one in compared])
    found = _numbered([one.found for one in compared])
    return {
        "num_timesteps": len(compared),
        "num_gt_ids": len(set().union(*map(set, true))),
        "num_tracker_ids": len(set().union(*map(set, found))),
        "num_gt_dets": sum(map(len, true)),
        "num_tracker_dets": sum(map(len, found)),
        "gt_ids": [np.array(row, int) for row in true],
        "tracker_ids": [np.array(row, int) for row in found],
        "similarity_scores": [one.iou for one in compared],
    }


def _numbered(rows: Sequence[FrameMasks]) -> list[list[int]]:
    """Return the tracks of each frame, numbered from 0 without gaps."""
    order = sorted({mask.track for row in rows for mask in row.masks})
    number = {track: place for place, track in enumerate(order)}
    return [[number[mask.track] for mask in row.masks] for row in rows]


def _over(judge: Any, tables: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """Return what one metric says of all clips together."""
    single = {name: judge.eval_sequence(table) for name, table in tables.items()}
    combined: dict[str, Any] = judge.combine_sequences(single)
    return combined
