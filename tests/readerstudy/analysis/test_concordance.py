import math

import numpy as np
import pytest
from scipy import stats

from readerstudy.analysis.concordance import kendall_w
from readerstudy.analysis.errors import AnalysisError

ANXIETY = np.array(
    [
        [3, 3, 3, 4, 5, 5, 2, 3, 5, 2, 2, 6, 1, 5, 2, 2, 1, 2, 4, 3],
        [3, 6, 4, 6, 2, 4, 2, 4, 3, 3, 2, 3, 3, 3, 2, 2, 1, 3, 3, 4],
        [2, 1, 4, 4, 3, 2, 1, 6, 1, 1, 1, 2, 3, 3, 1, 1, 3, 3, 2, 2],
    ]
).T


def test_the_anxiety_ratings_give_the_printed_w():
    # R irr: kendall(anxiety, correct = TRUE): Wt = 0.54, chi-squared(19) = 30.8, P = .0429.
    found = kendall_w(ANXIETY)

    assert found.w == pytest.approx(0.5397, abs=5e-5)
    assert found.chi2 == pytest.approx(30.76, abs=5e-3)
    assert found.p == pytest.approx(0.0429, abs=5e-5)
    assert found.df == 19


def test_the_chi_squared_is_friedmans():
    assert kendall_w(ANXIETY).chi2 == pytest.approx(stats.friedmanchisquare(*ANXIETY).statistic)


def test_equal_rankings_are_fully_concordant():
    assert kendall_w([[1, 10, 3], [2, 20, 5], [3, 30, 9]]).w == pytest.approx(1)


def test_no_ranking_gives_no_concordance():
    assert math.isnan(kendall_w(np.ones((4, 3))).w)
    with pytest.raises(AnalysisError, match="every reader"):
        kendall_w([[1, np.nan], [2, 3]])
