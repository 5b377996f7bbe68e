"""All that reader-facing code may import: a reader's own presentations, without a trace of origin.

`BlindedPresentation` has no field for arm, source or segmentation. The one thing beside it is `packed_recipe`, which
gives the ordered mask digests to the packer and to nobody else.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from functools import lru_cache
from statistics import median
from typing import Any

from django.db.models import Count, FilteredRelation, Q, QuerySet

from accounts.models import User
from readerstudy.design.blinding import PackedSpec, spec_for
from readerstudy.design.seal import commitment
from readerstudy.errors import AllocationAltered
from readerstudy.instruments import Instrument, instrument_from
from readerstudy.models import Candidate, Draft, Presentation, Read, Seal, Study, StudyMember
from segmentation.errors import NotFound
from segmentation.models import Volume
from segmentation.selectors.voxels import ras_shape

READABLE = (Study.State.SEALED, Study.State.READING)
UNSEALED = (Study.State.DRAFT, Study.State.DRY_RUN)
UPCOMING = 3
SIX_LABELS, TWO_LABELS = 6, 2


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
    _check_against_seal(row)
    return row


def answerable_presentation(user: User, token: str) -> Presentation:
    """Return this reader's own presentation, whatever its turn and the state of the study; else not found.

    For answers only: a submit whose reply was lost is told again even after the study was closed, and an answer
    that comes too early or too late hears why instead of "not found".
    """
    row = _own(user, token)
    _check_against_seal(row)
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


@dataclass(frozen=True)
class ReadingGuide:
    """What a reader is told of a study outside of its cases."""

    paragraphs: tuple[str, ...]
    questions: tuple[tuple[str, str], ...]
    progress: Progress
    is_open: bool
    finished: bool
    break_minutes: int
    deadline: str
    reports_to: str


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


def volumes_of(presentation: Presentation) -> list[Volume]:
    """Return the volumes of the case that the protocol shows, in its order."""
    shown = sealed_protocol(presentation.seal.commitment)["display"]["sequences"]
    volumes = {volume.sequence: volume for volume in presentation.case.volumes.all()}
    names = [name for name in shown if name in volumes] if shown else sorted(volumes)
    return [volumes[name] for name in names]


def sealed_protocol(promise: str) -> dict[str, Any]:
    """Return the protocol as sealed."""
    protocol: dict[str, Any] = sealed_document(promise)["protocol"]
    return protocol


def sealed_protocol_of(study: Study) -> dict[str, Any]:
    """Return the newest sealed protocol of a study; not found before the seal."""
    promise = Seal.objects.filter(study=study).order_by("-number").values_list("commitment", flat=True).first()
    if promise is None:
        raise NotFound
    return sealed_protocol(promise)


@lru_cache(maxsize=32)
def sealed_instrument(promise: str) -> Instrument:
    """Return the instrument as sealed."""
    return instrument_from(sealed_protocol(promise)["instrument"])


@lru_cache(maxsize=32)
def sealed_document(promise: str) -> dict[str, Any]:
    """Return the parsed sealed bytes behind a commitment, after checking that they are what was promised."""
    seal = Seal.objects.get(commitment=promise)
    if commitment(bytes(seal.nonce), bytes(seal.sealed_bytes)) != seal.commitment:
        raise AllocationAltered("The sealed protocol")
    document: dict[str, Any] = json.loads(bytes(seal.sealed_bytes))
    return document


@lru_cache(maxsize=32)
def _sealed_rows(promise: str) -> dict[tuple[str, int], dict[str, Any]]:
    return {(row["reader"], row["position"]): row for row in sealed_document(promise)["allocation"]}


@lru_cache(maxsize=32)
def _sealed_masks(promise: str) -> dict[tuple[str, str], str]:
    return {(mask["case"], mask["arm"]): mask["sha256"] for mask in sealed_document(promise)["masks"]}


@lru_cache(maxsize=32)
def _sealed_volumes(promise: str) -> dict[tuple[str, str], str]:
    return {(item["case"], item["sequence"]): item["sha256"] for item in sealed_document(promise)["volumes"]}


def matches_seal(presentation: Presentation) -> bool:
    """Return whether the stored rows of a presentation, its images included, are still those that were sealed."""
    sealed = _sealed_rows(presentation.seal.commitment).get((presentation.reader.label, presentation.position))
    if sealed is None or (sealed["case"], sealed["kind"]) != (presentation.case.name, presentation.kind):
        return False
    images = _sealed_volumes(presentation.seal.commitment)
    if any(images.get((sealed["case"], v.sequence)) != v.content_sha256 for v in volumes_of(presentation)):
        return False
    digests = _sealed_masks(presentation.seal.commitment)
    promised = [
        (row["slot"], row["letter"], row["colour"], row["line_style"], row["arm"], digests[sealed["case"], row["arm"]])
        for row in sealed["candidates"]
    ]
    return _stored_slots(presentation) == promised


def _stored_slots(presentation: Presentation) -> list[tuple[Any, ...]]:
    rated = Q(segmentation__masks__volume__sequence=volumes_of(presentation)[0].sequence)
    return list(
        _candidates(presentation)
        .filter(rated)
        .values_list("slot", "letter", "colour", "line_style", "arm__code", "segmentation__masks__content_sha256")
    )


def _check_against_seal(presentation: Presentation) -> None:
    if not matches_seal(presentation):
        raise AllocationAltered("This case")


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


def blinded_volumes(volumes: Sequence[Volume], base_url: str) -> tuple[BlindedVolume, ...]:
    """Return the images of a case, each with its address below `base_url`."""
    return tuple(
        BlindedVolume(volume.sequence, f"{base_url}/volumes/{index}/", volume.blob_sha256, tuple(volume.window))
        for index, volume in enumerate(volumes)
    )


def packed_spec(slots: int) -> PackedSpec:
    """Return the code of the packed volume of so many slots."""
    # Six labels a slot fit one byte up to three slots; united masks of more slots need one bit each.
    return spec_for(slots, SIX_LABELS if slots <= 3 else TWO_LABELS)


def packed_address(volume: Volume, slots: int, base_url: str) -> BlindedCandidates:
    """Return where the packed volume lies and how it is coded, on the grid of the rated `volume`."""
    spec = packed_spec(slots)
    return BlindedCandidates(
        url=f"{base_url}/candidates/",
        base=spec.base,
        bytes_per_voxel=spec.bytes_per_voxel,
        shape=ras_shape(tuple(volume.shape), volume.affine),
    )


def blinded_slot(letter: str, colour: int, line_style: int, palette: list[dict[str, Any]]) -> BlindedSlot:
    """Return a slot as its reader sees it; colour and line style are places in the protocol's palette."""
    red, green, blue = palette[colour]["rgb"]
    return BlindedSlot(letter, (red, green, blue), palette[line_style]["line_style"].replace("_", "-"))


def display_settings(protocol: dict[str, Any]) -> dict[str, Any]:
    """Return how the reading screen shows a case, as the protocol says."""
    display = protocol["display"]
    windows: dict[str, list[dict[str, Any]]] = {}
    for preset in display["windows"]:
        if preset["centre"] and preset["width"]:
            centre, half = float(preset["centre"]), float(preset["width"]) / 2
            windows.setdefault(preset["sequence"], []).append(
                {"name": preset["name"], "low": centre - half, "high": centre + half}
            )
    return {
        "interpolation": display["interpolation"],
        "overlays_off_at_first": display["overlays_off_at_first"],
        "solo_allowed": "solo" in display["tools"],
        "tools": display["tools"],
        "start": "largest_slice" if display["start_slice"] == "largest_union" else "middle",
        "windows": windows,
        "convention": "radiological",
        "fill_opacity": display["fill_percent"],
        "outline_px": display["outline_px"],
    }


def reading_policy(protocol: dict[str, Any]) -> dict[str, Any]:
    """Return the rules of moving through the list, as the protocol says."""
    sessions = protocol["sessions"]
    return {
        "navigation": sessions["navigation"],
        "order": protocol["block_order"],
        "break_minutes": sessions["break_after_minutes"],
        "break_cases": sessions["cases_per_session"],
    }


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
