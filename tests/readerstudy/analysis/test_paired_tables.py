import numpy as np
import pytest
from statsmodels.stats.contingency_tables import SquareTable

from readerstudy.analysis.errors import AnalysisError, SettingError
from readerstudy.analysis.paired_tables import (
    bhapkar,
    bowker,
    cochran_q,
    mcnemar,
    paired_difference,
    stuart_maxwell,
)

# Unaided distance vision of 7477 women, right eye against left: Stuart 1953.
VISION = [[1520, 266, 124, 66], [234, 1512, 432, 78], [117, 362, 1772, 205], [36, 82, 179, 492]]


@pytest.mark.parametrize(("variant", "key"), [("asymptotic", "uncorrected"), ("continuity", "yates")])
def test_agrestis_approval_ratings(published, variant, key):
    example = published("E15")
    expected = example["expected"]

    result = mcnemar(example["data"]["table"], variant)

    assert result.statistic == pytest.approx(expected[f"chi2_{key}"], rel=1e-4)
    assert result.p == pytest.approx(expected[f"p_{key}"], rel=1e-3)
    assert result.effect == pytest.approx(expected["risk_difference"])


def test_the_wald_interval_of_the_approval_ratings(published):
    example = published("E15")

    wald = paired_difference(example["data"]["table"], "wald")

    assert wald == pytest.approx(example["expected"]["ci_wald"], abs=5e-4)


@pytest.mark.parametrize(
    ("variant", "p"), [("asymptotic", 0.0339), ("continuity", 0.0771), ("exact", 0.0703), ("mid-p", 0.0391)]
)
def test_fagerlands_airway_example_in_four_variants(variant, p):
    # Fagerland, Lydersen & Laake 2013: airway hyper-responsiveness before and after stem cell transplantation.
    assert mcnemar([[1, 1], [7, 12]], variant).p == pytest.approx(p, abs=6e-5)


def test_newcombes_paired_intervals():
    # Newcombe 1998, Stat Med 17:2635-2650, contrast 36, 12, 2, 0: methods 1 and 10.
    assert paired_difference([[36, 12], [2, 0]], "wald") == pytest.approx((0.0642, 0.3358), abs=6e-5)
    assert paired_difference([[36, 12], [2, 0]]) == pytest.approx((0.0569, 0.3404), abs=6e-5)


def test_newcombes_interval_survives_zero_cells():
    low, high = paired_difference([[20, 0], [0, 30]])

    assert low < 0 < high
    assert all(np.isnan(end) for end in paired_difference([[0, 0], [0, 0]]))


def test_the_vision_data():
    # Stuart 1955: 11.957 on 3 df; Bowker 19.107 on 6 df.
    assert stuart_maxwell(VISION).statistic == pytest.approx(11.957, abs=5e-4)
    assert stuart_maxwell(VISION).df == 3
    assert bowker(VISION).statistic == pytest.approx(19.107, abs=5e-4)
    assert bowker(VISION).df == 6


def test_bhapkars_statistic_equals_statsmodels():
    oracle = SquareTable(np.array(VISION), shift_zeros=False).homogeneity(method="bhapkar")

    assert bhapkar(VISION).statistic == pytest.approx(oracle.statistic, rel=1e-9)
    assert bhapkar(VISION).p == pytest.approx(oracle.pvalue, rel=1e-9)


def test_paper_002_compared_by_paired_tests(published):
    example = published("E31")
    table = np.array(example["data"]["table"])
    correct = example["expected"]["correct"]
    at_least_three = [[table[1:, 1:].sum(), table[1:, 0].sum()], [table[0, 1:].sum(), table[0, 0]]]

    assert stuart_maxwell(table).statistic == pytest.approx(correct["stuart_maxwell_chi2"], abs=1e-5)
    assert stuart_maxwell(table).p == pytest.approx(correct["stuart_maxwell_p"], abs=1e-5)
    assert bowker(table).p == pytest.approx(correct["bowker_p"], abs=1e-5)
    assert "1 pairs of categories" in bowker(table).note
    assert mcnemar(at_least_three).p == pytest.approx(correct["mcnemar_exact_ge3"], abs=1e-5)


@pytest.mark.parametrize(("b", "c", "p"), [(5, 0, 0.0625), (3, 5, 0.7266), (1, 1, 1.0)])
def test_paper_004_detection_p_values(b, c, p):
    # Printed .06 (reader A), .73 (reader D) and 1.00.
    assert mcnemar([[300, b], [c, 6]]).p == pytest.approx(p, abs=5e-5)


def test_cochrans_diphtheria_media():
    # Cochran 1950: 69 specimens on media A-D; Q = 8.05 on 3 df.
    patterns = {(1, 1, 1, 1): 4, (1, 1, 0, 1): 2, (0, 1, 1, 1): 3, (0, 1, 0, 1): 1, (0, 0, 0, 0): 59}
    answers = [pattern for pattern, times in patterns.items() for _ in range(times)]

    result = cochran_q(answers)

    assert result.statistic == pytest.approx(8.05, abs=5e-3)
    assert (result.df, result.n) == (3, 69)


def test_nothing_discordant_decides_nothing():
    assert mcnemar([[5, 0], [0, 5]]).p == 1
    assert mcnemar([[5, 0], [0, 5]], "asymptotic").p is None
    assert cochran_q([[1, 1], [0, 0]]).p is None
    assert stuart_maxwell([[5, 0], [0, 0]]).p is None


def test_a_table_of_the_wrong_shape_is_refused():
    with pytest.raises(AnalysisError, match="2 × 2"):
        mcnemar([[1, 2, 3], [4, 5, 6], [7, 8, 9]])
    with pytest.raises(AnalysisError, match="square"):
        bowker([[1, 2, 3], [4, 5, 6]])
    with pytest.raises(AnalysisError, match="0 or 1"):
        cochran_q([[1, np.nan], [0, 1]])
    with pytest.raises(SettingError, match="yates"):
        mcnemar([[1, 2], [3, 4]], "yates")
    with pytest.raises(SettingError, match="score"):
        paired_difference([[1, 2], [3, 4]], "score")
