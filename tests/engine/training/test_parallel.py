"""One process is a team of one; torchrun makes larger ones, which share gradients and decisions and write once."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch import nn

from engine.errors import SettingsError
from engine.training.parallel import Team, agreed, team, together


def test_one_process_leads_itself() -> None:
    with team("cpu") as members:
        assert members == Team(0, 1, torch.device("cpu"))
        assert members.leads


def test_alone_nothing_is_wrapped_and_everything_agreed() -> None:
    network = nn.Linear(2, 2)
    with team("cpu") as members:
        assert together(network, members) is network
        assert agreed(members, 3.0, 0.0) == (3.0, 0.0)


def test_auto_is_a_gpu_where_there_is_one() -> None:
    with team("auto") as members:
        assert members.device.type == ("cuda" if torch.cuda.is_available() else "cpu")


def test_a_device_that_does_not_exist_is_refused_with_the_choice() -> None:
    with pytest.raises(SettingsError, match="choose auto, cpu or cuda"), team("toaster"):
        pass


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a GPU")
def test_a_gpu_that_is_not_there_is_refused_with_what_works() -> None:
    with pytest.raises(SettingsError, match="no GPU"), team("cuda"):
        pass


def torchrun(*words: str) -> subprocess.CompletedProcess[str]:
    """Start two processes on this machine."""
    return subprocess.run(
        [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", *words],
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )  # fmt: skip


@pytest.mark.slow
def test_two_processes_end_a_step_with_equal_gradients_from_different_batches(
    discs: Path, tmp_path: Path
) -> None:
    script = Path(__file__).with_name("share_gradients.py")
    done = torchrun(str(script), str(discs), str(tmp_path))
    assert done.returncode == 0, done.stderr
    first, second = (torch.load(tmp_path / f"{rank}.pt", weights_only=True) for rank in (0, 1))
    assert first["batch"] != second["batch"]
    assert first["said"] == second["said"] == (10.0, 0.5)
    assert set(first["gradients"]) == set(second["gradients"])
    for name, gradient in first["gradients"].items():
        assert torch.equal(gradient, second["gradients"][name]), name
    assert max(float(g.abs().max()) for g in first["gradients"].values()) > 0


@pytest.mark.slow
def test_two_processes_train_into_one_run_with_one_answer_and_go_on(
    discs: Path, tmp_path: Path
) -> None:
    words = ["-m", "engine.cli", "train", "segmenter", "--data", str(discs), "--out", str(tmp_path / "run"),
             "--batch", "2", "--frames", "2", "--workers", "0", "--threads", "1", "--device", "cpu"]  # fmt: skip
    done = torchrun(*words, "--steps", "2")
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("2 processes, cpu") == 1
    assert done.stdout.count("engine models use") == 1
    assert [path.name for path in (tmp_path / "run").glob("*.pt*")] == ["last.pt"]
    assert torch.load(tmp_path / "run" / "last.pt", weights_only=True)["step"] == 2
    done = torchrun(*words, "--steps", "3", "--resume")
    assert done.returncode == 0, done.stderr
    assert "from step 2" in done.stderr
