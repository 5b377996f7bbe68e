"""Taking answers: drafts that may change, reads that never do.

A submit is idempotent: the same key with the same request gives the same answer again, and nothing twice.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from audit import chain
from readerstudy.digests import RatingRow, answers_sha256
from readerstudy.errors import AlreadySubmitted, DraftStale, KeyReused, NotOpen, NotReading
from readerstudy.instruments import Answer, validate_answers
from readerstudy.models import Candidate, Draft, Note, Presentation, Rating, Read, Study, StudyMember, Viewing
from readerstudy.selectors import presentations
from segmentation.errors import NotFound


@dataclass(frozen=True)
class Submission:
    """What a reader's browser sends with a submit."""

    answers: Any
    active_ms: int
    wall_ms: int
    tool_use: dict[str, Any] = field(default_factory=dict)
    viewer_version: str = ""
    correction: bool = False

    def sha256(self) -> str:
        """Return the digest that tells two requests under one key apart."""
        told = [self.answers, self.active_ms, self.wall_ms, self.correction]
        text = json.dumps(told, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def open_presentation(*, presentation: Presentation, display: dict[str, Any], at: datetime) -> Viewing:
    """Record when a presentation was first seen, and on what; the first opening of a study starts the reading."""
    known = Viewing.objects.filter(presentation=presentation).first()
    if known:
        return known
    with transaction.atomic():
        viewing, created = Viewing.objects.get_or_create(
            presentation=presentation, defaults={"opened_at": at, "display": display}
        )
        if created:
            _start_reading(presentation, at)
    return viewing


def save_draft(
    *, presentation: Presentation, revision: int, content: dict[str, Any], active_ms: int, at: datetime
) -> Draft:
    """Keep unsubmitted answers; an older revision than the stored one is refused and loses nothing."""
    with transaction.atomic():
        _take_turn(presentation)
        _check_draftable(presentation)
        draft = Draft.objects.filter(presentation=presentation).first()
        if draft and draft.revision >= revision:
            if draft.content != content:
                raise DraftStale(draft.revision, draft.content)
            return draft
        kept, _ = Draft.objects.update_or_create(
            presentation=presentation,
            defaults={"revision": revision, "content": content, "active_ms": active_ms, "updated_at": at},
        )
    return kept


def submit_read(*, presentation: Presentation, submission: Submission, key: str, at: datetime) -> tuple[Read, bool]:
    """Store one read with its ratings, for ever; return it and whether it was new.

    Raises
    ------
    AnswersRefused, KeyReused, NotOpen, AlreadySubmitted, NotReading
    """
    candidates = list(presentation.candidates.order_by("slot"))
    answers = checked_answers(presentation, candidates, submission.answers)
    with transaction.atomic():
        study = Study.objects.select_for_update().get(pk=presentation.reader.study_id)
        earlier = Read.objects.filter(idempotency_key=key).first()
        if earlier:
            return _replayed(earlier, presentation, submission), False
        if study.state not in presentations.READABLE:
            raise NotReading(study.get_state_display())
        read = _store(presentation, submission, key, at)
        _store_ratings(read, candidates, answers)
        Draft.objects.filter(presentation=presentation).delete()
        _record(read, presentation, answers, at)
    return read, True


def report_note(*, presentation: Presentation, kind: str, text: str, key: str, at: datetime) -> Note:
    """File a note to the study team; the blinded read goes on."""
    with transaction.atomic():
        _take_turn(presentation)
        earlier = Note.objects.filter(idempotency_key=key).first()
        if earlier:
            if (earlier.presentation_id, earlier.kind, earlier.text) != (presentation.pk, kind, text):
                raise KeyReused
            return earlier
        note = Note.objects.create(presentation=presentation, kind=kind, text=text, idempotency_key=key, at=at)
        reader = presentation.reader
        chain.record(
            reader.stream,
            "note.filed",
            actor=reader.user,
            details={"presentation": presentation.token, "kind": kind},
            at=at,
        )
    return note


def checked_answers(presentation: Presentation, candidates: Sequence[Candidate], answers: Any) -> list[Answer]:
    """Return the answers as the sealed instrument accepts them."""
    instrument = presentations.sealed_instrument(presentation.seal.commitment)
    return validate_answers(instrument, [candidate.letter for candidate in candidates], answers)


def _start_reading(presentation: Presentation, at: datetime) -> None:
    study = Study.objects.select_for_update().get(pk=presentation.reader.study_id)
    if study.state == Study.State.SEALED:
        study.state = Study.State.READING
        study.save(update_fields=["state"])
        chain.record(study.stream, "reading.started", actor=presentation.reader.user, details={}, at=at)


def _take_turn(presentation: Presentation) -> None:
    # Two windows of one reader: the second waits for the first (SQLite: IMMEDIATE already makes it wait).
    StudyMember.objects.select_for_update().get(pk=presentation.reader_id)


def _check_draftable(presentation: Presentation) -> None:
    study = presentation.reader.study
    if study.state not in presentations.READABLE:
        raise NotReading(study.get_state_display())
    if presentation.reads.exists():
        if not _may_correct(presentation):
            raise AlreadySubmitted
    elif not presentations.within_reach(presentation):
        raise NotOpen


def _may_correct(presentation: Presentation) -> bool:
    newest = presentations.correctable_presentation(presentation.reader)
    return newest is not None and newest.pk == presentation.pk


def _replayed(earlier: Read, presentation: Presentation, submission: Submission) -> Read:
    if earlier.presentation.reader_id != presentation.reader_id:
        raise NotFound
    if earlier.presentation_id != presentation.pk or earlier.request_sha256 != submission.sha256():
        raise KeyReused
    return earlier


def _store(presentation: Presentation, submission: Submission, key: str, at: datetime) -> Read:
    revision, reason = _revision(presentation, submission)
    viewing = Viewing.objects.filter(presentation=presentation).first()
    return Read.objects.create(
        presentation=presentation,
        revision=revision,
        reason=reason,
        answers=submission.answers,
        not_assessable=_not_assessable(submission),
        idempotency_key=key,
        request_sha256=submission.sha256(),
        opened_at=viewing.opened_at if viewing else at,
        submitted_at=at,
        active_ms=submission.active_ms,
        wall_ms=submission.wall_ms,
        tool_use=submission.tool_use,
        viewer_version=submission.viewer_version,
    )


def _revision(presentation: Presentation, submission: Submission) -> tuple[int, Read.Reason]:
    last = presentation.reads.order_by("-revision").first()
    if last is None:
        current = presentations.current_presentation(presentation.reader)
        if submission.correction or current is None or current.pk != presentation.pk:
            raise NotOpen
        return 1, Read.Reason.FIRST
    if not submission.correction or not _may_correct(presentation):
        raise AlreadySubmitted
    return last.revision + 1, Read.Reason.SLIP


def _not_assessable(submission: Submission) -> str:
    told = submission.answers.get("not_assessable") if isinstance(submission.answers, dict) else None
    return str(told["reason"]) if told else ""


def _store_ratings(read: Read, candidates: Sequence[Candidate], answers: Sequence[Answer]) -> None:
    by_letter = {candidate.letter: candidate for candidate in candidates}
    Rating.objects.bulk_create(
        Rating(
            read=read,
            candidate=by_letter[answer.slot] if answer.slot else None,
            question=answer.question,
            value=answer.value,
            value_label=answer.label,
            text=answer.text,
        )
        for answer in answers
    )


def _record(read: Read, presentation: Presentation, answers: Sequence[Answer], at: datetime) -> None:
    reader = presentation.reader
    rows: list[RatingRow] = [(answer.slot or "", answer.question, answer.value, answer.text) for answer in answers]
    chain.record(
        reader.stream,
        "read.submitted",
        actor=reader.user,
        details={
            "presentation": presentation.token,
            "read": read.token,
            "revision": read.revision,
            "reason": str(read.reason),
            "answers_sha256": answers_sha256(rows),
        },
        at=at,
    )
