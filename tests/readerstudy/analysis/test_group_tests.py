import math

import numpy as np
import pytest
from scipy import stats

from readerstudy.analysis.errors import SettingError
from readerstudy.analysis.group_tests import (
    count_table,
    hodges_lehmann,
    kruskal_wallis,
    mann_whitney,
    probabilistic_index,
    rank_biserial,
)


def two_groups(first, second):
    return count_table([*first, *second], ["a"] * len(first) + ["b"] * len(second), ("a", "b"))


def test_kruskal_wallis_gives_the_bottle_cap_example():
    # Kruskal & Wallis 1952, three machines: H = 5.656, P = .059.
    groups = [[340, 345, 330, 342, 338], [339, 333, 344], [347, 343, 349, 355]]
    labels = [str(i) for i, group in enumerate(groups) for _ in group]

    result = kruskal_wallis(count_table(np.concatenate(groups), labels))

    assert result.statistic == pytest.approx(5.65641, abs=1e-4)
    assert result.p == pytest.approx(0.059119, abs=1e-4)
    assert (result.df, result.n) == (2, 12)


def test_kruskal_wallis_equals_scipy_on_tied_ratings():
    rng = np.random.default_rng(3)
    groups = [rng.integers(1, 11, size) for size in (40, 71, 55)]
    labels = [str(i) for i, group in enumerate(groups) for _ in group]
    expected = stats.kruskal(*groups)

    result = kruskal_wallis(count_table(np.concatenate(groups), labels))

    assert result.statistic == pytest.approx(expected.statistic, rel=1e-12)
    assert result.p == pytest.approx(expected.pvalue, rel=1e-11)


@pytest.mark.parametrize(("variant", "continuity"), [("asymptotic", False), ("continuity", True)])
def test_mann_whitney_equals_scipy_on_tied_ratings(variant, continuity):
    rng = np.random.default_rng(5)
    first, second = rng.integers(1, 11, 60), rng.integers(3, 11, 45)
    expected = stats.mannwhitneyu(first, second, method="asymptotic", use_continuity=continuity)

    result = mann_whitney(two_groups(first, second), variant)

    assert result.statistic == expected.statistic
    assert result.p == pytest.approx(expected.pvalue, rel=1e-12)
    assert result.effect == pytest.approx(expected.statistic / (60 * 45))


def test_exact_mann_whitney_equals_scipy_without_ties():
    first, second = [1.83, 0.50, 1.62, 2.48], [0.878, 0.647, 0.598, 2.05, 1.06]
    expected = stats.mannwhitneyu(first, second, method="exact")

    assert mann_whitney(two_groups(first, second), "exact").p == pytest.approx(expected.pvalue, rel=1e-12)


def test_exact_mann_whitney_counts_every_division_of_tied_ratings():
    # Ranks 1.5, 1.5, 3.5, 3.5 divided 2:2 in 6 ways; {3.5, 3.5} and its mirror image are the 2 extreme ones.
    assert mann_whitney(two_groups([5, 5], [3, 3]), "exact").p == pytest.approx(2 / 6)


def test_the_index_of_separated_groups_is_one_without_interval():
    index, low, high = probabilistic_index(two_groups([9, 9, 10], [1, 2, 3]).counts)

    assert index == 1
    assert math.isnan(low) and math.isnan(high)
    assert rank_biserial(index) == 1


def test_the_index_interval_holds_the_index_and_mirrors():
    rng = np.random.default_rng(1)
    first, second = rng.integers(1, 11, 50), rng.integers(2, 11, 40)
    index, low, high = probabilistic_index(two_groups(first, second).counts)
    mirrored = probabilistic_index(two_groups(second, first).counts)

    assert low < index < high
    assert mirrored == pytest.approx((1 - index, 1 - high, 1 - low))


def test_hodges_lehmann_is_the_median_of_all_differences():
    first, second = [1, 4, 9, 9], [2, 3, 3]
    every = np.subtract.outer(np.array(first), np.array(second))

    assert hodges_lehmann(two_groups(first, second)) == np.median(every)
    assert math.isnan(hodges_lehmann(two_groups([1], [])))


def test_ratings_that_are_all_equal_give_no_p_value():
    tied = two_groups([7, 7, 7], [7, 7])

    assert kruskal_wallis(tied).p is None
    assert mann_whitney(tied).p is None
    assert mann_whitney(tied).effect == 0.5
    assert mann_whitney(tied).note == "all ratings are equal"


def test_a_single_arm_cannot_be_compared():
    assert kruskal_wallis(two_groups([7, 8], [])).note == "fewer than two groups have ratings"
    assert mann_whitney(two_groups([7, 8], [])).note == "a group has no ratings"


def test_an_unknown_variant_is_refused():
    with pytest.raises(SettingError, match="bayesian"):
        mann_whitney(two_groups([1], [2]), "bayesian")
