"""Knows how the ball YOLO is built and kept on disk; knows nothing of pictures, frames or training.

The network is YOLO11n from the ultralytics package's own description, so nothing is downloaded. Weights of
ours are safetensors with a ``ModelCard`` in the header. The library is AGPL-3.0: it is imported here and in
the training loss, nowhere else.
"""

import json
import os
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, cast

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from engine.billiards.classes import BALL, KINDS, POCKET, SNOOKER_VALUES
from engine.errors import WeightsError

CLASSES = (BALL, POCKET, *KINDS)
ARCHITECTURE = "yolo11n"
BUNDLED = Path(__file__).parents[1] / "assets" / "ball_yolo_nano.safetensors"

_QUIET = {
    "YOLO_OFFLINE": "true",
    "YOLO_VERBOSE": "false",
    "YOLO_AUTOINSTALL": "false",
}


@dataclass(frozen=True, slots=True)
class ModelCard:
    """What must travel with weights: class names in order, how to run them, where they come from.

    ``size`` is the longer side of the network's input in pixels, ``confidence`` the score from which a
    detection counts, ``code`` the version of the code that trained them, ``history`` numbers in words.
    """

    classes: tuple[str, ...] = CLASSES
    size: int = 1024
    confidence: float = 0.25
    architecture: str = ARCHITECTURE
    command: str = ""
    seed: int = 0
    code: str = ""
    history: str = ""


@contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    """Set environment variables for a moment, then put back what was there."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name)
            else:
                os.environ[name] = value


@cache
def ultralytics_tasks() -> ModuleType:
    """Return ``ultralytics.nn.tasks``, imported without network look-ups, log lines or files in the user's home.

    The library writes a settings file as it is imported; a folder that lives just as long takes it.
    Its reporting of usage is switched off in memory.
    """
    with (
        tempfile.TemporaryDirectory(prefix="yolo-") as folder,
        _environment({**_QUIET, "YOLO_CONFIG_DIR": folder}),
    ):
        from ultralytics.nn import tasks  # noqa: PLC0415 - slow and noisy: imported when a model is built
        from ultralytics.utils import SETTINGS  # noqa: PLC0415 - as above

        dict.__setitem__(SETTINGS, "sync", False)  # the settings' own way would write a file
    return tasks


def build_nano(classes: tuple[str, ...] = CLASSES) -> nn.Module:
    """Return YOLO11n with random weights for these classes, in training mode."""
    model: Any = ultralytics_tasks().DetectionModel(
        f"{ARCHITECTURE}.yaml", nc=len(classes), verbose=False
    )
    model.names = dict(enumerate(classes))
    return cast(nn.Module, model)


@torch.no_grad()
def shift_scores(model: nn.Module, shift: float, *, only: Sequence[int] | None = None) -> None:
    """Add ``shift`` to the logit of every class score: the order of detections stays, their level changes.

    ``only`` names the classes by index that are shifted; None means all.
    """
    head: Any = cast(Any, model).model[-1]
    chosen = list(range(head.nc)) if only is None else list(only)
    for branch in head.cv3:
        branch[-1].bias[chosen] += shift


@torch.no_grad()
def transfer(model: nn.Module, given: nn.Module, classes: Sequence[str]) -> None:
    """Begin ``model``, which has ``CLASSES``, with the weights of ``given``, which has ``classes``.

    Everything but the last convolution of the class scores is copied. Of its rows those of the same name are
    copied, "ball" begins as the mean of all balls, snooker colours as "plain", and "pocket" as nothing.
    """
    source, target = given.state_dict(), model.state_dict()
    for name, value in target.items():
        if value.shape == source[name].shape and not _is_score(name):
            value.copy_(source[name])
        elif _is_score(name):
            rows = torch.stack([_row(kind, source[name], classes) for kind in CLASSES])
            value.copy_(rows)


def _is_score(name: str) -> bool:
    """Say whether a tensor is of the last convolution of the class scores."""
    return ".cv3." in name and name.split(".")[-2] == "2" and name.count(".") == 5


def _row(kind: str, given: Tensor, classes: Sequence[str]) -> Tensor:
    """Return what a class's row of the last convolution begins with."""
    if kind in classes:
        return given[classes.index(kind)]
    balls = given[[index for index, name in enumerate(classes) if name != POCKET]].mean(0)
    if kind == POCKET:
        return torch.full_like(balls, -6.0) if balls.ndim == 0 else torch.zeros_like(balls)
    stand_in = "plain" if kind in SNOOKER_VALUES else kind
    return given[classes.index(stand_in)] if stand_in in classes else balls


def save_weights(path: Path, model: nn.Module, card: ModelCard) -> None:
    """Write the model's weights with their card, atomically: convolutions in half precision, all else in full."""
    state = {name: _compact(value) for name, value in model.state_dict().items()}
    header = {key: json.dumps(value) for key, value in asdict(card).items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(path.name + ".part")
    save_file(state, beside, metadata=header)
    beside.replace(path)


def _compact(value: Tensor) -> Tensor:
    """Return what is stored of one tensor: kernels lose nothing visible in half precision, statistics might."""
    kernel = value.is_floating_point() and value.ndim > 1
    return value.detach().cpu().contiguous().to(torch.float16 if kernel else value.dtype)


def read_card(path: Path) -> ModelCard:
    """Return the card of a safetensors file.

    Raises:
        WeightsError: the file is missing, truncated, or carries no card of ours.
    """
    return _open(path)[1]


def load_weights(path: Path) -> tuple[nn.Module, ModelCard]:
    """Return the model in evaluation mode and its card.

    Raises:
        WeightsError: the file is missing, truncated, or of another model.
    """
    state, card = _open(path)
    if card.architecture != ARCHITECTURE:
        raise WeightsError(
            f"{path}: holds a {card.architecture!r}, expected {ARCHITECTURE!r}; train or choose another file"
        )
    model = build_nano(card.classes)
    try:
        model.load_state_dict({name: value.float() for name, value in state.items()})
    except RuntimeError as error:
        raise WeightsError(
            f"{path}: the tensors do not fit {ARCHITECTURE} with {len(card.classes)} classes; "
            "train it again with `python -m engine.training.detector`"
        ) from error
    return model.eval(), card


def _open(path: Path) -> tuple[dict[str, Tensor], ModelCard]:
    """Return the tensors and the card of a safetensors file."""
    _require(path)
    try:
        with safe_open(path, framework="pt") as file:
            header = file.metadata() or {}
            state = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no mapping
    except (SafetensorError, OSError) as error:
        raise WeightsError(
            f"{path}: not a whole safetensors file ({error}); copy or download it again"
        ) from error
    return state, _card(path, header)


def _card(path: Path, header: Mapping[str, str]) -> ModelCard:
    """Parse the header of a weights file."""
    try:
        values: dict[str, Any] = {
            field.name: json.loads(header[field.name]) for field in fields(ModelCard)
        }
    except (KeyError, ValueError) as error:
        raise WeightsError(
            f"{path}: its header lacks {error}; expected weights written by `python -m engine.training.detector`"
        ) from error
    return ModelCard(**{**values, "classes": tuple(values["classes"])})


def _require(path: Path) -> None:
    """Refuse a path where there is no file."""
    if not path.is_file():
        raise WeightsError(
            f"{path}: there is no such weights file; check the path, or leave it out for the bundled one"
        )


def load_checkpoint(path: Path) -> tuple[nn.Module, ModelCard]:
    """Return a model and a card from an ultralytics ``.pt`` that the user trained elsewhere.

    Such a file is a pickle. It is read with ``weights_only``, by the library's own list of the layers that may be
    built; a file that asks for anything else is refused and nothing in it is executed.

    Raises:
        WeightsError: the file is missing, truncated, asks for more than layers, or holds no detection model.
    """
    _require(path)
    tasks = ultralytics_tasks()
    before = torch.serialization.get_safe_globals()
    try:
        content, _ = tasks.torch_safe_load(os.fspath(path), safe_only=True)
    except Exception as error:  # reading fails in as many ways as there are files
        raise WeightsError(_unreadable(path, error)) from error
    finally:  # the library would let every later reader in this process build its layers
        torch.serialization.clear_safe_globals()
        torch.serialization.add_safe_globals(before)
    model = (content.get("ema") or content.get("model")) if isinstance(content, dict) else None
    if not isinstance(model, tasks.DetectionModel):
        raise WeightsError(
            f"{path}: holds {type(model).__name__}, expected an ultralytics DetectionModel"
        )
    return model.float().eval(), _foreign_card(model, content)


def _unreadable(path: Path, error: Exception) -> str:
    """Say why an ultralytics file was not read: it would run code, or it is damaged."""
    if asked := re.search(r"GLOBAL (\S+)", str(error.__cause__ or "")):
        return (
            f"{path}: holds Python objects beside layers ({asked[1]}), which could run code when opened; nothing "
            "was executed. Expected what `yolo detect train` of ultralytics writes"
        )
    reason = str(error.__cause__ or error).partition("\n")[0].partition(". This")[0]
    return f"{path}: not a readable ultralytics checkpoint ({reason}); expected an ultralytics DetectionModel, export it again"


def _foreign_card(model: Any, content: Mapping[str, Any]) -> ModelCard:
    """Return a card from what ultralytics keeps in its checkpoints."""
    size = content.get("train_args", {}).get("imgsz", ModelCard().size)
    return ModelCard(
        classes=tuple(str(name) for _, name in sorted(model.names.items())),
        size=int(size if isinstance(size, int | float) else max(size)),
        architecture=str(model.yaml.get("yaml_file", "ultralytics")),
        code=f"ultralytics {content.get('version', '')}".strip(),
    )
