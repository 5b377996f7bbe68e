"""The audit trail: gap-free, keyed, and found out when altered by somebody who can write rows but not read the key."""

from __future__ import annotations

import hashlib
import hmac
import json
from pathlib import Path

import pytest
from django.db import transaction
from tampering import unprotected

from accounts.models import User
from audit import chain
from audit.canonical import canonical_bytes
from audit.models import Event


@pytest.fixture
def events(db: None) -> list[Event]:
    person = User.objects.create_user("a@example.org", "correct horse", name="a")
    with transaction.atomic():
        return [chain.record("study/x", f"step.{n}", actor=person, details={"n": n}) for n in range(1, 6)]


def test_events_are_numbered_without_gaps_and_verify(events: list[Event]) -> None:
    assert [event.number for event in events] == [1, 2, 3, 4, 5]
    assert chain.verify("study/x") is None


def test_each_stream_counts_for_itself(events: list[Event]) -> None:
    with transaction.atomic():
        other = chain.record("study/y", "begun", actor=None, details={})

    assert other.number == 1


def test_an_event_outside_a_transaction_is_refused() -> None:
    class Outside:
        in_atomic_block = False

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(chain.transaction, "get_connection", lambda: Outside())
        with pytest.raises(RuntimeError, match="in the transaction"):
            chain.record("site", "loose", actor=None, details={})


def test_a_float_cannot_be_hashed(db: None) -> None:
    with pytest.raises(TypeError, match="/details/score is a float"), transaction.atomic():
        chain.record("site", "rated", actor=None, details={"score": 7.5})


def test_an_edited_body_is_found(events: list[Event]) -> None:
    body = json.loads(bytes(events[2].body))
    forged = canonical_bytes(body | {"details": {"n": 33}})
    with unprotected("audit_event"):
        Event.objects.filter(pk=events[2].pk).update(body=forged)

    fault = chain.verify("study/x")
    assert fault is not None
    assert (fault.number, "was altered" in fault.sentence) == (3, True)


def test_an_edited_column_is_found(events: list[Event]) -> None:
    with unprotected("audit_event"):
        Event.objects.filter(pk=events[3].pk).update(action="harmless")

    fault = chain.verify("study/x")
    assert fault is not None
    assert (fault.number, "its action differs" in fault.sentence) == (4, True)


def test_a_deleted_event_is_found(events: list[Event]) -> None:
    with unprotected("audit_event"):
        Event.objects.filter(pk=events[1].pk).delete()

    fault = chain.verify("study/x")
    assert fault is not None
    assert fault.sentence == "event 2 is missing"


def test_a_chain_recomputed_under_another_key_is_found(events: list[Event]) -> None:
    with unprotected("audit_event"):
        for event in events:
            mac = hmac.new(b"a guessed key of thirty-two bytes", bytes(event.body), hashlib.sha256).hexdigest()
            Event.objects.filter(pk=event.pk).update(mac=mac)

    fault = chain.verify("study/x")
    assert fault is not None
    assert fault.number == 1


def test_a_cut_tail_shows_against_a_head_held_elsewhere(events: list[Event]) -> None:
    held = chain.head("study/x")
    with unprotected("audit_event"):
        Event.objects.filter(number__gte=4).delete()

    assert chain.verify("study/x") is None
    assert chain.head("study/x").number < held.number


def test_a_short_key_is_refused(tmp_path: Path) -> None:
    short = tmp_path / "key"
    short.write_bytes(b"short")

    with pytest.raises(RuntimeError, match="shorter than 32 bytes"):
        chain._key_at(str(short))
