"""People at their browsers, and a study that was read to the end."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from browsers import browser
from django.test import Client
from study_world import AT, World

from readerstudy.models import Study
from readerstudy.selectors import presentations
from readerstudy.services import decisions, reads
from readerstudy.services.reads import Submission


@pytest.fixture
def pi(world: World) -> Client:
    return browser(world.pi)


@pytest.fixture
def coordinator(world: World) -> Client:
    return browser(world.second)


@pytest.fixture
def address(world: World) -> Callable[..., str]:
    return lambda *parts: "/".join(["/studies", world.study.code, *parts, ""])


@pytest.fixture
def read_world(world: World) -> World:
    """A sealed study in which every reader has read everything; scores differ by slot and case."""
    world.seal()
    at = AT
    for place, reader in enumerate(world.readers.values()):
        reader.refresh_from_db()
        while presentation := presentations.current_presentation(reader):
            at += timedelta(minutes=3)
            shown = presentations.presentation_for(reader.user, presentation.token)
            reads.open_presentation(presentation=shown, display={"adapter": "canvas2d"}, at=at)
            letters = [slot.letter for slot in presentations.blinded(shown).slots]
            scores = {
                letter: 1 + (3 * index + 2 * place + presentation.position) % 10 for index, letter in enumerate(letters)
            }
            answers = {
                "candidates": {letter: {"score": score, "origin": 1 + score % 6} for letter, score in scores.items()},
                "case": {},
            }
            reads.submit_read(
                presentation=shown,
                submission=Submission(answers, active_ms=60_000, wall_ms=90_000),
                key=f"key-{presentation.token}",
                at=at + timedelta(minutes=1),
            )
            reader.study.refresh_from_db()
    world.study.refresh_from_db()
    return world


def decide(world: World, action: str) -> None:
    asked = decisions.request_decision(
        study=world.study, action=action, reason="as planned in the protocol", by=world.pi, at=AT
    )
    decisions.confirm_decision(decision=asked, reason="", by=world.second, at=AT)
    world.study.refresh_from_db()


@pytest.fixture
def unblinded(read_world: World) -> World:
    decide(read_world, "close")
    decide(read_world, "unblind")
    assert read_world.study.state == Study.State.UNBLINDED
    return read_world
