"""Recording and verifying events.

Each event's MAC covers the previous MAC and its own bytes, under a key that lives outside the database: who can
write rows but not read the key cannot forge a chain. The head of a stream, held elsewhere, shows a cut tail.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from audit.canonical import canonical_bytes
from audit.models import Event

FORMAT = 1
GENESIS = "0" * 64


@dataclass(frozen=True)
class Fault:
    """The first thing wrong with a stream."""

    stream: str
    number: int
    sentence: str


@dataclass(frozen=True)
class Head:
    """Number and MAC of a stream's last event."""

    stream: str
    number: int
    mac: str


def record(
    stream: str, action: str, *, actor: User | None, details: dict[str, Any], at: datetime | None = None
) -> Event:
    """Append one event to `stream`, inside the caller's transaction."""
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("an audit event is recorded in the transaction of what it tells")
    at = at or timezone.now()
    previous = _locked_head(stream)
    body = canonical_bytes(
        {
            "action": action,
            "actor": actor.code if actor else "",
            "at": at.astimezone(UTC).isoformat(timespec="microseconds"),
            "details": details,
            "format": FORMAT,
            "number": previous.number + 1,
            "previous": previous.mac,
            "stream": stream,
        }
    )
    return Event.objects.create(
        stream=stream,
        number=previous.number + 1,
        at=at,
        actor=actor,
        action=action,
        body=body,
        mac=_mac(body),
        key_id=key_id(),
    )


def head(stream: str) -> Head:
    """Return the last event's number and MAC; number 0 for a stream without events."""
    row = Event.objects.filter(stream=stream).order_by("-number").values_list("number", "mac").first()
    return Head(stream, *row) if row else Head(stream, 0, GENESIS)


def streams() -> list[str]:
    """Return every stream's name."""
    return list(Event.objects.order_by("stream").values_list("stream", flat=True).distinct())


def verify(stream: str) -> Fault | None:
    """Return the first fault of `stream`: gap, edited bytes, broken link, foreign columns; None when sound."""
    previous, expected = GENESIS, 1
    rows = Event.objects.filter(stream=stream).order_by("number").select_related("actor")
    for event in rows.iterator(chunk_size=2000):
        sentence = _fault_of(event, expected, previous)
        if sentence:
            return Fault(stream, expected, sentence)
        previous, expected = event.mac, expected + 1
    return None


def verify_all() -> Iterator[Fault]:
    """Yield the first fault of each faulty stream."""
    for stream in streams():
        fault = verify(stream)
        if fault:
            yield fault


def _fault_of(event: Event, expected: int, previous: str) -> str:
    body = bytes(event.body)
    if event.number != expected:
        return f"event {expected} is missing"
    if not hmac.compare_digest(event.mac, _mac(body)):
        return f"event {expected} was altered: its bytes do not match their keyed digest"
    return _column_fault(event, body, previous)


def _column_fault(event: Event, body: bytes, previous: str) -> str:
    told = json.loads(body)
    columns = {
        "action": event.action,
        "actor": event.actor.code if event.actor else "",
        "at": event.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "number": event.number,
        "previous": previous,
        "stream": event.stream,
    }
    for name, value in columns.items():
        if told[name] != value:
            return f"event {event.number} does not follow: its {name} differs from what was recorded"
    return ""


def _locked_head(stream: str) -> Head:
    # SQLite's IMMEDIATE transaction already orders writers. On PostgreSQL a lock on the head's row would not: who
    # waited for it goes on with the old head, although a newer one was committed meanwhile.
    connection = transaction.get_connection()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [stream])
    return head(stream)


def _mac(body: bytes) -> str:
    return hmac.new(_key(), body, hashlib.sha256).hexdigest()


def key_id() -> str:
    """Return a short public name of the key in use."""
    return hashlib.sha256(b"blindread audit key id" + _key()).hexdigest()[:12]


def _key() -> bytes:
    return _key_at(str(settings.AUDIT_KEY_FILE))


@lru_cache(maxsize=8)
def _key_at(path: str) -> bytes:
    key = Path(path).read_bytes().strip()
    if len(key) < 32:
        raise RuntimeError(f"the audit key in {path} is shorter than 32 bytes")
    return key
