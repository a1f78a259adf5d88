"""What tasks hold, and the plan that brings links and tasks together: done once, nothing is left to do."""

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.config import Settings
from engine.doubts import Doubt, Sign
from engine.errors import SettingsError
from engine.ports import ClipStatus, Link, TaskKind
from engine.stages import Stage
from engine.types import Clip
from engine.wiring import Workbench, workbench
from engine.workflows.findings import DOUBTS, doubts_to_text
from ml_backend.asking import tasks
from ml_backend.asking.tasks import Plan, changes, plan

CLIP = Clip("one", "0" * 64, "a.mp4", 0, 300, 160, 90, Fraction(30000, 1001))
PROJECT = 4


def about(*clips: str) -> dict[int, Mapping[str, Any]]:
    """Return tasks 1, 2, ... about clips."""
    return {number: {"clip": clip} for number, clip in enumerate(clips, 1)}


def test_a_clip_without_a_task_gets_one() -> None:
    assert plan(["one", "two"], [Link(PROJECT, 1, "one")], about("one")) == Plan(create=("two",))


def test_a_link_whose_task_is_gone_is_forgotten_and_the_task_made_again() -> None:
    link = Link(PROJECT, 9, "one")
    assert plan(["one"], [link], {}) == Plan(create=("one",), forget=(link,))


def test_a_task_that_nobody_wrote_down_is_taken_up() -> None:
    assert plan(["one"], [], about("one")) == Plan(adopt=((1, "one"),))


def test_of_two_tasks_about_a_clip_the_linked_one_counts_else_the_first() -> None:
    assert plan(["one"], [Link(PROJECT, 2, "one")], about("one", "one")) == Plan(twins=(1,))
    assert plan(["one"], [], about("one", "one")) == Plan(adopt=((1, "one"),), twins=(2,))


def test_tasks_about_anything_else_are_left_alone() -> None:
    theirs = {1: {"clip": "unknown"}, 2: {}, 3: {"clip": 7}}
    assert plan(["one"], [], theirs) == Plan(create=("one",))


def test_a_task_of_a_clip_that_is_not_sent_any_more_keeps_its_link() -> None:
    assert plan([], [Link(PROJECT, 1, "one")], about("one")) == Plan()


CLIPS = st.sampled_from(["one", "two", "three", "four"])


@given(
    wanted=st.lists(CLIPS, unique=True),
    linked=st.dictionaries(st.integers(1, 9), CLIPS, max_size=6),
    present=st.dictionaries(st.integers(1, 9), st.one_of(CLIPS, st.none()), max_size=9),
)
def test_whatever_was_there_a_second_plan_has_nothing_to_do(
    wanted: list[str], linked: dict[int, str], present: dict[int, str | None]
) -> None:
    links = [Link(PROJECT, task, clip) for task, clip in linked.items()]
    there = {task: {"clip": clip} for task, clip in present.items()}
    todo = plan(wanted, links, there)
    links = [link for link in links if link not in todo.forget]
    links += [Link(PROJECT, task, clip) for task, clip in todo.adopt]
    for number, clip in enumerate(todo.create, 100):
        there[number] = {"clip": clip}
        links.append(Link(PROJECT, number, clip))
    second = plan(wanted, links, there)
    assert (second.create, second.forget, second.adopt) == ((), (), ())
    assert {link.clip for link in links} >= set(wanted)
    assert not set(todo.twins) & {link.task for link in links}


@given(
    wanted=st.dictionaries(CLIPS, st.dictionaries(st.sampled_from("abc"), st.integers(0, 2))),
    present=st.dictionaries(
        st.integers(1, 4), st.dictionaries(st.sampled_from("abcd"), st.integers(0, 2))
    ),
)
def test_only_what_differs_is_changed_and_fields_of_others_stay(
    wanted: dict[str, dict[str, int]], present: dict[int, dict[str, int]]
) -> None:
    links = [Link(PROJECT, n, clip) for n, clip in enumerate(("one", "two", "three", "four"), 1)]
    todo = dict(changes(wanted, links, present))
    after = present | todo
    assert changes(wanted, links, after) == ()
    for link in links:
        if link.task in present and link.clip in wanted:
            assert after[link.task].items() >= wanted[link.clip].items()
        if "d" in present.get(link.task, {}) and link.task in todo:
            assert todo[link.task]["d"] == present[link.task]["d"]


def status(clip: str, head: int | None, stage: Stage) -> ClipStatus:
    return ClipStatus(replace(CLIP, id=clip), stage, head)


def test_clips_with_masks_are_sent_excluded_ones_are_not_and_the_rest_is_counted() -> None:
    clips = [
        status("bare", None, Stage.INGESTED),
        status("drawn", 1, Stage.PREANNOTATED),
        status("done", 2, Stage.ACCEPTED),
        status("out", 3, Stage.EXCLUDED),
        status("never", None, Stage.EXCLUDED),
    ]
    assert [one.clip.id for one in tasks.sendable(clips)] == ["drawn", "done"]
    assert tasks.without_masks(clips) == 1


@pytest.fixture
def bench(settings: Settings) -> Any:
    with workbench(settings) as opened:
        yield opened


def test_a_task_of_a_clip_names_film_rate_and_clip(bench: Workbench, settings: Settings) -> None:
    data = tasks.data_of(bench, TaskKind.CLIP, bench.catalog.clip("one"))
    film = data["video"].removeprefix("/data/local-files/?d=")
    assert (settings.workspace / film).parent == settings.workspace / "page"
    assert (data["clip"], data["kind"], data["fps"], data["frames"]) == ("one", "clip", 30.0, 40)
    assert "?clip=one&amp;frame=0" in data["links"]


def test_the_rate_of_a_task_is_the_true_one() -> None:
    assert float(CLIP.rate) == 30000 / 1001


def test_doubts_become_links_once_they_are_kept(bench: Workbench) -> None:
    one = bench.catalog.clip("one")
    assert one.head is not None
    before = tasks.data_of(bench, TaskKind.CLIP, one)
    doubt = Doubt(7, 9, 8, 1, next(iter(Sign)), 0.9, "it looks <odd>")
    bench.desk.findings.put(one.head, DOUBTS, doubts_to_text([doubt]))
    after = tasks.data_of(bench, TaskKind.CLIP, one)
    assert "it looks &lt;odd&gt;" in after["links"]
    assert {name for name in after if after[name] != before[name]} == {"links"}


def test_a_task_of_key_frames_names_pictures_and_their_frames(bench: Workbench) -> None:
    data = tasks.data_of(bench, TaskKind.FRAMES, bench.catalog.clip("two"))
    assert data["kind"] == "frames"
    assert len(data["frames"]) == len(data["frame_numbers"]) > 0
    for url, number in zip(data["frames"], data["frame_numbers"], strict=True):
        assert url == f"/data/local-files/?d=labelstudio/two/{number:06d}.jpg"


def test_files_are_named_from_the_folder_that_label_studio_serves(settings: Settings) -> None:
    above = settings.model_copy(update={"label_studio_files": settings.workspace.parent})
    film = settings.workspace / "page" / "a b&c.mp4"
    assert tasks.served(above, film) == "/data/local-files/?d=workspace/page/a%20b%26c.mp4"
    assert tasks.served(settings, film) == "/data/local-files/?d=page/a%20b%26c.mp4"
    assert tasks.storage(above, TaskKind.FRAMES) == settings.workspace / "labelstudio"


def test_a_workspace_outside_of_that_folder_is_refused(settings: Settings, tmp_path: Path) -> None:
    elsewhere = settings.model_copy(update={"label_studio_files": tmp_path / "elsewhere"})
    with pytest.raises(SettingsError, match="LABEL_STUDIO_LOCAL_FILES_DOCUMENT_ROOT"):
        tasks.storage(elsewhere, TaskKind.CLIP)


def test_a_relative_workspace_is_named_as_it_lies(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(settings.workspace.parent)
    relative = settings.model_copy(update={"workspace": Path("workspace")})
    assert tasks.storage(relative, TaskKind.CLIP) == settings.workspace / "page"
