"""What trainers are told about a dataset: a configuration for SAM 2's own training code and one for ``engine train``.

Knows the names of the official loaders and their settings; every path is below the dataset's root.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from exports.files import Files
from exports.masks import ClipMasks

WINDOW: Final = 8
"""Annotated frames of one training sample, as in the official configuration for fine-tuning."""

SAM2, ENGINE = "sam2_train.yaml", "engine_train.toml"


@dataclass(frozen=True, slots=True)
class Source:
    """How one of SAM 2's raw datasets reads a clip.

    ``reader`` is its class (``JSONRawDataset`` or ``PNGRawDataset``), ``pictures`` and ``masks`` are folders,
    ``settings`` its other arguments.
    """

    reader: str
    pictures: str
    masks: str
    settings: tuple[tuple[str, bool | int], ...]


def unsampled(masks: ClipMasks, *, only: Collection[int] | None = None) -> str:
    """Return why the official sampler can never draw a window of the clip, "" when it can.

    It silently takes another clip then: windows have ``WINDOW`` annotated frames and begin with a visible object, of the
    tracks ``only`` where they are given.
    """
    if len(masks.rows) < WINDOW:
        return f"{len(masks.rows)} annotated frames, SAM 2's trainer samples {WINDOW}"
    starts = masks.rows[: len(masks.rows) - WINDOW + 1]
    shown = (mask.track for row in starts for mask in row.masks)
    if not any(only is None or track in only for track in shown):
        return f"no ball on a frame that {WINDOW - 1} annotated ones follow: SAM 2's trainer begins with a visible one"
    return ""


def write_sam2(
    files: Files,
    clips: Mapping[str, Mapping[str, Any]],
    listed: str,
    source: Callable[[Mapping[str, Any]], Source],
) -> None:
    """Write the configuration for SAM 2's training code; nothing when there is nothing to train on.

    ``listed`` is the list of just these clips, ``source`` says from the facts of one how it is read. A clip whose fact
    "sampled" is false has no window and is not trained on. Where the others are not all, or not all read alike
    (other rates, other steps), each kind has a list of its own below ``training``.
    """
    kinds: dict[Source, list[str]] = {}
    for name, facts in clips.items():
        if facts.get("sampled", True):
            kinds.setdefault(source(facts), []).append(name)
    parts = []
    for number, (kind, names) in enumerate(kinds.items(), 1):
        path = listed if len(names) == len(clips) else f"training/part{number}.txt"
        if path != listed:
            files.write(path, "".join(f"{name}\n" for name in names).encode())
        parts.append(_dataset(kind, path))
    if parts:
        files.write(SAM2, (_HEAD + "".join(parts) + _LOADER).encode())


def write_engine(files: Files) -> None:
    """Write the configuration for ``engine train``."""
    files.write(ENGINE, _ENGINE.encode())


def _dataset(source: Source, listed: str) -> str:
    """Return the part that reads the clips of a list."""
    arguments: dict[str, bool | int | str] = {
        "img_folder": _below(source.pictures),
        "gt_folder": _below(source.masks),
        "file_list_txt": _below(listed),
        **dict(source.settings),
    }
    lines = "".join(f"{'':14}{key}: {_value(value)}\n" for key, value in arguments.items())
    return _DATASET.format(reader=source.reader, arguments=lines, window=WINDOW)


def _below(path: str) -> str:
    """Return a path below the dataset's root, which an environment variable names."""
    return f"${{oc.env:DATASET_ROOT}}/{path}".removesuffix("/")


def _value(value: bool | int | str) -> str:  # noqa: FBT001 - a value of YAML
    """Return a value as YAML."""
    return str(value).lower() if isinstance(value, bool) else str(value)


_HEAD: Final = """# @package _global_
# For the training code of facebookresearch/sam2. Copy this file to sam2/configs/sam2.1_training/ of a checkout, then
#   DATASET_ROOT=<folder of this file> python training/train.py -c configs/sam2.1_training/sam2_train.yaml --use-cluster 0 --num-gpus 1
# or take trainer.data.train alone into a configuration of your own. Model, losses and schedule are those of the
# official configuration for fine-tuning that "defaults" names.
# A sample is 8 annotated frames in a row. sample_rate takes every n-th picture: at 30 frames/s, 5 gives the span of
# SA-V's own 6 frames/s, and needs clips of at least 36 frames (leave it as it is where frames are annotated at 6/s).
# reverse_time_prob lets balls be sampled that come too late to begin a window forwards.
# The batch is 1 because drop_last loses all of a dataset that has fewer clips than a batch.
defaults:
  - sam2.1_hiera_b+_MOSE_finetune
  - _self_

trainer:
  data:
    train:
      _target_: training.dataset.sam2_datasets.TorchTrainMixedDataset
      phases_per_epoch: 1
      batch_sizes: [1]
      datasets:
      - _target_: training.dataset.utils.RepeatFactorWrapper
        dataset:
          _target_: training.dataset.utils.ConcatDataset
          datasets:
"""

_DATASET: Final = """          - _target_: training.dataset.vos_dataset.VOSDataset
            training: true
            multiplier: 1
            video_dataset:
              _target_: training.dataset.vos_raw_dataset.{reader}
{arguments}            sampler:
              _target_: training.dataset.vos_sampler.RandomUniformSampler
              num_frames: {window}
              max_num_objects: 3
              reverse_time_prob: 0.5
            transforms:
            - _target_: training.dataset.transforms.ComposeAPI
              transforms:
              - _target_: training.dataset.transforms.RandomHorizontalFlip
                consistent_transform: true
              - _target_: training.dataset.transforms.RandomResizeAPI
                sizes: 1024
                square: true
                consistent_transform: true
                v2: false
              - _target_: training.dataset.transforms.ColorJitter
                consistent_transform: true
                brightness: 0.1
                contrast: 0.05
                saturation: 0.05
                hue: null
              - _target_: training.dataset.transforms.ToTensorAPI
                v2: false
              - _target_: training.dataset.transforms.NormalizeAPI
                mean: [0.485, 0.456, 0.406]
                std: [0.229, 0.224, 0.225]
                v2: false
"""

_LOADER: Final = """      shuffle: true
      num_workers: 4
      pin_memory: true
      drop_last: true
      collate_fn:
        _target_: training.utils.data_utils.collate_fn
        _partial_: true
        dict_key: all
"""

_ENGINE: Final = """# For engine train: options by their names, paths relative to this file; the command line wins.
#   engine train segmenter --config engine_train.toml --out runs/segmenter
#   engine train detector --config engine_train.toml --out runs/detector
data = ["."]

[segmenter]
init = "nano"
minutes = 60

[detector]
minutes = 50
"""
