"""All that reader-facing code may import: a reader's own presentations, without a trace of origin.

The shapes are those of `blinded`, which have no field for arm, source or segmentation. The one thing beside them is
`packed_recipe`, which gives the ordered mask digests to the packer and to nobody else.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from statistics import median
from typing import Any

from django.db.models import Count, FilteredRelation, Q, QuerySet

from accounts.models import User
from readerstudy.models import Candidate, Draft, Presentation, Read, Study, StudyMember
from readerstudy.selectors.blinded import (
    BlindedPresentation as BlindedPresentation,
)
from readerstudy.selectors.blinded import (
    PackedRecipe as PackedRecipe,
)
from readerstudy.selectors.blinded import (
    Progress as Progress,
)
from readerstudy.selectors.blinded import (
    ReadingGuide as ReadingGuide,
)
from readerstudy.selectors.blinded import (
    blinded_slot,
    blinded_volumes,
    display_settings,
    packed_address,
    packed_spec,
    reading_policy,
)
from readerstudy.selectors.sealed import check_against_seal, sealed_protocol, sealed_protocol_of
from readerstudy.selectors.sealed import sealed_instrument as sealed_instrument
from readerstudy.selectors.sealed import volumes_of as volumes_of
from segmentation.errors import NotFound

READABLE = (Study.State.SEALED, Study.State.READING)
UNSEALED = (Study.State.DRAFT, Study.State.DRY_RUN)
UPCOMING = 3


def reader_for(user: User, member_token: str) -> StudyMember:
    """Return this person's own membership as a reader; anything else is not found."""
    row = (
        StudyMember.objects.select_related("study")
        .filter(token=member_token, user=user, role=StudyMember.Role.READER)
        .first()
    )
    if row is None:
        raise NotFound
    return row


def reader_of_study(user: User, study_code: str) -> StudyMember:
    """Return this person's membership as a reader of a study that was sealed; anything else is not found."""
    row = (
        StudyMember.objects.select_related("study")
        .filter(study__code=study_code, user=user, role=StudyMember.Role.READER)
        .exclude(study__state__in=UNSEALED)
        .first()
    )
    if row is None:
        raise NotFound
    return row


def presentation_for(user: User, token: str) -> Presentation:
    """Return this reader's own presentation while the study may be read and its turn has come; else not found.

    Within reach are those already read, the current one, and the few that the browser may fetch ahead.
    """
    row = _own(user, token)
    if row.reader.study.state not in READABLE or row.case.subject.withdrawn_at or not within_reach(row):
        raise NotFound
    check_against_seal(row)
    return row


def answerable_presentation(user: User, token: str) -> Presentation:
    """Return this reader's own presentation, whatever its turn and the state of the study; else not found.

    For answers only: a submit whose reply was lost is told again even after the study was closed, and an answer
    that comes too early or too late hears why instead of "not found".
    """
    row = _own(user, token)
    check_against_seal(row)
    return row


def _own(user: User, token: str) -> Presentation:
    row = (
        Presentation.objects.select_related("reader__study", "reader__user", "seal", "case__subject")
        .prefetch_related("case__volumes")
        .filter(token=token, reader__user=user)
        .first()
    )
    if row is None:
        raise NotFound
    return row


def current_presentation(reader: StudyMember) -> Presentation | None:
    """Return the first presentation without a read; None when all are read or the study is not being read."""
    return unread(reader).first()


def unread(reader: StudyMember) -> QuerySet[Presentation]:
    """Return this reader's presentations without a read, in their sealed order."""
    if reader.study.state not in READABLE:
        return Presentation.objects.none()
    # A withdrawn subject's images are gone: what was not read stays missing.
    return Presentation.objects.filter(reader=reader, reads=None, case__subject__withdrawn_at=None).order_by("position")


def correctable_presentation(reader: StudyMember) -> Presentation | None:
    """Return the newest read presentation, open to a slip's correction until the next one is submitted."""
    if reader.study.state not in READABLE:
        return None
    return Presentation.objects.filter(reader=reader, reads__isnull=False).order_by("-position").first()


def reading_progress(reader: StudyMember) -> Progress:
    """Return the counts a reader sees."""
    practice = Q(kind=Presentation.Kind.PRACTICE)
    mine = Presentation.objects.filter(reader=reader)
    counts = mine.annotate(first=FilteredRelation("reads", condition=Q(reads__revision=1))).aggregate(
        done=Count("first", filter=~practice),
        planned=Count("pk", filter=~practice),
        practice_done=Count("first", filter=practice),
        practice_planned=Count("pk", filter=practice),
    )
    return Progress(**counts)


def own_pace_ms(reader: StudyMember) -> int | None:
    """Return the reader's own median active time for a case, practice left out; None before the third read."""
    counting = Read.objects.filter(presentation__reader=reader, revision=1, not_assessable="")
    times = list(counting.exclude(presentation__kind=Presentation.Kind.PRACTICE).values_list("active_ms", flat=True))
    return round(median(times)) if len(times) >= 3 else None


def deadline_of(reader: StudyMember) -> date | None:
    """Return the day by which the sealed protocol wants the reading done."""
    if reader.study.state in UNSEALED:
        return None
    deadline = sealed_protocol_of(reader.study)["sessions"]["deadline"]
    return date.fromisoformat(deadline) if deadline else None


def reading_session(reader: StudyMember) -> dict[str, Any]:
    """Return what the reading screen needs before its first case: instrument, display, policy, place in the list."""
    protocol = sealed_protocol_of(reader.study)
    return {
        "study": {
            "title": reader.study.title,
            "code": reader.study.code,
            "instructions": protocol.get("instructions", ""),
        },
        "instrument": protocol["instrument"],
        "display": display_settings(protocol),
        "policy": reading_policy(protocol),
        **reading_place(reader),
    }


def reading_place(reader: StudyMember) -> dict[str, Any]:
    """Return where a reader is: progress, current case, the next few, and the one that may still be corrected."""
    ahead = list(unread(reader).values_list("token", flat=True)[: UPCOMING + 1])
    previous = correctable_presentation(reader)
    return {
        "progress": asdict(reading_progress(reader)),
        "current": ahead[0] if ahead else None,
        "upcoming": ahead[1:],
        "previous": previous.token if previous else None,
    }


def reading_guide(reader: StudyMember) -> ReadingGuide:
    """Return the sealed instructions, what is asked, and how far this reader is."""
    protocol = sealed_protocol_of(reader.study)
    asked = [q for q in protocol["instrument"]["questions"] if q["kind"] != "text"]
    far = reading_progress(reader)
    everything = far.done == far.planned and far.practice_done == far.practice_planned
    return ReadingGuide(
        paragraphs=tuple(" ".join(p.split()) for p in protocol["instructions"].split("\n\n") if p.strip()),
        questions=tuple((question["wording"], question["hint"]) for question in asked),
        progress=far,
        is_open=reader.study.state in READABLE and not everything,
        finished=everything and far.planned > 0,
        break_minutes=protocol["sessions"]["break_after_minutes"],
        deadline=protocol["sessions"]["deadline"],
        reports_to=protocol["reports_to"],
    )


def blinded(presentation: Presentation) -> BlindedPresentation:
    """Return the presentation as its reader's browser receives it."""
    protocol = sealed_protocol(presentation.seal.commitment)
    candidates = list(_candidates(presentation))
    volumes = volumes_of(presentation)
    base_url = f"/api/v1/presentations/{presentation.token}"
    return BlindedPresentation(
        token=presentation.token,
        practice=presentation.kind == Presentation.Kind.PRACTICE,
        **_place(presentation),
        volumes=blinded_volumes(volumes, base_url),
        candidates=packed_address(volumes[0], len(candidates), base_url),
        slots=tuple(blinded_slot(c.letter, c.colour, c.line_style, protocol["palette"]) for c in candidates),
        draft=_draft(presentation),
        submitted=_submitted(presentation),
    )


def packed_recipe(presentation: Presentation) -> PackedRecipe:
    """Return, for the packer alone, the stored masks in slot order and the code of the packed volume."""
    sequence = volumes_of(presentation)[0].sequence
    masks = [
        candidate.segmentation.masks.get(volume__sequence=sequence)
        for candidate in _candidates(presentation).select_related("segmentation")
    ]
    return PackedRecipe(
        blob_sha256=tuple(mask.blob_sha256 for mask in masks),
        content_sha256=tuple(mask.content_sha256 for mask in masks),
        spec=packed_spec(len(masks)),
        whole=sealed_protocol(presentation.seal.commitment)["labels"] == "whole",
    )


def within_reach(presentation: Presentation) -> bool:
    """Return whether it is the newest read one, the current one, or among those the browser may fetch ahead."""
    if presentation.reads.exists():
        newest = correctable_presentation(presentation.reader)
        return newest is not None and newest.pk == presentation.pk
    reach = unread(presentation.reader).values_list("pk", flat=True)[: UPCOMING + 1]
    return presentation.pk in set(reach)


def _candidates(presentation: Presentation) -> QuerySet[Candidate]:
    return Candidate.objects.filter(presentation=presentation).order_by("slot")


def _place(presentation: Presentation) -> dict[str, int]:
    practice = Q(kind=Presentation.Kind.PRACTICE)
    alike = practice if presentation.kind == Presentation.Kind.PRACTICE else ~practice
    before = Q(position__lte=presentation.position)
    mine = Presentation.objects.filter(alike, reader=presentation.reader)
    return mine.aggregate(number=Count("pk", filter=before), of=Count("pk"))


def _draft(presentation: Presentation) -> dict[str, Any] | None:
    draft = Draft.objects.filter(presentation=presentation).first()
    if draft is None:
        return None
    return {"revision": draft.revision, "content": draft.content, "active_ms": draft.active_ms}


def _submitted(presentation: Presentation) -> dict[str, Any] | None:
    read = presentation.reads.order_by("-revision").first()
    if read is None:
        return None
    return {"revision": read.revision, "answers": read.answers}
