"""Every setting of the product in one frozen object, read once. Refuses to know who uses them."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from engine.errors import SettingsError
from engine.settings_file import read_file, settings_path

_NOT_IN_FILE = ("workspace",)  # it says where the file lies


class Settings(BaseSettings):
    """Settings with their defaults; each is also read from ``ENGINE_<NAME>`` in the environment.

    Below the environment stands the workspace's own file, ``engine.toml``, which `engine models use` writes.

    ``every``, ``buffer`` and ``repair`` are Det-SAM2's n, K and M in frames, with the defaults
    of its publication: detect on every 30th frame, buffer 30, propagate back over at most 60.
    ``threads`` 0 means two for the bundled nano, whose layers are too small for more, else all cores.
    """

    model_config = SettingsConfigDict(env_prefix="ENGINE_", frozen=True, extra="forbid")

    workspace: Path = Path("workspace")
    database_url: str = ""
    model: str = "nano"
    segment_mode: Literal["auto", "windows", "frame"] = "auto"
    detector: str = "yolo"
    detector_weights: str = ""
    device: Literal["auto", "cpu", "cuda"] = "auto"
    threads: int = Field(default=0, ge=0)
    every: int = Field(default=30, ge=1)
    buffer: int = Field(default=30, ge=1)
    repair: int = Field(default=60, ge=0)
    confidence: float | None = Field(default=None, ge=0, le=1)
    clip_seconds: float = Field(default=10.0, gt=0)
    target_seconds: float = Field(default=2000.0, gt=0)
    lease_seconds: float = Field(default=20.0, gt=0)

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
        return Settings(**_of_file(workspace), **chosen)  # type: ignore[arg-type]  # as above
    except ValidationError as error:
        raise SettingsError(
            f"settings: {_said(error)}; see `engine --help` for what is possible"
        ) from error


def _of_file(workspace: Path) -> Mapping[str, object]:
    """Return what the workspace's file sets and nothing above it does."""
