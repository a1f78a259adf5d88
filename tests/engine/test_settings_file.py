"""A workspace remembers settings in a small file: above the defaults, below the environment and the call."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.config import SETTINGS_FILE, read_settings, remember
from engine.errors import SettingsError


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ENGINE_WORKSPACE", "ENGINE_MODEL", "ENGINE_DETECTOR_WEIGHTS", "ENGINE_EVERY"):
        monkeypatch.delenv(name, raising=False)


def test_without_a_file_the_defaults_hold(tmp_path: Path) -> None:
    assert read_settings(workspace=tmp_path).model == "nano"


def test_the_file_beats_the_default_the_environment_the_file_and_the_call_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / SETTINGS_FILE).write_text('model = "a.pt"\nevery = 9\n')
    assert read_settings(workspace=tmp_path).model == "a.pt"
    assert read_settings(workspace=tmp_path).every == 9
    monkeypatch.setenv("engine_model", "b.pt")
    assert read_settings(workspace=tmp_path).model == "b.pt"
    assert read_settings(workspace=tmp_path, model="c.pt").model == "c.pt"


def test_the_workspace_of_the_environment_brings_its_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / SETTINGS_FILE).write_text("every = 4")
    monkeypatch.setenv("ENGINE_WORKSPACE", str(tmp_path))
    assert read_settings().every == 4


def test_what_is_remembered_is_read_again(tmp_path: Path) -> None:
    assert remember(tmp_path, model="a.pt") == tmp_path / SETTINGS_FILE
    remember(tmp_path, detector_weights="b.pt")
    found = read_settings(workspace=tmp_path)
    assert (found.model, found.detector_weights) == ("a.pt", "b.pt")


def test_remembering_again_replaces_and_an_empty_value_takes_it_out(tmp_path: Path) -> None:
    remember(tmp_path, model="a.pt")
    remember(tmp_path, model="b.pt")
    assert read_settings(workspace=tmp_path).model == "b.pt"
    remember(tmp_path, model="")
    assert "model" not in (tmp_path / SETTINGS_FILE).read_text()
    assert read_settings(workspace=tmp_path).model == "nano"


def test_what_a_person_wrote_in_the_file_stays(tmp_path: Path) -> None:
    (tmp_path / SETTINGS_FILE).write_text('# slow machine\nevery = 9\nmodel = "a.pt"\n')
    remember(tmp_path, model="b.pt")
    assert (tmp_path / SETTINGS_FILE).read_text() == 'model = "b.pt"\n# slow machine\nevery = 9\n'


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(name=st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1))
def test_any_path_survives_the_file(name: str, tmp_path: Path) -> None:
    remember(tmp_path, model=name)
    assert tomllib.loads((tmp_path / SETTINGS_FILE).read_text(encoding="utf-8"))["model"] == name
    assert read_settings(workspace=tmp_path).model == name


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("model = nano", "not readable as TOML"),
        ("every = 0", "every = 0"),
        ('modell = "a.pt"', "modell"),
        ('workspace = "there"', "take it out"),
        ('[model]\nname = "a"', "model"),
    ],
)
def test_a_file_that_is_wrong_is_named_with_the_reason(
    content: str, said: str, tmp_path: Path
) -> None:
    (tmp_path / SETTINGS_FILE).write_text(content)
    with pytest.raises(SettingsError, match=said) as refused:
        read_settings(workspace=tmp_path)
    assert str(tmp_path / SETTINGS_FILE) in str(refused.value)


def test_a_file_that_cannot_be_read_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / SETTINGS_FILE).write_text("model = ")
    with pytest.raises(SettingsError, match="not readable"):
        remember(tmp_path, model="a.pt")
    assert (tmp_path / SETTINGS_FILE).read_text() == "model = "


def test_without_a_workspace_nothing_is_remembered(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="engine init"):
        remember(tmp_path / "none", model="a.pt")
