"""What a reader would see, for those who design the study: real images and masks, a list drawn for show.

Nothing is stored. The list is drawn anew on every request under a fixed seed that no seal ever uses, so that a
preview tells nothing about the sealed list.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass, replace
from typing import Any

from readerstudy.design.allocation import allocate
from readerstudy.design.plan import AllocatedPresentation, PlannedReader, PlanRefused
from readerstudy.design.protocol import Protocol, to_dict
from readerstudy.instruments import Answer, validate_answers
from readerstudy.instruments import to_dict as instrument_to_dict
from readerstudy.models import Study
from readerstudy.selectors import blinded
from readerstudy.selectors.blinded import BlindedPresentation, PackedRecipe, Progress
from readerstudy.services import packing
from readerstudy.services.plans import Material, allocation_plan, material_of, protocol_document
from segmentation.errors import DomainError, NotFound
from segmentation.models import SegmentationMask, Volume

CASES = 3


@dataclass(frozen=True)
class PreviewPlace:
    """One case of the preview: its place from 1, its volumes, and the masks in slot order."""

    number: int
    of: int
    shown: AllocatedPresentation
    volumes: tuple[Volume, ...]
    masks: tuple[SegmentationMask, ...]


@dataclass(frozen=True)
class Preview:
    """The whole preview of a study as it is designed now."""

    study: Study
    protocol: Protocol
    places: tuple[PreviewPlace, ...]

    def place(self, number: int) -> PreviewPlace:
        """Return one case; not found beyond the last."""
        if not 1 <= number <= len(self.places):
            raise NotFound
        return self.places[number - 1]

    def token(self, number: int) -> str:
        """Return what stands for a presentation token in the preview."""
        return f"preview-{self.study.code}-{number}"


def preview_of(study: Study) -> Preview:
    """Return the preview of a study.

    Raises
    ------
    DomainError
        ``preview.nothing`` without cases, images or arms; ``preview.refused`` where no list can be drawn.
    """
    material = material_of(study)
    document = protocol_document(study, material)
    shown = _drawn(study, material)
    places = tuple(_place(number, len(shown), one, material) for number, one in enumerate(shown, start=1))
    return Preview(study, document, places)


def session(preview: Preview, after: int = 0) -> dict[str, Any]:
    """Return what the reading screen asks first, with `after` cases read."""
    protocol = to_dict(preview.protocol)
    return {
        "study": {
            "title": f"Preview, nothing is stored: {preview.study.title}",
            "code": preview.study.code,
            "instructions": preview.protocol.instructions,
        },
        "instrument": instrument_to_dict(preview.protocol.instrument),
        "display": blinded.display_settings(protocol),
        "policy": blinded.reading_policy(protocol),
        **place_in_list(preview, after),
    }


def place_in_list(preview: Preview, after: int) -> dict[str, Any]:
    """Return progress, current case and the next ones, with `after` cases read."""
    ahead = [preview.token(number) for number in range(after + 1, len(preview.places) + 1)]
    return {
        "progress": asdict(Progress(done=after, planned=len(preview.places), practice_done=0, practice_planned=0)),
        "current": ahead[0] if ahead else None,
        "upcoming": ahead[1:],
        "previous": None,
    }


def presentation(preview: Preview, number: int) -> BlindedPresentation:
    """Return one case as a reader's browser would receive it."""
    place = preview.place(number)
    palette = to_dict(preview.protocol)["palette"]
    base_url = f"/api/v1/presentations/{preview.token(number)}"
    return BlindedPresentation(
        token=preview.token(number),
        practice=False,
        number=number,
        of=place.of,
        volumes=blinded.blinded_volumes(place.volumes, base_url),
        candidates=blinded.packed_address(place.volumes[0], len(place.masks), base_url),
        slots=tuple(blinded.blinded_slot(c.letter, c.colour, c.line_style, palette) for c in place.shown.candidates),
        draft=None,
        submitted=None,
    )


def candidates(preview: Preview, number: int) -> bytes:
    """Return the packed candidates of one case."""
    masks = preview.place(number).masks
    recipe = PackedRecipe(
        blob_sha256=tuple(mask.blob_sha256 for mask in masks),
        content_sha256=tuple(mask.content_sha256 for mask in masks),
        spec=blinded.packed_spec(len(masks)),
        whole=preview.protocol.labels == "whole",
    )
    return packing.packed_recipe(recipe)


def check_answers(preview: Preview, number: int, answers: Any) -> list[Answer]:
    """Judge answers as the seal's instrument would, and keep nothing."""
    letters = [candidate.letter for candidate in preview.place(number).shown.candidates]
    return validate_answers(preview.protocol.instrument, letters, answers)


def _drawn(study: Study, material: Material) -> list[AllocatedPresentation]:
    plan = allocation_plan(study, material)
    names = {case.name for case in material.everything() if material.volumes[case.pk]}
    cases = tuple(case for case in (*plan.cases, *plan.practice_cases) if case.code in names)
    few = replace(
        plan,
        readers=plan.readers[:1] or (PlannedReader("R1"),),
        cases=cases[:CASES],
        practice_cases=(),
        practice=0,
        repeats=0,
        catch_cases=(),
        reserve_cases=(),
    )
    if not few.cases or not plan.arms:
        raise DomainError(
            "preview.nothing",
            "There is nothing to preview yet; choose cases with images, and arms with segmentations, first.",
            title="Nothing to preview",
            status=409,
        )
    try:
        drawn = allocate(few, hashlib.sha256(b"preview of " + study.code.encode()).digest())
    except PlanRefused as refused:
        raise DomainError("preview.refused", f"No list can be drawn yet: {refused}", status=409) from refused
    return [shown for shown in drawn.presentations if shown.candidates]


def _place(number: int, of: int, shown: AllocatedPresentation, material: Material) -> PreviewPlace:
    case = next(case for case in material.everything() if case.name == shown.case)
    arms = {arm.code: arm.pk for arm in material.arms}
    masks = tuple(material.masks[case.pk, arms[candidate.arm]] for candidate in shown.candidates)
    return PreviewPlace(number, of, shown, material.volumes[case.pk], masks)
