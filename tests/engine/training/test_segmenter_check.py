"""The check follows balls as the engine does and tells good weights from bad ones."""

import json
import math
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from engine.datasets import read_dataset
from engine.models import memory
from engine.models.memory import Drawn, Features
from engine.models.nano import SIDE, build_nano
from engine.training import segmenter_check
from engine.training.segmenter_check import Score, check, held_out
from engine.training.segmenter_films import Ball, Film, read_film

CONTEXT = 3.5


@pytest.fixture
def film(discs: Path) -> Film:
    return read_film(read_dataset(discs)[0], start=0, length=6)


def colour_reader(shade: tuple[int, int, int]) -> Any:
    """Return a decoder that draws every pixel of one colour: the truth, for discs of known colour."""

    def decode(model: Any, _lit: Any, _features: Features, **_: Any) -> Drawn:
        pictures = model.seen
        off = (pictures.float() - torch.tensor(shade).view(3, 1, 1)).abs().amax(1, keepdim=True)
        low = torch.where(off < 60, 9.0, -9.0)
        there = (low > 0).flatten(1).any(1, keepdim=True)
        score = torch.where(there, 9.0, -9.0)
        rows = len(pictures)
        return Drawn(low, torch.zeros(rows, 128), score, torch.ones(rows, 1))

    return decode


@pytest.fixture
def sighted(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a network that draws what is red, whatever it is asked."""
    model: Any = build_nano().eval()
    real = memory.encode

    def encode(network: Any, pictures: torch.Tensor) -> Features:
        network.seen = pictures
        return real(network, pictures)

    monkeypatch.setattr(memory, "encode", encode)
    monkeypatch.setattr(memory, "decode", colour_reader((230, 40, 40)))
    return model


def only(film: Film, track: int) -> Film:
    return Film(film.pictures, film.numbers, [{track: row[track]} for row in film.balls])


def test_masks_that_are_right_score_near_one_everywhere(sighted: Any, film: Film) -> None:
    score = check(sighted, [only(film, 1)], context=CONTEXT)
    assert score.balls == 1
    assert min(score.box, score.click, score.last) > 0.85
    assert (score.lost, score.jumps) == (0.0, 0.0)
    assert math.isnan(score.gone)


def test_a_mask_on_another_ball_is_a_jump(sighted: Any, film: Film) -> None:
    exchanged: list[Mapping[int, Ball]] = [{1: film.balls[0][1]}]
    exchanged += [{2: row[1]} for row in film.balls[1:]]
    score = check(sighted, [Film(film.pictures, film.numbers, exchanged)], context=CONTEXT)
    assert score.jumps == 1.0
    assert score.gone == 0.0
    assert score.gone_frames == 5


def test_a_ball_that_has_left_is_rightly_called_gone(sighted: Any, film: Film) -> None:
    pictures = [film.pictures[0], *(np.full_like(p, 90) for p in film.pictures[1:])]
    left: list[Mapping[int, Ball]] = [{1: film.balls[0][1]}, *({} for _ in film.balls[1:])]
    score = check(sighted, [Film(pictures, film.numbers, left)], context=CONTEXT)
    assert score.gone == 1.0
    assert math.isnan(score.last)


def test_a_ball_that_is_called_gone_while_it_is_there_is_lost(sighted: Any, film: Film) -> None:
    pictures = [film.pictures[0], *(np.full_like(p, 90) for p in film.pictures[1:])]
    score = check(sighted, [Film(pictures, film.numbers, only(film, 1).balls)], context=CONTEXT)
    assert (score.lost, score.last) == (1.0, 0.0)


def test_random_weights_score_badly_but_are_followed_to_the_end(film: Film) -> None:
    torch.manual_seed(0)
    score = check(
        build_nano(), [film, Film(film.pictures, film.numbers, [{}] * 6)], context=CONTEXT
    )
    assert score.balls == 2
    assert score.box < 0.6
    assert 0 <= score.lost <= 1


def test_held_out_clips_begin_with_their_first_frames(discs: Path) -> None:
    films = list(held_out(discs, frames=5, clips=2))
    assert [list(one.numbers) for one in films] == [[0, 1, 2, 3, 4]] * 2


def test_what_is_remembered_is_what_the_engine_remembers() -> None:
    model: Any = build_nano()
    run = segmenter_check._Run([1], [])
    for _ in range(20):
        run.memories.append(torch.zeros(1, 32, SIDE // 16, SIDE // 16))
        run.pointers.append(torch.zeros(1, 128))
    past = segmenter_check._past(model, run, range(20), 20 - 1)
    assert past.places.tolist() == [[6, 5, 4, 3, 2, 1, 0]]
    assert [round(age * 15) for age in past.ages[0].tolist()] == [19, *range(15, 0, -1)]


@pytest.mark.slow
def test_the_command_writes_one_line_of_json_for_each_dataset(
    discs: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["check", "--data", str(discs), "--data", str(discs), "--clips", "1", "--frames", "3"]
    monkeypatch.setattr(sys, "argv", asked)
    segmenter_check.main()
    said = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(said) == 2
    assert said[0] == said[1]
    assert set(said[0]) == {"data", *Score.__slots__}
