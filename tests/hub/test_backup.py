"""A backup is complete while others write, and a torn one does not count."""

import sqlite3
import threading
from contextlib import closing
from datetime import UTC, datetime

import pytest

from hub.backup import back_up

AT = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)


@pytest.fixture
def database(tmp_path):
    path = tmp_path / "reads.sqlite3"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE rating (n INTEGER PRIMARY KEY, twice INTEGER)")
        connection.executemany("INSERT INTO rating VALUES (?, ?)", [(n, 2 * n) for n in range(5000)])
    return path


def test_a_copy_made_under_a_writer_is_sound_and_holds_what_was_there(database, tmp_path):
    stop = threading.Event()

    def write() -> None:
        with closing(sqlite3.connect(database, isolation_level=None, timeout=20)) as connection:
            n = 5000
            while not stop.is_set():
                connection.execute("INSERT INTO rating VALUES (?, ?)", (n, 2 * n))
                n += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        copy = back_up(database, tmp_path / "backups", at=AT)
    finally:
        stop.set()
        writer.join()

    assert copy.name == "reads-20260301T123000Z.sqlite3"
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("SELECT count(*) FROM rating WHERE n < 5000").fetchone() == (5000,)
        assert connection.execute("SELECT count(*) FROM rating WHERE twice <> 2 * n").fetchone() == (0,)


def test_a_damaged_database_gives_no_backup(database, tmp_path):
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    damaged = bytearray(database.read_bytes())
    damaged[4096 + 8 : 4096 + 64] = b"\xff" * 56
    database.write_bytes(damaged)

    with pytest.raises((RuntimeError, sqlite3.DatabaseError)):
        back_up(database, tmp_path / "backups", at=AT)

    assert [file for file in (tmp_path / "backups").iterdir() if file.suffix == ".sqlite3"] == []
