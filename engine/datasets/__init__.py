"""Datasets with true masks as clips, in every format that is exported. Knows files, no model and no training."""

from engine.datasets.clip import LabelledClip, files_of, name_of, stretch
from engine.datasets.reading import read_dataset

__all__ = ["LabelledClip", "files_of", "name_of", "read_dataset", "stretch"]
