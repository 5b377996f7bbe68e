import numpy as np
import pytest
from scipy import stats

from readerstudy.analysis.brunner_munzel import brunner_munzel
from readerstudy.analysis.group_tests import count_table

# Pain scores after surgery: Brunner & Munzel 2000; Neubert & Brunner 2007.
ACTIVE = [1, 2, 1, 1, 1, 1, 1, 1, 1, 1, 2, 4, 1, 1]
PLACEBO = [3, 3, 4, 3, 1, 2, 3, 1, 1, 5, 4]


def groups(first, second):
    return count_table([*first, *second], ["a"] * len(first) + ["b"] * len(second), ("a", "b"))


def test_the_pain_scores():
    # Published: t = 3.1375 on 17.683 df, P = .005786, index .789 with interval .595 to .983.
    result = brunner_munzel(groups(PLACEBO, ACTIVE))

    assert result.statistic == pytest.approx(3.1375, abs=5e-5)
    assert result.df == pytest.approx(17.683, abs=5e-4)
    assert result.p == pytest.approx(0.005786, abs=5e-7)
    assert (result.effect, result.effect_low, result.effect_high) == pytest.approx((0.789, 0.595, 0.983), abs=6e-4)


def test_tied_ratings_equal_scipy():
    rng = np.random.default_rng(4)
    first, second = rng.integers(1, 11, 40), rng.integers(2, 11, 60)

    assert brunner_munzel(groups(first, second)).p == pytest.approx(stats.brunnermunzel(first, second).pvalue)


def test_what_cannot_be_compared_says_why():
    assert brunner_munzel(groups([1], [2, 3])).note == "a group has fewer than two ratings"
    assert brunner_munzel(groups([1, 2], [5, 6])).note == "the groups do not overlap"
    assert brunner_munzel(groups([7, 7], [7, 7])).note == "all ratings are equal"
