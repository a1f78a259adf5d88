"""The official code reads what we write: SAM 2's training code and SA-V evaluation, and the DAVIS 2017 evaluation.

Checkouts of facebookresearch/sam2 and davisvideochallenge/davis2017-evaluation are named by ENGINE_SAM2_REPO and
ENGINE_DAVIS_REPO; nothing of them is part of this project. Beside the project's own packages they need tensordict,
fvcore and scikit-image. Where they are not at hand, exports are held to the bytes that passed here (official_golden.json).
"""

import hashlib
import importlib
import json
import os
import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from engine import rle
from engine.ports import ExportItem
from engine.types import FrameMasks
from exports.overlap import separate
from exports.registry import exporter
from exports.training import WINDOW

MakeItem = Callable[..., ExportItem]
Silent = Callable[[str, int, int], None]
Export = Callable[..., Path]
TRAINED = {
    "sav": ("sav", {}, 1),
    "sav at a third of the rate": ("sav", {}, 3),
    "sav-val": ("sav-val", {}, 1),
    "sav-val at a third of the rate": ("sav-val", {}, 3),
    "davis": ("davis", {}, 1),
    "davis 480p": ("davis", {"resolution": "480p"}, 1),
    "davis unsupervised": ("davis", {"layout": "unsupervised"}, 1),
    "mose": ("mose", {}, 1),
    "frames": ("frames", {}, 1),
}
GOLDEN = Path(__file__).with_name("official_golden.json")
"""What make_official_golden.py has seen the official code read."""

SINGLE = ("davis", "mose")  # one number for each pixel


def checkout(variable: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = os.environ.get(variable)
    if not folder:
        pytest.skip(f"{variable} does not name a checkout of the official code")
    monkeypatch.syspath_prepend(folder)
    return Path(folder)


def official(module: str) -> Any:
    return importlib.import_module(module)


@pytest.fixture
def sam2(monkeypatch: pytest.MonkeyPatch) -> Path:
    found = checkout("ENGINE_SAM2_REPO", monkeypatch)
    pytest.importorskip("tensordict", reason="the official datapoints need tensordict")
    return found


@pytest.fixture
def davis2017(monkeypatch: pytest.MonkeyPatch) -> Path:
    found = checkout("ENGINE_DAVIS_REPO", monkeypatch)
    pytest.importorskip("skimage", reason="the official evaluation needs scikit-image")
    return found


@pytest.fixture
def item(make_item: MakeItem) -> ExportItem:
    return make_item(frames=24)


@pytest.fixture
def export(
    item: ExportItem, tmp_path: Path, silent: Silent, monkeypatch: pytest.MonkeyPatch
) -> Export:
    """Write an export and name its folder where its configuration for SAM 2's trainer looks for it."""

    def write(name: str, step: int = 1, **options: str) -> Path:
        stepped = replace(item, step=step)
        folder = exporter(name, **options)([stepped], tmp_path / "data", progress=silent).out
        monkeypatch.setenv("DATASET_ROOT", str(folder))
        return folder

    return write


def configured(folder: Path) -> Any:
    """Return the mixed dataset of the configuration that an export carries."""
    loaded = official("omegaconf").OmegaConf.load(folder / "sam2_train.yaml")
    return official("hydra.utils").instantiate(loaded.trainer.data.train)


def parts(folder: Path) -> list[Any]:
    """Return the VOSDatasets of that configuration."""
    return [part for mixed in configured(folder).datasets for part in mixed.dataset.datasets]


def truth(item: ExportItem, name: str, step: int) -> list[FrameMasks]:
    """Return what is expected of each annotated frame; the speck is in no export."""
    rows = [row for row in item.frames() if row.frame % step == 0]
    kept = [replace(row, masks=tuple(m for m in row.masks if m.track != 4)) for row in rows]
    return [separate(row, {}) for row in kept] if name in SINGLE else kept


def masks_of(row: FrameMasks) -> list[bytes]:
    return sorted(rle.decode(mask.rle).tobytes() for mask in row.masks)


def loaded_of(segments: dict[int, Any]) -> list[bytes]:
    found = (np.asarray(mask).astype(bool) for mask in segments.values())
    return sorted(mask.tobytes() for mask in found if mask.any())


@pytest.mark.usefixtures("sam2")
@pytest.mark.parametrize("which", TRAINED)
def test_the_loader_that_an_export_names_finds_every_annotated_frame_with_every_mask(
    which: str, export: Export, item: ExportItem
) -> None:
    name, options, step = TRAINED[which]
    (part,) = parts(export(name, step, **options))
    video, loader = part.video_dataset.get_video(0)
    rows = truth(item, name, step)
    assert [frame.frame_idx for frame in video.frames] == [row.frame for row in rows]
    for frame, row in zip(video.frames, rows, strict=True):
        assert loaded_of(loader.load(frame.frame_idx)) == masks_of(row)


@pytest.fixture
def every_start(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Let the official sampler begin where it is told, not where the dice fall."""
    drawn = random.randrange
    return lambda start: monkeypatch.setattr(
        random, "randrange", lambda low, *high: start if high else drawn(low)
    )


@pytest.mark.usefixtures("sam2")
@pytest.mark.parametrize("which", TRAINED)
def test_every_window_that_the_trainer_can_draw_is_a_datapoint(
    which: str, export: Export, every_start: Callable[[int], None]
) -> None:
    name, options, step = TRAINED[which]
    (part,) = parts(export(name, step, **options))
    part.training = False  # strict: nothing is replaced in silence
    video, _ = part.video_dataset.get_video(0)
    starts = range(len(video.frames) - WINDOW + 1)
    assert len(starts) >= 1
    for start, backwards in ((s, b) for s in starts for b in (0, 1)):
        every_start(start)
        part.sampler.reverse_time_prob = backwards
        (sampled, loader) = part.video_dataset.get_video(0)
        point = part.construct(sampled, part.sampler.sample(sampled, loader), loader)
        assert len(point.frames) == WINDOW
        assert point.size == (64, 96)
        assert all(torch.any(thing.segment) for thing in point.frames[0].objects)


@pytest.mark.usefixtures("sam2")
def test_clips_of_two_rates_are_read_each_at_its_own(
    make_item: MakeItem, tmp_path: Path, silent: Silent, monkeypatch: pytest.MonkeyPatch
) -> None:
    items = [
        replace(make_item("a", frames=24), step=3),
        replace(make_item("b", frames=16, rate=Fraction(25), video="cafe"), step=2),
    ]
    for name in ("sav", "sav-val"):
        folder = exporter(name)(items, tmp_path / name, progress=silent).out
        monkeypatch.setenv("DATASET_ROOT", str(folder))
        videos = [part.video_dataset.get_video(0)[0] for part in parts(folder)]
        assert [[frame.frame_idx for frame in video.frames] for video in videos] == [
            list(range(0, 24, 3)),
            list(range(0, 16, 2)),
        ]


def composed(folder: Path, sam2: Path) -> Any:
    """Return the whole configuration of the official trainer with what an export adds to it."""
    if not official("omegaconf").OmegaConf.has_resolver("times"):
        official("training.utils.train_utils").register_omegaconf_resolvers()
    hydra = official("hydra")
    official("hydra.core.global_hydra").GlobalHydra.instance().clear()  # sam2 claims it on import
    place = f"file://{sam2}/sam2/configs/sam2.1_training"
    with hydra.initialize_config_dir(config_dir=str(folder), version_base="1.2"):
        return hydra.compose("sam2_train", overrides=[f"hydra.searchpath=['{place}']"])


def test_the_configuration_goes_into_the_official_one(export: Export, sam2: Path) -> None:
    whole = composed(export("sav"), sam2)
    assert {"model", "data", "optim", "loss", "checkpoint"} <= set(whole.trainer)
    assert whole.trainer.model._target_ == "training.model.sam2.SAM2Train"
    assert whole.scratch.num_frames == WINDOW
    (part,) = whole.trainer.data.train.datasets[0].dataset.datasets
    assert part.video_dataset._target_.endswith("JSONRawDataset")


TINY = {
    "embed_dim": 24,
    "num_heads": 1,
    "stages": [1, 2, 2, 1],
    "global_att_blocks": [4],
    "window_pos_embed_bkg_spatial_size": [7, 7],
}


@pytest.fixture
def one_process() -> Iterator[None]:
    """Be the only process of a distributed run, which the official loader asks for."""
    store = torch.distributed.HashStore()
    torch.distributed.init_process_group("gloo", store=store, rank=0, world_size=1)
    yield
    torch.distributed.destroy_process_group()


@pytest.mark.slow
@pytest.mark.usefixtures("one_process")
@pytest.mark.parametrize("which", TRAINED)
def test_one_step_of_the_official_training_moves_the_weights(
    which: str, export: Export, sam2: Path
) -> None:
    name, options, step = TRAINED[which]
    whole = composed(export(name, step, **options), sam2)
    instantiate = official("hydra.utils").instantiate
    official("omegaconf").OmegaConf.set_struct(whole, value=False)
    whole.scratch.resolution = 256  # a small model on small pictures: a CPU is enough
    whole.trainer.model.image_encoder.trunk = {
        "_target_": "sam2.modeling.backbones.hieradet.Hiera",
        **TINY,
    }
    whole.trainer.model.image_encoder.neck.backbone_channel_list = [192, 96, 48, 24]
    (part,) = whole.trainer.data.train.datasets[0].dataset.datasets
    part.transforms[0].transforms[1].sizes = 256
    whole.trainer.data.train.num_workers = 0
    torch.manual_seed(0)
    model = instantiate(whole.trainer.model).train()
    before = [weight.detach().clone() for weight in model.parameters()]
    optimizer = torch.optim.AdamW(model.parameters(), 1e-4)
    batch = next(iter(instantiate(whole.trainer.data.train).get_loader(0)))
    assert batch.num_frames == WINDOW
    assert batch.masks[0].any(dim=(1, 2)).all()  # all that is followed is seen where it begins
    losses = instantiate(whole.trainer.loss["all"])(model(batch), batch.masks)
    losses["core_loss"].backward()
    optimizer.step()
    assert torch.isfinite(losses["core_loss"])
    moved = [bool((a != b).any()) for a, b in zip(before, model.parameters(), strict=True)]
    assert sum(moved) > 0.9 * len(moved)


@pytest.mark.parametrize("step", [1, 3])
def test_sa_v_scores_the_truth_against_itself_as_perfect(
    step: int, export: Export, sam2: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("skimage", reason="the official evaluation needs scikit-image")
    monkeypatch.syspath_prepend(str(sam2 / "sav_dataset" / "utils"))
    evaluator = official("sav_benchmark").VideoEvaluator
    masks = export("sav-val", step) / f"Annotations_{30 // step}fps"
    _, overlaps, rims = evaluator(str(masks), str(masks))("game-1")
    assert overlaps == rims == {"000": 100.0, "001": 100.0, "002": 100.0}


@pytest.mark.parametrize("layout", ["semi-supervised", "unsupervised"])
@pytest.mark.parametrize("resolution", ["full", "480p"])
@pytest.mark.usefixtures("davis2017")
def test_davis_scores_the_truth_against_itself_as_perfect(
    layout: str, resolution: str, export: Export
) -> None:
    folder = export("davis", layout=layout, resolution=resolution)
    masks = "Annotations" if layout == "semi-supervised" else "Annotations_unsupervised"
    if resolution == "full":  # the evaluation knows the name 480p alone
        for kind in ("JPEGImages", masks):
            (folder / kind / "480p").symlink_to("Full-Resolution")
    evaluation = official("davis2017.evaluation").DAVISEvaluation(
        davis_root=str(folder), task=layout, gt_set="train"
    )
    scores = evaluation.evaluate(str(folder / masks / "480p"))
    assert sorted(scores["J"]["M_per_object"]) == ["game-1_1", "game-1_2", "game-1_3"]
    assert scores["J"]["M"] == scores["F"]["M"] == [1.0] * 3


@pytest.mark.usefixtures("davis2017")
def test_the_davis_class_reads_pictures_and_separate_masks(export: Export) -> None:
    folder = export("davis")
    dataset = official("davis2017.davis").DAVIS(
        root=str(folder), task="semi-supervised", subset="train", resolution="Full-Resolution"
    )
    masks, void, names = dataset.get_all_masks("game-1", separate_objects_masks=True)
    assert masks.shape == (3, 24, 64, 96)
    assert not void.any()
    assert names == [f"{k:05d}" for k in range(24)]
    with Image.open(folder / "Annotations/Full-Resolution/game-1/00003.png") as opened:
        np.testing.assert_array_equal(masks[:, 3], [np.asarray(opened) == n for n in (1, 2, 3)])


@pytest.mark.usefixtures("davis2017")
def test_the_davis_evaluation_reads_mose_too(export: Export) -> None:
    folder = export("mose")
    results = official("davis2017.results").Results(str(folder / "Annotations"))
    masks = results.read_masks("game-1", [f"{k:05d}" for k in range(1, 23)])
    assert masks.shape == (3, 22, 64, 96)
    assert masks.any(axis=(1, 2, 3)).all()


def digest(folder: Path) -> str:
    """Return the SHA-256 over annotation, lists and configurations of an export: all but pictures and our own files."""
    said = json.loads((folder / "manifest.json").read_text())
    files = {
        name: sha
        for clip in said["clips"].values()
        for name, (sha, _) in clip["annotation"]["files"].items()
    }
    files |= {name: sha for name, (sha, _) in said["files"].items() if not ours(name)}
    lines = "".join(f"{files[name]}  {name}\n" for name in sorted(files))
    return hashlib.sha256(lines.encode()).hexdigest()


def ours(name: str) -> bool:
    return name.startswith("card/") or name in ("README.md", "engine.json")


def test_exports_are_those_that_the_official_code_has_read(
    item: ExportItem, tmp_path: Path, silent: Silent
) -> None:
    found = {}
    for which, (name, options, step) in TRAINED.items():
        items = [replace(item, step=step)]
        made = exporter(name, **options)(items, tmp_path / which.replace(" ", "-"), progress=silent)
        found[which] = digest(made.out)
    if commits := os.environ.get("ENGINE_WRITE_GOLDEN", "").split():
        said = {"sam2": commits[0], "davis2017-evaluation": commits[1], "digests": found}
        GOLDEN.write_text(json.dumps(said, indent=1) + "\n")
    assert found == json.loads(GOLDEN.read_text())["digests"]
