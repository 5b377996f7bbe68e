import math

import numpy as np
import pytest
from statsmodels.stats.contingency_tables import StratifiedTable

from readerstudy.analysis.contingency import odds_ratio
from readerstudy.analysis.errors import AnalysisError
from readerstudy.analysis.heterogeneity import breslow_day, common_odds_ratio, leave_one_out

# Paper 000: acceptable and not, model against the other experts, by reader.
PAPER_000 = {
    "E1": [[58, 12], [61 + 50, 13 + 13]],
    "E2": [[54, 21], [29 + 16, 31 + 55]],
    "E3": [[70, 12], [53 + 61, 7 + 20]],
}


def test_the_readers_of_paper_000_disagree():
    # Odds ratios 1.13, 4.91, 1.38; Breslow-Day P = .004; without reader 2 1.25, 0.74 to 2.13.
    ratios = [odds_ratio(table)[0] for table in PAPER_000.values()]
    without = leave_one_out(PAPER_000)["E2"]

    assert ratios == pytest.approx([1.13, 4.91, 1.38], abs=5e-3)
    assert breslow_day(PAPER_000).p == pytest.approx(0.004, abs=5e-4)
    assert (without.ratio, without.low, without.high) == pytest.approx((1.25, 0.74, 2.13), abs=6e-3)


@pytest.mark.parametrize("tarone", [True, False])
def test_homogeneity_equals_statsmodels(tarone):
    oracle = StratifiedTable([np.array(table) for table in PAPER_000.values()])
    result = breslow_day(PAPER_000, tarone=tarone)

    assert result.statistic == pytest.approx(oracle.test_equal_odds(adjust=tarone).statistic, rel=1e-8)
    assert result.p == pytest.approx(oracle.test_equal_odds(adjust=tarone).pvalue, rel=1e-8)
    assert common_odds_ratio(PAPER_000).ratio == pytest.approx(oracle.oddsratio_pooled)


def test_equal_odds_are_homogeneous():
    result = breslow_day({"a": [[10, 10], [20, 20]], "b": [[30, 30], [5, 5]]})

    assert result.statistic == pytest.approx(0)
    assert result.effect == pytest.approx(1)


def test_one_stratum_has_no_heterogeneity():
    assert breslow_day({"a": [[10, 10], [20, 5]]}).p is None
    assert math.isnan(common_odds_ratio({"a": [[5, 0], [5, 0]]}).ratio)
    with pytest.raises(AnalysisError, match="two strata"):
        leave_one_out({"a": [[1, 2], [3, 4]]})
    with pytest.raises(AnalysisError, match="2 × 2"):
        breslow_day({"a": [1, 2]})
