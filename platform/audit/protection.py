"""Rows that the database itself refuses to change.

SQLite drops triggers silently when a migration rebuilds a table, so every migration that touches a protected table
ends with `ProtectRows`, which may run any number of times; `missing_triggers` compares the database with the set
that the models ask for.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation

REFUSAL = "rows of {table} are never changed or deleted"


class InsertOnly(models.Model):
    """A row that is only ever inserted. Foreign keys to it are PROTECT; an amendment is a new row."""

    class Meta:
        abstract = True


def protected_tables() -> list[str]:
    """Return the tables of every insert-only model, sorted."""
    return sorted(m._meta.db_table for m in apps.get_models() if issubclass(m, InsertOnly))


class ProtectRows(Operation):
    """Make the database refuse UPDATE and DELETE (and TRUNCATE) on one table; idempotent."""

    reduces_to_sql = True
    reversible = True

    def __init__(self, table: str) -> None:
        self.table = table

    def state_forwards(self, app_label: str, state: Any) -> None:
        return None

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        for statement in drop_statements(schema_editor.connection.vendor, self.table):
            schema_editor.execute(statement)
        for statement in create_statements(schema_editor.connection.vendor, self.table):
            schema_editor.execute(statement)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        for statement in drop_statements(schema_editor.connection.vendor, self.table):
            schema_editor.execute(statement)

    def describe(self) -> str:
        return f"Refuse UPDATE and DELETE on {self.table}"

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return (self.__class__.__qualname__, [self.table], {})


def create_statements(vendor: str, table: str) -> list[str]:
    """Return the SQL that protects `table` on one engine."""
    refusal = REFUSAL.format(table=table)
    if vendor == "sqlite":
        return [
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{refusal}'); END"
            for verb in ("UPDATE", "DELETE")
        ]
    return [
        f"CREATE OR REPLACE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{refusal}'; END $$",
        *_postgresql_trigger(table, "update", "FOR EACH ROW"),
        *_postgresql_trigger(table, "delete", "FOR EACH ROW"),
        *_postgresql_trigger(table, "truncate", "FOR EACH STATEMENT"),
    ]


def _postgresql_trigger(table: str, verb: str, scope: str) -> list[str]:
    # ENABLE ALWAYS holds even under session_replication_role = replica.
    name = f"{table}_no_{verb}"
    return [
        f"CREATE TRIGGER {name} BEFORE {verb.upper()} ON {table} {scope} EXECUTE FUNCTION {table}_refuse()",
        f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}",
    ]


def drop_statements(vendor: str, table: str) -> list[str]:
    """Return the SQL that lifts the protection, harmless where there is none."""
    verbs = ["update", "delete"] + (["truncate"] if vendor == "postgresql" else [])
    suffix = f" ON {table}" if vendor == "postgresql" else ""
    return [f"DROP TRIGGER IF EXISTS {table}_no_{verb}{suffix}" for verb in verbs]


def missing_triggers(connection: BaseDatabaseWrapper) -> Iterator[str]:
    """Yield the name of every trigger that the models ask for and the database lacks or holds altered."""
    present = dict(_present_triggers(connection))
    for table in protected_tables():
        for name in _expected_names(connection.vendor, table):
            if name not in present:
                yield name
            elif connection.vendor == "sqlite" and present[name] not in create_statements("sqlite", table):
                yield f"{name} (altered)"


def _expected_names(vendor: str, table: str) -> list[str]:
    verbs = ["update", "delete"] + (["truncate"] if vendor == "postgresql" else [])
    return [f"{table}_no_{verb}" for verb in verbs]


def _present_triggers(connection: BaseDatabaseWrapper) -> list[tuple[str, str]]:
    query = (
        "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
        if connection.vendor == "sqlite"
        else "SELECT tgname, tgenabled FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'A'"
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        return [(str(name), str(text)) for name, text in cursor.fetchall()]
