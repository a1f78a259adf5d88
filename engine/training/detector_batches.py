"""Makes training batches for the ball YOLO from labelled stills, endlessly and reproducibly; knows no network."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, IterableDataset, get_worker_info

from engine.billiards.classes import BALL, SNOOKER_VALUES
from engine.models.yolo import CLASSES
from engine.training.detector_colour import clutter, degrade, recolour
from engine.training.detector_data import Balls, Still
from engine.training.detector_views import crop, mosaic, whole
from engine.types import Image

WHOLE_SHARE = 0.25
MOSAIC_SHARE = 0.15
CLUTTER_SHARE = 0.4
RECOLOUR_SHARE = 0.15
COMPLETE_SHARE = 0.6
COLOURED = tuple(CLASSES.index(name) for name in SNOOKER_VALUES[:-1])
WHOLE_SIZES = ((384, 640), (416, 736), (480, 832))

Batch = dict[str, Tensor]


@dataclass(frozen=True, slots=True)
class Diet:
    """What a batch is made of: ``count`` crops of ``crop`` x ``crop`` pixels, or as many pixels of whole pictures."""

    count: int = 16
    crop: int = 320
    seed: int = 0


class BallBatches(IterableDataset[Batch]):
    """An endless stream of batches: mostly crops, now and then whole pictures."""

    def __init__(self, stills: Sequence[Still], diet: Diet, *, start: int = 0) -> None:
        """Keep the stills; ``start`` is the step a resumed training goes on from."""
        self._stills = stills
        self._complete = [still for still in stills if still.pockets] or stills
        self._diet = diet
        self._start = start

    def __iter__(self) -> Iterator[Batch]:
        """Yield batches as the library's loss wants them (see ``collate``)."""
        cv2.setNumThreads(1)
        worker = get_worker_info()
        rng = np.random.default_rng([self._diet.seed, self._start, worker.id if worker else 0])
        while True:
            yield collate([finish(*sample, rng) for sample in self._samples(rng)])

    def _samples(self, rng: np.random.Generator) -> list[tuple[Image, Balls]]:
        """Return the samples of one batch, all of one size."""
        side = self._diet.crop
        if rng.random() < WHOLE_SHARE:
            size = WHOLE_SIZES[rng.integers(len(WHOLE_SIZES))]
            count = max(2, self._diet.count * side * side // (size[0] * size[1]))
            return [whole(self._pick(rng), size, rng) for _ in range(count)]
        return [self._crop((side, side), rng) for _ in range(self._diet.count)]

    def _crop(self, size: tuple[int, int], rng: np.random.Generator) -> tuple[Image, Balls]:
        """Return one crop, or four as a mosaic."""
        if rng.random() < MOSAIC_SHARE:
            return mosaic([self._pick(rng) for _ in range(4)], size, rng)
        return crop(self._pick(rng), size, rng)

    def _pick(self, rng: np.random.Generator) -> Still:
        """Return any still, mostly of those whose pockets are labelled."""
        stills = self._complete if rng.random() < COMPLETE_SHARE else self._stills
        return stills[int(rng.integers(len(stills)))]


def finish(rgb: Image, balls: Balls, rng: np.random.Generator) -> tuple[Image, Balls]:
    """Return the sample with clutter, at times, in other colours, at times, and with a camera's faults."""
    if rng.random() < CLUTTER_SHARE:
        rgb = clutter(rgb, balls, rng)
    if rng.random() < RECOLOUR_SHARE:
        rgb, balls = recolour(rgb, rng), nameless(balls)
    return degrade(rgb, rng), balls


def nameless(balls: Balls) -> Balls:
    """Return the balls as they are called when colours say nothing: those named after one are of unknown kind."""
    labels = np.where(np.isin(balls.labels, COLOURED), CLASSES.index(BALL), balls.labels)
    return Balls(balls.boxes, labels, balls.pockets)


def collate(samples: Sequence[tuple[Image, Balls]]) -> Batch:
    """Return a batch: ``img`` uint8 (B, 3, H, W), ``pockets`` (B,), and per box ``batch_idx`` (M,), ``cls`` (M, 1), ``bboxes`` (M, 4).

    Boxes are float32 centre and size relative to the picture; ``pockets`` is 1 where pockets are labelled.
    """
    height, width = samples[0][0].shape[:2]
    pictures = (
        torch.from_numpy(np.stack([rgb for rgb, _ in samples])).permute(0, 3, 1, 2).contiguous()
    )
    boxes = torch.from_numpy(np.concatenate([balls.boxes for _, balls in samples]))
    boxes = boxes / torch.tensor([width, height, width, height])
    owner = np.repeat(np.arange(len(samples)), [len(balls.labels) for _, balls in samples])
    return {
        "img": pictures,
        "batch_idx": torch.from_numpy(owner).float(),
        "cls": torch.from_numpy(np.concatenate([balls.labels for _, balls in samples])).float()[
            :, None
        ],
        "bboxes": torch.cat([(boxes[:, :2] + boxes[:, 2:]) / 2, boxes[:, 2:] - boxes[:, :2]], 1),
        "pockets": torch.tensor([float(balls.pockets) for _, balls in samples]),
    }


def batches(
    stills: Sequence[Still], diet: Diet, *, start: int = 0, workers: int = 1
) -> Iterator[Batch]:
    """Return an endless iterator of batches, made by ``workers`` processes beside the training."""
    loader = DataLoader(
        BallBatches(stills, diet, start=start),
        batch_size=None,
        num_workers=workers,
        prefetch_factor=4 if workers else None,
    )
    return iter(loader)
