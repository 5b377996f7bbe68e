"""The hot routes ask the database a fixed number of questions, however long the reader's list and history are."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from reader_desk import Desk
from study_world import AT, World

from readerstudy.models import StudyMember
from readerstudy.selectors import presentations
from readerstudy.services import reads
from readerstudy.services.reads import Submission

# Session and person are two of each. Fewer is welcome; more needs a reason.
MOST = {"session": 7, "presentation": 11, "candidates": 11, "volume": 7, "draft": 14, "report": 12, "submit": 19}


def counted(world: World, done: int) -> dict[str, int]:
    """Return the number of queries of each route after `done` reads."""
    reader = StudyMember.objects.select_related("study", "user").get(pk=world.readers["R1"].pk)
    read_on(reader, done)
    desk = Desk(reader)
    token = desk.session()["current"]
    base = f"/api/v1/presentations/{token}/"
    body = desk.body(token)
    draft = {"revision": 1, "content": body["answers"], "active_ms": 1}
    steps: dict[str, Callable[[], Any]] = {
        "session": lambda: desk.client.get(f"/api/v1/reading/{reader.token}/"),
        "presentation": lambda: desk.client.get(base),
        "candidates": lambda: desk.client.get(f"{base}candidates/"),
        "volume": lambda: desk.client.get(f"{base}volumes/0/"),
        "draft": lambda: desk.post(token, draft, to="draft", verb="put"),
        "report": lambda: desk.post(token, {"kind": "other", "text": ""}, to="report"),
        "submit": lambda: desk.post(token, body),
    }
    found = {}
    for name, step in steps.items():
        with CaptureQueriesContext(connection) as captured:
            assert step().status_code < 300
        found[name] = len([q for q in captured if "SAVEPOINT" not in q["sql"]])
    return found


def read_on(reader: Any, count: int) -> None:
    for number in range(count):
        current = presentations.current_presentation(reader)
        assert current is not None
        answers = {"candidates": {c.letter: {"score": 7, "origin": 4} for c in current.candidates.all()}, "case": {}}
        at = AT + timedelta(minutes=number)
        reads.submit_read(presentation=current, submission=Submission(answers, 5, 9), key=f"on-{current.pk}-k", at=at)


@pytest.mark.parametrize("cases", [10, pytest.param(200, marks=pytest.mark.prove)])
def test_the_number_of_queries_is_the_same_early_and_late(make_world: Callable[..., World], cases: int) -> None:
    world = make_world(cases=cases, practice=0, readers=2, shape=(6, 6, 4))
    world.seal()

    early, late = counted(world, 1), counted(world, cases - 4)

    assert early == late
    assert {name: count for name, count in late.items() if count > MOST[name]} == {}
