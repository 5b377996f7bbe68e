"""Every broken file of the catalogue meets its own refusal: a stable code and the facts in words."""

import hashlib
import time
import tracemalloc

import pytest

from segmentation.errors import DomainError
from segmentation.formats import check_digest, read_image, read_mask
from tests.segmentation.formats.catalogue import REFUSED, Specimen
from tests.segmentation.formats.specimens import GRID, lesion, nifti, packed


def _refusal(specimen: Specimen, data: bytes) -> DomainError:
    with pytest.raises(DomainError) as caught:
        if specimen.role == "mask":
            read_mask(data, specimen.name, grid=GRID, labels={1, 2})
        else:
            read_image(data, specimen.name)
    return caught.value


@pytest.mark.parametrize("specimen", REFUSED, ids=lambda s: f"{s.number} {s.title}")
@pytest.mark.filterwarnings("error")
def test_broken_file_is_refused_with_its_code_and_facts(specimen):
    refusal = _refusal(specimen, specimen.build())

    assert (refusal.code, refusal.status) == (specimen.code, 422)
    assert refusal.detail.startswith(f"{specimen.name}: ")
    assert [word for word in specimen.words if word not in refusal.detail] == []


def test_the_catalogue_of_refusals_is_whole():
    accepted_elsewhere = {12, 25, 37, 38}

    assert {s.number for s in REFUSED} | accepted_elsewhere == set(range(1, 39)) | {46}


def test_bomb_is_refused_from_its_header_without_unpacking_it():
    (bomb,) = (s for s in REFUSED if s.number == 13)
    data = bomb.build()
    tracemalloc.start()
    started = time.process_time()
    _refusal(bomb, data)
    spent, (_, peak) = time.process_time() - started, tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 5e6
    assert spent < 2  # a hang would take far longer; the 50 ms bar is a benchmark's


def test_endless_stream_stops_at_the_declared_size():
    (bomb,) = (s for s in REFUSED if s.number == 14)
    data = bomb.build()
    tracemalloc.start()
    _refusal(bomb, data)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 2e6


def test_flipped_bit_is_found_by_the_digest_alone():
    sound = nifti(lesion())
    flipped = sound[:-700] + bytes([sound[-700] ^ 1]) + sound[-699:]

    digest = check_digest(sound, hashlib.sha256(sound).hexdigest())

    with pytest.raises(DomainError) as caught:
        check_digest(flipped, digest)
    assert caught.value.code == "digest.mismatch"
    with pytest.raises(DomainError) as caught:
        check_digest(flipped, None)
    assert (caught.value.code, caught.value.status) == ("digest.required", 428)


def test_refusal_shows_a_hostile_name_harmlessly():
    with pytest.raises(DomainError) as caught:
        read_image(b"", "../../etc/\u202egnp\0.nii.gz" + "x" * 4000)

    assert "/" not in caught.value.detail.split(": ")[0]
    assert "\u202e" not in caught.value.detail and "\0" not in caught.value.detail
    assert len(caught.value.detail) < 200


def test_title_and_fields_let_the_site_build_a_problem_document():
    with pytest.raises(DomainError) as caught:
        read_mask(packed(nifti(lesion() * 9)), "a.nii.gz", grid=GRID, labels={1})

    assert caught.value.title == "This mask was refused"
    assert list(caught.value.fields) == []
