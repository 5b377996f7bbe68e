"""The database itself refuses to change what is only ever inserted; runs on SQLite and on PostgreSQL alike."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction
from tampering import settle_constraints

from audit import chain
from audit.models import Event
from audit.protection import create_statements, drop_statements, missing_triggers, protected_tables


@pytest.fixture
def event(db: None) -> Event:
    with transaction.atomic():
        return chain.record("site", "tested", actor=None, details={"n": 1})


def test_every_insert_only_table_has_its_triggers(db: None) -> None:
    assert len(protected_tables()) == 13
    assert list(missing_triggers(connection)) == []


@pytest.mark.parametrize(
    "statement",
    ["UPDATE audit_event SET action = 'forged'", "DELETE FROM audit_event", "UPDATE audit_event SET number = 7"],
)
def test_raw_sql_cannot_change_or_delete_an_event(event: Event, statement: str) -> None:
    with pytest.raises(DatabaseError, match="never changed or deleted"), transaction.atomic(), connection.cursor() as c:
        c.execute(statement)

    assert Event.objects.get(pk=event.pk).action == "tested"


def test_replacing_a_row_is_refused_too(event: Event) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("REPLACE INTO exists on SQLite alone")
    with pytest.raises(DatabaseError, match="never changed or deleted"), transaction.atomic(), connection.cursor() as c:
        c.execute("REPLACE INTO audit_event SELECT * FROM audit_event")


def test_truncating_is_refused_on_postgresql(event: Event) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("TRUNCATE exists on PostgreSQL alone")
    settle_constraints()
    with pytest.raises(DatabaseError, match="never changed or deleted"), transaction.atomic(), connection.cursor() as c:
        c.execute("TRUNCATE audit_event")


def test_a_dropped_trigger_is_named(event: Event) -> None:
    suffix = " ON audit_event" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER audit_event_no_update{suffix}")

    assert list(missing_triggers(connection)) == ["audit_event_no_update"]


def test_protecting_a_table_twice_is_harmless(db: None) -> None:
    statements = [
        *drop_statements(connection.vendor, "audit_event"),
        *create_statements(connection.vendor, "audit_event"),
    ]
    with connection.cursor() as cursor:
        for statement in statements * 2:
            cursor.execute(statement)

    assert list(missing_triggers(connection)) == []
