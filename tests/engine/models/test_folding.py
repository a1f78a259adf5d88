"""A folded network draws what the network draws that it was made from."""

import pytest
import torch
from torch import nn

from engine.models import memory
from engine.models.folding import folded
from engine.models.nano import SIDE, build_nano


@pytest.fixture(scope="module")
def network():
    """Return a nano whose normalisations do something, as after a training."""
    torch.manual_seed(3)
    model = build_nano().eval()
    for part in model.modules():
        if isinstance(part, nn.BatchNorm2d):
            part.running_mean.uniform_(-0.2, 0.2)
            part.running_var.uniform_(0.5, 2.0)
            part.weight.data.uniform_(0.5, 1.5)
            part.bias.data.uniform_(-0.2, 0.2)
    return model


@pytest.fixture(scope="module")
def quick(network):
    return folded(network)


def _windows(count):
    made = torch.Generator().manual_seed(count)
    return torch.randint(0, 256, (count, 3, SIDE, SIDE), dtype=torch.uint8, generator=made)


@pytest.mark.parametrize("count", [1, 2, 5])
def test_the_features_are_the_same_but_for_rounding(network, quick, count):
    with torch.inference_mode():
        before, after = (memory.encode(one, _windows(count)) for one in (network, quick))
    for level, same in zip(before.levels, after.levels, strict=True):
        torch.testing.assert_close(same, level, rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(after.position, before.position)


def test_a_click_comes_to_the_same_mask(network, quick):
    clicks = torch.tensor([[[48.0, 48.0]]]), torch.ones(1, 1, dtype=torch.int32)
    drawn = []
    with torch.inference_mode():
        for one in (network, quick):
            features = memory.encode(one, _windows(1))
            lit = memory.begin(one, features)
            drawn.append(memory.decode(one, lit, features, clicks=clicks, first=True).low)
    torch.testing.assert_close(drawn[1], drawn[0], rtol=1e-3, atol=1e-3)


def test_no_normalisation_is_left_in_the_trunk(quick):
    kinds = {type(part) for part in quick.image_encoder.trunk.modules()}
    assert nn.BatchNorm2d not in kinds


def test_the_network_itself_is_left_as_it_was(network):
    before = {name: value.clone() for name, value in network.state_dict().items()}
    folded(network)
    after = network.state_dict()
    assert before.keys() == after.keys()
    assert all(torch.equal(before[name], after[name]) for name in before)


def test_a_network_with_another_trunk_is_returned_as_it_is():
    class Other(nn.Module):
        def __init__(self):
            super().__init__()
            self.image_encoder = nn.Module()
            self.image_encoder.trunk = nn.Conv2d(3, 4, 3)

    other = Other()
    assert folded(other) is other
