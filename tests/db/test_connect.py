"""Opening a database: what can go wrong at the door is said in words that help, and never with the password."""

import os
import sqlite3
import threading
from pathlib import Path

import pytest
from sqlalchemy import URL, text

from db import transactions
from db.connect import Database, open_database, parse
from engine.errors import SettingsError, StoreError
from engine.types import Video


def shown(server: URL, **changes: object) -> str:
    return server.set(**changes).render_as_string(hide_password=False)  # type: ignore[arg-type]  # names of URL's parts


def test_upgrading_makes_the_folder_and_the_file(tmp_path: Path) -> None:
    with Database(f"sqlite:///{tmp_path / 'deep' / 'er' / 'engine.db'}") as database:
        database.upgrade()
    assert (tmp_path / "deep" / "er" / "engine.db").stat().st_size > 0


def test_opening_makes_nothing(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="engine init"):
        open_database(f"sqlite:///{tmp_path / 'absent.db'}")
    assert list(tmp_path.iterdir()) == []


def test_sqlite_writes_ahead_and_checks_references(sqlite_database: str) -> None:
    with open_database(sqlite_database) as database, database._transactions.read() as connection:
        pragmas = ("journal_mode", "foreign_keys", "synchronous", "busy_timeout")
        found = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in pragmas]
    assert found == ["wal", 1, 1, transactions.BUSY_SECONDS * 1000]


def test_a_reader_does_not_wait_for_a_writer(sqlite_database: str) -> None:
    with open_database(sqlite_database) as database, database._transactions.write():
        assert database.catalog.clips() == ()


@pytest.mark.parametrize(
    "url", ["", "engine.db", "mysql://a:topsecret@b/c", "sqlite://", "sqlite:///:memory:"]
)
def test_other_addresses_are_refused_without_repeating_them(url: str) -> None:
    with pytest.raises(SettingsError, match="sqlite:///FILE") as caught:
        Database(url)
    assert "topsecret" not in str(caught.value)


@pytest.mark.parametrize(
    "scheme", ["postgresql", "postgres", "postgresql+psycopg2", "postgresql+psycopg"]
)
def test_every_way_to_say_postgresql_means_the_one_driver(scheme: str) -> None:
    assert parse(f"{scheme}://u:p@h/d").drivername == "postgresql+psycopg"


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.db").write_text("buy chalk\n" * 500)
    with pytest.raises(StoreError, match=r"notes\.db.*not a database"):
        open_database(f"sqlite:///{tmp_path / 'notes.db'}")
    assert (tmp_path / "notes.db").read_text().startswith("buy chalk")


def test_a_database_that_another_program_holds_is_waited_for_and_then_named(
    sqlite_database: str, monkeypatch: pytest.MonkeyPatch, video: Video
) -> None:
    monkeypatch.setattr(transactions, "BUSY_SECONDS", 0.05)
    holder = sqlite3.connect(str(parse(sqlite_database).database), isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with Database(sqlite_database) as database:
        with pytest.raises(StoreError, match="locked by another program"):
            database.catalog.add_video(video, [])
        holder.execute("ROLLBACK")
        assert database.catalog.add_video(video, [])
    holder.close()


def test_a_writer_waits_for_another_one_to_end(sqlite_database: str, video: Video) -> None:
    file = str(parse(sqlite_database).database)
    holder = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    holder.execute("BEGIN IMMEDIATE")
    timer = threading.Timer(0.2, lambda: holder.execute("COMMIT"))
    timer.start()
    with Database(sqlite_database) as database:
        assert database.catalog.add_video(video, [])
    timer.join()
    holder.close()


def test_a_damaged_database_says_so(sqlite_database: str) -> None:
    file = Path(str(parse(sqlite_database).database))
    data = bytearray(file.read_bytes())
    data[4096:] = os.urandom(len(data) - 4096)
    file.write_bytes(data)
    with Database(sqlite_database) as database, pytest.raises(StoreError, match=r"damaged.*backup"):
        database.catalog.clips()


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    database = Database(f"sqlite:///{tmp_path / 'file' / 'engine.db'}")
    with pytest.raises(StoreError, match="cannot create the folder"):
        database.upgrade()


def test_a_server_that_is_not_there_is_named_without_its_password() -> None:
    with pytest.raises(StoreError, match="cannot be reached") as caught:
        open_database("postgresql://ada:topsecret@127.0.0.1:1/engine")
    assert "topsecret" not in str(caught.value)


@pytest.mark.postgres
@pytest.mark.slow
def test_a_wrong_password_is_named_but_not_shown(postgres: URL) -> None:
    with pytest.raises(StoreError, match="refuses the password") as caught:
        open_database(shown(postgres, password="topsecret"))  # noqa: S106 - wrong on purpose
    assert "topsecret" not in str(caught.value)
    assert str(postgres.password) not in str(caught.value)


@pytest.mark.postgres
@pytest.mark.slow
def test_a_database_that_does_not_exist_is_named(postgres: URL) -> None:
    with pytest.raises(StoreError, match=r"nowhere.*does not exist"):
        open_database(shown(postgres, database="nowhere"))


@pytest.mark.postgres
@pytest.mark.slow
def test_a_connection_that_the_server_cut_is_made_anew(
    postgres_database: str, video: Video
) -> None:
    with open_database(postgres_database) as database:
        with Database(postgres_database) as other, other._transactions.read() as connection:
            connection.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            )
        assert database.catalog.add_video(video, [])


def test_without_a_clock_of_the_test_times_are_now_and_in_utc(database_url: str) -> None:
    with open_database(database_url) as database, database._transactions.read() as connection:
        found = database._transactions.now(connection)
    wall = transactions.datetime.now(transactions.UTC)
    assert abs((found - wall).total_seconds()) < 60
    assert found.utcoffset() == wall.utcoffset()
