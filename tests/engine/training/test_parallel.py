"""One process is a team of one: it leads, computes on the device named and shares nothing."""

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
