"""Packed candidates: the code, its inverse, and bytes that say nothing about who drew what."""

from __future__ import annotations

import gzip
import hashlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from readerstudy.design.blinding import (
    PackedSpec,
    compressed,
    is_empty,
    mapped,
    pack,
    spec_for,
    token,
    unpack,
    whole,
)
from readerstudy.design.errors import PackingRefused


def constant(label: int, shape: tuple[int, int, int] = (2, 3, 4)) -> np.ndarray:
    return np.full(shape, label, dtype=np.uint8)


def test_three_slots_are_packed_as_a_plus_6_b_plus_36_c() -> None:
    packed = pack([constant(1), constant(2), constant(5)])

    assert packed == bytes([1 + 6 * 2 + 36 * 5]) * 24


def test_voxels_run_with_x_fastest() -> None:
    mask = np.zeros((2, 3, 4), dtype=np.uint8)
    mask[1, 0, 0] = 1
    mask[0, 2, 3] = 2

    packed = pack([mask])

    assert packed[1] == 1
    assert packed[0 + 2 * 2 + 3 * 6] == 2
    assert sum(packed) == 3


@pytest.mark.parametrize(
    ("slots", "base", "width"),
    [(1, 6, 1), (3, 6, 1), (4, 6, 2), (6, 6, 2), (8, 2, 1), (9, 2, 2), (7, 6, 4), (1, 256, 1)],
)
def test_the_code_is_as_narrow_as_its_largest_number_allows(slots: int, base: int, width: int) -> None:
    assert spec_for(slots, base) == PackedSpec(base, slots, width)


@settings(max_examples=60, deadline=None)
@given(slots=st.integers(1, 7), base=st.sampled_from([2, 3, 6]), seed=st.integers(0, 2**31))
def test_unpacking_gives_back_every_mask(slots: int, base: int, seed: int) -> None:
    drawn = np.random.default_rng(seed).integers(0, base, size=(slots, 3, 4, 5), dtype=np.uint8)

    back = unpack(pack(list(drawn), base), spec_for(slots, base), (3, 4, 5))

    assert all(np.array_equal(one, other) for one, other in zip(drawn, back, strict=True))


def test_memory_order_of_a_mask_leaves_no_trace() -> None:
    mask = np.random.default_rng(1).integers(0, 6, size=(5, 6, 7), dtype=np.uint8)

    assert pack([np.asfortranarray(mask)]) == pack([np.ascontiguousarray(mask)]) == pack([mask[::-1][::-1]])


def test_the_gzip_header_holds_no_name_no_time_and_no_system() -> None:
    blob = compressed(pack([constant(1)]))

    assert blob[:10] == bytes.fromhex("1f8b08 00 00000000 00 ff")
    assert gzip.decompress(blob) == pack([constant(1)])


def test_the_same_masks_give_the_same_bytes_again() -> None:
    masks = [np.random.default_rng(n).integers(0, 2, size=(16, 16, 8), dtype=np.uint8) for n in range(3)]

    first, second = (hashlib.sha256(compressed(pack(masks))).hexdigest() for _ in range(2))

    assert first == second


@pytest.mark.parametrize(
    ("masks", "code"),
    [
        ([], "pack.code"),
        ([constant(6)], "pack.label"),
        ([constant(1), constant(1, (3, 2, 4))], "pack.grid"),
        ([constant(1).astype(np.int16)], "pack.type"),
        ([constant(1).astype(np.float32)], "pack.type"),
        ([constant(1)[0]], "pack.type"),
    ],
)
def test_unfit_masks_are_refused(masks: list[np.ndarray], code: str) -> None:
    with pytest.raises(PackingRefused) as refused:
        pack(masks)

    assert refused.value.code == code


def test_a_packed_volume_of_another_length_or_with_an_impossible_code_is_refused() -> None:
    with pytest.raises(PackingRefused, match="23 bytes"):
        unpack(bytes(23), spec_for(3), (2, 3, 4))
    with pytest.raises(PackingRefused, match="code 216"):
        unpack(bytes([216]) * 24, spec_for(3), (2, 3, 4))


def test_whole_is_the_union_of_all_labels_whatever_their_values() -> None:
    labels = np.array([[[0, 1, 255, -3]]], dtype=np.int16)

    assert whole(labels).tolist() == [[[0, 1, 1, 1]]]
    assert whole(labels).dtype == np.uint8


def test_labels_are_mapped_to_the_study_s_and_an_unnamed_one_is_refused() -> None:
    labels = np.array([[[0, 1, 4, 7]]], dtype=np.int64)

    assert mapped(labels, {1: 2, 4: 3, 7: 0}).tolist() == [[[0, 2, 3, 0]]]
    with pytest.raises(PackingRefused, match="label 7"):
        mapped(labels, {1: 1, 4: 1})


def test_an_empty_mask_is_known_as_such() -> None:
    assert is_empty(constant(0))
    assert not is_empty(constant(3))


def test_a_token_is_128_bits_in_plain_small_letters() -> None:
    # RFC 4648: sixteen zero bytes are twenty-six times A
    assert token(bytes(16)) == "a" * 26
    assert len({token(i.to_bytes(16, "big")) for i in range(100)}) == 100
    with pytest.raises(PackingRefused):
        token(bytes(15))
