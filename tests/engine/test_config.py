"""Settings come from the call, then the environment, then the defaults, and are checked once."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from engine.config import read_settings
from engine.errors import SettingsError


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ENGINE_WORKSPACE", "ENGINE_DATABASE_URL", "ENGINE_EVERY", "ENGINE_BUFFER"):
        monkeypatch.delenv(name, raising=False)


def test_the_defaults_are_those_of_the_published_det_sam2() -> None:
    settings = read_settings()
    assert (settings.every, settings.buffer, settings.repair) == (30, 30, 60)
    assert settings.target_seconds == 2000


def test_the_environment_beats_the_default_and_the_call_beats_both(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ENGINE_EVERY", "7")
    monkeypatch.setenv("ENGINE_BUFFER", "8")
    settings = read_settings(every=5, buffer=None)
    assert (settings.every, settings.buffer) == (5, 8)


def test_the_database_lies_in_the_workspace_unless_it_is_named(tmp_path: Path) -> None:
    assert read_settings(workspace=tmp_path).database == f"sqlite:///{tmp_path / 'engine.db'}"
    named = "postgresql://somebody@127.0.0.1/billiards"
    assert read_settings(workspace=tmp_path, database_url=named).database == named


def test_every_value_outside_its_range_is_named() -> None:
    with pytest.raises(SettingsError, match=r"every = 0.*confidence = 3"):
        read_settings(every=0, confidence=3)


def test_settings_do_not_change() -> None:
    with pytest.raises(ValidationError):
        read_settings().every = 3  # type: ignore[misc]  # the very point
