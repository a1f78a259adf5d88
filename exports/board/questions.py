"""The questions that leads ask every day: which clips answer each, in which order. Knows field names; asks no database.

Conditions are MongoDB's, on the documents of clips.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from engine.ports.board import Tag
from engine.stages import Stage

STAGE_COLOURS: Final[Mapping[Stage, str]] = {
    Stage.INGESTED: "#8a93a6",
    Stage.PREANNOTATED: "#4d96ff",
    Stage.IN_CORRECTION: "#f5a524",
    Stage.SUBMITTED: "#a970ff",
    Stage.ACCEPTED: "#2fb170",
    Stage.REJECTED: "#f0524f",
    Stage.EXCLUDED: "#5b5f6b",
}
"""One colour a stage, wherever leads see it."""

ANNOTATOR, CAMERA = "annotator: ", "camera: "
_SAYS: Final = {
    ANNOTATOR: "What changed last comes first; corrected last by ",
    CAMERA: "What changed last comes first; filmed by the camera ",
}
_AS_GOOD_AS_ONE: Final = 0.9995
"""J from here on is shown as 1.000: nobody changed anything that is seen."""
_ASKED, _DOUBT, _TABLE, _TWICE, _NAME = "#ff5fa2", "#ff8c1a", "#2ec4b6", "#d0b400", "#7f8ea3"


@dataclass(frozen=True, slots=True)
class Question:
    """A saved view: its name, what it shows in a sentence, the clips it takes and the order (field, largest first)."""

    name: str
    description: str
    colour: str
    match: Mapping[str, Any]
    order: tuple[str, bool] | None = None


def _stage(stage: Stage, name: str, description: str, *, newest: bool = False) -> Question:
    """Return the clips of a stage, those that came into it first at the top, or last."""
    return Question(name, description, STAGE_COLOURS[stage], {"stage": str(stage)}, ("since", newest))  # fmt: skip


QUESTIONS: Final = (
    _stage(Stage.SUBMITTED, "waiting for review", "Submitted and not judged yet, the longest wait first"),
    _stage(Stage.REJECTED, "rejected and why", "Sent back; `reason` says why, `reviewer` by whom"),
    _stage(Stage.IN_CORRECTION, "in correction the longest", "Somebody works on them, the longest first"),
    _stage(Stage.ACCEPTED, "accepted", "What the dataset is made of, the newest first", newest=True),
    Question(
        "ready to be looked at", "Pre-annotated and not touched yet, the fewest doubts first",
        STAGE_COLOURS[Stage.PREANNOTATED], {"stage": str(Stage.PREANNOTATED)}, ("severity", False),
    ),
    Question("without masks yet", "No model has drawn them", STAGE_COLOURS[Stage.INGESTED], {"revision": None}),
    _stage(Stage.EXCLUDED, "excluded and why", "Left out of the dataset; `reason` says why", newest=True),
    Question("priority", "To be taken first", _ASKED, {"priority": True}, ("since", False)),
    Question(
        "asked for by tags", "Tagged here, and not acted on yet; `said` tells what stands in the way",
        _ASKED, {"tags": {"$in": [str(tag) for tag in Tag]}},
    ),
    Question(
        "most doubtful first", "Where masks contradict physics, each other or other witnesses; without excluded clips",
        _DOUBT, {"severity": {"$gt": 0}, "stage": {"$ne": str(Stage.EXCLUDED)}}, ("severity", True),
    ),
    Question(
        "accepted with doubts", "Accepted, though masks look wrong somewhere", _DOUBT,
        {"severity": {"$gt": 0}, "stage": str(Stage.ACCEPTED)}, ("severity", True),
    ),
    Question(
        "models and people disagree", "What models drew against what people accepted, the lowest J first",
        _DOUBT, {"j": {"$lt": _AS_GOOD_AS_ONE}}, ("j", False),
    ),
    Question("rejected more than once", "Sent back again and again", STAGE_COLOURS[Stage.REJECTED],
             {"rejections": {"$gt": 1}}, ("rejections", True)),
    Question("potted balls", "At least one ball is potted, the most first", _TABLE, {"pots": {"$gt": 0}}, ("pots", True)),
    Question("busy tables", "Balls meet each other or cushions, the most collisions first", _TABLE,
             {"collisions": {"$gt": 0}}, ("collisions", True)),
    Question(
        "almost alike", "Shows almost the same as the clips in `alike`: annotate one of them", _TWICE,
        {"alike.0": {"$exists": True}, "stage": {"$ne": str(Stage.EXCLUDED)}},
    ),
    Question("train", "The training split", _NAME, {"split": "train"}),
    Question("val", "The validation split", _NAME, {"split": "val"}),
)  # fmt: skip
"""What every dataset is asked."""


def questions(annotators: Iterable[str], cameras: Iterable[str]) -> tuple[Question, ...]:
    """Return all questions, with one for each person and each camera."""
    people = _each(ANNOTATOR, "annotator", annotators)
    places = _each(CAMERA, "camera", cameras)
    return (*QUESTIONS, *people, *places)


def made_for_a_name(view: str, description: str) -> bool:
    """Say whether a view is one of those that come and go with people and cameras; one that a lead named so is not."""
    return any(view.startswith(one) and description.startswith(_SAYS[one]) for one in _SAYS)


def address(view: str) -> str:
    """Return what the app's address calls a view: small ASCII letters, digits and single hyphens, nothing else."""
    kept = "".join("-" if c in " \t\n\r+_.-" else c for c in view.lower())
    plain = "".join(c for c in kept if c == "-" or (c.isascii() and c.isalnum()))
    return "-".join(part for part in plain.split("-") if part)


def _each(prefix: str, field: str, names: Iterable[str]) -> list[Question]:
    """Return a question for each name, in their order, no two with the same address."""
    found: dict[str, Question] = {}
    for name in sorted({each for each in names if each}):
        title = prefix + name
        if address(title) in (*found, address(prefix)):
            mark = hashlib.sha256(name.encode(errors="surrogatepass")).hexdigest()[:6]
            title = f"{title} ({mark})"
        found[address(title)] = Question(title, _SAYS[prefix] + name, _NAME, {field: name}, ("since", True))  # fmt: skip
    return list(found.values())
