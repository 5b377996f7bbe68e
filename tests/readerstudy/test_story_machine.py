"""Readers act in any order, twice, late and out of turn: what the tables promise holds after every step."""

from __future__ import annotations

import shutil
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import override_settings
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from study_world import AT, build_world

from audit import chain
from readerstudy.models import Draft, Note, Rating, Read, Study, StudyMember
from readerstudy.selectors import presentations
from readerstudy.selectors.verification import verify_reads
from readerstudy.services import decisions, reads
from readerstudy.services.reads import Submission
from readerstudy.tables import ratings_table
from segmentation.errors import DomainError

READERS = st.sampled_from(["R1", "R2"])
SCORES = st.integers(1, 10)
PLACES = st.integers(0, 2)
KEYS = st.integers(1, 6).map(lambda number: f"story-key-{number}")
EXPECTED = {
    "presentation.not_open", "presentation.submitted", "study.not_reading", "key.reused", "draft.stale", "not_found",
}  # fmt: skip


class Reading(RuleBasedStateMachine):
    """Two readers of three cases; the model is what was answered first, last and how often."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="blindread-story-"))
        places = {name: self.folder / name.lower() for name in ("STORE_FOLDER", "UPLOAD_FOLDER")}
        self.settings = override_settings(DATA_FOLDER=self.folder, **places)
        self.settings.enable()
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        self.world = build_world(cases=3, practice=0, readers=2, shape=(6, 6, 4))
        self.world.seal()
        self.now, self.closed = AT, False
        self.revisions: dict[str, list[int]] = {}
        self.notes: set[str] = set()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.atomic.__exit__(None, None, None)
        self.settings.disable()
        shutil.rmtree(self.folder)

    # --- acts ---

    def member(self, label: str) -> StudyMember:
        return StudyMember.objects.select_related("study", "user").get(pk=self.world.readers[label].pk)

    def presentation(self, label: str, place: int) -> Any:
        token = self.world.presentations(label)[place].token
        return presentations.answerable_presentation(self.member(label).user, token)

    def tried(self, act: Any, **given: Any) -> Any:
        """Return what an act gives, or None when it was refused as expected; every act takes a minute."""
        self.now += timedelta(minutes=1)
        try:
            with transaction.atomic():
                return act(at=self.now, **given)
        except DomainError as refusal:
            assert refusal.code in EXPECTED, refusal.code
            return None

    @rule(label=READERS, place=PLACES)
    def open(self, label: str, place: int) -> None:
        self.tried(reads.open_presentation, presentation=self.presentation(label, place), display={})

    @rule(label=READERS, place=PLACES, revision=st.integers(0, 5), score=SCORES)
    def draft(self, label: str, place: int, revision: int, score: int) -> None:
        shown = self.presentation(label, place)
        before = Draft.objects.filter(presentation=shown).values_list("revision", flat=True).first()
        content = {"score": score}
        kept = self.tried(reads.save_draft, presentation=shown, revision=revision, content=content, active_ms=1)
        if kept:
            assert kept.content == content and kept.revision >= max(revision, before or 0)

    @rule(label=READERS, place=PLACES, score=SCORES, key=KEYS, correction=st.booleans())
    def submit(self, label: str, place: int, score: int, key: str, correction: bool) -> None:
        shown = self.presentation(label, place)
        letters = shown.candidates.order_by("slot").values_list("letter", flat=True)
        answers = {"candidates": {letter: {"score": score, "origin": 3} for letter in letters}, "case": {}}
        current = presentations.current_presentation(self.member(label))
        submission = Submission(answers, 5, 9, correction=correction)
        taken = self.tried(reads.submit_read, presentation=shown, submission=submission, key=key)
        if taken is None or not taken[1]:
            return
        given = self.revisions.setdefault(shown.token, [])
        assert not self.closed
        assert correction == bool(given)
        assert given or (current is not None and current.pk == shown.pk)
        given.append(score)

    @rule(label=READERS, place=PLACES, key=KEYS)
    def report(self, label: str, place: int, key: str) -> None:
        if self.tried(reads.report_note, presentation=self.presentation(label, place), kind="other", text="", key=key):
            self.notes.add(key)

    @precondition(lambda self: not self.closed and len(self.revisions) > 2)
    @rule()
    def close(self) -> None:
        study = Study.objects.get(pk=self.world.study.pk)
        asked = decisions.request_decision(
            study=study, action="close", reason="time is up now", by=self.world.pi, at=self.now
        )
        decisions.confirm_decision(decision=asked, reason="", by=self.world.second, at=self.now)
        self.closed = True

    # --- what always holds ---

    @invariant()
    def each_reader_has_one_current_case_after_all_read_ones(self) -> None:
        for label in self.world.readers:
            order = self.world.presentations(label)
            read = [presentation.token in self.revisions for presentation in order]
            assert read == sorted(read, reverse=True)
            current = presentations.current_presentation(self.member(label))
            expected = None if self.closed or all(read) else order[read.index(False)].pk
            assert (current.pk if current else None) == expected

    @invariant()
    def revisions_are_gap_free_and_hold_what_was_answered(self) -> None:
        stored: dict[str, list[int]] = {}
        for read in Read.objects.order_by("presentation", "revision").select_related("presentation"):
            scores = set(Rating.objects.filter(read=read, question="score").values_list("value", flat=True))
            assert len(scores) == 1
            given = stored.setdefault(read.presentation.token, [])
            assert read.revision == len(given) + 1
            given.append(scores.pop() or 0)
        assert stored == self.revisions

    @invariant()
    def the_audit_trail_is_whole_and_tells_of_every_read_and_note(self) -> None:
        assert [chain.verify(stream) for stream in chain.streams() if chain.verify(stream)] == []
        assert list(verify_reads()) == []
        told = sum(chain.head(member.stream).number for member in self.world.readers.values())
        assert (
            told == sum(map(len, self.revisions.values())) + len(self.notes) == Read.objects.count() + len(self.notes)
        )
        assert Note.objects.count() == len(self.notes)

    @invariant()
    def the_table_holds_first_and_last_answers(self) -> None:
        table = ratings_table(Study.objects.get(pk=self.world.study.pk))
        scores = table[table.question == "score"]
        assert len(table) == Rating.objects.count()
        first, last = scores[scores.is_first.astype(bool)], scores[scores.is_final.astype(bool)]
        assert sorted(first.value) == sorted(3 * [given[0] for given in self.revisions.values()])
        assert sorted(last.value) == sorted(3 * [given[-1] for given in self.revisions.values()])


def run(examples: int, steps: int) -> None:
    calm = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    profile = settings(
        max_examples=examples, stateful_step_count=steps, deadline=None, suppress_health_check=calm, derandomize=True
    )
    run_state_machine_as_test(Reading, settings=profile)


@pytest.mark.django_db
def test_any_order_of_acts_keeps_turns_revisions_chain_and_table() -> None:
    run(examples=3, steps=20)


@pytest.mark.prove
@pytest.mark.django_db
def test_many_orders_of_acts_do() -> None:
    run(examples=300, steps=60)
