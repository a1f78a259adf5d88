"""What every Exporter keeps to, whatever it writes."""

import dataclasses
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest

from engine.errors import ExportError
from engine.fakes.exporter import LinesExporter
from engine.fakes.frames import FakeFrameSource
from engine.fakes.scene import Disc, Scene, rests, rolls
from engine.ports import Exporter, ExportItem
from engine.types import FrameBatch, FrameMasks, Kind, Revision, Track
from exports import registry

FRAMES = 10
SCENE = Scene(
    [
        Disc((240, 240, 240), "cue", rolls(20, 30, dx=3)),
        Disc((200, 20, 20), "solid", rests(100, 50, start=2)),
    ],
    FRAMES,
)


def nothing(_clip: str, _done: int, _total: int) -> None:
    """Take progress and show nothing."""


def item_of(name: str = "scene", *, frames: int = FRAMES) -> ExportItem:
    clip = dataclasses.replace(SCENE.clip, id=name, frames=frames, rate=Fraction(30000, 1001))
    revision = Revision(name, None, Kind.AUTO, "nobody", (Track(1, "cue"), Track(2, "solid")), id=3)
    return ExportItem(
        clip,
        revision,
        lambda: (SCENE.truth(frame) for frame in range(frames)),
        lambda: FakeFrameSource(SCENE.paint).batches(clip, size=4),
    )


def content(folder: Path) -> dict[str, bytes]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


EVERY = [(name, layout) for name in registry.FORMATS for layout in registry.LAYOUTS[name]]


@pytest.fixture(params=[None, *EVERY], ids=lambda made: "-".join(made) if made else "lines")
def exporter(request: pytest.FixtureRequest) -> Exporter:
    """Return the fake, or the exporter of a format in one of its layouts."""
    if request.param is None:
        return LinesExporter()
    name, layout = request.param
    return registry.exporter(name, layout=layout)


def test_the_report_counts_what_was_written(exporter: Exporter, tmp_path: Path) -> None:
    report = exporter([item_of("a"), item_of("b", frames=9)], tmp_path / "out", progress=nothing)
    assert (report.out, report.clips, report.frames) == (tmp_path / "out", 2, 19)


def test_progress_ends_at_the_last_frame_of_every_clip(exporter: Exporter, tmp_path: Path) -> None:
    told: dict[str, list[tuple[int, int]]] = {}
    exporter(
        [item_of("a"), item_of("b", frames=9)],
        tmp_path / "out",
        progress=lambda clip, done, total: told.setdefault(clip, []).append((done, total)),
    )
    assert {clip: steps[-1] for clip, steps in told.items()} == {"a": (10, 10), "b": (9, 9)}
    assert all(steps == sorted(steps) for steps in told.values())


def test_the_same_input_gives_the_same_bytes(exporter: Exporter, tmp_path: Path) -> None:
    first = exporter([item_of()], tmp_path / "a", progress=nothing)
    second = exporter([item_of()], tmp_path / "b", progress=nothing)
    assert content(first.out) == content(second.out) != {}


def test_an_older_dataset_is_replaced_and_nothing_is_left_beside(
    exporter: Exporter, tmp_path: Path
) -> None:
    exporter([item_of("old")], tmp_path / "out", progress=nothing)
    exporter([item_of("new")], tmp_path / "out", progress=nothing)
    assert not any("old" in name for name in content(tmp_path / "out"))
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_pictures_that_end_in_an_error_leave_the_older_dataset_as_it_was(
    exporter: Exporter, tmp_path: Path
) -> None:
    def broken() -> Iterator[FrameBatch]:
        yield next(item_of().pictures())
        raise OSError("the disk with the recording went away")

    exporter([item_of()], tmp_path / "out", progress=nothing)
    before = content(tmp_path / "out")
    with pytest.raises((OSError, ExportError), match="went away"):
        exporter(
            [dataclasses.replace(item_of("other"), pictures=broken)],
            tmp_path / "out",
            progress=nothing,
        )
    assert content(tmp_path / "out") == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_folder_of_somebody_else_is_refused_untouched(exporter: Exporter, tmp_path: Path) -> None:
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis/chapter.tex").write_text("years of work")
    with pytest.raises(ExportError, match="no dataset of ours"):
        exporter([item_of()], tmp_path / "thesis", progress=nothing)
    assert content(tmp_path / "thesis") == {"chapter.tex": b"years of work"}


def test_no_clip_is_no_dataset(exporter: Exporter, tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="choose at least one"):
        exporter([], tmp_path / "out", progress=nothing)
    assert not list(tmp_path.iterdir())


def test_what_the_choice_left_out_is_in_the_report(exporter: Exporter, tmp_path: Path) -> None:
    item = dataclasses.replace(item_of(), notes=("scene: left out track 3 (stripe)",))
    report = exporter([item], tmp_path / "out", progress=nothing)
    assert "scene: left out track 3 (stripe)" in report.notes


def test_an_interrupted_run_leaves_the_older_dataset_and_the_next_one_is_whole(
    exporter: Exporter, tmp_path: Path
) -> None:
    def interrupted() -> Iterator[FrameBatch]:
        yield next(item_of().pictures())
        raise KeyboardInterrupt

    exporter([item_of("old")], tmp_path / "out", progress=nothing)
    before = content(tmp_path / "out")
    items = [item_of("a"), item_of("b")]
    with pytest.raises(KeyboardInterrupt):
        exporter(
            [items[0], dataclasses.replace(items[1], pictures=interrupted)],
            tmp_path / "out",
            progress=nothing,
        )
    assert content(tmp_path / "out") == before
    exporter(items, tmp_path / "out", progress=nothing)
    whole = exporter(items, tmp_path / "whole", progress=nothing)
    assert content(tmp_path / "out") == content(whole.out)


def test_edits_and_masks_are_read_anew_for_every_dataset(
    exporter: Exporter, tmp_path: Path
) -> None:
    item = item_of()
    exporter([item], tmp_path / "a", progress=nothing)
    less = dataclasses.replace(
        item,
        revision=dataclasses.replace(item.revision, id=4),
        frames=lambda: (FrameMasks(k, SCENE.truth(k).masks[:1]) for k in range(FRAMES)),
    )
    exporter([less], tmp_path / "a", progress=nothing)
    exporter([less], tmp_path / "b", progress=nothing)
    assert content(tmp_path / "a") == content(tmp_path / "b")
