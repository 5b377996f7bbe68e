"""All that reader-facing code may import: a reader's own presentations, without a trace of origin.

`BlindedPresentation` has no field for arm, source or segmentation. The one thing beside it is `packed_recipe`, which
gives the ordered mask digests to the packer and to nobody else.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

from django.db.models import Q, QuerySet

from accounts.models import User
from readerstudy.design.blinding import PackedSpec
from readerstudy.design.seal import verify_commitment
from readerstudy.errors import AllocationAltered
from readerstudy.models import Candidate, Presentation, Seal, Study, StudyMember
from segmentation.errors import NotFound

READABLE = (Study.State.SEALED, Study.State.READING)
UPCOMING = 3


@dataclass(frozen=True)
class BlindedSlot:
    """One candidate as its reader sees it."""

    letter: str
    colour: tuple[int, int, int]
    line_style: str


@dataclass(frozen=True)
class BlindedVolume:
    """One image of the case."""

    sequence: str
    url: str
    sha256: str
    window: tuple[float, float]


@dataclass(frozen=True)
class BlindedCandidates:
    """Where the one packed volume of all slots lies, and how it is coded."""

    url: str
    base: int
    bytes_per_voxel: int
    shape: tuple[int, int, int]


@dataclass(frozen=True)
class BlindedPresentation:
    """All that a reader's browser may learn about a presentation."""

    token: str
    practice: bool
    number: int
    of: int
    volumes: tuple[BlindedVolume, ...]
    candidates: BlindedCandidates
    slots: tuple[BlindedSlot, ...]
    draft: dict[str, Any] | None
    submitted: dict[str, Any] | None

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class PackedRecipe:
    """For the packer alone: which stored masks, in slot order, and the code of the packed volume."""

    blob_sha256: tuple[str, ...]
    content_sha256: tuple[str, ...]
    spec: PackedSpec
    whole: bool


@dataclass(frozen=True)
class Progress:
    """How far a reader is."""

    done: int
    planned: int
    practice_done: int
    practice_planned: int


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


def presentation_for(user: User, token: str) -> Presentation:
    """Return this reader's own presentation while the study may be read and its turn has come; else not found.

    Within reach are those already read, the current one, and the few that the browser may fetch ahead.
    """
    row = (
        Presentation.objects.select_related("reader__study", "seal", "case")
        .filter(token=token, reader__user=user, reader__study__state__in=READABLE)
        .first()
    )
    if row is None or not _within_reach(row):
        raise NotFound
    _check_against_seal(row)
    return row


def current_presentation(reader: StudyMember) -> Presentation | None:
    """Return the first presentation without a read; None when all are read or the study is not being read."""
    return unread(reader).first()


def unread(reader: StudyMember) -> QuerySet[Presentation]:
    """Return this reader's presentations without a read, in their sealed order."""
    if reader.study.state not in READABLE:
        return Presentation.objects.none()
    return Presentation.objects.filter(reader=reader, reads=None).order_by("position")


def correctable_presentation(reader: StudyMember) -> Presentation | None:
    """Return the newest read presentation, open to a slip's correction until the next one is submitted."""
    if reader.study.state not in READABLE:
        return None
    return Presentation.objects.filter(reader=reader, reads__isnull=False).order_by("-position").first()


def reading_progress(reader: StudyMember) -> Progress:
    """Return the counts a reader sees."""
    practice = Q(kind=Presentation.Kind.PRACTICE)
    mine = Presentation.objects.filter(reader=reader)
    read = mine.filter(reads__revision=1)
    return Progress(
        done=read.exclude(practice).count(),
        planned=mine.exclude(practice).count(),
        practice_done=read.filter(practice).count(),
        practice_planned=mine.filter(practice).count(),
    )


def reading_session(reader: StudyMember) -> dict[str, Any]:
    """Return what the reading screen needs before its first case: instrument, display, policy, place in the list."""
    protocol = sealed_protocol_of(reader.study)
    ahead = list(unread(reader).values_list("token", flat=True)[: UPCOMING + 1])
    previous = correctable_presentation(reader)
    return {
        "study": {
            "title": reader.study.title,
            "code": reader.study.code,
            "instructions": protocol.get("instructions", ""),
        },
        "instrument": protocol["instrument"],
        "display": protocol["display"],
        "policy": protocol["reading"],
        "progress": asdict(reading_progress(reader)),
        "current": ahead[0] if ahead else None,
        "upcoming": ahead[1:],
        "previous": previous.token if previous else None,
    }


def blinded(presentation: Presentation) -> BlindedPresentation:
    """Return the presentation as its reader's browser receives it."""
    protocol = sealed_protocol(presentation.seal_id)
    candidates = _candidates(presentation)
    base_url = f"/api/v1/presentations/{presentation.token}"
    return BlindedPresentation(
        token=presentation.token,
        practice=presentation.kind == Presentation.Kind.PRACTICE,
        **_place(presentation),
        volumes=_volumes(presentation, protocol, base_url),
        candidates=_packed_address(presentation, protocol, base_url),
        slots=tuple(_slot(candidate, protocol) for candidate in candidates),
        draft=_draft(presentation),
        submitted=_submitted(presentation),
    )
