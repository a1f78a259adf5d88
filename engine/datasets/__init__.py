"""Datasets with true masks as clips: rendered footage, SA-V, DAVIS. Knows files, no model and no training."""

from engine.datasets.clip import LabelledClip, stretch
from engine.datasets.reading import read_dataset

__all__ = ["LabelledClip", "read_dataset", "stretch"]
