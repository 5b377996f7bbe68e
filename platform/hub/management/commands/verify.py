"""`manage.py verify`: is everything as it was stored, sealed, submitted and recorded?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import connection

from audit import chain
from audit.protection import missing_triggers
from readerstudy.selectors.verification import verify_reads, verify_seals
from segmentation.selectors.verification import verify_blobs

Fault = tuple[str, str]


class Command(BaseCommand):
    help = "Check triggers, audit chains, stored files, seals and reads; name the first fault of each and exit with 1."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--all", action="store_true", help="name every fault, not only the first of each check")

    def handle(self, *args: Any, **options: Any) -> None:
        found = 0
        for name, check in CHECKS.items():
            faults = list(check()) if options["all"] else list(first(check()))
            found += len(faults)
            self.stdout.write(f"{'FAULT' if faults else 'sound':6} {name}")
            for where, sentence in faults:
                self.stdout.write(self.style.ERROR(f"       {where}: {sentence}"))
        if found:
            raise SystemExit(1)
        self.stdout.write("Everything is as it was stored, sealed and recorded.")


def first(faults: Iterator[Fault]) -> Iterator[Fault]:
    """Yield the first fault, if there is one."""
    for fault in faults:
        yield fault
        return


def triggers() -> Iterator[Fault]:
    """Protection of the insert-only tables."""
    for name in missing_triggers(connection):
        yield (name, "the trigger that protects this table is missing or altered")


def chains() -> Iterator[Fault]:
    """The audit trail."""
    for fault in chain.verify_all():
        yield (f"stream {fault.stream}, event {fault.number}", fault.sentence)


def blobs() -> Iterator[Fault]:
    """Stored volumes and masks."""
    for fault in verify_blobs():
        if fault.serious:
            yield (fault.where, fault.sentence)


def seals() -> Iterator[Fault]:
    """Sealed lists against their commitments and the stored rows."""
    for fault in verify_seals():
        yield (fault.where, fault.sentence)


def reads() -> Iterator[Fault]:
    """Submitted answers against the audit trail."""
    for fault in verify_reads():
        yield (fault.where, fault.sentence)


CHECKS: dict[str, Callable[[], Iterator[Fault]]] = {
    "database triggers": triggers,
    "audit chains": chains,
    "stored files": blobs,
    "sealed allocations": seals,
    "submitted reads": reads,
}
