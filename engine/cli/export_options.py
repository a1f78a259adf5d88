"""The options of `engine export`: their names, help and kinds. Decides nothing."""

from pathlib import Path
from typing import Annotated, Any, Final

import typer

from engine.stages import Stage
from exports.registry import FORMATS, LAYOUTS

WHICH: Final = "Which clips, and what of them"
HOW: Final = "How they are written"


def _which(*names: str, help: str, **more: Any) -> Any:  # noqa: A002 - as typer calls it
    """Return an option that says what goes in."""
    return typer.Option(*names, help=help, rich_help_panel=WHICH, **more)


def _how(*names: str, help: str, **more: Any) -> Any:  # noqa: A002 - as typer calls it
    """Return an option that says how it is written."""
    return typer.Option(*names, help=help, rich_help_panel=HOW, **more)


def _variants() -> str:
    """Return the layouts of the formats that have several, the default first."""
    several = {name: layouts for name, layouts in LAYOUTS.items() if len(layouts) > 1}
    return "; ".join(f"{name}: {', '.join(layouts)}" for name, layouts in several.items())


Out = Annotated[
    Path | None, typer.Argument(help="Folder of the dataset; with --to it may be left out.")
]
Format = Annotated[str, typer.Option("--format", help=f"One of {', '.join(sorted(FORMATS))}.")]

Stages = Annotated[
    list[Stage] | None,
    _which(
        "--stage",
        metavar="STAGE",
        help="Clips of this stage, such as pre-annotated; default: accepted.",
    ),
]
Clips = Annotated[
    list[str] | None, _which("--clip", metavar="ID", help="Only this clip, or ID:START:STOP of it.")
]
Splits = Annotated[
    list[str] | None, _which("--split", metavar="SPLIT", help="Only this split: train or val.")
]
Cameras = Annotated[
    list[str] | None, _which("--camera", metavar="NAME", help="Only recordings of this camera.")
]
Licences = Annotated[
    list[str] | None, _which("--licence", metavar="NAME", help="Only recordings of this licence.")
]
People = Annotated[
    list[str] | None,
    _which("--by", metavar="NAME", help="Only what this person drew, corrected or accepted."),
]
Since = Annotated[
    str, _which("--since", metavar="DAY", help="Only what was accepted on this day or later.")
]
Until = Annotated[
    str, _which("--until", metavar="DAY", help="Only what was accepted before this day.")
]
Quality = Annotated[
    float,
    _which(
        "--min-quality", metavar="Q", help="Least mean over all masks of score x stability, 0..1."
    ),
]
Labels = Annotated[
    list[str] | None, _which("--class", metavar="NAME", help="Only balls of this class.")
]
Frames = Annotated[str, _which("--frames", metavar="RANGE", help="START:STOP of every clip.")]
Rate = Annotated[str, _which("--fps", metavar="RATE", help="Annotate so many frames a second.")]
Objects = Annotated[
    int | None,
    _which(
        "--max-objects", metavar="N", help="Keep so many tracks of a clip, those visible longest."
    ),
]
Area = Annotated[
    int,
    _which("--min-area", metavar="N", help="Smaller masks count as not visible, in pixels.", min=0),
]
Auto = Annotated[bool, _which("--auto/--no-auto", help="Keep the models' masks beside people's.")]

Layout = Annotated[
    str, _how("--layout", metavar="NAME", help=f"Variant of the format; of {_variants()}.")
]
Resolution = Annotated[
    str, _how("--resolution", metavar="NAME", help="full or 480p, where a format has both.")
]
Trust = Annotated[bool, _how("--trust-auto", help="Masks that nobody reviewed count as people's.")]
Workers = Annotated[
    int | None,
    _how(
        "--workers",
        metavar="N",
        help="Processes that work side by side; default: one a core.",
        min=1,
    ),
]
Fresh = Annotated[bool, _how("--fresh", help="Take nothing over from earlier exports.")]
To = Annotated[
    str, _how("--to", metavar="URL", help="Send it to this address, such as s3://bucket/name.")
]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON, for scripts.")]
