"""Where the masks come from that are judged. Knows the names only, so that a command line can list them lightly."""

from enum import StrEnum


class Mode(StrEnum):
    """Who prompts when the engine draws.

    AUTO is the product's pre-annotation without a person; BOXES and CLICKS prompt each ball with its true
    box, or one click in its middle, on the frame where it appears, and follow it to the end; NOTHING is an empty
    annotation, from which a simulated annotator may start.
    """

    AUTO = "auto"
    BOXES = "boxes"
    CLICKS = "clicks"
    NOTHING = "nothing"
