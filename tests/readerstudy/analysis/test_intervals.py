import math

import pytest

from readerstudy.analysis.intervals import clopper_pearson, median_interval, newcombe_difference, wilson

# Newcombe 1998, Stat Med 17:857-872, Table I.
CASES = [(81, 263), (15, 148), (0, 20), (1, 29)]
WILSON = [(0.2553, 0.3662), (0.0624, 0.1605), (0, 0.1611), (0.0061, 0.1718)]
EXACT = [(0.2527, 0.3676), (0.0578, 0.1617), (0, 0.1684), (0.0009, 0.1776)]


@pytest.mark.parametrize(("case", "expected"), list(zip(CASES, WILSON, strict=True)))
def test_wilson_gives_newcombes_table(case, expected):
    assert wilson(*case) == pytest.approx(expected, abs=6e-5)


@pytest.mark.parametrize(("case", "expected"), list(zip(CASES, EXACT, strict=True)))
def test_clopper_pearson_gives_newcombes_table(case, expected):
    assert clopper_pearson(*case) == pytest.approx(expected, abs=6e-5)


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ((56, 70, 48, 80), (0.0524, 0.3339)),
        ((9, 10, 3, 10), (0.1705, 0.8090)),
        ((5, 56, 0, 29), (-0.0381, 0.1926)),
        ((10, 10, 0, 10), (0.6075, 1.0)),
    ],
)
def test_newcombe_difference_gives_the_published_intervals(counts, expected):
    # Newcombe 1998, Stat Med 17:873-890, Table II, method 10.
    assert newcombe_difference(*counts) == pytest.approx(expected, abs=6e-5)


def test_all_of_n_reaches_one():
    assert wilson(20, 20).high == 1
    assert clopper_pearson(20, 20).high == 1


def test_nothing_of_nothing_has_no_interval():
    ends = (*wilson(0, 0), *clopper_pearson(0, 0), *newcombe_difference(0, 0, 1, 2))

    assert all(math.isnan(end) for end in ends)


def test_the_median_interval_takes_the_tabulated_ranks():
    # Conover 1999: ranks 2 and 9 of 10, 4 and 12 of 15, 8 and 18 of 25.
    assert median_interval(range(1, 11)) == (2, 9)
    assert median_interval(range(1, 16)) == (4, 12)
    assert median_interval(range(1, 26)) == (8, 18)


def test_five_values_cannot_bound_a_median():
    assert math.isnan(median_interval([1, 2, 3, 4, 5]).low)
    assert math.isnan(median_interval([]).low)
    assert median_interval([1, 2, 3, 4, 5, 6]) == (1, 6)
