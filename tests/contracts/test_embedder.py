"""What every Embedder does: one vector of length 1 a picture, whatever stands beside it; alike for pictures that are."""

from functools import cache
from pathlib import Path

import numpy as np
import pytest

from engine.fakes.embedder import TinyEmbedder
from engine.fakes.scene import Disc, Scene, rests
from engine.ports import Embedder
from engine.types import FrameBatch, Image


def table(*places: tuple[int, int]) -> Image:
    """Return a picture of balls at some places."""
    discs = [Disc((230, 230, 230), "cue", rests(x, y), radius=9) for x, y in places]
    scene = Scene(discs, 1, width=320, height=180)
    return scene.paint(scene.clip, 0)


HERE, THERE = table((40, 40), (200, 120), (280, 60)), table((120, 150), (60, 90), (250, 30))


def balls() -> Embedder:
    """Return the bundled network's."""
    from engine.adapters.embed_balls import BallEmbedder  # noqa: PLC0415 - torch is slow to import
    from engine.models.yolo import BUNDLED  # noqa: PLC0415

    if not Path(BUNDLED).is_file():
        pytest.skip(f"no weights at {BUNDLED}: train the detector first")
    return BallEmbedder()


MAKERS = {"tiny": cache(TinyEmbedder), "balls": cache(balls)}


@pytest.fixture(params=["tiny", pytest.param("balls", marks=pytest.mark.slow)])
def embedder(request: pytest.FixtureRequest) -> Embedder:
    return MAKERS[request.param]()


def vectors(embedder: Embedder, *pictures: Image) -> np.ndarray:
    return embedder.embed(FrameBatch(0, np.stack(pictures)))


def test_every_picture_has_a_vector_of_length_1(embedder: Embedder) -> None:
    found = vectors(embedder, HERE, THERE, np.zeros_like(HERE), np.full_like(HERE, 255))
    assert found.shape == (4, embedder.dim)
    assert found.dtype == np.float32
    assert np.allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)


def test_a_picture_is_seen_the_same_alone_and_in_company(embedder: Embedder) -> None:
    together = vectors(embedder, HERE, THERE)
    assert np.allclose(vectors(embedder, THERE)[0], together[1], atol=1e-6)


def test_a_darker_copy_is_nearer_than_another_picture(embedder: Embedder) -> None:
    here, darker, there = vectors(embedder, HERE, (HERE * 0.8).astype(np.uint8), THERE)
    assert here @ darker > 0.9 > here @ there


def test_a_picture_at_another_scale_is_nearer_than_another_picture(embedder: Embedder) -> None:
    (larger,) = vectors(embedder, HERE.repeat(2, axis=0).repeat(2, axis=1))
    here, there = vectors(embedder, HERE, THERE)
    assert here @ larger > 0.9 > here @ there


def test_pictures_of_any_size_have_vectors(embedder: Embedder) -> None:
    for shape in ((1, 1, 3), (5, 40, 3), (33, 2, 3)):
        assert np.isfinite(vectors(embedder, np.full(shape, 9, np.uint8))).all()


def test_the_name_is_the_same_each_time_and_tells_embedders_apart(embedder: Embedder) -> None:
    assert embedder.name
    assert embedder.name == type(embedder)().name
    assert TinyEmbedder(4).name != TinyEmbedder(8).name != MAKERS["balls"]().name
