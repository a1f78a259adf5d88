"""What the controls of our labelling configurations are called, and the models' name. Knows words, and nothing that uses them."""

from typing import Final

MODEL_VERSION: Final = "billiards-engine"
"""The version that all our predictions carry: they are replaced, not added to, so one name is enough."""

VIDEO, BOX, BALL = "video", "box", "ball"
"""The clip; the boxes of tracks on it; their classes."""

EVENT, VERDICT, NOTE, LINKS = "event", "verdict", "note", "links"
"""Ranges on the time line; what somebody decides about the clip; what they say about it; links to the correction page."""

IMAGES, BRUSH = "frames", "mask"
"""The pages of a task of key frames, and the masks painted on them, which name the class too."""

ACCEPTED, NEEDS_WORK, EXCLUDED = "accepted", "needs work", "exclude"
"""The verdicts."""

VERDICT_ID: Final = "engine-verdict"
"""How the ids of regions begin that say what the engine decided."""

ELSEWHERE: Final = f"the balls are on the tab {MODEL_VERSION}"
"""How the note ends that stands beside such a verdict."""

SECRET_HEADER: Final = "X-Engine-Secret"  # noqa: S105 - the name of a header
"""The header in which Label Studio's webhooks show their secret."""
