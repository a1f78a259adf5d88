"""A dataset that shows a comparison: what stands out first, where the worst frames are, FiftyOne's own evaluation. Judges nothing itself."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from engine.errors import ServerError
from engine.types import Clip
from engine.workflows.comparing.clips import BadFrame
from exports.board import names as n
from exports.board.alone import MATCH, declare_match, put_match
from exports.board.faults import translated
from exports.board.inside import inside
from exports.board.looks import put_looks
from exports.board.opening import exists
from exports.board.questions import address

WORST: Final = "worst"
"""Field of clips: the worst frames, each with half a second around it, as events that the app can play one by one."""

CLIPS_FIRST, FRAMES_FIRST, BAD_FRAMES = (
    "worst clips first",
    "worst frames first",
    "bad frames alone",
)
"""Saved views: clips in order, the surroundings of the worst frames in order, clips with no frames but those that agree badly."""

EVALUATION: Final = "evaluation"
"""What FiftyOne's evaluation is called, and what its fields begin with."""

_COLOURS: Final = {
    n.MASKS: {"both": "#2fb170", "missed": "#ff1f4b"},
    n.DRAWN: {"both": "#ff8c1a", "extra": "#3da5ff"},
}
"""Of the true masks and of those beside them: where both show something, and where the other side has nothing."""

_RED: Final = "#f0524f"
_FIRST: Final = (*(f"frames.{name}" for name in _COLOURS), n.CLIP, WORST)
"""What is drawn on clips, and written below them, at first."""


def name_of(dataset: str, what: str) -> str:
    """Return what the dataset of a comparison is called, after the one that it belongs to."""
    return f"{dataset}-{address(what) or 'comparison'}"


def put(dataset: Any, worst: Sequence[BadFrame], *, clips: Mapping[str, Clip]) -> None:
    """Mark the worst frames of a comparison's clips, make its saved views and choose what is shown first.

    ``clips`` are by id; what was marked on them before is replaced, and what is marked on others stays.

    Raises:
        ServerError: the database does not answer, or somebody deleted the dataset meanwhile.
    """
    with translated():
        _refuse_deleted(dataset)
        dataset.reload()
        _declare(dataset)
        _mark(dataset, worst, clips)
        put_match(dataset, list(clips))
        _views(dataset)
        _look(dataset)


def evaluated(
    dataset: Any,
    clips: Sequence[str],
    *,
    told: Callable[[int, int], None] = lambda *_: None,
) -> dict[str, float]:
    """Let FiftyOne evaluate the masks of these clips, mask against mask, by its own rules, and return its figures.

    Masks count from half of the area in common on. Each mask is marked as right, false or missed, which the app can filter by;
    what was marked before, on these clips and on others, is taken away. It takes some minutes a clip of 300 frames with 16 balls;
    ``told`` hears how many clips are done, of how many.

    Raises:
        ServerError: as in ``put``.
    """
    with translated():
        _refuse_deleted(dataset)
        if dataset.has_evaluation(EVALUATION):
            dataset.delete_evaluation(EVALUATION)
        chosen = dataset.match({n.CLIP: {"$in": list(clips)}})
        many = len(chosen)
        found = chosen.evaluate_detections(
            f"frames.{n.DRAWN}",
            gt_field=f"frames.{n.MASKS}",
            eval_key=EVALUATION,
            use_masks=True,
            classwise=False,
            progress=lambda bar: told(min(int(bar.iteration), many), many),
        )
        _views(dataset)
    return {str(name): float(value) for name, value in found.metrics().items()}


def _refuse_deleted(dataset: Any) -> None:
    """Raise ServerError where the dataset is not there any more."""
    import fiftyone as fo  # noqa: PLC0415 - an extra, which takes seconds to load

    if not exists(fo, inside(fo, dataset)):
        raise ServerError(
            f"FiftyOne's dataset {dataset.name!r} was deleted meanwhile: compare again to have it made anew"
        )


def _declare(dataset: Any) -> None:
    """Declare the field of worst frames, where it is not."""
    import fiftyone as fo  # noqa: PLC0415 - as above

    if not dataset.has_sample_field(WORST):
        dataset.add_sample_field(
            WORST,
            fo.EmbeddedDocumentField,
            embedded_doc_type=fo.TemporalDetections,
            description="where the two agree worst",
        )
    declare_match(fo, dataset)


def _mark(dataset: Any, worst: Sequence[BadFrame], clips: Mapping[str, Clip]) -> None:
    """Mark the worst frames of these clips, and unmark those of before."""
    import fiftyone as fo  # noqa: PLC0415 - as above

    marks: dict[str, list[Any]] = defaultdict(list)
    for one in worst:
        marks[one.clip].append(
            fo.TemporalDetection(
                label=f"J {one.j:.2f}", confidence=one.j, support=_around(one, clips[one.clip])
            )
        )
    found = {
        id_: fo.TemporalDetections(detections=marks[id_])
        for id_ in dataset.values(n.CLIP)
        if id_ in clips
    }
    dataset.set_values(WORST, found, key_field=n.CLIP)


def _around(one: BadFrame, clip: Clip) -> list[int]:
    """Return the first and the last frame, counted from 1, of the second around a bad frame."""
    half = max(1, round(clip.rate / 2))
    return [max(1, one.frame + 1 - half), min(clip.frames, one.frame + 1 + half)]


def _views(dataset: Any) -> None:
    """Make the saved views anew: the one of frames is of the frames that are marked now, with the facts that clips have now."""
    from fiftyone import ViewField as F  # noqa: PLC0415 - an extra

    compared = dataset.match(F(n.J) != None)  # noqa: E711 - an expression of the database, no comparison
    wanted = {
        CLIPS_FIRST: (compared.sort_by(n.J), "Clips, those that agree least first"),
        FRAMES_FIRST: (
            compared.to_clips(WORST, other_fields=True).sort_by(f"{WORST}.confidence"),
            "The second around each of the worst frames, the worst first",
        ),
    }
    for name, (view, about) in wanted.items():
        if dataset.has_saved_view(name):
            dataset.delete_saved_view(name)
        dataset.save_view(name, view, description=about, color=_RED)


def _look(dataset: Any) -> None:
    """Draw the two layers in two colours, and what only one of them shows in two more, once: what leads change in the app stays."""
    import fiftyone as fo  # noqa: PLC0415 - as above

    if not put_looks(dataset):
        return
    config = dataset.app_config
    config.color_scheme.color_by = "value"
    config.color_scheme.fields = [
        {
            "path": f"frames.{name}",
            "fieldColor": colours["both"],
            "colorByAttribute": MATCH,
            "valueColors": [{"value": value, "color": one} for value, one in colours.items()],
        }
        for name, colours in _COLOURS.items()
    ]
    config.color_scheme.fields.append({"path": WORST, "valueColors": _reds()})
    config.active_fields = fo.ActiveFields(paths=list(_FIRST), exclude=False)
    dataset.save()


def _reds() -> list[dict[str, str]]:
    """Return one colour for whatever J: the app would give each its own, and some of them look like praise."""
    return [{"value": f"J {hundredths / 100:.2f}", "color": _RED} for hundredths in range(101)]
