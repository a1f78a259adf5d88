"""What a track remembers, and for how long; knows frame numbers and tensors, no network and no pictures.

The rules are those of SAM 2 (Ravi et al. 2024; sam2 1.1.0, ``modeling/sam2_base.py``), with one bound more: of
the conditioning frames only the newest few are kept, as upstream attends to when
``max_cond_frames_in_attn`` is that number. So the memory of a track has a fixed largest size.
"""

from dataclasses import dataclass, replace

from torch import Tensor


@dataclass(frozen=True, slots=True)
class Reach:
    """How far a memory reaches: ``spatial`` frames in all, every ``stride``-th, ``pointers``, ``conditioning``."""

    spatial: int
    pointers: int
    conditioning: int
    stride: int = 1


@dataclass(frozen=True, slots=True)
class Entry:
    """One remembered frame: ``features`` bfloat16 (C, h, w), None once too old for it, ``pointer`` float (D,)."""

    frame: int
    features: Tensor | None
    pointer: Tensor


@dataclass(frozen=True, slots=True)
class Bank:
    """The memory of one track, oldest entry first."""

    conditioning: tuple[Entry, ...] = ()
    recent: tuple[Entry, ...] = ()


@dataclass(frozen=True, slots=True)
class Recall:
    """What one frame attends to.

    ``features`` with ``places`` (row of the temporal encoding), ``pointers`` with ``ages`` as a part of the
    oldest age that a pointer may have.
    """

    features: tuple[Tensor, ...]
    places: tuple[int, ...]
    pointers: tuple[Tensor, ...]
    ages: tuple[float, ...]


def add(bank: Bank, entry: Entry, *, conditioned: bool, reach: Reach) -> Bank:
    """Return the bank with the newest frame in it and everything out of reach dropped."""
    conditioning, recent = bank.conditioning, (*bank.recent, entry)
    if conditioned:
        kept = (*conditioning, entry)
        cut = max(0, len(kept) - reach.conditioning)
        conditioning = kept[cut:]
        recent = (*bank.recent, *kept[:cut])
    aged = (_age(old, entry.frame, reach) for old in recent)
    alive = sorted((old for old in aged if old), key=lambda old: -abs(entry.frame - old.frame))
    return Bank(conditioning, tuple(alive))


def until(bank: Bank, frame: int, *, backward: bool) -> Bank:
    """Return what was remembered before ``frame`` was taken, of what is not forgotten since."""
    before = [
        entry for entry in bank.recent if (entry.frame > frame if backward else entry.frame < frame)
    ]
    return Bank(bank.conditioning, tuple(before))


def newest(bank: Bank) -> Entry:
    """Return the entry of the frame that was taken last; the bank has one."""
    if not bank.recent or not bank.conditioning:
        return (bank.recent or bank.conditioning)[-1]
    first = (*bank.conditioning, *bank.recent)[0].frame
    return max(bank.conditioning[-1], bank.recent[-1], key=lambda entry: abs(entry.frame - first))


def recall(bank: Bank, frame: int, *, backward: bool, reach: Reach) -> Recall:
    """Return what ``frame`` attends to: conditioning frames first, then the frames behind it."""
    recent = {entry.frame: entry for entry in bank.recent}
    spatial = [(entry.features, reach.spatial - 1) for entry in bank.conditioning]
    for back in range(reach.spatial - 1, 0, -1):
        entry = recent.get(_behind(frame, back, backward=backward, stride=reach.stride))
        if entry is not None:
            spatial.append((entry.features, back - 1))
    kept = [(features, place) for features, place in spatial if features is not None]
    passed = [(entry.pointer, abs(frame - entry.frame)) for entry in bank.conditioning]
    passed += [
        (entry.pointer, abs(frame - entry.frame))
        for entry in reversed(bank.recent)
        if abs(frame - entry.frame) < reach.pointers
    ]
    return Recall(
        tuple(features for features, _ in kept),
        tuple(place for _, place in kept),
        tuple(pointer for pointer, _ in passed),
        tuple(age / max(1, reach.pointers - 1) for _, age in passed),
    )


def _behind(frame: int, back: int, *, backward: bool, stride: int) -> int:
    """Return the frame that stands ``back`` places behind: the last one, then every ``stride``-th."""
    if back == 1:
        return frame + 1 if backward else frame - 1
    if backward:
        return -(-(frame + 2) // stride) * stride + (back - 2) * stride
    return (frame - 2) // stride * stride - (back - 2) * stride


def _age(entry: Entry, newest: int, reach: Reach) -> Entry | None:
    """Return what the frame after ``newest`` and later ones can still use of an entry."""
    age = abs(newest - entry.frame) + 1
    on_stride = entry.frame % reach.stride == 0 and age <= reach.stride * (reach.spatial - 2) + 1
    if reach.spatial > 1 and (age <= 1 or on_stride):
        return entry
    return replace(entry, features=None) if age < reach.pointers else None
