"""Whatever stands in a workspace's engine.toml, it is used, or refused by the name of the file; never half of it."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.config import SETTINGS_FILE, Settings, read_settings, remember
from engine.errors import SettingsError

on_disk = settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
GOOD = ["every = 10", "model = 'a'", "# a remark", ""]
BAD = ["every = true", "every = '5'", "model = 3", "confidence = nan", "target_seconds = -1"]
ODD = ["[model]", "a.b = 1", "= 4", "x"]
lines = st.sampled_from([*GOOD, *BAD, *ODD])


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"ENGINE_{name.upper()}", raising=False)


def read(folder: Path, content: bytes) -> Settings | str:
    """Return the settings, or what is wrong with them."""
    (folder / SETTINGS_FILE).write_bytes(content)
    try:
        return read_settings(workspace=folder)
    except SettingsError as error:
        return str(error)


@on_disk
@given(content=st.binary(max_size=60))
def test_any_bytes_are_settings_or_an_error_that_names_the_file(
    content: bytes, tmp_path: Path
) -> None:
    found = read(tmp_path, content)
    assert isinstance(found, Settings) or SETTINGS_FILE in found


@on_disk
@given(written=st.lists(lines, max_size=4))
def test_any_lines_are_settings_or_an_error_that_names_the_file(
    written: list[str], tmp_path: Path
) -> None:
    found = read(tmp_path, "\n".join(written).encode())
    assert isinstance(found, Settings) or SETTINGS_FILE in found


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("every = 0", "every = 0"),
        ("confidence = nan", "confidence"),
        ("confidence = 1.5", "confidence = 1.5"),
        ("target_seconds = inf", "target_seconds"),
        ("clip_seconds = inf", "clip_seconds"),
        ("evry = 5", "evry"),
        ("device = 'tpu'", "device = 'tpu'"),
        ("every = [1, 2]", "every"),
    ],
)
def test_a_value_that_makes_no_sense_is_named(line: str, said: str, tmp_path: Path) -> None:
    found = read(tmp_path, line.encode())
    assert isinstance(found, str)
    assert said in found


@on_disk
@given(
    written=st.lists(lines, max_size=4),
    name=st.sampled_from(["model", "detector_weights"]),
    value=st.text(min_size=1, max_size=20),
)
def test_remembering_in_a_file_of_any_lines_works_or_leaves_it_as_it_was(
    written: list[str], name: str, value: str, tmp_path: Path
) -> None:
    before = "\n".join(written).encode()
    good = isinstance(read(tmp_path, before), Settings)
    try:
        remember(tmp_path, **{name: value})
    except SettingsError:
        assert (tmp_path / SETTINGS_FILE).read_bytes() == before
        return
    after = read(tmp_path, (tmp_path / SETTINGS_FILE).read_bytes())
    assert not good or (isinstance(after, Settings) and getattr(after, name) == value)
    assert not list(tmp_path.glob("*.part"))


def test_a_name_that_is_not_utf_8_is_refused_and_the_file_stays(tmp_path: Path) -> None:
    (tmp_path / SETTINGS_FILE).write_text("every = 10\n")
    with pytest.raises(SettingsError, match=r"not UTF-8.*rename"):
        remember(tmp_path, model="/data/b\udce4lle.pt")
    assert read_settings(workspace=tmp_path).every == 10
    assert [path.name for path in tmp_path.iterdir()] == [SETTINGS_FILE]
