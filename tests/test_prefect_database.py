"""Prefect's empty database is made once for a user, and a damaged copy of it harms nobody."""

import sqlite3
from contextlib import closing

import pytest

from flows.prefect_database import keep_database, place_database


@pytest.fixture
def made(tmp_path, monkeypatch):
    """A home in which Prefect has made its database."""
    monkeypatch.setenv("CULTI_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("PREFECT_API_DATABASE_CONNECTION_URL", raising=False)
    home = tmp_path / "made"
    home.mkdir()
    with closing(sqlite3.connect(home / "prefect.db")) as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("CREATE TABLE flow (name TEXT)")
        database.commit()
        keep_database(home)
    return home


def list_tables(home):
    with closing(sqlite3.connect(home / "prefect.db")) as database:
        return database.execute("SELECT name FROM sqlite_master").fetchall()


def test_a_new_home_gets_the_tables_of_the_first(made, tmp_path):
    assert place_database(tmp_path / "new")
    assert list_tables(tmp_path / "new") == list_tables(made) == [("flow",)]


def test_a_home_that_has_a_database_keeps_it(made):
    assert not place_database(made)


def test_who_names_another_database_keeps_that(made, tmp_path, monkeypatch):
    monkeypatch.setenv("PREFECT_API_DATABASE_CONNECTION_URL", "postgresql+asyncpg://elsewhere/prefect")
    assert not place_database(tmp_path / "new")


@pytest.mark.parametrize("damage", [b"", b"no database", None])
def test_a_damaged_copy_is_not_used(made, tmp_path, damage):
    (empty,) = (tmp_path / "cache").rglob("*.db")
    data = empty.read_bytes()
    empty.write_bytes(data[: len(data) // 2] if damage is None else damage)
    assert not place_database(tmp_path / "new")
