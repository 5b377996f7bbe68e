import math

import numpy as np
import pytest
from scipy import stats

from readerstudy.analysis.clustered_shares import clustered_share, mean_share_interval
from readerstudy.analysis.errors import AnalysisError


def test_the_ratio_estimator_by_hand():
    # Shares 1/2, 3/3, 0/1, 2/4 pool to 6/10. Residuals -0.2, 1.2, -0.6, -0.4: squares sum to 2.0;
    # variance (4/3) 2.0 / 100.
    found = clustered_share([1, 3, 0, 2], [2, 3, 1, 4])

    assert found.share == 0.6
    assert found.se == pytest.approx(math.sqrt(4 / 3 * 2 / 100))
    assert found.design_effect == pytest.approx(4 / 3 * 2 / 100 / (0.6 * 0.4 / 10))


def test_copied_answers_widen_the_interval():
    independent = clustered_share([1, 0] * 20, [1] * 40)
    copied = clustered_share([4, 0] * 5, [4] * 10)

    assert copied.interval().high - copied.interval().low > independent.interval().high - independent.interval().low
    assert copied.design_effect == pytest.approx(4 * 10 / 9)


def test_an_interval_stays_within_zero_and_one():
    low, high = clustered_share([1] * 10, [1] * 10).interval()

    assert 0 < low < 1 and high == 1


def test_one_cluster_is_refused_and_empty_ones_are_left_out():
    with pytest.raises(AnalysisError, match="there are 1"):
        clustered_share([1, 0], [2, 0])


def test_the_mean_of_shares_weighs_clusters_alike():
    shares = [0.5, 0.7, 0.9]
    expected = stats.ttest_1samp(shares, 0).confidence_interval()

    assert mean_share_interval(shares) == pytest.approx((expected.low, expected.high))
    assert np.mean(mean_share_interval(shares)) == pytest.approx(0.7)
