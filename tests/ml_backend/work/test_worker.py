"""Workers: every job ends somehow, nothing is done twice, a silent Label Studio and a bad clip hold nothing else up."""

import logging
import threading

import pytest

from engine.errors import ServerError, WeightsError
from engine.ports import Link, State
from engine.stages import Move, Stage
from ml_backend.serving.receiving import WHAT
from ml_backend.work import worker as module
from ml_backend.work.patience import FIRST, LAST, Patience
from ml_backend.work.worker import Worker


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


def _never():
    return False


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def said():
    return []


@pytest.fixture
def worker(world, clock, said):
    return Worker(
        world.bench,
        reach=lambda: world.studio,
        model=lambda: world.model,
        say=said.append,
        now=clock,
    )


def _counts(world):
    return world.books.queue.counts(WHAT)


def test_a_job_acts_on_the_delivery_and_tells_label_studio(world, worker, hands, said):
    world.save(hands.without(world.shown(), 2), verdict="accepted")
    world.books.queue.put(WHAT, "scene")
    worked = worker.run(_never, once=True)
    assert (worked.jobs, worked.done, worked.failed) == (1, 1, 0)
    assert world.stage is Stage.ACCEPTED
    assert f"r{world.head.id}t3" in {one["id"] for one in world.studio.predictions[11]}
    assert said == ["clip scene: 1 acted on, told Label Studio"]


def test_a_delivery_for_which_nobody_put_a_job_is_found(world, worker):
    delivery = world.save(world.shown())
    worker.run(_never, once=True)
    assert world.settled(delivery).state is State.DONE


def test_a_correction_on_the_page_is_sent_without_anybody_asking(world, worker):
    worker.run(_never, once=True)
    world.brush_on_page(2, 7)
    worker.run(_never, once=True)
    assert {link.revision for link in world.books.bridge.links()} == {world.head.id}


def test_nothing_to_do_asks_label_studio_nothing(world, worker):
    worker.run(_never, once=True)
    asked = len(world.studio.asked)
    assert worker.run(_never, once=True).jobs == 1  # the one of before
    assert len(world.studio.asked) == asked


def test_a_delivery_that_comes_while_the_worker_acts_on_another_is_not_left_behind(
    world, hands, box_of
):
    def model():
        if len(world.books.bridge.deliveries("scene")) == 1:
            world.save(world.shown(), number=2, verdict="accepted")
            world.books.queue.put(WHAT, "scene")  # finds the job that runs
        return world.model

    world.save(hands.moved(world.shown(), 1, 30, box_of(1, 30)))
    world.books.queue.put(WHAT, "scene")
    worker = Worker(world.bench, reach=lambda: None, model=model)
    job = world.books.queue.take(WHAT, worker="w")
    worker._do(job, _never)
    assert _counts(world).waiting == 1
    worker.run(_never, once=True)
    assert not world.books.bridge.waiting()


def test_while_label_studio_is_silent_corrections_are_stored_and_it_is_said_once(
    world, worker, hands, clock, said, caplog
):
    caplog.set_level(logging.INFO, logger="ml_backend")
    world.studio.silent = True
    world.save(hands.without(world.shown(), 2))
    assert worker.run(_never, once=True).done == 1
    for _ in range(4):
        clock.now += 100
        worker.run(_never, once=True)
    assert sum("does not answer" in line for line in said) == 1
    assert sum(one.message == "Label Studio was not told" for one in caplog.records) == 1
    world.studio.silent = False
    clock.now += 100
    worker.run(_never, once=True)
    assert {link.revision for link in world.books.bridge.links()} == {world.head.id}
    assert "Label Studio answers again" in [one.message for one in caplog.records]


def test_a_silent_label_studio_is_asked_ever_less_often(world, worker, clock):
    world.studio.silent = True
    for _ in range(120):
        clock.now += 1
        worker.run(_never, once=True)
    asked = [what for what in world.studio.asked if what.startswith("whoami")]
    assert 3 <= len(asked) <= 6


def test_a_task_that_is_gone_holds_no_other_clip_up(world, worker, clock, said):
    world.studio.gone = {11}
    worker.run(_never, once=True)
    assert sum("404" in line for line in said) == 1
    assert "whoami 0" in world.studio.asked
    assert not worker._server.good(module._SERVER)  # nothing against the server
    asked = len(world.studio.asked)
    clock.now += 1
    worker.run(_never, once=True)
    assert len(world.studio.asked) == asked


def test_a_job_that_cannot_be_done_now_fails_with_the_reason_and_is_tried_again_later(
    world, hands, box_of, clock, said
):
    broken = [WeightsError("nano: its checksum differs"), RuntimeError("out of memory")]

    def model():
        if broken:
            raise broken.pop(0)
        return world.model

    delivery = world.save(hands.moved(world.shown(), 1, 30, box_of(1, 30)))
    worker = Worker(
        world.bench, reach=lambda: world.studio, model=model, say=said.append, now=clock
    )
    worker.run(_never, once=True)
    assert _counts(world).errors == {"scene": "nano: its checksum differs"}
    worker.run(_never, once=True)
    assert len(broken) == 1  # it is left alone for a while
    clock.now += FIRST + 1
    worker.run(_never, once=True)
    assert _counts(world).errors == {"scene": "RuntimeError: out of memory"}
    clock.now += 2 * FIRST + 1
    worker.run(_never, once=True)
    assert _counts(world).errors == {}
    assert world.settled(delivery).state is State.DONE
    assert len([line for line in said if "is tried again" in line]) == 1


def test_a_worker_that_is_stopped_puts_its_job_back_with_nothing_half_done(world, hands, box_of):
    before = world.head
    world.save(hands.moved(world.shown(), 1, 30, box_of(1, 30)))
    world.books.queue.put(WHAT, "scene")
    asked = iter(range(12))
    worker = Worker(world.bench, reach=lambda: None, model=lambda: world.model)
    worker.run(lambda: next(asked, None) is None)
    assert world.head == before
    assert (_counts(world).waiting, _counts(world).running) == (1, 0)
    other = Worker(world.bench, reach=lambda: None, model=lambda: world.model)
    assert other.run(_never, once=True).done == 1


def test_ctrl_c_pressed_twice_puts_the_job_back_too(world, hands, box_of):
    world.save(hands.moved(world.shown(), 1, 30, box_of(1, 30)))
    world.books.queue.put(WHAT, "scene")

    def pressed():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Worker(world.bench, reach=lambda: None, model=pressed).run(_never, once=True)
    assert (_counts(world).waiting, _counts(world).running) == (1, 0)


def test_who_lost_the_lease_stores_nothing_more(world, hands, box_of):
    """Another worker takes the job over in the middle of a spread, and finishes it."""
    world.save(hands.moved(world.shown(), 1, 30, box_of(1, 30)))
    world.books.queue.put(WHAT, "scene")
    job = world.books.queue.take(WHAT, worker="slow", seconds=0.0)
    taken = []

    def model():
        if not taken:
            taken.append(world.books.queue.take(WHAT, worker="fast", seconds=60.0))
            quick = Worker(world.bench, reach=lambda: None, model=lambda: world.model)
            quick._do(taken[0], _never)
        return world.model

    slow = Worker(world.bench, reach=lambda: None, model=model)
    slow._do(job, _never)
    steps = [one.provenance["delivery"] for one in world.books.revisions.history("scene")[1:]]
    assert steps == ["1/0"]
    assert _counts(world).errors == {}
    assert [one.state for one in world.books.bridge.deliveries("scene")] == [State.DONE]


def test_once_waits_for_the_job_that_another_worker_holds(world, worker, hands):
    delivery = world.save(hands.without(world.shown(), 2))
    world.books.queue.put(WHAT, "scene")
    held, asked = world.books.queue.take(WHAT, worker="other", seconds=60.0), []

    def stop():
        asked.append(world.settled(delivery).state)
        if len(asked) == 4:
            world.books.queue.release(held)
        return len(asked) > 40

    assert worker.run(stop, once=True).done == 1
    assert asked[:4] == [State.ASKED] * 4
    assert len(asked) < 20


def test_an_acceptance_on_the_page_reaches_label_studio(world, worker):
    worker.run(_never, once=True)
    world.books.catalog.move("scene", Move.ACCEPT, actor="rae")
    worker.run(_never, once=True)
    assert list(world.studio.verdicts) == [11]


def test_a_task_that_is_linked_later_gets_its_prediction(world, worker):
    worker.run(_never, once=True)
    link = world.books.bridge.links()[0]
    world.books.bridge.drop_link(link.project, link.task)
    world.books.bridge.put_link(Link(link.project, 99, "scene"))
    worker.run(_never, once=True)
    assert world.studio.predictions[99]


def test_a_label_studio_that_is_set_up_while_the_worker_runs_is_found(world):
    known = []
    worker = Worker(
        world.bench, reach=lambda: known[0] if known else None, model=lambda: world.model
    )
    worker.run(_never, once=True)
    assert not world.studio.predictions
    known.append(world.studio)
    worker.run(_never, once=True)
    assert set(world.studio.predictions) == {11, 21}


def test_a_worker_without_once_goes_on_until_it_is_stopped(world, hands):
    world.save(hands.without(world.shown(), 2))
    ended = threading.Event()
    worker = Worker(world.bench, reach=lambda: None, model=lambda: world.model)
    thread = threading.Thread(target=lambda: worker.run(ended.is_set))
    thread.start()
    try:
        for _ in range(400):
            if not world.books.bridge.waiting():
                break
            ended.wait(0.05)
        assert thread.is_alive()
    finally:
        ended.set()
        thread.join(20)
    assert not thread.is_alive()
    assert not world.books.bridge.waiting()


def test_patience_grows_up_to_a_bound_and_ends_with_the_first_success(clock):
    patience, pauses = Patience(now=clock), []
    assert patience.over("x")
    assert patience.bad("x")
    for _ in range(9):
        began = clock.now
        while not patience.over("x"):
            clock.now += 0.5
        pauses.append(clock.now - began)
        assert not patience.bad("x")
    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[-1]) == (FIRST, LAST)
    assert patience.over("y")
    assert patience.good("x")
    assert not patience.good("x")
    assert patience.bad("x")


def test_the_error_of_a_server_says_nothing_of_other_clips(world, clock):
    """Label Studio answers, refuses this clip's prediction, and is asked about it ever less often."""
    world.studio.gone = {11, 21}
    worker = Worker(world.bench, reach=lambda: world.studio, model=lambda: world.model, now=clock)
    for _ in range(120):
        clock.now += 1
        worker.run(_never, once=True)
    assert world.studio.asked.count("predict 11") <= 6
    with pytest.raises(ServerError):
        world.studio.replace_prediction(11, result=(), score=1.0)
