"""`engine users`: people are added, listed, changed and kept out; passwords are never shown."""

import io
import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from annotator_ui.login_passwords import Passwords
from db.connect import Database
from engine.cli.users import Listed, table
from engine.ports import Role, User

Run = Callable[..., subprocess.CompletedProcess[str]]

SECRET = "correct horse battery"  # noqa: S105 - of nobody


@pytest.fixture
def users(run: Run, tmp_path: Path) -> Any:
    """Return the users of a new workspace, as the database knows them."""
    assert run("init").returncode == 0
    with Database(f"sqlite:///{tmp_path / 'workspace' / 'engine.db'}") as database:
        yield database.desk.users


@pytest.fixture
def typed(run: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command with lines on its input."""

    def start(*words: str, lines: str = f"{SECRET}\n") -> subprocess.CompletedProcess[str]:
        monkeypatch.setattr(sys, "stdin", io.StringIO(lines))
        return run("users", *words)

    return start


def user(users: Any, name: str = "maria") -> User:
    found = users.user(name)
    assert isinstance(found, User)
    return found


def test_somebody_is_added_and_can_log_in_with_their_password(typed: Run, users: Any) -> None:
    added = typed("add", "maria", "--role", "lead", "--password-stdin")
    assert (added.returncode, added.stdout) == (0, "added maria (lead)\n")
    assert user(users).role is Role.LEAD
    assert Passwords().right(user(users), SECRET)


def test_who_is_added_without_a_role_corrects(typed: Run, users: Any) -> None:
    typed("add", "bo", "--password-stdin")
    assert user(users, "bo").role is Role.ANNOTATOR


def test_only_the_line_end_is_taken_off_a_password(typed: Run, users: Any) -> None:
    typed("add", "maria", "--password-stdin", lines="  with spaces  \r\nnext line\n")
    assert Passwords().right(user(users), "  with spaces  ")


def test_neither_password_nor_hash_is_ever_printed(typed: Run, users: Any) -> None:
    said = [
        typed("add", "maria", "--password-stdin", "--json"),
        typed("add", "maria", "--password-stdin"),
        typed("list"),
        typed("list", "--json"),
        typed("password", "maria", "--password-stdin", "--json"),
    ]
    assert user(users).password.startswith("$argon2id$")
    for answer in said:
        assert SECRET not in answer.stdout + answer.stderr
        assert "argon2" not in answer.stdout + answer.stderr


def test_the_list_is_for_people_and_for_scripts(typed: Run, users: Any) -> None:
    assert "engine users add NAME --role lead" in typed("list").stdout
    typed("add", "maria", "--role", "lead", "--password-stdin")
    typed("add", "bo", "--password-stdin")
    typed("disable", "bo")
    assert typed("list").stdout == "bo     annotator  kept out\nmaria  lead\n"
    assert json.loads(typed("list", "--json").stdout) == [
        {"name": "bo", "role": "annotator", "active": False},
        {"name": "maria", "role": "lead", "active": True},
    ]
    assert len(users.users()) == 2


def test_a_new_password_replaces_the_old_one(typed: Run, users: Any) -> None:
    typed("add", "maria", "--password-stdin")
    changed = typed("password", "maria", "--password-stdin", lines="another one\n")
    assert changed.stdout == "new password: maria (annotator)\n"
    assert Passwords().right(user(users), "another one")
    assert not Passwords().right(user(users), SECRET)


def test_roles_change_and_people_are_kept_out_and_let_in(typed: Run, users: Any) -> None:
    typed("add", "maria", "--password-stdin")
    assert typed("role", "maria", "reviewer").stdout == "new role: maria (reviewer)\n"
    assert user(users).role is Role.REVIEWER
    assert typed("disable", "maria").stdout == "kept out: maria (reviewer)\n"
    assert not user(users).active
    assert typed("enable", "maria").stdout == "may log in: maria (reviewer)\n"
    assert Passwords().right(user(users), SECRET)


def test_a_name_that_is_taken_is_refused_with_what_else_could_be_meant(
    typed: Run, users: Any
) -> None:
    typed("add", "maria", "--role", "lead", "--password-stdin")
    before = user(users)
    again = typed("add", "maria", "--password-stdin")
    assert again.returncode == 2
    assert "engine users password maria" in again.stderr
    assert user(users) == before


@pytest.mark.parametrize("words", [("password", "--password-stdin"), ("disable",), ("enable",)])
def test_unknown_people_are_an_error_that_says_where_to_look(
    typed: Run, users: Any, words: tuple[str, ...]
) -> None:
    answer = typed(words[0], "nobody", *words[1:])
    assert answer.returncode == 2
    assert "engine users list" in answer.stderr
    assert users.users() == ()


@pytest.mark.parametrize(
    ("name", "lines", "why"),
    [("maria", "short\n", "8 to 200"), ("maria", "", "8 to 200"), ("maria", "x" * 201, "8 to 200"),
     (" ", f"{SECRET}\n", "user name"), ("x" * 101, f"{SECRET}\n", "user name")],
)  # fmt: skip
def test_what_cannot_be_a_name_or_a_password_is_refused(
    typed: Run, users: Any, name: str, lines: str, why: str
) -> None:
    answer = typed("add", name, "--password-stdin", lines=lines)
    assert answer.returncode == 2
    assert why in answer.stderr
    assert users.users() == ()


def test_without_a_terminal_nobody_is_asked(typed: Run, users: Any) -> None:
    answer = typed("add", "maria")
    assert answer.returncode == 2
    assert "--password-stdin" in answer.stderr
    assert users.users() == ()


def test_without_a_workspace_the_command_says_how_to_make_one(run: Run) -> None:
    answer = run("users", "list")
    assert answer.returncode == 2
    assert "engine init" in answer.stderr


def ask_on_a_terminal(folder: Path, environment: dict[str, str], *answers: str) -> str:
    """Run `engine users add maria` on a terminal, answer its questions, and return all that the screen showed."""
    mine, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "engine.cli", "users", "add", "maria"],
        cwd=folder, env=environment, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
    )  # fmt: skip
    os.close(theirs)
    shown = b""
    for answer in answers:
        questions = shown.count(b": ")
        while shown.count(b": ") == questions:
            shown += os.read(mine, 1024)
        os.write(mine, answer.encode() + b"\n")
    while True:
        try:
            shown += os.read(mine, 1024)
        except OSError:  # the other end is closed
            break
    process.wait()
    os.close(mine)
    return shown.decode()


@pytest.mark.slow
def test_on_a_terminal_the_password_is_asked_for_twice_and_not_shown(
    tmp_path: Path, environment: dict[str, str], users: Any
) -> None:
    shown = ask_on_a_terminal(tmp_path, environment, SECRET, SECRET)
    assert SECRET not in shown
    assert "added maria (annotator)" in shown
    assert Passwords().right(user(users), SECRET)


def test_everything_helps_with_examples(run: Run) -> None:
    assert "engine users add NAME --role lead" in run("users", "--help").stdout
    for command in ("add", "list", "password", "role", "disable", "enable"):
        assert f"engine users {command}" in run("users", command, "--help").stdout


def test_the_table_is_as_wide_as_the_longest_name() -> None:
    lines = table([Listed("a", Role.LEAD, True), Listed("longer", Role.REVIEWER, False)])
    assert lines.splitlines() == ["a       lead", "longer  reviewer   kept out"]
