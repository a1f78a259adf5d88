"""Documents as FiftyOne makes them, without FiftyOne: enough to look at what ours say."""

from itertools import count

from exports.board.inside import Templates


def kinds() -> Templates:
    """Return templates whose ids count from 1."""
    return Templates(
        sample={"_media_type": "video", "tags": []},
        metadata={"_cls": "VideoMetadata"},
        event={"_cls": "TemporalDetection", "tags": []},
        events={"_cls": "TemporalDetections"},
        detection={"_cls": "Detection", "tags": []},
        detections={"_cls": "Detections"},
        new_id=count(1).__next__,
    )
