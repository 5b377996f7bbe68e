import math

import numpy as np
import pytest
from scipy import stats

from readerstudy.analysis.errors import AnalysisError, SettingError
from readerstudy.analysis.paired_ranks import friedman, pseudomedian, shift_interval, signed_rank

# Rounding first base, three methods, 22 players: Hollander & Wolfe 1973, p. 140.
ROUNDING = [
    (5.40, 5.50, 5.55),
    (5.85, 5.70, 5.75),
    (5.20, 5.60, 5.50),
    (5.55, 5.50, 5.40),
    (5.90, 5.85, 5.70),
    (5.45, 5.55, 5.60),
    (5.40, 5.40, 5.35),
    (5.45, 5.50, 5.35),
    (5.25, 5.15, 5.00),
    (5.85, 5.80, 5.70),
    (5.25, 5.20, 5.10),
    (5.65, 5.55, 5.45),
    (5.60, 5.35, 5.45),
    (5.05, 5.00, 4.95),
    (5.50, 5.50, 5.40),
    (5.45, 5.55, 5.50),
    (5.55, 5.55, 5.35),
    (5.45, 5.50, 5.55),
    (5.50, 5.45, 5.25),
    (5.65, 5.60, 5.40),
    (5.70, 5.65, 5.55),
    (6.30, 6.30, 6.25),
]


def test_the_depression_data_exactly(published):
    example = published("E13")

    result = signed_rank(example["data"]["x"], example["data"]["y"])

    assert result.statistic == example["expected"]["V"]
    assert result.p == pytest.approx(example["expected"]["p_two_sided"], abs=1e-9)
    assert result.variant == "exact"


def test_the_depression_data_shift_and_interval(published):
    # Hollander & Wolfe: 0.46; R wilcox.test(conf.int = TRUE): 0.46, 0.010 to 0.786 at 96.1%.
    data = published("E13")["data"]
    d = np.subtract(data["x"], data["y"])

    assert pseudomedian(d) == pytest.approx(0.46)
    assert shift_interval(d) == pytest.approx((0.010, 0.786), abs=5e-4)


@pytest.mark.parametrize("zeros", ["pratt", "wilcox"])
@pytest.mark.parametrize("correction", [True, False])
def test_tied_differences_equal_scipy(zeros, correction):
    rng = np.random.default_rng(8)
    first, second = rng.integers(1, 11, 60), rng.integers(1, 10, 60)
    expected = stats.wilcoxon(first, second, zero_method=zeros, correction=correction, method="asymptotic")

    assert signed_rank(first, second, zeros=zeros, correction=correction).p == pytest.approx(expected.pvalue)


def test_paper_002_scores_by_signed_rank(published):
    example = published("E31")
    rows, columns = np.indices((4, 4))
    counts = np.array(example["data"]["table"]).ravel()
    model, manual = np.repeat(rows.ravel(), counts), np.repeat(columns.ravel(), counts)

    result = signed_rank(model, manual, zeros="wilcox")

    assert result.p == pytest.approx(example["expected"]["correct"]["wilcoxon_signed_p"], abs=1e-5)
    assert model.mean() + 2 == pytest.approx(example["expected"]["correct"]["mean_DL"], abs=1e-5)


def test_equal_pairs_have_no_p_value():
    assert signed_rank([7, 7], [7, 7]).p is None
    assert signed_rank([7, 7], [7, 7]).note == "all differences are zero"


def test_incomplete_pairs_are_left_out_and_counted():
    assert signed_rank([1, 2, np.nan, 4], [0, 4, 1, 9]).n == 3
    with pytest.raises(AnalysisError, match="3 and 2"):
        signed_rank([1, 2, 3], [1, 2])
    with pytest.raises(SettingError, match="drop"):
        signed_rank([1], [2], zeros="drop")


def test_five_pairs_bound_no_shift():
    assert math.isnan(shift_interval(np.arange(1.0, 6)).low)
    assert math.isnan(pseudomedian(np.array([])))


def test_a_long_list_uses_the_normal_ranks():
    d = np.random.default_rng(0).normal(0.5, 1, 80)
    low, high = shift_interval(d)

    assert low < pseudomedian(d) < high


def test_friedman_on_rounding_first_base():
    # Hollander & Wolfe: S' = 11.1 on 2 df; R friedman.test: 11.143, P = .003805.
    result = friedman(ROUNDING)

    assert result.statistic == pytest.approx(11.143, abs=5e-4)
    assert result.p == pytest.approx(0.003805, abs=5e-7)
    assert friedman([[1, 1], [2, 2]]).p is None
