"""Address and token: kept for the owner alone, found again, never shown and never told to another server."""

import json
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.config import Settings
from engine.errors import SettingsError
from ml_backend.asking.credentials import FILE, Credentials, credentials, recall, remember, required

TOKEN = "0123456789abcdef"  # noqa: S105 - of nobody
KEPT = Credentials("http://127.0.0.1:8080", TOKEN)


def settings(workspace: Path, **given: str) -> Settings:
    return Settings(workspace=workspace, **given)


def test_what_is_remembered_is_recalled(tmp_path: Path) -> None:
    remember(tmp_path, KEPT)
    assert recall(settings(tmp_path)) == KEPT


def test_the_file_is_its_owners_alone_from_the_beginning(tmp_path: Path) -> None:
    for _ in range(2):
        path = remember(tmp_path, KEPT)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in tmp_path.iterdir()] == [FILE]


def test_settings_win_over_what_is_kept(tmp_path: Path) -> None:
    remember(tmp_path, KEPT)
    other = "http://10.0.0.1:8080"
    found = recall(settings(tmp_path, label_studio_url=other, label_studio_token="new"))  # noqa: S106 - of nobody
    assert found == Credentials(other, "new")
    assert recall(settings(tmp_path, label_studio_token="new")) == Credentials(KEPT.url, "new")  # noqa: S106 - of nobody


def test_a_token_that_is_kept_is_shown_to_its_own_address_alone(tmp_path: Path) -> None:
    remember(tmp_path, KEPT)
    assert recall(settings(tmp_path, label_studio_url="http://elsewhere:8080")) is None
    assert recall(settings(tmp_path, label_studio_url=KEPT.url + "/")) == KEPT


def test_where_nothing_is_known_the_error_says_how_to_tell(tmp_path: Path) -> None:
    assert recall(settings(tmp_path)) is None
    with pytest.raises(SettingsError, match="engine labelstudio setup --url ADDRESS --token TOKEN"):
        required(settings(tmp_path))


def test_a_token_is_in_no_representation() -> None:
    assert TOKEN not in repr(KEPT)
    assert TOKEN not in str(KEPT)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("http://127.0.0.1:8080/", "http://127.0.0.1:8080"),
        (" https://studio.example.test ", "https://studio.example.test"),
        ("https://example.test/studio/", "https://example.test/studio"),
        ("http://[::1]:8080", "http://[::1]:8080"),
    ],
)
def test_addresses_are_kept_in_one_form(given: str, kept: str) -> None:
    assert credentials(given, f" {TOKEN}\n") == Credentials(kept, TOKEN)


@pytest.mark.parametrize(
    "url", ["", "127.0.0.1:8080", "ftp://studio", "http://", "http://me:word@studio:8080", "//x"]
)
def test_what_is_no_address_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(SettingsError) as raised:
        credentials(url, TOKEN)
    assert "me:word" not in str(raised.value)
    assert "Label Studio's address" in str(raised.value)


@pytest.mark.parametrize("token", ["", "  ", "a\x00b", "a\nb", "naïve"])
def test_what_no_header_can_hold_is_no_token(token: str) -> None:
    with pytest.raises(SettingsError, match="Account & Settings"):
        credentials(KEPT.url, token)


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"url": "x", "token": "y"}', "null"])
def test_a_damaged_file_says_what_to_do(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_text(text)
    with pytest.raises(SettingsError):
        recall(settings(tmp_path))


def test_a_workspace_that_cannot_be_written_says_what_else_there_is(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="ENGINE_LABEL_STUDIO_TOKEN"):
        remember(tmp_path / "nowhere", KEPT)


@given(
    host=st.from_regex(r"[a-z]{1,10}(:[1-9][0-9]{0,3})?", fullmatch=True),
    token=st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1),
)
def test_any_address_and_token_survive_the_file(
    tmp_path_factory: pytest.TempPathFactory, host: str, token: str
) -> None:
    folder = tmp_path_factory.mktemp("kept")
    found = credentials(f"https://{host}/", token)
    assert json.loads(remember(folder, found).read_text()) == {
        "url": f"https://{host}",
        "token": token,
    }
    assert recall(settings(folder)) == found
