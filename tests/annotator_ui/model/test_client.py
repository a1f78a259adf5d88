"""A real model process with the bundled weights: what it draws, in which order, and what becomes of it when it dies."""

import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pytest

from annotator_ui.model import ModelClient
from annotator_ui.model.keeper import DEATHS
from engine import rle
from engine.errors import InputError, ModelError, SettingsError
from engine.types import Point, Prompt

pytestmark = pytest.mark.slow


def test_a_click_draws_its_ball_on_its_frame_and_nothing_else(shared, demo) -> None:
    drawn = shared.draw(demo.clip, demo.one(40, 1), who="ann")
    assert drawn.correction.steps == 1
    assert {frame: list(row) for frame, row in drawn.correction.masks.items()} == {40: [1]}
    true = demo.truth[40].by_track()[1].rle
    assert rle.iou(drawn.correction.masks[40][1].rle, true) >= 0.8


def test_the_record_names_the_weights(shared, demo) -> None:
    names = shared.draw(demo.clip, demo.one(40, 1), who="ann").names
    assert names["segmenter"] == "nano"
    assert names["segmenter_sha256"]


def test_a_click_is_drawn_the_same_again(shared, demo) -> None:
    first, second = (shared.draw(demo.clip, demo.one(41, 2), who="ann") for _ in range(2))
    assert first == second


def test_labels_may_be_a_view_of_a_mapping(shared, demo) -> None:
    asked = replace(demo.one(40, 1), labels=MappingProxyType({1: "cue"}))
    assert shared.draw(demo.clip, asked, who="ann").correction.masks


def test_a_click_over_many_frames_is_refused(shared, demo) -> None:
    with pytest.raises(InputError, match="spread it instead"):
        shared.draw(demo.clip, demo.all_balls(), who="ann")


def test_bad_input_comes_back_as_what_it_is_and_hurts_nobody(shared, demo) -> None:
    outside = Prompt(40, 1, points=(Point(5000, 10),))
    with pytest.raises(InputError, match="outside 960 x 540"):
        shared.draw(demo.clip, replace(demo.one(40, 1), prompts=[outside]), who="ann")
    assert shared.draw(demo.clip, demo.one(40, 1), who="ann").correction.masks


def test_a_spread_tells_of_every_row_and_how_far_it_is(shared, demo) -> None:
    heard = []
    drawn = shared.spread(
        demo.clip, demo.all_balls(stop=20), who="ann", progress=lambda *told: heard.append(told)
    )
    assert [row.frame for row, _, _ in heard] == list(range(20))
    assert [(done, total) for _, done, total in heard] == [(n, 20) for n in range(1, 21)]
    assert drawn.correction.steps == 20
    assert not drawn.correction.stopped
    assert len(drawn.correction.masks[19]) == len(demo.truth[0].masks)


def test_places_that_are_held_are_neither_shown_nor_changed(shared, demo) -> None:
    asked = replace(demo.all_balls(stop=6), held=frozenset({(2, 0), (4, 1)}))
    shown = {}
    drawn = shared.spread(
        demo.clip, asked, who="ann", progress=lambda row, *_: shown.update({row.frame: row})
    )
    assert 2 not in drawn.correction.masks
    assert 1 not in drawn.correction.masks[4]
    assert shown[2].masks == ()
    assert 1 not in shown[4].by_track()
    assert 1 in shown[5].by_track()


def test_a_spread_that_is_stopped_keeps_what_is_done(shared, demo) -> None:
    heard = []
    drawn = shared.spread(
        demo.clip,
        demo.all_balls(),
        who="ann",
        progress=lambda row, *_: heard.append(row.frame),
        stop=lambda: len(heard) >= 5,
    )
    assert drawn.correction.stopped
    assert 5 <= drawn.correction.steps < demo.clip.frames
    assert set(drawn.correction.masks) == set(range(drawn.correction.steps))


def test_who_cannot_take_a_row_ends_the_spread(shared, demo) -> None:
    def refuse(*_: object) -> None:
        raise ConnectionError("the tab is gone")

    with pytest.raises(ConnectionError):
        shared.spread(demo.clip, demo.all_balls(), who="ann", progress=refuse)
    assert shared.draw(demo.clip, demo.one(40, 1), who="ann").correction.masks


def test_clicks_are_answered_while_a_spread_goes_on(shared, demo) -> None:
    done, rows, over = [], [], threading.Event()
    with ThreadPoolExecutor(1) as people:
        spread = people.submit(
            shared.spread,
            demo.clip,
            demo.all_balls(),
            who="ann",
            progress=lambda row, *_: rows.append(row.frame),
            stop=over.is_set,
        )
        while not rows:
            time.sleep(0.01)
        for frame in range(40, 50):
            shared.draw(demo.clip, demo.one(frame, 1), who="ben")
            done.append(len(rows))
        over.set()
        assert spread.result(60).correction.stopped  # it was still at work after ten clicks
    assert done == sorted(done)


def test_clicks_in_between_leave_the_masks_of_a_spread_as_they_are(shared, demo) -> None:
    asked = demo.all_balls(stop=25)
    alone = shared.spread(demo.clip, asked, who="ann")
    with ThreadPoolExecutor(1) as people:
        spread = people.submit(shared.spread, demo.clip, asked, who="ann")
        clicks = 0
        while not spread.done():
            shared.draw(demo.clip, demo.one(40 + clicks % 10, 1), who="ben")
            clicks += 1
        assert spread.result() == alone
    assert clicks > 1


def test_three_spreads_advance_side_by_side(shared, demo) -> None:
    counts = {"ann": 0, "ben": 0, "cleo": 0}
    apart, over = [], threading.Event()

    def tell(who: str) -> None:
        counts[who] += 1
        if min(counts.values()) > 0:
            apart.append(max(counts.values()) - min(counts.values()))
        if min(counts.values()) >= 15:
            over.set()

    with ThreadPoolExecutor(3) as people:
        for who in counts:
            people.submit(
                shared.spread,
                demo.clip,
                demo.all_balls(stop=60),
                who=who,
                progress=lambda *_, who=who: tell(who),
                stop=over.is_set,
            )
    assert over.is_set()
    assert apart[-1] - apart[0] <= 3  # from when all had begun, none has got ahead


def test_ten_people_who_click_at_once_all_get_their_own_ball(shared, demo) -> None:
    seen = [(frame, mask.track) for frame in (40, 50) for mask in demo.truth[frame].masks]
    asked = (seen * 2)[:10]
    with ThreadPoolExecutor(10) as people:
        drawn = people.map(
            lambda place: shared.draw(demo.clip, demo.one(*place), who=str(place)), asked
        )
    for (frame, track), one in zip(asked, drawn, strict=True):
        assert list(one.correction.masks[frame]) == [track]


def test_a_playhead_that_rests_somewhere_changes_no_mask(shared, demo) -> None:
    before = shared.draw(demo.clip, demo.one(90, 1), who="ann")
    for frame in (0, 60, 90, 149):
        shared.warm(demo.clip, frame, demo.revision)
    assert shared.draw(demo.clip, demo.one(90, 1), who="ann") == before


def test_a_click_survives_the_death_of_the_process(client, demo, heard) -> None:
    heard.until("ready")
    os.kill(client.pids[0], signal.SIGSTOP)  # so that it cannot be done before it is killed
    with ThreadPoolExecutor(1) as people:
        click = people.submit(client.draw, demo.clip, demo.one(40, 1), who="ann")
        time.sleep(0.2)
        first = client.pids[0]
        os.kill(first, signal.SIGKILL)
        assert click.result(60).correction.masks
    assert "SIGKILL" in heard.until("died").why
    assert client.pids[0] != first


def test_a_spread_whose_process_is_killed_says_so_and_the_next_one_is_drawn(
    client, demo, heard
) -> None:
    def kill(_row: object, done: int, _total: int) -> None:
        if done == 3:
            os.kill(client.pids[0], signal.SIGKILL)

    with pytest.raises(ModelError, match="nothing was stored: ask for it again"):
        client.spread(demo.clip, demo.all_balls(), who="ann", progress=kill)
    heard.until("died")
    heard.until("ready")
    assert client.spread(demo.clip, demo.all_balls(stop=4), who="ann").correction.steps == 4


def test_a_process_that_is_stuck_is_ended_and_the_click_is_drawn_by_the_next_one(
    demo, heard
) -> None:
    with ModelClient(demo.settings, events=heard, patience=5) as client:
        heard.until("ready")
        stuck = client.pids[0]
        os.kill(stuck, signal.SIGSTOP)
        assert client.draw(demo.clip, demo.one(40, 1), who="ann").correction.masks
        assert "said nothing" in heard.until("died").why
        assert client.pids[0] != stuck
        assert not _lives(stuck)


def test_a_process_that_cannot_start_is_not_started_for_ever(demo, heard, tmp_path) -> None:
    settings = demo.settings.model_copy(update={"model": str(tmp_path / "none.safetensors")})
    with ModelClient(settings, events=heard) as broken:
        assert "none.safetensors" in heard.until("died").why
        for _ in range(2):
            with pytest.raises(ModelError, match=r"cannot start.*none\.safetensors"):
                broken.draw(demo.clip, demo.one(40, 1), who="ann")
    assert [state.state for state in heard.all()] == ["starting", "died"]


def test_a_process_that_dies_whenever_it_starts_is_given_up_until_somebody_mends_it(
    demo, heard
) -> None:
    with ModelClient(demo.settings, events=heard) as client:
        while [state.state for state in heard.all()].count("died") < DEATHS:
            for pid in client.pids:
                if pid is not None and _lives(pid):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.02)
        with pytest.raises(ModelError, match=r"SIGKILL.*restart the server"):
            client.draw(demo.clip, demo.one(40, 1), who="ann")
    assert "ready" not in [state.state for state in heard.all()]


def test_closing_ends_the_process_and_what_it_draws(demo, heard) -> None:
    client = ModelClient(demo.settings, events=heard)
    heard.until("ready")
    pid = client.pids[0]
    with ThreadPoolExecutor(1) as people:
        rows = threading.Event()
        spread = people.submit(
            client.spread, demo.clip, demo.all_balls(), who="ann", progress=lambda *_: rows.set()
        )
        rows.wait(30)
        client.close()
        with pytest.raises(ModelError, match="closed"):
            spread.result(10)
    assert not _lives(pid)
    with pytest.raises(ModelError, match="closed"):
        client.draw(demo.clip, demo.one(40, 1), who="ann")


def test_clips_are_shared_out_among_processes_and_stay_where_they_are(demo, heard) -> None:
    with ModelClient(demo.settings, processes=2, events=heard) as client:
        assert {heard.until("ready").process for _ in range(2)} == {0, 1}
        os.kill(client.pids[1], signal.SIGSTOP)
        for _ in range(2):  # the first clip came to the first process, and stays there
            assert client.draw(demo.clip, demo.one(40, 1), who="ann").correction.masks


def test_the_process_ends_with_the_server_however_that_ends(demo, tmp_path) -> None:
    program = tmp_path / "server.py"
    program.write_text(
        "from pathlib import Path\nimport sys, time\n"
        "from annotator_ui.model import ModelClient\nfrom engine.config import Settings\n"
        "if __name__ == '__main__':\n"
        "    client = ModelClient(Settings(workspace=Path(sys.argv[1]), threads=1),\n"
        "        events=lambda s: s.state == 'ready' and print(client.pids[0], flush=True))\n"
        "    time.sleep(120)\n"
    )
    server = subprocess.Popen(
        [sys.executable, program, demo.settings.workspace],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[3])},
    )
    pid = int(server.stdout.readline())
    assert _lives(pid)
    server.kill()
    server.wait()
    give_up = time.monotonic() + 20
    while _lives(pid) and time.monotonic() < give_up:
        time.sleep(0.05)
    assert not _lives(pid)


@pytest.mark.parametrize("wrong", [{"processes": 0}, {"pictures": -1}])
def test_settings_that_make_no_sense_are_refused(demo, wrong) -> None:
    with pytest.raises(SettingsError, match=next(iter(wrong))):
        ModelClient(demo.settings, **wrong)


def _lives(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"
