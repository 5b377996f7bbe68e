import pytest
from scipy import stats

from readerstudy.analysis.contingency import pearson
from readerstudy.analysis.errors import AnalysisError
from readerstudy.analysis.trend import cochran_armitage


def test_agrestis_alcohol_and_malformation():
    # Agresti, Categorical Data Analysis, Table 3.8: scores 0, 0.5, 1.5, 4, 7; z² = 6.57.
    result = cochran_armitage([48, 38, 5, 1, 1], [17114, 14502, 793, 127, 38], [0, 0.5, 1.5, 4, 7])

    assert result.statistic**2 == pytest.approx(6.57, abs=5e-3)
    assert result.p == pytest.approx(0.0104, abs=5e-5)


def test_two_groups_give_chi_squared():
    assert cochran_armitage([12, 20], [30, 32]).p == pytest.approx(pearson([[12, 18], [20, 12]]).p)


def test_the_exact_test_of_two_groups_of_equal_size_is_fishers():
    # The hypergeometric distribution is symmetric, so distance and probability order the tables alike.
    assert cochran_armitage([3, 8], [10, 10], exact=True).p == pytest.approx(stats.fisher_exact([[3, 7], [8, 2]])[1])


def test_no_trend_can_be_tested_in_equal_answers():
    assert cochran_armitage([0, 0], [5, 6]).p is None
    with pytest.raises(AnalysisError, match="too many"):
        cochran_armitage([50, 60, 70], [1000, 1000, 1000], exact=True)
