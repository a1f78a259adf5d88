"""Work on many clips in processes: every result, progress heard, and no process left whatever happens."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from engine.errors import ExportError, VideoError
from engine.ports import ExportItem
from exports.crew import Progress, _Context, crew
from exports.registry import FORMATS, exporter
from exports.staging import Unfinished

Content = Callable[[Path], dict[str, bytes]]

# What a worker does must be found by its name in another process, and a test module has none there: hence this one.
TASKS = """
import os, signal, time
from pathlib import Path
from engine.errors import VideoError


def double(task, progress):
    for done in range(1, 21):
        progress(str(task), done, 20)
    return 2 * task


def fail(task, progress):
    raise VideoError(f"{task}: does not decode")


def die(task, progress):
    if task == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    return task


def linger(task, progress):
    (Path(task) / str(os.getpid())).touch()
    for done in range(2000):
        progress("linger", done, 2000)
        time.sleep(0.02)
"""


@pytest.fixture
def tasks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    (tmp_path / "crew_tasks.py").write_text(TASKS)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    import crew_tasks  # noqa: PLC0415 - it was just written

    yield crew_tasks
    del sys.modules["crew_tasks"]


def silent(_clip: str, _done: int, _total: int) -> None:
    """Take progress and show nothing."""


def alive(pid: int) -> bool:
    """Say whether a process still runs; one that waits to be collected does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_for(folder: Path, count: int) -> list[int]:
    """Return the processes that have said in ``folder`` that they work, when there are so many."""
    for _ in range(600):
        if len(found := [int(path.name) for path in folder.iterdir()]) >= count:
            return found
        time.sleep(0.05)
    raise AssertionError("the workers did not begin")


def gone(processes: list[int]) -> bool:
    """Say whether processes end by themselves within seconds."""
    for _ in range(200):
        if not any(alive(pid) for pid in processes):
            return True
        time.sleep(0.05)
    return False


def test_one_worker_is_this_process() -> None:
    def work(task: int, progress: Progress) -> tuple[int, int]:
        progress(str(task), 1, 1)
        return task, os.getpid()

    told: list[tuple[str, int, int]] = []
    done = crew(work, range(3), workers=1, progress=lambda *line: told.append(line))
    assert list(done) == [(k, os.getpid()) for k in range(3)]
    assert told == [("0", 1, 1), ("1", 1, 1), ("2", 1, 1)]


def test_nothing_to_do_is_done_at_once() -> None:
    assert list(crew(len, [], workers=1, progress=silent)) == []


def test_one_worker_takes_a_task_up_only_when_the_result_before_was_taken() -> None:
    taken: list[int] = []
    done = crew(lambda task, _: task, (taken.append(k) or k for k in range(9)), workers=1, progress=silent)  # fmt: skip
    next(done)
    assert taken == [0]


def test_every_result_comes_and_progress_is_heard(tasks: object) -> None:
    told: list[tuple[str, int, int]] = []
    done = crew(tasks.double, range(6), workers=2, progress=lambda *line: told.append(line))
    assert sorted(done) == [0, 2, 4, 6, 8, 10]
    assert sorted(told) == sorted((str(k), at, 20) for k in range(6) for at in (8, 16, 20))


def test_few_tasks_wait_beside_those_in_work(tasks: object) -> None:
    taken: list[int] = []
    with closing(
        crew(tasks.double, (taken.append(k) or k for k in range(50)), workers=2, progress=silent)
    ) as done:
        next(done)
        assert len(taken) == 3


def test_an_error_in_a_worker_is_raised_here(tasks: object) -> None:
    with pytest.raises(VideoError, match="0: does not decode"):
        list(crew(tasks.fail, [0], workers=2, progress=silent))


def test_a_dead_worker_leaves_the_work_unfinished_and_says_what_to_do(tasks: object) -> None:
    with pytest.raises(Unfinished, match="use fewer --workers") as caught:
        list(crew(tasks.die, range(4), workers=2, progress=silent))
    assert isinstance(caught.value, ExportError)


@pytest.mark.parametrize("error", [KeyboardInterrupt, ZeroDivisionError])
def test_what_progress_raises_ends_the_work_and_is_raised_here(
    error: type[BaseException], tasks: object, tmp_path: Path
) -> None:
    (tmp_path / "at-work").mkdir()

    def refuse(*_: object) -> None:
        wait_for(tmp_path / "at-work", 2)
        raise error

    with pytest.raises(error):
        list(crew(tasks.linger, [str(tmp_path / "at-work")] * 4, workers=2, progress=refuse))
    assert gone([int(path.name) for path in (tmp_path / "at-work").iterdir()])


def test_no_worker_is_left_when_nobody_wants_the_results(tasks: object, tmp_path: Path) -> None:
    (tmp_path / "at-work").mkdir()

    def endless() -> Iterator[str]:
        yield from [str(tmp_path / "at-work")] * 2
        wait_for(tmp_path / "at-work", 2)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        list(crew(tasks.linger, endless(), workers=2, progress=silent))
    assert gone([int(path.name) for path in (tmp_path / "at-work").iterdir()])


def test_a_process_that_its_pool_never_heard_of_is_ended_too() -> None:
    context = _Context()
    context.Process()  # made, and Ctrl-C came before it was started
    context.Process(target=time.sleep, args=(600,)).start()
    process = context.made[-1].pid
    assert alive(process)
    context.kill()
    assert gone([process])


SCRIPT = """
import signal
import sys
from crew_tasks import linger
from exports.crew import crew

if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs begin without it
    list(crew(linger, [sys.argv[1]] * 4, workers=2, progress=lambda *_: None))
"""


@pytest.mark.usefixtures("tasks")
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_workers_end_with_the_process_that_started_them(
    how: signal.Signals, tmp_path: Path
) -> None:
    (tmp_path / "at-work").mkdir()
    (tmp_path / "script.py").write_text(SCRIPT)
    command = [sys.executable, str(tmp_path / "script.py"), str(tmp_path / "at-work")]
    env = {**os.environ, "PYTHONPATH": f"{tmp_path}:{Path(__file__).parents[2]}"}
    with subprocess.Popen(
        command, env=env, stderr=subprocess.PIPE, start_new_session=True
    ) as parent:
        workers = wait_for(tmp_path / "at-work", 2)
        if how is signal.SIGINT:  # Ctrl-C goes to everybody at the terminal
            os.killpg(parent.pid, how)
        else:
            parent.send_signal(how)
        said = parent.communicate(timeout=60)[1].decode()
    assert parent.returncode != 0
    assert gone(workers)
    assert said.count("Traceback") <= 1  # none of the workers'


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_three_workers_write_what_one_does(
    name: str, game: list[ExportItem], tmp_path: Path, content: Content
) -> None:
    one = exporter(name)(game, tmp_path / "one", progress=silent)
    three = exporter(name, workers=3)(game, tmp_path / "three", progress=silent)
    assert content(three.out) == content(one.out)
    assert replace(three, out=one.out) == one


def test_workers_name_clips_whose_video_is_gone_and_write_the_others(
    game: list[ExportItem], real_item: Callable[..., ExportItem], tmp_path: Path, content: Content
) -> None:
    (tmp_path / "text.mp4").write_text("no video")
    bad = [real_item(f"bad-{k}", media=tmp_path / k) for k in ("gone", "lost")]
    bad += [real_item("bad-text", media=tmp_path / "text.mp4")]
    report = exporter("sav", workers=3)([*bad, *game], tmp_path / "out", progress=silent)
    alone = exporter("sav")(game, tmp_path / "alone", progress=silent)
    for clip in bad:
        assert any(note.startswith(f"{clip.clip.id}: {clip.clip.media}") for note in report.notes)
    told = {"engine.json", "manifest.json", "README.md"}  # they say what is left out
    assert {k: v for k, v in content(report.out).items() if k not in told} == {
        k: v for k, v in content(alone.out).items() if k not in told
    }
