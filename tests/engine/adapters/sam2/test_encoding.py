"""Windows are encoded once; what comes back is what the encoder would say anew."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.adapters.sam2.encoding import Encoder
from engine.models import memory

SIDE = 128


def _window(number):
    made = torch.Generator().manual_seed(number)
    return torch.randint(0, 256, (3, SIDE, SIDE), dtype=torch.uint8, generator=made)


def _windows(*numbers):
    return torch.stack([_window(number) for number in numbers])


@pytest.fixture(scope="module")
def model(build):
    return build()


@pytest.fixture
def encoded(monkeypatch):
    """Return a list of how many windows each call of the network took."""
    batches, real = [], memory.encode

    def noted(model, pictures):
        batches.append(len(pictures))
        return real(model, pictures)

    monkeypatch.setattr(memory, "encode", noted)
    return batches


def _same(features, others):
    for one, other in zip(features.levels, others.levels, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-4)


def test_a_window_seen_again_is_not_encoded_again(model, encoded):
    encoder = Encoder(model)
    first = encoder.encode(_windows(1), keep=[True])
    again = encoder.encode(_windows(1), keep=[True])
    assert encoded == [1]
    assert all(torch.equal(a, b) for a, b in zip(first.levels, again.levels, strict=True))


def test_only_what_is_new_of_a_batch_is_encoded(model, encoded):
    encoder = Encoder(model)
    encoder.encode(_windows(1, 2), keep=[True, True])
    encoder.encode(_windows(2, 3, 1, 4), keep=[True] * 4)
    assert encoded == [2, 2]


def test_one_pixel_makes_another_window(model, encoded):
    encoder, seen = Encoder(model), _windows(1)
    encoder.encode(seen, keep=[True])
    other = seen.clone()
    other[0, 0, 0, 0] ^= 1
    encoder.encode(other, keep=[True])
    assert encoded == [1, 1]


def test_what_will_not_come_again_is_not_kept(model, encoded):
    encoder = Encoder(model)
    encoder.encode(_windows(1), keep=[False])
    encoder.encode(_windows(1), keep=[True])
    encoder.encode(_windows(1), keep=[True])
    assert encoded == [1, 1]


def test_the_windows_asked_for_longest_ago_are_let_go(model, encoded):
    encoder = Encoder(model, limit=2)
    for number in (1, 2, 1, 3):
        encoder.encode(_windows(number), keep=[True])
    encoder.encode(_windows(1), keep=[True])
    assert encoded == [1, 1, 1]
    encoder.encode(_windows(2), keep=[True])
    assert encoded == [1, 1, 1, 1]


@settings(max_examples=15, deadline=None)
@given(
    batches=st.lists(
        st.lists(st.tuples(st.integers(0, 4), st.booleans()), min_size=1, max_size=4),
        min_size=1,
        max_size=4,
    )
)
def test_features_are_those_of_the_network_row_by_row_whatever_is_kept(model, batches):
    encoder = Encoder(model, limit=3)
    with torch.inference_mode():
        for batch in batches:
            seen = _windows(*(number for number, _ in batch))
            features = encoder.encode(seen, keep=[keep for _, keep in batch])
            _same(features, memory.encode(model, seen))
