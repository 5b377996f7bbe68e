"""The whole life of a study through its services."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from study_world import AT, World

from audit import chain
from readerstudy.errors import KeyReused, NotOpen
from readerstudy.models import Read, Study
from readerstudy.selectors import presentations
from readerstudy.selectors.progress import study_progress
from readerstudy.selectors.verification import verify_reads, verify_seals
from readerstudy.services import decisions, reads
from readerstudy.services.reads import Submission
from readerstudy.tables import ratings_table


def answers(letters: list[str], score: int = 8) -> dict[str, Any]:
    return {"candidates": {letter: {"score": score, "origin": 5} for letter in letters}, "case": {}}


def test_a_study_is_sealed_read_closed_unblinded_and_tabled(world: World) -> None:
    world.seal()
    _read_everything(world)

    progress = study_progress(world.study, AT + timedelta(days=1))
    assert (progress.done, progress.planned) == (18, 18)
    request = decisions.request_decision(
        study=world.study, action="close", reason="all reads are in", by=world.pi, at=AT
    )
    decisions.confirm_decision(decision=request, reason="", by=world.second, at=AT)
    request = decisions.request_decision(
        study=world.study, action="unblind", reason="the analysis is due", by=world.pi, at=AT
    )
    study = decisions.confirm_decision(decision=request, reason="", by=world.second, at=AT)

    table = ratings_table(study)
    main = table[(table.kind == "main") & (table.question == "score")]
    assert study.state == Study.State.UNBLINDED
    assert len(main) == 3 * 6 * 3
    assert set(main.arm) == {"E1", "E2", "E3", "TE", "BRATS"}
    assert [chain.verify(stream) for stream in chain.streams()] == [None] * len(chain.streams())
    assert list(verify_seals()) == list(verify_reads()) == []


def _read_everything(world: World) -> None:
    at = AT
    for reader in world.readers.values():
        reader.refresh_from_db()
        while presentation := presentations.current_presentation(reader):
            at += timedelta(minutes=3)
            shown = presentations.presentation_for(reader.user, presentation.token)
            reads.open_presentation(presentation=shown, display={"adapter": "canvas2d"}, at=at)
            letters = [slot.letter for slot in presentations.blinded(shown).slots]
            reads.submit_read(
                presentation=shown,
                submission=Submission(answers(letters), active_ms=40_000, wall_ms=60_000),
                key=f"key-{presentation.token}",
                at=at + timedelta(minutes=1),
            )
            reader.study.refresh_from_db()


def test_the_same_key_gives_the_same_read_and_another_request_under_it_is_refused(world: World) -> None:
    world.seal()
    first = presentations.presentation_for(world.experts[0], world.presentations("R1")[0].token)
    letters = [slot.letter for slot in presentations.blinded(first).slots]
    submission = Submission(answers(letters), active_ms=1, wall_ms=2)

    read, created = reads.submit_read(presentation=first, submission=submission, key="one-key-1", at=AT)
    again, anew = reads.submit_read(presentation=first, submission=submission, key="one-key-1", at=AT)

    assert (created, anew, again.pk) == (True, False, read.pk)
    with pytest.raises(KeyReused):
        changed = Submission(answers(letters, score=2), active_ms=1, wall_ms=2)
        reads.submit_read(presentation=first, submission=changed, key="one-key-1", at=AT)
    assert Read.objects.count() == 1


def test_a_case_out_of_turn_is_refused(world: World) -> None:
    world.seal()
    second = presentations.presentation_for(world.experts[0], world.presentations("R1")[1].token)
    letters = [slot.letter for slot in presentations.blinded(second).slots]

    with pytest.raises(NotOpen):
        reads.submit_read(presentation=second, submission=Submission(answers(letters), 1, 1), key="k" * 12, at=AT)
