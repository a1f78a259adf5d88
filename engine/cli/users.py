"""The commands for people: add, list, password, role, disable, enable. Prints no password and no hash."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

import typer

from engine import wiring
from engine.cli.console import answer
from engine.config import read_settings
from engine.errors import InputError
from engine.ports import Role, User, Users

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help="""People who may log in to the page where masks are corrected (`engine serve ui --host ...`).

```text
engine users add NAME --role lead
engine users list
engine users disable NAME
```""",
)

ADD = """Add somebody. An annotator corrects and submits; a reviewer also accepts, rejects and reopens; a lead also takes clips from others. The password is asked for without showing it, or read from the first line of the input. Names are kept for ever: they stand in the clips' histories.

```text
engine users add NAME --role lead
engine users add NAME
pass show team/NAME | engine users add NAME --password-stdin
```"""

LIST = """Show everybody, with role and whether they may log in.

```text
engine users list
engine users list --json | jq -r '.[] | select(.active) | .name'
```"""

RESET = """Give somebody a new password; wherever they are logged in, they must log in anew.

```text
engine users password NAME
pass show team/NAME | engine users password NAME --password-stdin
```"""

ROLE = """Change what somebody may do; it holds from their next click on.

```text
engine users role NAME reviewer
```"""

DISABLE = """Keep somebody out, at once and wherever they are logged in. What they did stays.

```text
engine users disable NAME
```"""

ENABLE = """Let somebody in again, with the password they had.

```text
engine users enable NAME
```"""

Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON, for scripts.")]
Name = Annotated[str, typer.Argument(help="Their name, as `engine users list` shows it.")]
FromInput = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from the input's first line.")
]


@dataclass(frozen=True, slots=True)
class Listed:
    """A user as it may be shown."""

    name: str
    role: Role
    active: bool


@app.command(help=ADD)
def add(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="How they are called, up to 100 characters.")],
    *,
    role: Annotated[
        Role, typer.Option(help="annotator, reviewer or lead: see above.")
    ] = Role.ANNOTATOR,
    password_stdin: FromInput = False,
    json: Json = False,
) -> None:
    """Add somebody."""

    def added(users: Users) -> User:
        if users.user(name) is not None:
            raise InputError(
                f"there is a user {name!r} already: `engine users password {name}` gives a new password, "
                f"`engine users enable {name}` lets them in again"
            )
        user = User(name, role, _hashed(from_input=password_stdin))
        users.add(user)
        return user

    _report(context, added, as_json=json, said="added")


@app.command("list", help=LIST)
def list_(context: typer.Context, *, json: Json = False) -> None:
    """Show everybody."""
    with wiring.workbench(read_settings(**context.obj)) as bench:
        shown = [_listed(user) for user in bench.desk.users.users()]
    answer(shown, as_json=json, text=table(shown))


@app.command(help=RESET)
def password(
    context: typer.Context, name: Name, *, password_stdin: FromInput = False, json: Json = False
) -> None:
    """Give somebody a new password."""

    def changed(users: Users) -> User:
        users.change(name)  # refuses an unknown name before anybody types a password
        return users.change(name, password=_hashed(from_input=password_stdin))

    _report(context, changed, as_json=json, said="new password:")


@app.command(help=ROLE)
def role(
    context: typer.Context,
    name: Name,
    new: Annotated[Role, typer.Argument(metavar="ROLE", help="annotator, reviewer or lead.")],
    *,
    json: Json = False,
) -> None:
    """Change what somebody may do."""
    _report(context, lambda users: users.change(name, role=new), as_json=json, said="new role:")


@app.command(help=DISABLE)
def disable(context: typer.Context, name: Name, *, json: Json = False) -> None:
    """Keep somebody out."""
    _report(context, lambda users: users.change(name, active=False), as_json=json, said="kept out:")


@app.command(help=ENABLE)
def enable(context: typer.Context, name: Name, *, json: Json = False) -> None:
    """Let somebody in again."""
    _report(
        context, lambda users: users.change(name, active=True), as_json=json, said="may log in:"
    )


def table(people: list[Listed]) -> str:
    """Return one line for each, or what to do where there is nobody."""
    if not people:
        return "nobody yet; add somebody with `engine users add NAME --role lead`"
    width = max(len(each.name) for each in people) + 2
    lines = (f"{x.name:<{width}}{x.role:<11}{'' if x.active else 'kept out'}" for x in people)
    return "\n".join(line.rstrip() for line in lines)


def _report(
    context: typer.Context, change: Callable[[Users], User], *, as_json: bool, said: str
) -> None:
    """Change somebody and say how they are now."""
    with wiring.workbench(read_settings(**context.obj)) as bench:
        now = _listed(change(bench.desk.users))
    answer(now, as_json=as_json, text=f"{said} {now.name} ({now.role})")


def _listed(user: User) -> Listed:
    return Listed(user.name, user.role, user.active)


def _hashed(*, from_input: bool) -> str:
    """Ask for a password and return its hash.

    Raises:
        InputError: it is too short or too long, or there is nobody to ask.
    """
    from annotator_ui.login_passwords import Passwords  # noqa: PLC0415 - only where one is hashed

    if from_input:
        return Passwords().hash(sys.stdin.readline().rstrip("\r\n"))
    if not sys.stdin.isatty():
        raise InputError("nobody to ask for a password: pipe it in and say --password-stdin")
    return Passwords().hash(typer.prompt("password", hide_input=True, confirmation_prompt=True))
