"""A sealed study that is made once for a module of tests; what each test does to it is rolled back after the test."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db import transaction
from django.test import override_settings
from study_world import World, build_world


@contextmanager
def lasting_world(folder: Path, blocker: Any, **size: Any) -> Iterator[World]:
    """Build and seal a world outside any single test; tests that ask for `db` run in savepoints inside it."""
    places = {"DATA_FOLDER": folder, "STORE_FOLDER": folder / "store", "UPLOAD_FOLDER": folder / "uploads"}
    with blocker.unblock(), override_settings(**places), transaction.atomic():
        world = build_world(**size)
        world.seal()
        yield world
        transaction.set_rollback(True)
