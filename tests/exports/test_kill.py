"""Whenever an export is killed, the old dataset or the new one is there, whole; the next run goes on; no process is left."""

import json
import multiprocessing
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from engine.errors import ExportError
from engine.ports import ExportItem
from engine.types import TrackMask
from exports import publish, staging
from exports.records import Record, write_record
from exports.registry import exporter
from exports.verify import verify

Content = Callable[[Path], dict[str, bytes]]
MakeItem = Callable[..., ExportItem]
MasksOf = Callable[[int], tuple[TrackMask, ...]]
Silent = Callable[[str, int, int], None]


class _Moments:
    """Counts the moments at which an export touches the disk, and kills its process at one of them."""

    EVENTS = frozenset(
        {
            "open",
            "os.mkdir",
            "os.link",
            "os.rename",
            "os.remove",
            "os.rmdir",
            "os.listdir",
            "os.scandir",
            "shutil.rmtree",
            "ctypes.dlsym",
        }
    )

    def __init__(self, last: int | None = None) -> None:
        self.last, self.passed = last, list[str]()

    def __call__(self, event: str, _arguments: tuple[object, ...]) -> None:
        if event in self.EVENTS:
            if len(self.passed) == self.last:
                os.kill(os.getpid(), signal.SIGKILL)
            self.passed.append(event)


def killed_at(moment: int | None, work: Callable[[], object]) -> list[str]:
    """Do the work in a process that is killed at a moment, if any; return the moments of one that was not."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        moments = _Moments(moment)
        sys.addaudithook(moments)
        work()
        os.write(writing, " ".join(moments.passed).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        said = pipe.read()
    assert os.waitpid(child, 0)[1] == (signal.SIGKILL if moment is not None else 0)
    return said.split()


def chosen(moments: list[str], dice: random.Random) -> list[int]:
    """Return moments to die at: before and after each rename or swap, and some at random."""
    turns = [k for k, event in enumerate(moments) if event in {"os.rename", "ctypes.dlsym"}]
    about = {k + step for k in turns[-4:] for step in (0, 1, 3)}
    last = len(moments) - 1
    return sorted({*(min(k, last) for k in about), *dice.sample(range(last), 8)})


@pytest.fixture(params=["in one step", "by two renames"])
def _way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put datasets in place as this file system can, and as those do that cannot swap folders."""
    if request.param == "by two renames":
        monkeypatch.setattr(staging, "exchange", lambda *_: False)


@pytest.mark.slow
@pytest.mark.usefixtures("_way")
@pytest.mark.parametrize("name", ["sav"])
def test_killed_at_any_moment_the_old_dataset_or_the_new_one_is_there_whole(
    name: str,
    game: list[ExportItem],
    real_item: MakeItem,
    masks_of: MasksOf,
    tmp_path: Path,
    silent: Silent,
    content: Content,
) -> None:
    out, place = tmp_path / "place/out", tmp_path / "place"
    newer = [game[0], real_item("game-1", start=10, revision=8, masks=lambda k: masks_of(k)[:2])]

    def publish(items: list[ExportItem]) -> None:
        exporter(name)(items, out, progress=silent)

    states = {}
    for which in (newer, game[:2]):
        publish(which)
        states[len(states)] = which, content(out)
    moments = chosen(killed_at(None, lambda: publish(newer)), random.Random(name))
    assert len(moments) >= 15
    for turn, moment in enumerate(moments):  # from new to old, from old to new, and so on
        items, expected = states[(turn + 1) % 2]
        killed_at(moment, lambda: publish(items))  # noqa: B023 - called at once
        there = out if out.exists() else place / ".out.old"  # where folders cannot be swapped
        assert content(there) in (states[0][1], states[1][1])
        assert verify(there).failures == ()
        publish(items)
        assert content(out) == expected
        assert [path.name for path in place.iterdir()] == ["out"]


def running() -> list[int]:
    """Return the children that still run; the pool's thread may have collected some that are still listed."""
    found = []
    for child in multiprocessing.active_children():
        with suppress(ProcessLookupError):
            os.kill(child.pid, 0)
            found.append(child.pid)
    return found


@pytest.mark.parametrize("name", ["sav", "davis"])
def test_a_worker_that_is_killed_changes_nothing_and_the_next_run_goes_on(
    name: str,
    game: list[ExportItem],
    real_item: MakeItem,
    tmp_path: Path,
    silent: Silent,
    content: Content,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    game += [real_item(f"game-{n}", start=n) for n in range(3, 8)]
    expected = content(exporter(name)(game, tmp_path / "at-once", progress=silent).out)
    out = exporter(name)(game[:1], tmp_path / "out", progress=silent).out
    before = content(out)

    def write_and_kill(aside: Path, record: Record) -> None:
        write_record(aside, record)
        os.kill(multiprocessing.active_children()[0].pid, signal.SIGKILL)

    monkeypatch.setattr(publish, "write_record", write_and_kill)
    with pytest.raises(ExportError, match="a worker process died"):
        exporter(name, workers=2)(game, out, progress=silent)
    monkeypatch.undo()
    assert content(out) == before
    assert running() == []
    done = [path.name.split(".")[0] for path in (tmp_path / ".out.work").glob("*.record.json")]
    assert done
    assert exporter(name)(game, out, progress=silent).reused >= len(done)
    assert content(out) == expected


@pytest.mark.parametrize("error", [KeyboardInterrupt, ZeroDivisionError])
def test_what_stops_an_export_with_workers_leaves_none_of_them(
    error: type[BaseException], game: list[ExportItem], tmp_path: Path
) -> None:
    def stop(_clip: str, done: int, _total: int) -> None:
        if done >= 8:
            raise error

    with pytest.raises(error):
        exporter("sav", workers=2)(game, tmp_path / "out", progress=stop)
    assert running() == []
    left = sorted(path.name for path in tmp_path.iterdir())
    assert left == ([".out.partial", ".out.work"] if error is KeyboardInterrupt else [])


def test_what_stops_a_verification_with_workers_leaves_none_of_them(
    game: list[ExportItem], tmp_path: Path, silent: Silent
) -> None:
    out = exporter("sav")(game, tmp_path / "out", progress=silent).out

    def stop(_clip: str, _done: int, _total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt) as caught:
        verify(out, workers=2, progress=stop)
    assert caught.value  # its traceback holds on to every frame, and to no worker
    assert running() == []


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "engine.cli", *words]


def group(leader: int) -> list[int]:
    """Return the processes that still run of those that a terminal's Ctrl-C would reach."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, its_group = stat.read_text().rpartition(")")[2].split()[:3]
        except FileNotFoundError:
            continue
        if int(its_group) == leader and state != "Z":
            found.append(int(stat.parent.name))
    return found


def empty(leader: int) -> bool:
    """Say whether all of a group end by themselves within seconds."""
    for _ in range(200):
        if not group(leader):
            return True
        time.sleep(0.05)
    return False


def hearing() -> None:
    """Hear Ctrl-C: a shell's background jobs begin without it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.fixture(scope="module")
def at_once(workspace: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return what the real program writes when nobody disturbs it."""
    out = tmp_path_factory.mktemp("at-once") / "sav"
    words = command("export", "--format", "sav", str(out), "--workers", "1")
    subprocess.run(words, env=workspace, check=True, capture_output=True)
    return out


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks processes up in /proc")
@pytest.mark.parametrize(
    ("how", "to_all"),
    [
        (signal.SIGINT, True),  # Ctrl-C at the terminal
        (signal.SIGINT, False),
        (signal.SIGTERM, False),
        (signal.SIGKILL, False),
    ],
)
def test_the_real_program_leaves_no_process_and_goes_on_where_it_was(
    how: signal.Signals,
    to_all: bool,  # noqa: FBT001 - a parameter
    workspace: dict[str, str],
    at_once: Path,
    tmp_path: Path,
    content: Content,
) -> None:
    words = command("export", "--format", "sav", str(tmp_path / "out"), "--workers", "3")
    with subprocess.Popen(
        words,
        env=workspace,
        stderr=subprocess.PIPE,
        start_new_session=True,
        preexec_fn=hearing,  # noqa: PLW1509 - nothing else runs in this process yet
    ) as program:
        while not list(tmp_path.glob(".out.work/*.record.json")) and program.poll() is None:
            time.sleep(0.005)
        (os.killpg if to_all else os.kill)(program.pid, how)
        said = program.communicate(timeout=60)[1].decode()
    assert empty(program.pid)
    assert program.returncode != 0
    assert "Traceback" not in said
    assert not (tmp_path / "out").exists()
    assert list(tmp_path.glob(".out.work/*.record.json"))
    again = subprocess.run([*words, "--json"], env=workspace, check=True, capture_output=True)
    assert json.loads(again.stdout)["reused"] >= 1
    assert content(tmp_path / "out") == content(at_once)
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
