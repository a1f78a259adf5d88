"""Label Studio's brush is read without drawing the picture: runs along the rows, and how much each is painted."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from label_studio_sdk.converter.brush import decode_rle

from engine.datasets.label_studio_brush import alpha, alpha_runs
from engine.errors import InputError

LENGTHS = (3, 4, 8, 16)


def packed(values: list[int], cuts: list[int], *, width: int = 8) -> list[int]:
    """Write values in blocks that end at ``cuts``: a run where all of a block are equal, else one by one."""
    bits = f"{len(values):032b}{width - 1:05b}" + "".join(f"{n - 1:04b}" for n in LENGTHS)
    ends = sorted({cut for cut in cuts if 0 < cut < len(values)} | {len(values)})
    for start, stop in zip([0, *ends], ends, strict=False):
        block = values[start:stop]
        same = len(set(block)) == 1
        which = next(k for k, n in enumerate(LENGTHS) if len(block) <= 1 << n)
        bits += f"{same:d}{which:02b}{len(block) - 1:0{LENGTHS[which]}b}"
        bits += "".join(f"{value:0{width}b}" for value in (block[:1] if same else block))
    bits += "0" * (-len(bits) % 8)
    return [int(bits[k : k + 8], 2) for k in range(0, len(bits), 8)]


@given(
    arrays.arrays(np.uint8, st.tuples(st.integers(1, 6), st.integers(1, 6), st.just(4)), elements=st.sampled_from([0, 3, 128, 255])),
    st.lists(st.integers(0, 144)),
)  # fmt: skip
def test_any_blocks_of_runs_and_single_values_are_read_as_the_sdk_reads_them(picture, cuts):
    written = packed(picture.reshape(-1).tolist(), cuts)
    read = alpha(written, picture.shape[:2])
    assert (read == picture[..., 3]).all()
    assert (decode_rle(written).reshape(picture.shape)[..., 3] == read).all()


@given(st.integers(1, 7), st.data())
def test_values_of_fewer_bits_are_read_too(width, data):
    values = data.draw(st.lists(st.integers(0, (1 << width) - 1), min_size=24, max_size=24))
    read = alpha(packed(values, [5, 12], width=width), (2, 3))
    assert read.tolist() == np.array(values).reshape(2, 3, 4)[..., 3].tolist()


def test_the_runs_fill_the_picture_exactly():
    values = [0] * 8 + [255] * 4 + [0] * 12
    lengths, painted = alpha_runs(packed(values, [8, 12]), (2, 3))
    assert lengths.tolist() == [2, 1, 3]
    assert painted.tolist() == [0, 255, 0]


def test_a_large_picture_with_little_in_it_takes_little_memory():
    high, wide = 2160, 3840
    zeros = (high * wide * 4 - 4) // 65536
    rest = high * wide * 4 - 4 - zeros * 65536
    bits = f"{high * wide * 4:032b}{7:05b}" + "".join(f"{n - 1:04b}" for n in LENGTHS)
    bits += f"111{65535:016b}{0:08b}" * zeros + f"111{rest - 1:016b}{0:08b}100{3:03b}{255:08b}"
    bits += "0" * (-len(bits) % 8)
    written = [int(bits[k : k + 8], 2) for k in range(0, len(bits), 8)]
    tracemalloc.start()
    lengths, painted = alpha_runs(written, (high, wide))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (int(lengths.sum()), int(lengths[painted == 255].sum())) == (high * wide, 1)
    assert most < 1_000_000


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ([], "end too early"),
        ([0, 0, 0, 96], "end too early"),
        ([0, 0, 0, 8, *[255] * 20], "of 8 values .* expected 24"),
        ([300] * 20, "no list of bytes"),
        (["1"] * 20, "no list of bytes"),
        (packed([0] * 24, [])[:-1], "end too early"),
    ],
)
def test_what_is_no_such_list_is_refused(written, said):
    with pytest.raises(InputError, match=said):
        alpha_runs(written, (2, 3))


def test_a_block_that_reaches_beyond_the_picture_is_refused():
    bits = f"{24:032b}{7:05b}" + "".join(f"{n - 1:04b}" for n in LENGTHS) + f"110{39:08b}{0:08b}"
    bits += "0" * (-len(bits) % 8)
    written = [int(bits[k : k + 8], 2) for k in range(0, len(bits), 8)]
    with pytest.raises(InputError, match="more than 24 values"):
        alpha_runs(written, (2, 3))
