"""The engine run on clips with truth, in a world where its parts are exact."""

from dataclasses import replace

import numpy as np
import pytest

from engine.errors import InputError, SelectionError
from engine.evaluation.judging import figures
from engine.evaluation.matching import match, match_by_number
from engine.evaluation.modes import Mode
from engine.evaluation.running import (
    DatasetSource,
    draw,
    first_prompts,
    judge_all,
    matcher_of,
    predicted,
)
from engine.types import FrameMasks


def silent(_clip: str, _done: int, _total: int) -> None:
    """Show nothing."""


@pytest.mark.parametrize("mode", [Mode.AUTO, Mode.BOXES, Mode.CLICKS])
def test_exact_parts_give_perfect_figures_in_every_mode(world, models, mode) -> None:
    outcome = judge_all(
        [world],
        lambda one: draw(one, models, mode=mode, progress=silent),
        matcher=matcher_of(mode),
    )
    got = figures(outcome.judged)
    assert outcome.failed == {}
    assert got.j.mean == pytest.approx(1)
    assert (got.ends.precision, got.ends.recall, got.strays) == (1, 1, 0)


def test_mode_nothing_draws_nothing_on_every_frame(world, models) -> None:
    rows = draw(world, models, mode=Mode.NOTHING, progress=silent)
    assert rows == tuple(FrameMasks(frame) for frame in range(12))


def test_each_ball_is_prompted_once_where_it_appears(world) -> None:
    boxes = first_prompts(world, mode=Mode.BOXES)
    assert {f: [p.track for p in of] for f, of in boxes.items()} == {0: [1], 2: [2]}
    assert boxes[2][0].box == (115, 55, 125, 65)
    (click,) = first_prompts(world, mode=Mode.CLICKS)[0][0].points
    assert (click.x, click.y) == pytest.approx((20, 40), abs=1)


def test_prompted_tracks_are_matched_by_number_and_others_by_overlap() -> None:
    assert matcher_of(Mode.BOXES) is matcher_of(Mode.CLICKS) is match_by_number
    assert matcher_of(Mode.AUTO) is match


@pytest.mark.parametrize("mode", [Mode.AUTO, Mode.BOXES])
def test_progress_reaches_the_last_frame(world, models, mode) -> None:
    heard = []
    draw(world, models, mode=mode, progress=lambda *said: heard.append(said))
    assert heard[-1] == ("scene", 12, 12)


def test_one_bad_clip_is_named_and_the_others_go_on(world, models, label, scene) -> None:
    def broken():
        raise InputError("00003.jpg: not readable as a picture")

    bad = replace(label(scene, "bad"), pictures=broken)
    outcome = judge_all(
        [bad, world],
        lambda one: draw(one, models, mode=Mode.BOXES, progress=silent),
        matcher=match,
    )
    assert [one.id for one in outcome.judged] == ["scene"]
    assert outcome.failed == {"bad": "00003.jpg: not readable as a picture"}


def test_no_clip_at_all_is_refused() -> None:
    with pytest.raises(SelectionError, match="no clips to evaluate"):
        judge_all([], lambda _: (), matcher=match)


def test_predictions_are_looked_up_by_the_clip_s_name(world, label, scene) -> None:
    look_up = predicted([world])
    assert list(look_up(world)) == list(world.frames())
    with pytest.raises(SelectionError, match="clip other: not among the predictions"):
        look_up(label(scene, "other"))


def test_pictures_of_a_dataset_are_read_as_a_frame_source_reads_them(world, scene) -> None:
    batches = list(DatasetSource(world).batches(world.clip, size=4, start=3, stop=9))
    assert [(batch.first, len(batch)) for batch in batches] == [(3, 4), (7, 2)]
    assert np.array_equal(batches[1].rgb[1], scene.paint(world.clip, 8))
    with pytest.raises(InputError, match="cannot read frames 3 to 13"):
        list(DatasetSource(world).batches(world.clip, start=3, stop=13))
