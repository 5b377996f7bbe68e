"""Files and rows altered after the seal: refused in the same words whoever drew the mask (B22, B35, F117)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from leaks import balanced
from study_world import World
from tampering import unprotected

from readerstudy.models import Candidate, Presentation
from segmentation.models import SegmentationMask
from segmentation.storage import blob_store


def _missing(mask: SegmentationMask) -> None:
    blob_store().path(mask.blob_sha256).unlink()


def _cut(mask: SegmentationMask) -> None:
    path = blob_store().path(mask.blob_sha256)
    path.chmod(0o600)
    path.write_bytes(path.read_bytes()[:-9])


def _swapped(mask: SegmentationMask) -> None:
    other = SegmentationMask.objects.exclude(content_sha256=mask.content_sha256).first()
    assert other is not None
    point_at(mask.pk, other.blob_sha256)


def point_at(mask: int, blob_sha256: str) -> None:
    with unprotected("segmentation_segmentationmask"):
        SegmentationMask.objects.filter(pk=mask).update(blob_sha256=blob_sha256)


@pytest.mark.parametrize("damage", [_missing, _cut, _swapped])
def test_a_damaged_mask_sounds_the_same_whoever_drew_it(
    make_world: Callable[..., World], damage: Callable[[SegmentationMask], None]
) -> None:
    """[B22, B35, catalogue 55, 56, 117]"""
    world = make_world(cases=4, practice=0, readers=1, shape=(9, 8, 6))
    world.seal()
    client = Client()
    client.force_login(world.experts[0])
    presentation = world.presentations("R1")[0]
    said = {}
    for candidate in presentation.candidates.select_related("arm__source"):
        mask = candidate.segmentation.masks.get()
        held, address = blob_store().read(mask.blob_sha256), mask.blob_sha256
        damage(mask)
        answer = client.get(f"/api/v1/presentations/{presentation.token}/candidates/")
        said[candidate.arm.code] = (answer.status_code, answer.content, tuple(sorted(answer.headers.items())))
        point_at(mask.pk, address)
        path = blob_store().path(address)
        path.unlink(missing_ok=True)
        path.write_bytes(held)

    assert len(said) == 3
    assert {status for status, _, _ in said.values()} == {409}
    assert len(set(said.values())) == 1
    assert client.get(f"/api/v1/presentations/{presentation.token}/candidates/").status_code == 200


def test_an_image_swapped_in_the_database_is_not_shown(make_world: Callable[..., World]) -> None:
    """[117]"""
    world = make_world(cases=4, practice=0, readers=1, shape=(9, 8, 6))
    world.seal()
    client = Client()
    client.force_login(world.experts[0])
    presentation = world.presentations("R1")[0]
    other = world.presentations("R1")[1].case.volumes.get()
    with unprotected("segmentation_volume"):
        presentation.case.volumes.update(content_sha256=other.content_sha256, blob_sha256=other.blob_sha256)

    answer = client.get(f"/api/v1/presentations/{presentation.token}/")

    assert (answer.status_code, answer.json()["code"]) == (409, "allocation.altered")


def test_sealed_colours_and_slots_do_not_go_with_the_kind_of_source(make_world: Callable[..., World]) -> None:
    """[B13, B14, B15]"""
    world = make_world(cases=24, practice=0, readers=3, shape=(6, 6, 4))
    world.seal()
    for column in ("colour", "slot", "line_style"):
        counts: dict[tuple[str, int], int] = {}
        for place, kind in Candidate.objects.values_list(column, "arm__source__kind"):
            counts[kind, place] = counts.get((kind, place), 0) + 1
        assert balanced(counts), (column, counts)
    assert Presentation.objects.count() == 72
