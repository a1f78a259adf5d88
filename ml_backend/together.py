"""Starts Label Studio, our backend with its worker and the correction page on this machine, and ends them together. Knows no protocol.

What `docker compose up` runs in containers, without them: ``python -m ml_backend.together --workspace W``.
"""

import argparse
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from engine.config import read_settings
from engine.errors import EngineError, SelectionError, ServerError
from ml_backend import hosting, together_ports, together_programs
from ml_backend.service import Service, refuse_taken
from ml_backend.together_programs import Wanted

PROGRAM = Path(".venv-labelstudio/bin/label-studio")
LOOK = 0.5
"""Seconds between two looks whether everything still runs."""

EXAMPLES = """examples:
  python -m ml_backend.together --workspace workspace
  python -m ml_backend.together --workspace workspace --label-studio ~/ls/bin/label-studio --port 8080
  python -m ml_backend.together --workspace workspace --postgres postgresql://me:secret@localhost/engine

PostgreSQL holds two databases, which are made before: `createdb engine`, `createdb engine_labelstudio`."""


@dataclass(frozen=True, slots=True)
class Together:
    """What runs: the addresses of Label Studio, the backend and the page, the login, the programs in this order."""

    addresses: tuple[str, ...]
    login: hosting.Login
    services: tuple[Service, ...]

    def ended(self) -> Service | None:
        """Return a program that ended by itself, or None."""
        return next((each for each in self.services if not each.running), None)


@contextmanager
def together(wanted: Wanted, *, say: Callable[[str], None] = lambda _: None) -> Iterator[Together]:
    """Start everything, wait until it answers, and end it all with the block.

    Raises:
        SelectionError: there is no such workspace.
        InputError: somebody listens on one of the ports, or Label Studio had another one; see ``together_ports``.
        ServerError: one of the programs does not start; the end of its log is told.
    """
    if not wanted.workspace.is_dir():
        raise SelectionError(
            f"no workspace at {wanted.workspace.absolute()}; make one with `engine init`"
        )
    login = hosting.login(wanted.home / "login.json")
    asked = together_ports.Asked(wanted.port, wanted.backend_port, wanted.page_port)
    ports = together_ports.chosen(asked, wanted.ports)
    numbers = (ports.label_studio, ports.backend, ports.page)
    for port in numbers:
        refuse_taken(port)
    addresses = [f"http://127.0.0.1:{port}" for port in numbers]
    with ExitStack() as ends:
        say("starting Label Studio (the first time takes about a minute), the backend and the page")
        server = together_programs.label_studio(wanted, login, ports.label_studio)
        ends.callback(server.service.stop)
        backend, page = together_programs.engines(wanted, login, addresses)
        for service in (backend, page):
            ends.callback(service.stop)
            service.start()
        server.wait()
        backend.wait(f"{addresses[1]}/health", headers=together_programs.shown(login))
        together_ports.keep(ports, wanted.ports)  # from here on projects know the address
        say("making the project, and a task for every clip")
        together_programs.set_up(wanted, backend.environment)
        page.wait(f"{addresses[2]}/ui/")  # its first page only leads there
        yield Together(tuple(addresses), login, (server.service, backend, page))


def main(arguments: Sequence[str] | None = None) -> int:
    """Start everything and keep it running until Ctrl-C or a polite kill; return the exit status."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    try:
        with together(_read(arguments), say=_say) as running:
            _say(_told(running))
            _watch(running)
    except KeyboardInterrupt:
        _say("all ended; everything that was done is stored")
    except EngineError as error:
        _say(str(error))
        return 1
    return 0


def _interrupt(number: int, frame: FrameType | None) -> None:
    """Begin to end everything, which takes some seconds and is not interrupted by another Ctrl-C."""
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, signal.SIG_IGN)
    signal.default_int_handler(number, frame)


def _watch(running: Together) -> None:
    """Look again and again whether everything runs.

    Raises:
        ServerError: one of the programs ended; the end of its log is told.
    """
    while (ended := running.ended()) is None:
        time.sleep(LOOK)
    raise ServerError(f"{ended.name} ended by itself; the end of {ended.log}:\n{ended.tail()}")


def _told(running: Together) -> str:
    """Return what somebody needs to begin."""
    label_studio, backend, page = running.addresses
    return (
        f"Label Studio  {label_studio}   login {running.login.name}   password {running.login.password}\n"
        f"backend       {backend}\n"
        f"page          {page}\n"
        "Ctrl-C ends all of them; nothing that was done is lost"
    )


def _say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _read(arguments: Sequence[str] | None) -> Wanted:
    """Return what the command line asks for."""
    parser = argparse.ArgumentParser(
        prog="python -m ml_backend.together",
        description="Run Label Studio, our backend with its worker, and the correction page on this machine.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--workspace", type=Path, default=read_settings().workspace, help="folder of the workspace")
    add("--label-studio", type=Path, default=PROGRAM, help="Label Studio's program (%(default)s)")
    add("--postgres", default="", metavar="URL", help="PostgreSQL database instead of SQLite files")
    usual, later = together_ports.USUAL, "later the one of the last time"
    add(
        "--port",
        type=int,
        help=f"Label Studio's port; at first {usual.label_studio}, or a free one with 0, and the same ever after",
    )
    add("--backend-port", type=int, help=f"the backend's port; at first {usual.backend}, {later}")
    add("--page-port", type=int, help=f"the correction page's port; at first {usual.page}, {later}")
    add("--key-frames", action="store_true", help="make tasks of key frames with masks too")
    return Wanted(**vars(parser.parse_args(arguments)))


if __name__ == "__main__":
    sys.exit(main())
