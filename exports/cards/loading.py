"""How each format of dataset is called and read, in words and lines that run in the dataset's folder. Reads no dataset.

Lines of Python name real files of the dataset, so that they run as they stand.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from exports.manifest import all_files

TITLES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "sav": "SA-V",
        "sav-val": "SA-V validation",
        "davis": "DAVIS 2017",
        "mose": "MOSE",
        "frames": "frames and masks",
        "coco": "COCO",
        "youtube-vis": "YouTube-VIS",
        "yolo-seg": "YOLO segmentation",
        "mots": "MOTS",
    }
)

_SAV: Final = """import json
from pycocotools import mask

said = json.load(open({annotation!r}))
first = [mask.decode(rle) for rle in said["masklet"][0]]  # of frame 0: an (H, W) array for each masklet
print(len(said["masklet"]), "annotated frames,", len(first), "masklets")"""
_NUMBERS: Final = """import numpy as np
from PIL import Image

picture = np.asarray(Image.open({picture!r}))
numbers = np.asarray(Image.open({annotation!r}))  # (H, W): 0 background, 1..N objects
print(picture.shape, np.unique(numbers))"""
_OBJECTS: Final = """import numpy as np
from PIL import Image

picture = np.asarray(Image.open({picture!r}))
inside = np.asarray(Image.open({annotation!r})) > 0  # (H, W): one object on one frame
print(picture.shape, inside.sum(), "pixels")"""
_COCO: Final = """from pycocotools.coco import COCO

coco = COCO({index!r})
first = coco.loadAnns(coco.getAnnIds())[0]
print(coco.annToMask(first).sum(), "pixels of", coco.loadCats(first["category_id"])[0]["name"])"""
_VIS: Final = """import json

said = json.load(open({index!r}))
print(len(said["videos"]), "videos,", len(said["annotations"]), "objects")"""
_YOLO: Final = """from ultralytics.data.utils import check_det_dataset

print(check_det_dataset("data.yaml")["names"])"""
_MOTS: Final = """from pycocotools import mask

frame, thing, kind, high, wide, counts = open({annotation!r}).readline().split()  # frames from 1
print(mask.decode({{"size": [int(high), int(wide)], "counts": counts.encode()}}).sum(), "pixels")"""
_PYTHON: Final[Mapping[str, str]] = MappingProxyType(
    {"sav": _SAV, "coco": _COCO, "youtube-vis": _VIS, "yolo-seg": _YOLO, "mots": _MOTS}
    | dict.fromkeys(("davis", "mose"), _NUMBERS)
    | dict.fromkeys(("frames", "sav-val"), _OBJECTS)
)
_SHELL: Final[Mapping[str, str]] = MappingProxyType(
    {
        "davis": "# the official evaluation, of a folder of results; it opens 480p alone\n"
        "python evaluation_method.py --task {layout} --davis_path . --results_path RESULTS",
        "yolo-seg": "yolo segment train data=data.yaml model=yolo11n-seg.pt",
    }
)
_SAM2: Final = """# SAM 2's own training code (github.com/facebookresearch/sam2); copy sam2_train.yaml to sam2/configs/sam2.1_training first
DATASET_ROOT=<this folder> python training/train.py -c configs/sam2.1_training/sam2_train.yaml --use-cluster 0 --num-gpus 1"""
_ENGINE: Final = """# our own trainers
engine train segmenter --config engine_train.toml --out runs/segmenter
engine train detector --config engine_train.toml --out runs/detector"""


def title(manifest: Mapping[str, Any]) -> str:
    """Return what the format is called."""
    return TITLES.get(str(manifest["format"]), str(manifest["format"]))


def python(manifest: Mapping[str, Any]) -> str:
    """Return lines of Python that read something of the dataset, "" for a format that nobody described."""
    named = _files(manifest)
    lines = _PYTHON.get(str(manifest["format"]), "")
    missing = [key for key, name in named.items() if f"{{{key}!r}}" in lines and not name]
    return "" if missing else lines.format(**named)


def shell(manifest: Mapping[str, Any]) -> str:
    """Return the commands of trainers and evaluations that read the dataset, "" for none."""
    files = manifest["files"]
    parts = [
        _SAM2 if "sam2_train.yaml" in files else "",
        _ENGINE if "engine_train.toml" in files else "",
        _SHELL.get(str(manifest["format"]), "").format(layout=manifest.get("layout", "")),
    ]
    return "\n\n".join(part for part in parts if part)


def _files(manifest: Mapping[str, Any]) -> dict[str, str]:
    """Return a picture, an annotation file and an index of the dataset, "" for what it has none of.

    The annotation is that of the picture where each picture has one.
    """
    clips = list(manifest["clips"].values())
    pictures = sorted(clips[0]["pictures"]["files"]) if clips else []
    named = clips[0]["annotation"]["files"] if clips else ()
    masks = sorted(named, key=lambda name: (_second(name), name))
    every = all_files(manifest["clips"], manifest["files"])
    indexes = sorted(
        name
        for name in every
        if name.endswith(".json") and name not in {"engine.json", "categories.json"}
    )
    stills = [name for name in pictures if name.endswith(".jpg")]
    return {
        "picture": next(iter(stills), ""),
        "annotation": next(iter(masks), ""),
        "index": next(iter(indexes), ""),
    }


def _second(name: str) -> bool:
    """Say whether a file of annotation is one that is shown only where there is no other."""
    return name.endswith(("_auto.json", "seqinfo.ini"))
