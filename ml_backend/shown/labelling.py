"""The labelling configurations of our projects, and what is wrong with somebody else's. Knows XML and the sdk, asks no server."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from label_studio_sdk.label_interface.interface import LabelInterface
from label_studio_sdk.label_interface.objects import PredictionValue

from engine.billiards.classes import BALL, KINDS
from engine.billiards.colours import EVENT_COLOURS, KIND_COLOURS, OTHER
from engine.ports import TaskKind
from ml_backend import names
from ml_backend.shown.timeline import EVENTS, LOOK, PLAY

LABELS: Final = (*KINDS, BALL)
"""Every class of balls, also for clips that are still to come."""

_EVENT_COLOURS: Final = {PLAY: "#4c9f70", LOOK: "#ff3355", **EVENT_COLOURS}
_KEYS: Final = {**{kind: str((n + 1) % 10) for n, kind in enumerate(LABELS[:10])}, "black": "q", "plain": "w", "ball": "c"}  # fmt: skip
_VERDICT_KEYS: Final = {names.ACCEPTED: "alt+y", names.NEEDS_WORK: "alt+n", names.EXCLUDED: "alt+x"}
"""No letters alone: a slip of the hand on one would decide. Label Studio gives letters of its own to whatever has no key."""
_TIMED: Final = "timelinelabels"
_TAGS: Final = {
    "videorectangle": "VideoRectangle",
    "labels": "Labels",
    _TIMED: "TimelineLabels",
    "brushlabels": "BrushLabels",
    "choices": "Choices",
}
_LABELLED: Final = {
    "videorectangle": "labels",
    "labels": "labels",
    _TIMED: _TIMED,
    "brushlabels": "brushlabels",
    "choices": "choices",
}
"""Where the value of a region of a type holds its labels."""

_VERDICTS: Final = tuple(_VERDICT_KEYS)


def clip_config(labels: Sequence[str] = LABELS) -> str:
    """Return the configuration of whole clips: classes and what is decided, the picture with its time line, events, links."""
    view = Element("View")
    top = _top(view)
    _labels(SubElement(top, "Labels", name=names.BALL, toName=names.VIDEO), labels)
    _decision(top, names.VIDEO)
    SubElement(
        view, "Video", name=names.VIDEO, value="$video", framerate="$fps", muted="true",
        height="450", timelineHeight="170",
    )  # fmt: skip
    SubElement(view, "VideoRectangle", name=names.BOX, toName=names.VIDEO, strokeWidth="2")
    events = SubElement(view, "TimelineLabels", name=names.EVENT, toName=names.VIDEO)
    for event in EVENTS:
        SubElement(events, "Label", value=event, background=_EVENT_COLOURS[event])
    _links(view)
    return _text(view)


def frames_config(labels: Sequence[str] = LABELS) -> str:
    """Return the configuration of key frames: some pictures of a clip, one mask for each ball."""
    view = Element("View")
    top = _top(view)
    masks = SubElement(top, "BrushLabels", name=names.BRUSH, toName=names.IMAGES, opacity="0.5")
    _labels(masks, labels)
    _decision(top, names.IMAGES)
    SubElement(
        view, "Image", name=names.IMAGES, valueList="$frames", zoom="true", zoomControl="true",
        brightnessControl="true", smoothing="false",
    )  # fmt: skip
    _links(view)
    return _text(view)


def config(kind: TaskKind, labels: Sequence[str] = LABELS) -> str:
    """Return the configuration of a kind of tasks."""
    return clip_config(labels) if kind is TaskKind.CLIP else frames_config(labels)


_ROW: Final = "display:flex;flex-wrap:wrap;gap:6px 8px;align-items:center;margin-bottom:8px"
_TOP: Final = "billiards-top"
_STYLE: Final = f"""
.{_TOP} .lsf-labels {{ display: contents; }}
.{_TOP} .lsf-label {{ margin: 0; }}
.{_TOP} .lsf-choices {{ margin: 0 0 0 16px; }}
.{_TOP} .lsf-choices .ant-checkbox-wrapper {{ line-height: 26px; }}
.{_TOP} .lsf-text-area {{ margin: 0; min-width: 220px; }}
.{_TOP} .lsf-text-area .ant-form-item {{ margin: 0; }}
"""
"""The classes flow into the row of the verdict, so that both stand above the picture and leave it room: rows of their own took 50 pixels more.

An editor that calls these parts otherwise shows them below each other.
"""

_CLIP_STEPS: Final = (
    ("Every ball has a box that follows it.", "Step through the clip and correct what is wrong; leave alone what is right."),
    ("Select a ball", "by a click on its box in the picture. A click in the list makes the picture jump to the ball's first frame while the counter stays: compare both before you drag."),
    ("A box is off:", "go to the frame where it is worst, drag or resize it there. Before and after it the ball is drawn anew, until masks agree again."),
    ("A ball is gone", "(potted, hidden): select it, go to the last frame on which it is seen, add a keyframe there and switch its lifespan off. It comes back at its next keyframe: where the ball stays away, go to each later one and take it away too (the diamond). Where the ball comes back add a keyframe and switch its lifespan on."),
    ("Wrong class:", "select the ball and choose another class. Not a ball: select it and delete it."),
    ("A ball has no box:", "choose its class, draw a box around it on the frame where it is seen best."),
    ("Verdict:", "above the picture. accepted - everything is right; needs work - say in the note what is wrong; exclude - the clip is of no use."),
    ("Submit.", "The masks are drawn anew in the background."),
    ("Masks themselves", "are corrected on the correction page: the links below the video open it at the same frame."),
)  # fmt: skip
_FRAME_STEPS: Final = (
    ("Every ball has a mask on each of these pictures.", "Correct what is wrong; leave alone what is right."),
    ("A mask is off:", "select it, with the arrow tool in the picture or in the list, then add with the brush or take away with the eraser."),
    ("A ball has no mask:", "choose its class and paint it. Delete a mask where no ball is seen."),
    ("Which ball a mask is", "stands in its details as track N. A new mask may name its track in the same place."),
    ("Verdict:", "only if you have seen the whole clip."),
    ("Submit.", "What you painted is drawn on to the frames between these pictures."),
)  # fmt: skip
_STEPS_AFTER: Final = (
    ("Open a task again", "and you see your own annotation as you left it. What came of it is the tab billiards-engine: three dots, Duplicate Annotation, and go on there."),
    ("Before you reload the page", "wait ten seconds: drafts are kept every few. Submit says that nothing was saved? The task was open twice: reload it and submit again."),
)  # fmt: skip


def instructions(kind: TaskKind) -> str:
    """Return what an annotator reads before the first task, as HTML; lists lose their numbers there."""
    steps = _CLIP_STEPS if kind is TaskKind.CLIP else _FRAME_STEPS
    return "".join(f"<p><b>{lead}</b> {step}</p>" for lead, step in (*steps, *_STEPS_AFTER))


def check(config_xml: str, result: Sequence[Mapping[str, Any]], *, kind: TaskKind) -> list[str]:
    """Return why a project of this configuration would not show a prediction; nothing where it would.

    What the sdk knows it checks itself. It does not know labels on a time line and refuses any; those are looked up here.
    """
    try:
        known = LabelInterface(config_xml)
    except Exception as error:  # noqa: BLE001 - the sdk raises whatever its parser raises
        return [f"the labelling configuration cannot be read: {str(error)[:200]}"]
    found = [*_of_object(known, kind), *(each for one in result for each in _of_names(known, one))]
    if not found:
        rest: list[Any] = [dict(one) for one in result if one.get("type") != _TIMED]
        value = PredictionValue(result=rest).model_dump(exclude_none=True)
        validate: Callable[..., list[str]] = known.validate_prediction
        found = [_shortened(each) for each in validate(value, return_errors=True)]
    return list(dict.fromkeys(found))


def problems(config_xml: str, *, kind: TaskKind, labels: Sequence[str] = LABELS) -> list[str]:
    """Return what a configuration lacks that predictions of these classes, or verdicts, need."""
    return check(config_xml, [*_example(kind, labels)], kind=kind)


def explained(title: str, found: Sequence[str]) -> str:
    """Say what has to change in a project's configuration."""
    lines = "".join(f"\n  - {each}" for each in found[:12])
    more = f"\n  - and {len(found) - 12} more" if len(found) > 12 else ""
    return (
        f"the labelling configuration of the project {title!r} does not fit:{lines}{more}\n"
        "Add this under Settings > Labeling Interface, or put ours in its place with "
        "`engine labelstudio setup --replace-config`"
    )


def _labels(parent: Element, labels: Sequence[str]) -> None:
    """Add the classes, each with its colour and, as long as there are some, a key."""
    for label in labels:
        given = {"value": label, "background": KIND_COLOURS.get(label, OTHER)}
        if label in _KEYS:
            given["hotkey"] = _KEYS[label]
        SubElement(parent, "Label", given)


def _top(view: Element) -> Element:
    """Add the row above the picture and return it."""
    SubElement(view, "Style").text = _STYLE
    return SubElement(view, "View", className=_TOP, style=_ROW)


def _decision(row: Element, shown: str) -> None:
    """Add verdict and note."""
    choices = SubElement(
        row, "Choices", name=names.VERDICT, toName=shown, choice="single", showInline="true"
    )
    for verdict in _VERDICTS:
        SubElement(choices, "Choice", value=verdict, hotkey=_VERDICT_KEYS[verdict])
    SubElement(
        row, "TextArea", name=names.NOTE, toName=shown, rows="1", editable="true",
        maxSubmissions="1", placeholder="note: what is wrong, and where",
    )  # fmt: skip


def _links(view: Element) -> None:
    """Add the links to the correction page, which a task brings along."""
    SubElement(
        view, "HyperText", name=names.LINKS, value="$links", valueType="text", inline="true",
        clickableLinks="true",
    )  # fmt: skip


def _text(view: Element) -> str:
    indent(view)
    return tostring(view, encoding="unicode")


def _of_object(known: LabelInterface, kind: TaskKind) -> Iterator[str]:
    """Say where the configuration does not show what our tasks hold."""
    shown, tag, source = (
        (names.VIDEO, "Video", "$video")
        if kind is TaskKind.CLIP
        else (names.IMAGES, "Image", "$frames")
    )
    present = {one.name: one for one in known.objects}
    if shown not in present or present[shown].tag != tag:
        yield f'there is no <{tag} name="{shown}">'
        return
    given = {key.lower(): value for key, value in present[shown].attr.items()}
    wanted = "value" if kind is TaskKind.CLIP else "valuelist"
    if given.get(wanted) != source:
        yield f'<{tag} name="{shown}"> must show {source}, got {given.get(wanted)!r}'
    if kind is TaskKind.CLIP and given.get("framerate") != "$fps":
        yield (
            f'<Video name="{shown}"> must have framerate="$fps", got {given.get("framerate")!r}: '
            "else boxes stand on wrong frames"
        )


def _of_names(known: LabelInterface, region: Mapping[str, Any]) -> Iterator[str]:
    """Say which control or label of a region a configuration lacks.

    The sdk does not look for the labels of boxes on a video, which stand in a control of their own.
    """
    name, shown, type_ = (str(region.get(key)) for key in ("from_name", "to_name", "type"))
    tag = _TAGS.get(type_, type_)
    control = next((one for one in known.controls if one.name == name), None)
    if control is None or control.tag != tag or shown not in control.to_name:
        yield f'there is no <{tag} name="{name}" toName="{shown}">'
        return
    value = region.get("value")
    wanted = value.get(_LABELLED.get(type_, "")) if isinstance(value, Mapping) else None
    others = [one for one in known.controls if one.tag == "Labels" and shown in one.to_name]
    for label in wanted if isinstance(wanted, list) else ():
        if not any(label in one.labels for one in (control, *others)):
            holder = others[0] if others and tag == "VideoRectangle" else control
            item = "Choice" if tag == "Choices" else "Label"
            yield f'<{holder.tag} name="{holder.name}"> lacks <{item} value="{label}">'


def _shortened(error: str) -> str:
    """Return an error of the sdk without the numbers of regions and the values that it repeats."""
    said = error.partition(": ")[2] if error.startswith("Region ") else error
    return said if len(said) < 400 else said[:400] + " ..."


def _example(kind: TaskKind, labels: Sequence[str]) -> Iterator[Mapping[str, Any]]:
    """Yield one region of every sort that our predictions and annotations hold."""
    shown = names.VIDEO if kind is TaskKind.CLIP else names.IMAGES
    for label in labels:
        yield _ball(kind, label)
    if kind is TaskKind.CLIP:
        for event in (PLAY, LOOK):
            value: dict[str, Any] = {"ranges": [{"start": 1, "end": 2}], _TIMED: [event]}
            yield _region(names.EVENT, shown, _TIMED, value)
    for verdict in _VERDICTS:
        yield _region(names.VERDICT, shown, "choices", {"choices": [verdict]})


def _ball(kind: TaskKind, label: str) -> Mapping[str, Any]:
    """Return one ball as a prediction holds it."""
    if kind is TaskKind.FRAMES:
        painted = {"format": "rle", "rle": [0], "brushlabels": [label]}
        return _region(names.BRUSH, names.IMAGES, "brushlabels", painted)
    box = {"frame": 1, "time": 0.0, "x": 1.0, "y": 1.0, "width": 1.0, "height": 1.0, "rotation": 0}
    value = {"framesCount": 1, "duration": 1.0, "sequence": [box], "labels": [label]}
    return _region(names.BOX, names.VIDEO, "videorectangle", value)


def _region(control: str, shown: str, type_: str, value: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"id": "x", "from_name": control, "to_name": shown, "type": type_, "value": dict(value)}
