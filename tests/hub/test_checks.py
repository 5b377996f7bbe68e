"""The database is read back before anyone is served."""

from copy import deepcopy

import pytest
from django.core.exceptions import ImproperlyConfigured

from hub import checks
from hub.environment import SQLITE_PRAGMAS, sqlite
from hub.sqlite.base import DatabaseWrapper
from readerstudy.models import Draft


@pytest.fixture
def database(db, tmp_path, settings):
    described = {**settings.DATABASES["default"], **sqlite(tmp_path / "reads.sqlite3"), "TIME_ZONE": None}
    wrapper = DatabaseWrapper({"CONN_MAX_AGE": 0, "AUTOCOMMIT": True, **deepcopy(described)}, alias="other")
    yield wrapper
    wrapper.close()


def test_a_database_opened_by_our_settings_is_sound(database):
    assert list(checks.wrong_pragmas(database)) == []


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("journal_mode", "delete"),
        ("synchronous", 1),
        ("foreign_keys", 0),
        ("recursive_triggers", 0),
        ("trusted_schema", 1),
        ("journal_size_limit", -1),
        ("cell_size_check", 0),
    ],
)
def test_a_setting_changed_behind_our_back_is_named_with_both_values(database, name, wrong):
    with database.cursor() as cursor:
        cursor.execute(f"PRAGMA {name}={wrong}")

    (sentence,) = checks.wrong_pragmas(database)

    assert sentence.startswith(f"SQLite's {name} is {wrong}, not {SQLITE_PRAGMAS[name]}; ")


def test_deferred_transactions_are_named(database):
    database.settings_dict["OPTIONS"]["transaction_mode"] = "DEFERRED"

    assert list(checks.wrong_pragmas(database)) == [
        "SQLite's transactions are not IMMEDIATE; remove the other setting of DATABASES."
    ]


def test_a_json_column_takes_rows_although_the_schema_is_not_trusted(database):
    assert Draft._meta.get_field("content").db_check(database) is None
    with database.cursor() as cursor:
        cursor.execute("CREATE TABLE draft (content text NOT NULL)")
        cursor.execute("INSERT INTO draft VALUES ('{}')")


def test_a_store_that_cannot_be_written_is_named(settings, tmp_path):
    settings.STORE_FOLDER = tmp_path / "file" / "store"
    (tmp_path / "file").write_text("")

    (sentence,) = checks.wrong_folders()

    assert sentence.startswith(f"The folder {settings.STORE_FOLDER} cannot be written (Not a directory)")


@pytest.mark.django_db
def test_one_serious_fault_stops_the_start(monkeypatch):
    checks.refuse_unsound_start()

    monkeypatch.setattr(checks, "wrong_folders", lambda: iter(["The folder is gone."]))

    with pytest.raises(ImproperlyConfigured, match=r"The site does not start\. The folder is gone\."):
        checks.refuse_unsound_start()
