"""The fields of a dataset of clips, each with its kind and a sentence for people. Knows FiftyOne's kinds by name, no values."""

from dataclasses import dataclass
from typing import Any, Final

from exports.board import names as n
from exports.board.inside import add_frame_fields, add_sample_fields, new_field

_TEXT, _NUMBER, _COUNT, _TIME, _FLAG = "StringField", "FloatField", "IntField", "DateTimeField", "BooleanField"  # fmt: skip
_LIST = "ListField"
_EMBEDDED = "EmbeddedDocumentField"


@dataclass(frozen=True, slots=True)
class Field:
    """A field: its name or path, FiftyOne's kind, what people read about it; ``of`` is what a list or a label holds."""

    path: str
    kind: str
    about: str
    of: str = ""


CLIP_FIELDS: Final = (
    Field(n.CLIP, _TEXT, "the clip's id, as on the command line and in exports"),
    Field(n.STAGE, _TEXT, "where the clip stands on its way into the dataset"),
    Field(n.SPLIT, _TEXT, "train or val"),
    Field(n.CAMERA, _TEXT, "the camera that filmed it"),
    Field(n.MODEL, _TEXT, "the models that drew the masks"),
    Field(n.ANNOTATOR, _TEXT, "who corrected it last"),
    Field(n.REVIEWER, _TEXT, "who judged it last"),
    Field(n.REASON, _TEXT, "why it was rejected or left out"),
    Field(n.SINCE, _TIME, "when it came into its stage"),
    Field(n.ACCEPTED_AT, _TIME, "when it was accepted"),
    Field(n.SECONDS, _NUMBER, "its length in seconds"),
    Field(n.FRAMES_COUNT, _COUNT, "its length in frames"),
    Field(n.REVISION, _COUNT, "the newest revision of its masks"),
    Field(n.ACCEPTED_REVISION, _COUNT, "the revision that was accepted"),
    Field(n.REJECTIONS, _COUNT, "how often it was rejected"),
    Field(n.ACTIONS, _COUNT, "actions of people on the correction page"),
    Field(n.MINUTES, _NUMBER, "minutes of work on the correction page"),
    Field(n.PRIORITY, _FLAG, "to be taken first"),
    Field(n.PAGE, _TEXT, "the clip on the correction page"),
    Field(n.LABEL_STUDIO, _TEXT, "the clip's task in Label Studio"),
    Field(n.ALIKE, _LIST, "clips that show almost the same, the likest first", _TEXT),
    Field(n.SAID, _TEXT, "what became of the last tag"),
    Field(n.CLASSES, _LIST, "classes of the balls in its masks", _TEXT),
    Field(n.QUALITY, _NUMBER, "mean over masks of score times stability"),
    Field(n.BALLS, _COUNT, "how many balls it shows"),
    Field(n.TOGETHER, _COUNT, "how many balls are visible at once at most"),
    Field(n.MOVING, _NUMBER, "seconds on which any ball moves"),
    Field(n.DOUBTS, _COUNT, "places to look at"),
    Field(n.SEVERITY, _NUMBER, "the severities of all doubts, added up"),
    Field(n.SIGNS, _LIST, "kinds of doubt, most frequent first", _TEXT),
    Field(n.POTS, _COUNT, "balls potted"),
    Field(n.CUSHIONS, _COUNT, "balls that met a cushion"),
    Field(n.COLLISIONS, _COUNT, "balls that met each other"),
    Field(n.EVENTS, _EMBEDDED, "what happens on the table", "TemporalDetections"),
    Field(f"{n.EVENTS}.detections.{n.TRACKS}", _LIST, "the balls that take part", _COUNT),
    Field(n.J, _NUMBER, "mean J of what models drew with what people accepted"),
    Field(n.DIGEST, _TEXT, "tells whether the engine has news of the clip"),
    Field(n.HELD_MASKS, _COUNT, "the revision whose masks are shown"),
    Field(n.HELD_DRAWN, _COUNT, "the models' revision that is shown beside them"),
    Field(n.HELD_STILLS, _TEXT, "what the clip's pictures were made with"),
    Field(n.TOLD_PRIORITY, _FLAG, "the priority that the tag was set by"),
    Field(n.BY, _TEXT, "who set the last tag"),
    Field(n.NOTE, _TEXT, "why the last tag was set"),
)
_MASK_FIELDS: Final = (
    Field(n.STABILITY, _NUMBER, "how sure the mask's edge is, 0 to 1"),
    Field(n.DOUBT, _NUMBER, "how much the mask is doubted, 0 to 1"),
    Field(n.J, _NUMBER, "J with the mask it is compared with"),
)
FRAME_FIELDS: Final = (
    Field(n.MASKS, _EMBEDDED, "the balls of the newest revision", "Detections"),
    Field(n.DRAWN, _EMBEDDED, "the balls as models alone drew them", "Detections"),
    Field(n.J, _NUMBER, "mean J of what models drew on this frame"),
    Field(n.DOUBT, _NUMBER, "the gravest doubt on this frame, 0 to 1"),
    *(
        Field(f"{layer}.detections.{one.path}", one.kind, one.about)
        for layer in (n.MASKS, n.DRAWN)
        for one in _MASK_FIELDS
    ),
)


def declare(fiftyone: Any, dataset: Any) -> None:
    """Declare all fields of an empty dataset of videos; without that FiftyOne would not show what documents hold.

    One call for each, as its public interface has it, takes ten times as long as these four.
    """
    for fields, add in ((CLIP_FIELDS, add_sample_fields), (FRAME_FIELDS, add_frame_fields)):
        for nested in (False, True):
            chosen = [one for one in fields if ("." in one.path) is nested]
            add(fiftyone, dataset, {one.path: _made(fiftyone, one) for one in chosen})


def _made(fiftyone: Any, field: Field) -> Any:
    """Return a field as FiftyOne's object."""
    inner = {_LIST: "subfield", _EMBEDDED: "embedded_doc_type"}.get(field.kind)
    held = {inner: getattr(fiftyone, field.of)} if inner else {}
    name = field.path.rpartition(".")[2]
    kind = getattr(fiftyone, field.kind)
    return new_field(fiftyone, name, kind, description=field.about, **held)
