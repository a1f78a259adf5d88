"""A PostgreSQL server for the tests that ask for one: the one named, or a private one that lives as long as they.

No property is timed.
"""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from sqlalchemy import URL, create_engine, make_url, text

from db.connect import Database, parse

settings.register_profile("untimed", deadline=None)  # a busy machine must not fail a property
settings.load_profile("untimed")

PASSWORD = "swordfish-9"  # noqa: S105 - of a server that only these tests see


def _programs() -> Path | None:
    """Return the folder of the newest PostgreSQL that is installed whole."""
    found = shutil.which("initdb")
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    folders += [Path(found).resolve().parent] if found else []
    needed = ("initdb", "postgres", "pg_isready")
    return next((f for f in folders if all((f / name).exists() for name in needed)), None)


def _owner() -> dict[str, Any]:
    """Return how to run as somebody else where we are root: the server refuses to be."""
    if os.geteuid() != 0:
        return {}
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    entry = names.get("postgres") or names["nobody"]
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _cluster(programs: Path, folder: Path, owner: dict[str, Any]) -> Path:
    """Make the files of a new server and return their folder."""
    secret = folder / "secret"
    secret.write_text(PASSWORD)
    if owner:
        for path in (folder, secret):
            os.chown(path, owner["user"], owner["group"])
    data = folder / "data"
    subprocess.run(
        [programs / "initdb", "-D", data, "-U", "tester", "--auth=scram-sha-256",
         f"--pwfile={secret}", "--no-sync", "--encoding=UTF8", "--locale=C"],
        check=True, capture_output=True, cwd=folder, **owner,
    )  # fmt: skip
    return data


@pytest.fixture(scope="session")
def postgres() -> Iterator[URL]:
    """Return the address of a server on which we may create databases."""
    given = os.environ.get("ENGINE_DATABASE_URL", "")
    if given and make_url(given).get_backend_name() == "postgresql":
        yield parse(given)
        return
    programs = _programs()
    if programs is None:
        pytest.skip(
            "PostgreSQL's programs are absent: install postgresql, or set ENGINE_DATABASE_URL"
        )
    folder, owner, port = Path(tempfile.mkdtemp(prefix="pg-")), _owner(), _free_port()
    data = _cluster(programs, folder, owner)
    server = subprocess.Popen(
        [programs / "postgres", "-D", data, "-k", folder, "-h", "127.0.0.1", "-p", str(port),
         "-c", "fsync=off", "-c", "max_connections=60"],
        cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **owner,
    )  # fmt: skip
    try:
        ready = [programs / "pg_isready", "-h", "127.0.0.1", "-p", str(port), "-t", "30"]
        while subprocess.run(ready, check=False, capture_output=True).returncode != 0:
            assert server.poll() is None, "the server ended by itself"
            time.sleep(0.05)
        yield URL.create("postgresql+psycopg", "tester", PASSWORD, "127.0.0.1", port, "postgres")
    finally:
        server.send_signal(2)  # SIGINT: end now, cut connections
        server.wait(timeout=30)
        shutil.rmtree(folder, ignore_errors=True)


def _execute(server: URL, *statements: str) -> None:
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


@pytest.fixture(scope="session")
def postgres_template(postgres: URL) -> Iterator[str]:
    """Return the name of a database with our tables, from which others are copied quickly."""
    name = f"template_{uuid.uuid4().hex}"
    _execute(postgres, f"CREATE DATABASE {name}")
    with Database(postgres.set(database=name).render_as_string(hide_password=False)) as database:
        database.upgrade()
    yield name
    _execute(postgres, f"DROP DATABASE {name}")


@pytest.fixture
def empty_postgres(postgres: URL) -> Iterator[str]:
    """Return the address of a fresh database without tables."""
    name = f"test_{uuid.uuid4().hex}"
    _execute(postgres, f"CREATE DATABASE {name}")
    yield postgres.set(database=name).render_as_string(hide_password=False)
    _execute(postgres, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def postgres_database(postgres: URL, postgres_template: str) -> Iterator[str]:
    """Return the address of a fresh database with our tables."""
    name = f"test_{uuid.uuid4().hex}"
    _execute(postgres, f"CREATE DATABASE {name} TEMPLATE {postgres_template}")
    yield postgres.set(database=name).render_as_string(hide_password=False)
    _execute(postgres, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def sqlite_database(tmp_path: Path) -> str:
    """Return the address of a fresh SQLite file with our tables."""
    url = f"sqlite:///{tmp_path / 'engine.db'}"
    with Database(url) as database:
        database.upgrade()
    return url


@pytest.fixture(
    params=["sqlite", pytest.param("postgres", marks=[pytest.mark.postgres, pytest.mark.slow])]
)
def database_url(request: pytest.FixtureRequest) -> str:
    """Return the address of a fresh database with our tables, of either kind."""
    return str(request.getfixturevalue(f"{request.param}_database"))
