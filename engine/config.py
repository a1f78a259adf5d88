"""Every setting of the product in one frozen object, read once. Refuses to know who uses them."""

import json
import os
import re
import tomllib
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from engine.errors import SettingsError

SETTINGS_FILE = "engine.toml"
_PREFIX = "ENGINE_"


class Settings(BaseSettings):
    """Settings with their defaults; each is also read from ``ENGINE_<NAME>`` in the environment.

    Below the environment stands the workspace's own file, ``engine.toml``, which `engine models use` writes.

    ``every``, ``buffer`` and ``repair`` are Det-SAM2's n, K and M in frames, with the defaults
    of its publication: detect on every 30th frame, buffer 30, propagate back over at most 60.
    ``profile`` is the game, which says what balls can be called; "auto" reads it off each frame's balls.
    ``page_processes`` draw for the page, a clip always in the same one; each keeps ``page_pictures`` MiB of decoded pictures:
    60 of 1080p, 350 MiB, are those around one person's playhead.
    ``page_url`` is where people's browsers find the page, ``label_studio_url`` where Label Studio is and ``ml_backend_url`` where
    Label Studio finds our backend, which asks for ``ml_backend_user`` and ``ml_backend_password``. ``label_studio_files`` is the folder that
    Label Studio serves local files from (its document root); the workspace itself where nothing is said.
    ``fiftyone_database_uri`` is a MongoDB that FiftyOne uses, where it is not to start one of its own in the workspace, and
    ``fiftyone_dataset`` the name of the dataset there.
    ``threads`` 0 means two for the bundled nano, whose layers are too small for more, else all cores.
    """

    model_config = SettingsConfigDict(
        env_prefix=_PREFIX, frozen=True, extra="forbid", allow_inf_nan=False
    )

    workspace: Path = Path("workspace")
    database_url: str = ""
    model: str = "nano"
    segment_mode: Literal["auto", "windows", "frame"] = "auto"
    detector: str = "yolo"
    detector_weights: str = ""
    profile: Literal["auto", "any", "eight-ball", "nine-ball", "snooker", "carom"] = "auto"
    device: Literal["auto", "cpu", "cuda"] = "auto"
    threads: int = Field(default=0, ge=0)
    every: int = Field(default=30, ge=1)
    buffer: int = Field(default=30, ge=1)
    repair: int = Field(default=60, ge=0)
    confidence: float | None = Field(default=None, ge=0, le=1)
    clip_seconds: float = Field(default=10.0, gt=0)
    target_seconds: float = Field(default=2000.0, gt=0)
    lease_seconds: float = Field(default=20.0, gt=0)
    page_processes: int = Field(default=1, ge=1)
    page_pictures: int = Field(default=512, ge=0)
    page_url: str = "http://127.0.0.1:7860"
    label_studio_url: str = ""
    label_studio_token: SecretStr = SecretStr("")
    label_studio_files: Path | None = None
    ml_backend_url: str = "http://127.0.0.1:9090"
    ml_backend_user: str = ""
    ml_backend_password: SecretStr = SecretStr("")
    fiftyone_database_uri: SecretStr = SecretStr("")
    fiftyone_dataset: str = "billiards"

    @property
    def database(self) -> str:
        """URL of the database: the one given, or a SQLite file in the workspace."""
        return self.database_url or f"sqlite:///{self.workspace.absolute() / 'engine.db'}"


def read_settings(**given: object) -> Settings:
    """Return the settings: ``given`` and not None wins over the environment, that over the file, that over defaults.

    Raises:
        SettingsError: a value is outside its range, or the workspace's file holds what is no setting.
    """
    chosen = {name: value for name, value in given.items() if value is not None}
    try:
        workspace = Settings(**chosen).workspace  # type: ignore[arg-type]  # pydantic checks them
    except ValidationError as error:
        raise SettingsError(f"settings: {_said(error)}") from error
    path = workspace / SETTINGS_FILE
    below = {name: value for name, value in _read(path).items() if not _in_environment(name)}
    try:
        return Settings(**below | chosen)  # type: ignore[arg-type]  # as above
    except ValidationError as error:
        raise SettingsError(f"{path}: {_said(error)}") from error


def remember(workspace: Path, **values: str) -> Path:
    """Set values in the workspace's settings file, leaving its other lines as they are; return the file.

    An empty value takes the setting out of the file, so that its default holds again.

    Raises:
        SettingsError: there is no such workspace, or its file cannot be read or written.
    """
    path = workspace / SETTINGS_FILE
    if not workspace.is_dir():
        raise SettingsError(
            f"no workspace at {workspace.absolute()}; make one with `engine init`, "
            "or name yours with --workspace or ENGINE_WORKSPACE"
        )
    _read(path)  # a file that cannot be read is not made worse
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    kept = [line for line in lines if not any(re.match(rf"\s*{name}\s*=", line) for name in values)]
    new = [f"{name} = {_quoted(value)}" for name, value in values.items() if value]
    beside = path.with_name(path.name + ".part")
    try:
        beside.write_bytes("\n".join([*new, *kept, ""]).encode())
        beside.replace(path)
    except OSError as error:
        raise SettingsError(f"{path}: cannot be written ({error.strerror})") from error
    except UnicodeEncodeError as error:
        raise SettingsError(
            f"{list(values.values())}: a name that is not UTF-8 cannot stand in {path}; rename the file"
        ) from error
    return path


def _quoted(value: str) -> str:
    """Return a text as TOML writes it: like JSON, but for one more character that must be escaped."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _read(path: Path) -> dict[str, object]:
    """Return what the workspace's file sets; nothing where there is none."""
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise SettingsError(
            f'{path}: not readable as TOML ({error}); expected lines like model = "nano"'
        ) from error
    if "workspace" in found:
        raise SettingsError(f"{path}: sets workspace, which says where this file lies; take it out")
    return found


def _in_environment(name: str) -> bool:
    """Say whether the environment sets a setting; as everywhere, case does not matter there."""
    return f"{_PREFIX}{name}".upper() in (variable.upper() for variable in os.environ)


def _said(error: ValidationError) -> str:
    """Return every value that is not allowed, with the reason."""
    lines = "; ".join(
        f"{'.'.join(map(str, item['loc']))} = {item['input']!r}: {item['msg']}"
        for item in error.errors()
    )
    return f"{lines}; see `engine --help` for what is possible"
