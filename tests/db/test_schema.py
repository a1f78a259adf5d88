"""Migrations: from nothing to the tables of this version, on both kinds of database, and never half."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, create_engine, inspect, text

from db import schema
from db.connect import Database, open_database, parse
from db.tables import Table
from db.transactions import connect
from engine.errors import StoreError

SERVER = [pytest.mark.postgres, pytest.mark.slow]


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=SERVER)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the address of a database that holds nothing yet."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'new' / 'engine.db'}"
    return str(request.getfixturevalue("empty_postgres"))


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    """Upgrade the database and return a plain way into it."""
    with Database(url) as database:
        database.upgrade()
    engine = create_engine(parse(url))
    yield engine
    engine.dispose()


def test_the_migrations_make_exactly_the_tables_that_the_program_expects(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Table.metadata) == []


def test_the_comparison_would_notice_a_column_that_is_missing(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE events DROP COLUMN note"))
        context = MigrationContext.configure(connection)
        (difference,) = compare_metadata(context, Table.metadata)
    assert difference[0] == "add_column"


def test_the_line_of_revisions_cannot_fork_even_for_a_program_that_forgets_the_lock(
    engine: Engine,
) -> None:
    indexes = {index["name"]: index for index in inspect(engine).get_indexes("revisions")}
    assert indexes["ix_revisions_one_root"]["unique"]
    unique = inspect(engine).get_unique_constraints("revisions")
    assert [constraint["column_names"] for constraint in unique] == [["clip", "parent"]]


def test_upgrading_again_changes_nothing(engine: Engine, url: str) -> None:
    with Database(url) as database:
        database.upgrade()
        database.check()
    with engine.connect() as connection:
        assert schema.state(connection) is schema.State.CURRENT


def test_an_empty_database_says_how_to_set_it_up(url: str) -> None:
    if url.startswith("sqlite"):
        path = Path(str(parse(url).database))
        path.parent.mkdir()
        path.touch()
    with pytest.raises(StoreError, match="engine init"):
        open_database(url)


def test_a_newer_database_is_refused_and_left_alone(engine: Engine, url: str) -> None:
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match="newer version"):
        open_database(url)
    with Database(url) as database, pytest.raises(StoreError, match="newer version"):
        database.upgrade()
    with engine.connect() as connection:
        assert (
            connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == "9999"
        )


def test_an_older_database_is_refused_until_it_is_upgraded(
    engine: Engine, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Database(url) as database:
        monkeypatch.setattr(schema, "state", lambda _: schema.State.OLDER)
        with pytest.raises(StoreError, match=r"older version.*backup"):
            database.check()
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM clips")).scalar() == 0


def test_an_upgrade_that_breaks_off_leaves_no_table_behind(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def torn(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    engine = connect(parse(url))
    with Database(url) as database, monkeypatch.context() as patch:
        patch.setattr("alembic.operations.Operations.create_index", torn)
        with pytest.raises(KeyboardInterrupt):
            database.upgrade()
    assert inspect(engine).get_table_names() == []
    engine.dispose()


def test_every_migration_is_in_one_line() -> None:
    script = schema.ScriptDirectory.from_config(schema._config())
    assert len(script.get_heads()) == 1
    assert [m.revision for m in script.walk_revisions()][-1] == "0001"
