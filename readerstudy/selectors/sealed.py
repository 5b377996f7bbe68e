"""What was sealed, checked against its commitment, and whether the stored rows are still that."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

from django.db.models import Q

from readerstudy.design.seal import commitment
from readerstudy.errors import AllocationAltered
from readerstudy.instruments import Instrument, instrument_from
from readerstudy.models import Candidate, Presentation, Seal, Study
from segmentation.errors import NotFound
from segmentation.models import Volume


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


def volumes_of(presentation: Presentation) -> list[Volume]:
    """Return the volumes of the case that the protocol shows, in its order."""
    shown = sealed_protocol(presentation.seal.commitment)["display"]["sequences"]
    volumes = {volume.sequence: volume for volume in presentation.case.volumes.all()}
    names = [name for name in shown if name in volumes] if shown else sorted(volumes)
    return [volumes[name] for name in names]


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
        Candidate.objects.filter(presentation=presentation)
        .filter(rated)
        .order_by("slot")
        .values_list("slot", "letter", "colour", "line_style", "arm__code", "segmentation__masks__content_sha256")
    )


def check_against_seal(presentation: Presentation) -> None:
    """Raise AllocationAltered unless the stored rows are still those that were sealed."""
    if not matches_seal(presentation):
        raise AllocationAltered("This case")
