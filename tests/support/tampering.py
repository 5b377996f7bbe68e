"""What the owner of a database can do, and an honest program cannot."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from audit.protection import create_statements, drop_statements


@contextmanager
def unprotected(table: str) -> Iterator[None]:
    """Lift the protection of a table, let the caller tamper, and put it back."""
    settle_constraints()
    with connection.cursor() as cursor:
        for statement in drop_statements(connection.vendor, table):
            cursor.execute(statement)
        yield
        settle_constraints()
        for statement in create_statements(connection.vendor, table):
            cursor.execute(statement)


def settle_constraints() -> None:
    """Let PostgreSQL check what it would check at the commit: it alters no table while checks are pending."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
