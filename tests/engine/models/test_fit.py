"""Tensors are compared with a network by name and shape, and recognised by what only one model has."""

import pytest
import torch

from engine.models.catalogue import OFFICIAL
from engine.models.checkpoints import build_official
from engine.models.fit import DETECTOR, UNKNOWN, Misfit, compare, fill, recognise


def net() -> torch.nn.Module:
    torch.manual_seed(3)
    return torch.nn.Linear(3, 2)


def test_a_networks_own_tensors_fit() -> None:
    assert not compare(net().state_dict(), net())


def test_filling_puts_every_tensor_in_its_place_in_full_precision() -> None:
    given = {"weight": torch.ones(2, 3, dtype=torch.float16), "bias": torch.zeros(2)}
    network = net()
    assert not fill(network, given)
    assert network.weight.dtype == torch.float32
    assert torch.equal(network.weight, torch.ones(2, 3))


def test_what_does_not_fit_is_named_and_the_network_is_left_alone() -> None:
    network, before = net(), net().weight
    misfit = fill(network, {"weight": torch.ones(2, 5), "scale": torch.ones(1)})
    assert misfit == Misfit(("bias",), ("scale",), ("weight is [2, 5], expected [2, 3]",))
    assert torch.equal(network.weight, before)


def test_whole_numbers_where_a_network_computes_with_fractions_do_not_fit() -> None:
    network = net()
    quantised = {"weight": torch.ones(2, 3, dtype=torch.int8), "bias": torch.zeros(2)}
    said = str(fill(network, quantised))
    assert said == "1 of other numbers (weight is int8, expected floating point)"
    assert torch.equal(network.weight, net().weight)


def test_a_misfit_counts_and_names_the_first_few() -> None:
    said = str(Misfit(missing=tuple("abcde"), shapes=("w is [1], expected [2]",)))
    assert said == "5 missing (a, b, c, and 2 more); 1 of another shape (w is [1], expected [2])"


def test_sam_2_0_is_told_from_2_1() -> None:
    assert "SAM 2.0" in str(Misfit(missing=("no_obj_embed_spatial",)))
    assert "SAM 2.0" not in str(Misfit(missing=("no_obj_embed_spatial", "no_mem_embed")))


def test_a_nano_and_a_detector_are_recognised(nano_weights: dict[str, torch.Tensor]) -> None:
    assert recognise(nano_weights) == "nano"
    assert recognise({"model.0.conv.weight": torch.zeros(1)}) == DETECTOR


@pytest.mark.parametrize(
    "tensors",
    [
        {},
        {"layer.weight": torch.zeros(1)},
        {"image_encoder.trunk.patch_embed.proj.weight": torch.zeros(77, 3, 7, 7)},
    ],
)
def test_anything_else_is_unknown(tensors: dict[str, torch.Tensor]) -> None:
    assert recognise(tensors) == UNKNOWN


@pytest.mark.slow
@pytest.mark.parametrize("name", OFFICIAL)
def test_every_official_model_is_recognised_by_its_own_tensors(name: str) -> None:
    assert recognise(build_official(name).state_dict()) == name
