"""Keyed randomness against OpenSSL and against uniformity."""

from __future__ import annotations

from collections import Counter

import pytest

from readerstudy.design.keyed import draw_below, keyed, shuffled

SEED = bytes(range(32))


def test_the_keyed_hash_is_hmac_sha256_of_purpose_reader_and_index() -> None:
    # printf 'order/main|R1|c007' | openssl dgst -sha256 -mac HMAC -macopt hexkey:000102…1f
    expected = "70f90afab86855d4fbf4fc5ef246ced48d0893027ad5e5f60863aaf2bd7bfce0"

    assert keyed(SEED, "order/main", "R1", "c007") == int(expected, 16)


def test_a_shuffle_does_not_depend_on_the_order_of_arrival() -> None:
    names = [f"c{number}" for number in range(50)]

    assert shuffled(names, SEED, "order", "R1") == shuffled(reversed(names), SEED, "order", "R1")


def test_a_shuffle_brings_every_item_to_every_place_equally_often() -> None:
    first = Counter(shuffled("abcd", SEED, "order", f"R{number}")[0] for number in range(4000))

    # 4 standard deviations of Binomial(4000, 1/4): 4 * sqrt(4000 * 3 / 16) = 110
    assert all(abs(count - 1000) < 110 for count in first.values())


def test_draws_below_a_bound_are_uniform() -> None:
    drawn = Counter(draw_below(3, SEED, "draw", "R1", str(number)) for number in range(6000))

    assert set(drawn) == {0, 1, 2}
    assert all(abs(count - 2000) < 4 * (6000 * 2 / 9) ** 0.5 for count in drawn.values())


@pytest.mark.parametrize("bound", [0, -1, 2**256 + 1])
def test_an_impossible_bound_is_refused(bound: int) -> None:
    with pytest.raises(ValueError, match="cannot draw below"):
        draw_below(bound, SEED, "draw", "R1", "0")
