"""The editor's deeds on lists of regions, as its own source does them: dragging, adding keyframes, toggling the life span, saving.

All frames here are counted from 0.
"""

import json
from copy import deepcopy
from fractions import Fraction

import numpy as np

from engine.types import Clip, Track
from ml_backend.boxes.keyframes import sparse
from ml_backend.boxes.percents import to_percent
from ml_backend.translate import result_to_tracks

CLIP = Clip("clip", "0" * 64, "", 0, 40, 400, 200, Fraction(30000, 1001))
TRACKS = [Track(2, "red"), Track(3, "blue")]


def region(track, boxes, *, label="red", clip=CLIP, revision=5):
    """Return our region of a track with boxes by frame."""
    frames = sorted(boxes)
    keys = sparse(frames, np.array([boxes[f] for f in frames], float), clip=clip, tolerance=1)
    return {
        "id": f"r{revision}t{track}",
        "type": "videorectangle",
        "from_name": "box",
        "to_name": "video",
        "value": {"labels": [label], "sequence": [to_percent(key, clip) for key in keys]},
    }


def base():
    """Return two tracks: 2 rests on frames 0 to 9 and 20 to 29, 3 rolls through the whole clip."""
    resting = dict.fromkeys([*range(10), *range(20, 30)], (100, 100, 120, 120))
    rolling = {frame: (10 + 8 * frame, 50, 30 + 8 * frame, 70) for frame in range(40)}
    return [region(2, resting), region(3, rolling, label="blue")]


def sequence(result, id_):
    return next(one["value"]["sequence"] for one in result if one["id"] == id_)


def closest(keys, frame):
    return next((key for key in reversed(keys) if key["frame"] <= frame), None)


def put(keys, frame, shape):
    """Store a shape at a frame counted from 0, as the editor does while somebody drags."""
    last = closest(keys, frame + 1)
    enabled = last["enabled"] if last else True
    behind = next((i for i, key in enumerate(keys) if key["frame"] >= frame + 1), None)
    if behind is None:
        keys.append({**shape, "frame": frame + 1, "enabled": True})
        return
    new = {**keys[behind], **shape, "enabled": enabled, "frame": frame + 1}
    keys[behind : behind + (keys[behind]["frame"] == frame + 1)] = [new]


def shape_of(result, id_, frame, clip=CLIP):
    """Return the shape that the editor shows of an upright box, in percent."""
    x0, y0, x1, y1 = result_to_tracks(result, clip)[id_].box(frame)
    return {
        "x": 100 * x0 / clip.width,
        "y": 100 * y0 / clip.height,
        "width": 100 * (x1 - x0) / clip.width,
        "height": 100 * (y1 - y0) / clip.height,
        "rotation": 0,
    }


def dragged(result, id_, frame, *, dx=0.0, dy=0.0, wider=0.0):
    """Return the list with the box of a frame moved by pixels."""
    left = deepcopy(result)
    shape = shape_of(result, id_, frame)
    shape["x"] += 100 * dx / CLIP.width
    shape["y"] += 100 * dy / CLIP.height
    shape["width"] += 100 * wider / CLIP.width
    put(sequence(left, id_), frame, shape)
    return left


def toggled(result, id_, frame):
    """Return the list with a keyframe at a frame, whose life span was toggled there."""
    left = deepcopy(result)
    keys = sequence(left, id_)
    if all(key["frame"] != frame + 1 for key in keys):
        put(keys, frame, shape_of(result, id_, frame))
    key = closest(keys, frame + 1)
    key["enabled"] = not key["enabled"]
    return left


def drawn(frame=5, box=(200, 150, 220, 170), id_="Bk3_xY", **value):
    x0, y0, x1, y1 = box
    key = {"frame": frame + 1, "enabled": True, "rotation": 0, "x": x0 / 4, "y": y0 / 2, "width": (x1 - x0) / 4, "height": (y1 - y0) / 2}  # fmt: skip
    return {
        "id": id_,
        "type": "videorectangle",
        "from_name": "box",
        "value": {"sequence": [key], "labels": ["cue"]} | value,
    }


def saved(result, rng):
    """Return a list as the editor saves it after nobody touched anything."""
    left = [deepcopy(result[i]) for i in rng.permutation(len(result))]
    for one in left:
        value = one["value"]
        value |= {"duration": 1.3, "framesCount": 40}
        one |= {"origin": "prediction-changed", "hidden": True, "locked": True, "readonly": False}
        for key in value["sequence"]:
            key["time"] = key["frame"] / 29.97
            key["extra"] = None
            for side in ("x", "y", "width", "height"):
                key[side] += rng.uniform(-1e-9, 1e-9)
    verdict_ = {"id": "v", "type": "choices", "from_name": "verdict", "to_name": "video", "value": {"choices": ["accepted"]}}  # fmt: skip
    return json.loads(json.dumps([*left, verdict_]))
