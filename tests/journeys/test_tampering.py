"""`manage.py verify` is clean on an honest study and names the fault after one row or one byte was altered."""

from __future__ import annotations

import io
import json
from collections.abc import Callable

import pytest
from django.core.management import call_command
from django.db import connection
from study_world import AT, World
from tampering import unprotected

from audit.protection import drop_statements
from readerstudy.errors import AllocationAltered
from readerstudy.models import Candidate, Presentation, Rating, Read, Seal
from readerstudy.selectors import presentations
from readerstudy.services import reads
from readerstudy.services.reads import Submission
from segmentation.models import SegmentationMask, Volume
from segmentation.storage import blob_store


def verify() -> tuple[bool, str]:
    out = io.StringIO()
    try:
        call_command("verify", stdout=out)
    except SystemExit:
        return False, out.getvalue()
    return True, out.getvalue()


@pytest.fixture
def read_study(world: World) -> World:
    world.seal()
    presentation = presentations.presentation_for(world.experts[0], world.presentations("R1")[0].token)
    letters = [slot.letter for slot in presentations.blinded(presentation).slots]
    answers = {"candidates": {letter: {"score": 8, "origin": 2} for letter in letters}, "case": {}}
    reads.submit_read(presentation=presentation, submission=Submission(answers, 5, 9), key="a-key-of-mine", at=AT)
    return world


def test_an_honest_study_verifies(read_study: World) -> None:
    sound, told = verify()

    assert sound, told


def _flip_mask() -> str:
    address = SegmentationMask.objects.order_by("pk").values_list("blob_sha256", flat=True)[0]
    _flip_byte(address)
    return address[:8]


def _flip_byte(address: str) -> None:
    path = blob_store().path(address)
    path.chmod(0o600)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def _change_rating() -> str:
    with unprotected("readerstudy_rating"):
        Rating.objects.filter(question="score").update(value=1)
    return "the ratings differ from the digest recorded"


def _delete_read() -> str:
    with unprotected("readerstudy_rating"), unprotected("readerstudy_read"):
        Rating.objects.all().delete()
        Read.objects.all().delete()
    return "its row is missing"


def _swap_candidates() -> str:
    first, second = Candidate.objects.order_by("presentation_id", "slot")[:2]
    with unprotected("readerstudy_candidate"):
        Candidate.objects.filter(pk=first.pk).update(arm=second.arm, segmentation=second.segmentation)
    return "the stored presentation differs from the sealed one"


def _drop_presentation() -> str:
    last = Presentation.objects.order_by("-pk")[0]
    with unprotected("readerstudy_candidate"), unprotected("readerstudy_presentation"):
        last.candidates.all().delete()
        last.delete()
    return "presentations were sealed"


def _edit_sealed_bytes() -> str:
    seal = Seal.objects.get()
    document = json.loads(bytes(seal.sealed_bytes))
    document["protocol"]["title"] = "Another title"
    with unprotected("readerstudy_seal"):
        Seal.objects.update(sealed_bytes=json.dumps(document).encode())
    return "not those that were committed to"


def _change_seed() -> str:
    with unprotected("readerstudy_seal"):
        Seal.objects.update(seed=b"x" * 32)
    return "the seed is not the one"


def _drop_trigger() -> str:
    with connection.cursor() as cursor:
        cursor.execute(drop_statements(connection.vendor, "readerstudy_rating")[0])
    return "readerstudy_rating_no_update"


@pytest.mark.parametrize(
    "tamper",
    [
        _flip_mask,
        _change_rating,
        _delete_read,
        _swap_candidates,
        _drop_presentation,
        _edit_sealed_bytes,
        _change_seed,
        _drop_trigger,
    ],
)
def test_what_was_tampered_with_is_named(read_study: World, tamper: Callable[[], str]) -> None:
    expected = tamper()

    sound, told = verify()

    assert not sound
    assert expected in told


def test_a_presentation_altered_after_the_seal_is_not_shown(read_study: World) -> None:
    presentation = read_study.presentations("R1")[1]
    candidate = presentation.candidates.order_by("slot")[0]
    with unprotected("readerstudy_candidate"):
        Candidate.objects.filter(pk=candidate.pk).update(letter="Z")

    with pytest.raises(AllocationAltered):
        presentations.presentation_for(read_study.experts[0], presentation.token)


def test_a_seal_over_a_damaged_file_is_refused_and_names_it(world: World) -> None:
    _flip_byte(Volume.objects.order_by("pk")[0].blob_sha256)

    with pytest.raises(Exception, match="T2 volume of case C-001"):
        world.seal()
    assert not Seal.objects.exists()
