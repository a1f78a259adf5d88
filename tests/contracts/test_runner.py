"""What every Runner does: each item once, errors by item, nothing left behind."""

import os
import time
from pathlib import Path

import pytest

from engine.adapters.run_local import LocalRunner
from engine.errors import EngineError, SettingsError, VideoError
from engine.fakes.runner import SerialRunner
from engine.ports import Runner

RUNNERS: dict[str, Runner] = {
    "serial": SerialRunner(),
    "one": LocalRunner(1),
    "three": LocalRunner(3),
}


@pytest.fixture(params=list(RUNNERS))
def runner(request: pytest.FixtureRequest) -> Runner:
    return RUNNERS[request.param]


@pytest.fixture(autouse=True)
def importable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let fresh processes import the work below, as they can import any installed module."""
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2]))


def double(item: int) -> int:
    return 2 * item


def picky(item: int) -> int:
    if item == 2:
        raise VideoError("clip 2 does not decode")
    return item


def mark(item: tuple[str, int]) -> int:
    folder, number = item
    path = Path(folder) / str(number)
    if path.exists():
        return 0
    path.write_text("done")
    return 1


def die(item: int) -> int:
    if item == 2:
        os._exit(9)
    return item


def sleepy(item: tuple[str, float]) -> str:
    Path(item[0]).write_text(str(os.getpid()))
    time.sleep(item[1])
    return item[0]


class Stubborn(Exception):  # noqa: N818
    """Cannot be rebuilt from its arguments."""

    def __init__(self, what: str, why: str) -> None:
        super().__init__(f"{what}: {why}")


def stubborn(_: int) -> int:
    raise Stubborn("clip", "odd")


def unsendable(_: int) -> object:
    return lambda: None


def test_every_item_comes_back_once_with_its_result(runner: Runner) -> None:
    assert sorted(runner.map(double, [3, 1, 2])) == [(1, 2), (2, 4), (3, 6)]


def test_no_items_give_no_results(runner: Runner) -> None:
    assert list(runner.map(double, [])) == []


def test_an_error_belongs_to_its_item_and_stops_no_other(runner: Runner) -> None:
    results = dict(runner.map(picky, [1, 2, 3]))
    assert (results[1], results[3]) == (1, 3)
    assert isinstance(results[2], VideoError)
    assert "does not decode" in str(results[2])


def test_work_that_is_idempotent_by_item_is_taken_up_by_running_it_again(
    runner: Runner, tmp_path: Path
) -> None:
    items = [(str(tmp_path), number) for number in range(3)]
    results = runner.map(mark, items)
    next(results)
    results.close()  # type: ignore[attr-defined]  # a generator
    list(runner.map(mark, items))
    assert all((tmp_path / str(number)).exists() for number in range(3))
    assert [result for _, result in runner.map(mark, items)] == [0, 0, 0]


def test_a_process_that_dies_is_the_error_of_its_item_only() -> None:
    results = dict(LocalRunner(2).map(die, [1, 2, 3]))
    assert (results[1], results[3]) == (1, 3)
    assert isinstance(results[2], EngineError)
    assert "exit status 9" in str(results[2])


def test_an_error_that_cannot_travel_still_says_what_happened() -> None:
    ((_, error),) = LocalRunner().map(stubborn, [1])
    assert "clip: odd" in str(error)
    ((_, unsent),) = LocalRunner().map(unsendable, [1])
    assert "cannot be sent back" in str(unsent)


def test_leaving_the_loop_ends_the_processes(tmp_path: Path) -> None:
    slow, quick = tmp_path / "slow", tmp_path / "quick"
    results = LocalRunner(2).map(sleepy, [(str(slow), 60.0), (str(quick), 3.0)])
    next(results)
    pid = int(slow.read_text())
    results.close()  # type: ignore[attr-defined]  # a generator
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_runner_without_workers_is_refused() -> None:
    with pytest.raises(SettingsError, match="workers=0"):
        LocalRunner(0)
