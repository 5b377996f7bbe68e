"""`manage.py demo`: everything on one computer, served to that computer only."""

import importlib
import importlib.util
import socket
import sys
import time
from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from hub.backup import back_up
from hub.checks import soundness
from hub.supervisor import Child, ChildKeepsFailing, Supervisor

HOST = "127.0.0.1"
PREPARE = "hub.demo.setup"
Say = Callable[[str], None]


class Command(BaseCommand):
    """Prepare the demo and keep it running."""

    help = "Serve the demo on 127.0.0.1: web server and light worker, no other server needed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8000, help="port on 127.0.0.1 (8000)")
        parser.add_argument("--prepare-only", action="store_true", help="set up the database and demo data, then stop")
        parser.add_argument("--without-data", action="store_true", help="start with an empty site")

    def handle(self, *args: Any, **options: Any) -> None:
        port = options["port"]
        if settings.PROFILE == "production":
            raise CommandError("The demo is no production server; see docker/ for one.")
        if not options["prepare_only"]:
            refuse_taken(port)
        self.prepare(with_data=not options["without_data"])
        if options["prepare_only"]:
            return
        connections.close_all()
        self.serve(port)

    def prepare(self, *, with_data: bool) -> None:
        """Bring the database up to date, with a backup first, and fill it with the demo's cases and people."""
        self.migrate()
        reasons = [message.msg for message in soundness() if message.is_serious()]
        if reasons:
            raise CommandError("The demo does not start. " + " ".join(reasons))
        prepare = demo_data() if with_data else None
        if prepare:
            prepare(self.say)

    def migrate(self) -> None:
        """Apply what is missing; an existing database is copied before it changes."""
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if not plan:
            return
        if executor.loader.applied_migrations and connection.vendor == "sqlite":
            copy = back_up(Path(str(settings.DATABASES["default"]["NAME"])), settings.BACKUP_FOLDER, at=timezone.now())
            self.say(f"The database was copied to {copy} before it is brought up to date.")
        self.say("Setting up the database" if not executor.loader.applied_migrations else "Updating the database")
        call_command("migrate", interactive=False, verbosity=0)

    def serve(self, port: int) -> None:
        """Run the web server and the worker until Ctrl+C."""
        supervisor = Supervisor(children=children(port), say=self.say)
        try:
            supervisor.start()
            self.wait_for(supervisor, port)
            self.welcome(port)
            supervisor.run()
        except KeyboardInterrupt:
            pass
        except ChildKeepsFailing as failure:
            raise CommandError(str(failure)) from None
        finally:
            self.say("Stopping; work in progress is finished or taken up again at the next start.")
            supervisor.stop()
        self.say("Stopped. Everything entered is kept.")

    def wait_for(self, supervisor: Supervisor, port: int, within_s: float = 60.0) -> None:
        """Wait until the web server answers, reviving it meanwhile."""
        deadline = time.monotonic() + within_s
        while not answers(port):
            for child in supervisor.children:
                supervisor.revive(child, time.monotonic())
            if time.monotonic() > deadline:
                raise CommandError(f"The web server did not answer. Its log: {settings.LOG_FOLDER / 'web.log'}")
            time.sleep(0.1)

    def welcome(self, port: int) -> None:
        """Print the address and who can sign in."""
        self.say(f"\nBlindread is running on http://{HOST}:{port}/  (this computer only; another host needs TLS)")
        if settings.PEOPLE_FILE.is_file():
            self.say(f"\nSign-ins, kept in {settings.PEOPLE_FILE}:\n")
            self.say(settings.PEOPLE_FILE.read_text(encoding="utf-8").rstrip())
        self.say("\nCtrl+C stops it.")

    def say(self, sentence: str) -> None:
        """Print a line at once."""
        self.stdout.write(sentence)
        self.stdout.flush()


def children(port: int) -> list[Child]:
    """Return the web server (2 processes of 8 threads) and the light worker."""
    web = "gunicorn --bind {}:{} --worker-class gthread --workers 2 --threads 8 --timeout 120 --graceful-timeout 10"
    worker = "celery --app hub.celery.app worker --loglevel INFO --concurrency 2 --without-gossip --without-mingle"
    return [
        Child(
            "web server",
            [sys.executable, "-m", *web.format(HOST, port).split(), *GUNICORN],
            settings.LOG_FOLDER / "web.log",
        ),
        Child("worker", [sys.executable, "-m", *worker.split()], settings.LOG_FOLDER / "worker.log"),
    ]


# The control socket of gunicorn would be one more door; the heartbeat file must lie on a disk that never blocks.
GUNICORN = ["--no-control-socket", "hub.wsgi:application"]


def demo_data() -> Callable[[Say], None] | None:
    """Return the function that makes the demo's cases, people and studies, where it is installed."""
    if importlib.util.find_spec("hub.demo") is None or importlib.util.find_spec(PREPARE) is None:
        return None
    prepare: Callable[[Say], None] = importlib.import_module(PREPARE).prepare
    return prepare


def refuse_taken(port: int) -> None:
    """Raise when another program listens on the port."""
    if not 1024 <= port <= 65535:
        raise CommandError(f"Port {port} cannot be used; choose one from 1024 to 65535, as in: make demo PORT=8080")
    if answers(port):
        raise CommandError(f"Port {port} is taken by another program; choose another, as in: make demo PORT={port + 1}")


def answers(port: int) -> bool:
    """Return whether something listens on the port of this computer."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((HOST, port)) == 0
