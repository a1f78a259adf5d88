"""The programs that run together: how each is started, and what it reads from its environment. Starts the set-up, ends nothing."""

import base64
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from engine.errors import ServerError
from ml_backend import hosting
from ml_backend.service import Service
from ml_backend.together_ports import FREE

BACKEND_USER = "label-studio"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to run: the workspace, Label Studio's program, databases, ports (see ``together_ports.Asked``)."""

    workspace: Path
    label_studio: Path
    postgres: str = ""
    port: int | None = FREE
    backend_port: int | None = FREE
    page_port: int | None = FREE
    key_frames: bool = False

    @property
    def home(self) -> Path:
        """Return the folder in which Label Studio keeps what is its own."""
        return self.workspace / "label-studio"

    @property
    def ports(self) -> Path:
        """Return the file of the ports that were taken."""
        return self.home / "ports.json"

    @property
    def logs(self) -> Path:
        """Return the folder of the logs."""
        return self.workspace / "logs"


def label_studio(wanted: Wanted, login: hosting.Login, port: int) -> hosting.LabelStudio:
    """Start Label Studio, its tables in a database beside ours where that is PostgreSQL."""
    return hosting.start(
        wanted.label_studio,
        wanted.home,
        port=port,
        files=wanted.workspace.absolute(),
        login=login,
        log=wanted.logs / "label-studio.log",
        database=beside(wanted.postgres),
    )


def beside(postgres: str) -> str:
    """Return the address of Label Studio's own database on the server that holds ours; "" for SQLite."""
    parts = urlsplit(postgres)
    return urlunsplit(parts._replace(path=f"{parts.path}_labelstudio")) if postgres else ""


def told(
    login: hosting.Login, addresses: Sequence[str], *, files: Path, postgres: str = ""
) -> dict[str, str]:
    """Return what the engine's commands read from their environment; ``addresses`` are those of Label Studio, backend and page."""
    return {
        "ENGINE_LABEL_STUDIO_URL": addresses[0],
        "ENGINE_LABEL_STUDIO_TOKEN": login.token,
        "ENGINE_LABEL_STUDIO_FILES": str(files.absolute()),
        "ENGINE_ML_BACKEND_URL": addresses[1],
        "ENGINE_ML_BACKEND_USER": BACKEND_USER,
        "ENGINE_ML_BACKEND_PASSWORD": login.backend,
        "ENGINE_PAGE_URL": addresses[2],
    } | ({"ENGINE_DATABASE_URL": postgres} if postgres else {})


def engines(
    wanted: Wanted, login: hosting.Login, addresses: Sequence[str]
) -> tuple[Service, Service]:
    """Return the backend, which starts its worker, and the page."""
    environment = told(login, addresses, files=wanted.workspace, postgres=wanted.postgres)
    backend, page = (
        Service(
            f"engine serve {name}",
            [*_engine(wanted), "serve", name, "--port", address.rpartition(":")[2]],
            log=wanted.logs / f"{name}.log",
            environment=environment,
        )
        for name, address in zip(("ml-backend", "ui"), addresses[1:], strict=True)
    )
    return backend, page


def _engine(wanted: Wanted) -> list[str]:
    """Return how the engine's commands are called."""
    return [sys.executable, "-m", "engine.cli", "--workspace", str(wanted.workspace)]


def shown(login: hosting.Login) -> dict[str, str]:
    """Return what our backend is shown."""
    secret = base64.b64encode(f"{BACKEND_USER}:{login.backend}".encode()).decode()
    return {"Authorization": f"Basic {secret}"}


def set_up(wanted: Wanted, environment: Mapping[str, str]) -> None:
    """Make the project in Label Studio and a task for every clip, or find them made.

    Address and token are given, so that they are kept in the workspace for commands that are called beside these programs.

    Raises:
        ServerError: it could not be done; what was said about it is told.
    """
    command = [*_engine(wanted), "labelstudio", "setup"]
    command += ["--url", environment["ENGINE_LABEL_STUDIO_URL"], "--token", "-"]
    words = ["--key-frames"] if wanted.key_frames else []
    done = subprocess.run(  # noqa: S603 - our own command
        [*command, *words],
        env=os.environ | environment,
        input=environment["ENGINE_LABEL_STUDIO_TOKEN"],
        capture_output=True,
        text=True,
        check=False,
    )
    (wanted.logs / "setup.log").write_text(done.stdout + done.stderr, encoding="utf-8")
    if done.returncode:
        raise ServerError(f"`engine labelstudio setup` failed: {done.stderr or done.stdout}")
