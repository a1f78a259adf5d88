"""How a Label Studio of one's own is told where everything is."""

import ipaddress
import re
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import InputError, ServerError
from ml_backend import hosting

LOGIN = hosting.Login("a@b.c", "secret word", "ab" * 20, "back end")


def told(**changed):
    """Return the environment for a folder."""
    given = {"files": Path("/files"), "url": "http://127.0.0.1:1", "login": LOGIN}
    return hosting.environment(Path("/data"), **given | changed)


def test_a_fresh_login_is_kept_for_its_owner_alone(tmp_path):
    made = hosting.login(tmp_path / "home" / "login.json")
    assert re.fullmatch("[0-9a-f]{40}", made.token)
    assert len({made.password, made.token, made.backend}) == 3
    assert stat.S_IMODE((tmp_path / "home" / "login.json").stat().st_mode) == 0o600
    assert hosting.login(tmp_path / "home" / "login.json") == made


def test_two_logins_differ(tmp_path):
    assert hosting.login(tmp_path / "1").password != hosting.login(tmp_path / "2").password


@pytest.mark.parametrize("text", ["", "[]", '{"name": 1}', "{"])
def test_what_is_no_login_is_refused_with_what_to_do(tmp_path, text):
    (tmp_path / "login.json").write_text(text)
    with pytest.raises(InputError, match="Move it away"):
        hosting.login(tmp_path / "login.json")


def test_a_login_shows_no_secret():
    for secret in (LOGIN.password, LOGIN.token, LOGIN.backend):
        assert secret not in repr(LOGIN)


def test_files_are_served_from_the_folder_that_is_named():
    assert told()["LABEL_STUDIO_LOCAL_FILES_SERVING_ENABLED"] == "true"
    assert told()["LABEL_STUDIO_LOCAL_FILES_DOCUMENT_ROOT"] == "/files"


def test_folders_are_told_whole():
    relative = hosting.environment(Path("data"), files=Path("files"), url="", login=LOGIN)
    assert Path(relative["LABEL_STUDIO_BASE_DATA_DIR"]).is_absolute()
    assert Path(relative["LABEL_STUDIO_LOCAL_FILES_DOCUMENT_ROOT"]).is_absolute()


def test_label_studio_may_ask_this_machine_and_no_other_private_one():
    banned = [
        ipaddress.ip_network(each) for each in told()["USER_ADDITIONAL_BANNED_SUBNETS"].split(",")
    ]
    for address, refused in (
        ("127.0.0.1", False),
        ("192.168.1.1", True),
        ("10.0.0.1", True),
        ("169.254.169.254", True),
    ):
        assert any(ipaddress.ip_address(address) in each for each in banned) == refused


def test_nothing_is_told_to_others():
    assert (told()["COLLECT_ANALYTICS"], told()["SENTRY_DSN"]) == ("false", "")


def test_tables_are_in_sqlite_unless_a_database_is_named():
    assert told()["DJANGO_DB"] == "sqlite"
    there = told(database="postgresql+psycopg://me:a%40b@host:55/name")
    assert there["DJANGO_DB"] == "default"
    assert {there[f"POSTGRE_{name}"] for name in ("NAME", "USER", "PASSWORD", "HOST", "PORT")} == {
        *("name", "me", "a@b", "host", "55")
    }


@pytest.mark.parametrize("address", ["sqlite:///x", "postgresql://host", "mysql://a:hidden@b/c"])
def test_another_database_is_refused_without_its_password(address):
    with pytest.raises(InputError, match="expected postgresql://") as refused:
        told(database=address)
    assert "hidden" not in str(refused.value)


@given(st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=40))
def test_an_address_needs_no_port_and_no_name(database):
    there = told(database=f"postgresql://host/{database}")
    assert there["POSTGRE_NAME"] == database
    assert (there["POSTGRE_USER"], there["POSTGRE_PORT"]) == ("postgres", "5432")


def test_a_program_that_is_absent_is_named(tmp_path):
    with pytest.raises(ServerError, match="/no/label-studio"):
        hosting.start(
            Path("/no/label-studio"),
            tmp_path,
            port=1,
            files=tmp_path,
            login=LOGIN,
            log=tmp_path / "log",
        )
