"""YOLO's folders of labels: recognised, and refused. They say what is where, and never which ball is which."""

from pathlib import Path
from typing import NoReturn

from engine.errors import InputError


def entries(path: Path) -> list[NoReturn]:
    """Return nothing where there are no labels of YOLO.

    Raises:
        InputError: there are.
    """
    folder = path / "labels"
    labels = next(folder.rglob("*.txt"), None) if folder.is_dir() else None
    if labels is None and not (path / "data.yaml").is_file():
        return []
    raise InputError(
        f"{labels or path / 'data.yaml'}: labels of YOLO have no identities, and masks without them do not become masklets; "
        "read the dataset that they were made from, or export COCO with track ids"
    )
