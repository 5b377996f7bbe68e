import numpy as np
import pytest
from scipy import stats

from readerstudy.analysis.contingency import (
    fisher,
    independence_test,
    monte_carlo,
    odds_ratio,
    pearson,
)
from readerstudy.analysis.errors import PairedTable, SettingError


def shares(first, second):
    return [[first[0], first[1] - first[0]], [second[0], second[1] - second[0]]]


@pytest.mark.parametrize(
    ("first", "second", "p"),
    [((54, 75), (29, 60), 0.00854), ((54, 75), (46, 81), 0.07005), ((58, 70), (50, 63), 0.76995)],
)
def test_yates_gives_the_published_acceptability_p_values(first, second, p):
    # Paper 000 prints .009, .07 and (adjusted) >.99 for these counts.
    assert pearson(shares(first, second), yates=True).p == pytest.approx(p, abs=6e-5)


def test_without_yates_the_second_contrast_would_be_significant():
    assert pearson(shares((54, 75), (46, 81))).p == pytest.approx(0.048, abs=5e-4)


@pytest.mark.parametrize("yates", [True, False])
def test_pearson_equals_scipy(yates):
    table = np.array([[12, 9], [7, 22]])
    expected = stats.chi2_contingency(table, correction=yates)

    result = pearson(table, yates=yates)

    assert result.statistic == pytest.approx(expected.statistic, rel=1e-12)
    assert result.p == pytest.approx(expected.pvalue, rel=1e-12)


# Paper 002, Table 3: P = .357, .367, .015, .315, from tables with expected counts down to 0.33.
PAPER_002 = [
    ([[3, 31, 30, 10], [3, 11, 7, 2]], 0.3569, 1.42),
    ([[0, 5, 8, 3], [6, 37, 29, 9]], 0.3670, 0.99),
    ([[0, 30, 33, 11], [2, 12, 9, 0]], 0.0146, 0.47),
    ([[0, 4, 9, 3], [2, 38, 33, 8]], 0.3147, 0.33),
]


@pytest.mark.parametrize(("table", "p", "smallest"), PAPER_002)
def test_paper_002_subgroup_tables_reproduce_with_their_warning(table, p, smallest):
    result = independence_test(table, small_expected="warn")

    assert result.p == pytest.approx(p, abs=6e-5)
    assert f"smallest expected count {smallest:.2f} is below 5" in result.note


@pytest.mark.parametrize(("table", "p", "smallest"), PAPER_002)
def test_small_expected_counts_are_simulated_instead(table, p, smallest):
    first, second = monte_carlo(table, seed=1, replicates=4000), monte_carlo(table, seed=1, replicates=4000)

    assert first == second
    assert first.p == pytest.approx(p, abs=0.06)
    assert independence_test(table, replicates=500).variant.startswith("Monte Carlo")


def test_a_small_two_by_two_table_is_tested_exactly():
    # Fisher's tea tasting: 3 of 4 and 1 of 4; P = 34/70.
    result = independence_test([[3, 1], [1, 3]])

    assert result.test == "Fisher exact"
    assert result.p == pytest.approx(34 / 70)
    assert "2.00 is below 5" in result.note


def test_a_paired_table_is_refused_with_the_right_tests_named():
    with pytest.raises(PairedTable, match=r"McNemar.*Stuart-Maxwell") as refused:
        independence_test([[20, 5], [9, 30]], paired=True)
    assert refused.value.code == "table.paired"


@pytest.mark.parametrize("table", [[[5, 0], [9, 0]], [[0, 0], [9, 3]], [[5, 9]]])
def test_a_table_with_an_empty_row_or_column_gives_no_p_value(table):
    assert independence_test(table).p is None
    assert "no counts" in independence_test(table).note


def test_the_odds_ratio_survives_an_empty_cell():
    # (5.5 × 8.5) / (0.5 × 3.5)
    ratio, low, high = odds_ratio([[5, 0], [3, 8]])

    assert ratio == pytest.approx(26.714286)
    assert low < ratio < high


def test_fisher_keeps_the_difference_with_its_interval():
    result = fisher([[56, 14], [48, 32]])

    # Newcombe 1998, method 10, example (a): 56/70 - 48/80, 0.0524 to 0.3339.
    assert result.effect == pytest.approx(0.2)
    assert (result.effect_low, result.effect_high) == pytest.approx((0.0524, 0.3339), abs=5e-5)


def test_an_unknown_choice_is_refused():
    with pytest.raises(SettingError):
        independence_test([[1, 2], [3, 4]], small_expected="ignore")


def test_paper_002_printed_a_test_of_independence_on_a_paired_table(published):
    # Its .107 says that the two scores are unrelated, not that they are equal.
    example = published("E31")
    table = example["data"]["table"]

    assert pearson(table).statistic == pytest.approx(example["expected"]["chi2_independence"], abs=1e-5)
    assert pearson(table).df == example["expected"]["df"]
    assert pearson(table).p == pytest.approx(example["expected"]["p_independence"], abs=1e-5)
    with pytest.raises(PairedTable):
        independence_test(table, paired=True)
