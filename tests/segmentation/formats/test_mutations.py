"""Seeded mutations: no changed voxel of a checksummed file is accepted, and only refusals are raised."""

import random
import struct
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from segmentation.errors import DomainError
from segmentation.formats import content_sha256, read_image, read_mask
from tests.segmentation.formats.specimens import AFFINE, GRID, lesion, nifti, packed, picture
from tests.segmentation.formats.test_nrrd import nrrd

SEED = 20_261


def _flip_bits(data: bytes, rng: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 8))):
        changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def _cut(data: bytes, rng: random.Random) -> bytes:
    return data[: rng.randrange(len(data))]


def _grow(data: bytes, rng: random.Random) -> bytes:
    return data + rng.randbytes(rng.randrange(1, 40))


def _drop_block(data: bytes, rng: random.Random) -> bytes:
    start = rng.randrange(len(data))
    return data[:start] + data[start + rng.randrange(1, 64) :]


def _repeat_block(data: bytes, rng: random.Random) -> bytes:
    start = rng.randrange(len(data))
    return data[:start] + data[start : start + rng.randrange(1, 64)] + data[start:]


def _strange_number(data: bytes, rng: random.Random) -> bytes:
    value = rng.choice((0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7F800000, 0x7FC00000, 0xFFFFFFFF))
    form = rng.choice(("<I", ">I", "<Q"))
    changed = bytearray(data)
    struct.pack_into(form, changed, rng.randrange(min(len(data), 600) - 8), value)
    return bytes(changed)


MUTATIONS: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    _flip_bits, _flip_bits, _cut, _grow, _drop_block, _repeat_block, _strange_number,
)  # fmt: skip


def _mutants(data: bytes, seed: int, count: int) -> Iterator[bytes]:
    rng = random.Random(seed)
    for _ in range(count):
        mutant = rng.choice(MUTATIONS)(data, rng)
        if mutant != data:
            yield mutant


def _accepted_identities(mutants: Iterator[bytes]) -> set[str]:
    """Identities of what was accepted; anything but a refusal propagates and fails the test."""
    found = set()
    for mutant in mutants:
        try:
            volume = read_image(mutant, "t2.nii.gz")
        except DomainError as refusal:
            assert refusal.code and refusal.detail and refusal.status == 422
        else:
            found.add(content_sha256(volume.array, volume.grid.affine))
    return found


def _check_packed(seed: int, count: int) -> None:
    data = packed(nifti(picture()))

    accepted = _accepted_identities(_mutants(data, seed, count))

    assert accepted <= {content_sha256(picture(), AFFINE)}


def _check_headers(seed: int, count: int) -> None:
    """Mutate before packing, so that the checksum is right and the header checks stand alone."""
    for version, order in ((1, "<"), (1, ">"), (2, "<")):
        plain = nifti(lesion("i2"), version=version, order=order)
        for mutant in _mutants(plain[:600], seed, count // 3):
            data = packed(mutant + plain[600:])
            try:
                mask = read_mask(data, "m.nii.gz", grid=GRID, labels={1})
            except DomainError as refusal:
                assert refusal.code and refusal.detail
            else:
                assert mask.array.shape == GRID.shape
                assert set(np.unique(mask.array)) <= {0, 1}


def _check_nrrd(seed: int, count: int) -> None:
    for mutant in _mutants(nrrd(), seed, count):
        try:
            volume = read_image(mutant, "a.nrrd")
        except DomainError as refusal:
            assert refusal.code and refusal.detail
        else:
            assert volume.array.nbytes < len(mutant)


@pytest.mark.filterwarnings("error")
def test_no_mutant_of_a_packed_volume_is_accepted_with_other_voxels():
    _check_packed(SEED, 300)


@pytest.mark.filterwarnings("error")
def test_no_mutant_of_a_header_breaks_the_mask_reader():
    _check_headers(SEED, 600)


@pytest.mark.filterwarnings("error")
def test_no_mutant_of_a_nrrd_breaks_the_reader():
    _check_nrrd(SEED, 400)


@pytest.mark.prove
@pytest.mark.filterwarnings("error")
def test_ten_thousand_mutants_are_refused_or_unchanged():
    _check_packed(SEED + 1, 4000)
    _check_headers(SEED + 2, 4500)
    _check_nrrd(SEED + 3, 1500)
