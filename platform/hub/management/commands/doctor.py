"""`manage.py doctor`: what is sound here and what is not, one line each."""

import shutil
import sys
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor

from hub.checks import soundness
from hub.templatetags.vite import load_manifest

LEAST_FREE_BYTES = 2 * 1024**3


class Command(BaseCommand):
    """Examine this installation."""

    help = "Examine this installation: database, folders, keys, front end, space."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"Profile {settings.PROFILE}, data in {settings.DATA_FOLDER}")
        faults = list(examine())
        for fault in faults:
            self.stdout.write(f"FAULT  {fault}")
        if faults:
            self.stdout.write(f"{len(faults)} of the things examined need attention.")
            sys.exit(1)
        self.stdout.write("Database, folders, keys, front end and space are sound.")


def examine() -> Iterator[str]:
    """Yield a sentence for everything that is wrong."""
    try:
        yield from (message.msg for message in soundness() if message.is_serious())
        yield from _unapplied()
    except OperationalError as error:
        yield f"The database does not answer ({str(error).strip()}); check BLINDREAD_DATABASE_URL."
    yield from _front_end()
    free = shutil.disk_usage(settings.DATA_FOLDER).free
    if free < LEAST_FREE_BYTES:
        yield f"Only {free / 1e9:.1f} GB are free under {settings.DATA_FOLDER}; 2 GB is the least for imports."


def _unapplied() -> Iterator[str]:
    executor = MigrationExecutor(connection)
    count = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    if count:
        yield f"{count} changes of the database are not applied; run: manage.py migrate"


def _front_end() -> Iterator[str]:
    try:
        load_manifest(settings.FRONTEND_DIST)
    except ImproperlyConfigured as error:
        yield str(error)
