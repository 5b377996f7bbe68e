from itertools import permutations

import numpy as np
import pytest
from scipy import stats

from readerstudy.analysis.errors import SettingError
from readerstudy.analysis.permutation import blocks, contrast_test, omnibus_test
from readerstudy.analysis.table import scores


@pytest.mark.parametrize("unit", ["case", "block"])
def test_a_small_study_is_close_to_all_its_permutations(scored, unit):
    table = scores(scored({"R1": {"model": [9, 7, 8], "E1": [5, 8, 4]}}))
    d = np.array([4, -1, 4])  # differences per case; ranks within the reader move alike
    ranks = stats.rankdata([9, 7, 8, 5, 8, 4])
    moved = ranks[:3] - ranks[3:]
    signs = np.array(np.meshgrid([-1, 1], [-1, 1], [-1, 1])).reshape(3, -1)
    exact = np.mean(np.abs(moved @ signs) >= abs(moved.sum()))

    result = contrast_test(table, ["model"], ["E1"], draws=4000, seed=1, unit=unit)

    assert result.p == pytest.approx(exact, abs=0.025)
    assert result.effect == pytest.approx(d.mean())
    assert result.n == 6


def test_severity_of_a_reader_is_no_difference_between_arms(scored):
    # R1 is severe and sees mostly the model, R2 is lenient and sees mostly the expert; within blocks all is equal.
    rng = np.random.default_rng(2)
    severe, lenient = rng.integers(2, 5, 40), rng.integers(7, 10, 40)
    table = scores(
        scored(
            {
                "R1": {"model": severe, "E2": severe[:10]},
                "R2": {"model": lenient[:10], "E2": lenient},
            }
        )
    )

    assert (
        stats.mannwhitneyu(table[table["arm"] == "model"]["value"], table[table["arm"] == "E2"]["value"]).pvalue < 0.001
    )
    assert contrast_test(table, ["model"], ["E2"], draws=500).note == "all ratings within blocks are equal"


def test_a_true_difference_is_found(scored):
    rng = np.random.default_rng(3)
    base = rng.integers(3, 8, 50)
    table = scores(scored({"R1": {"model": base + rng.integers(0, 3, 50), "E1": base, "E2": base}}))

    assert contrast_test(table, ["model"], ["E1", "E2"], draws=999, seed=5).p == 1 / 1000
    assert omnibus_test(table, draws=999, seed=5).p == 1 / 1000


def test_complete_blocks_of_ranks_give_friedman(scored):
    rng = np.random.default_rng(4)
    orders = np.array([rng.permutation([1, 2, 3]) for _ in range(20)])
    table = scores(scored({"R1": dict(zip("ABC", orders.T, strict=True))}))
    expected = stats.friedmanchisquare(*orders.T)

    result = omnibus_test(table, draws=2000, seed=1, unit="block")

    assert result.statistic == pytest.approx(expected.statistic)
    assert result.df == 2
    assert f"P = {expected.pvalue:.3g}" in result.note


def test_incomplete_blocks_stay_within_themselves(scored):
    table = scores(scored({"R1": {"A": [1, 5], "B": [2, 6], "C": [3]}, "R2": {"A": [9]}}))
    laid = blocks(table)

    assert (laid.arms >= 0).sum(axis=1).tolist() == [3, 2]
    assert laid.ranks.sum(axis=1) == pytest.approx([0, 0])


def test_the_covariance_is_that_of_all_permutations(scored):
    table = scores(scored({"R1": {"A": [1, 5], "B": [2, 6], "C": [7]}}))
    laid = blocks(table)
    result = omnibus_test(table, draws=50, unit="block")
    sums = []
    for first in permutations(laid.ranks[0]):
        for second in permutations(laid.ranks[1][:2]):
            sums.append([first[0] + second[0], first[1] + second[1], first[2]])
    covariance = np.cov(np.array(sums).T, bias=True)
    observed = np.array([laid.ranks[0][0] + laid.ranks[1][0], laid.ranks[0][1] + laid.ranks[1][1], laid.ranks[0][2]])

    assert result.statistic == pytest.approx(observed @ np.linalg.pinv(covariance) @ observed)


def test_nothing_to_exchange_gives_no_p_value(scored):
    table = scores(scored({"R1": {"model": [9, 7]}, "R2": {"E1": [5, 8]}}))

    assert contrast_test(table, ["model"], ["E1"]).p is None
    assert omnibus_test(table).p is None
    assert omnibus_test(table.head(0)).p is None


def test_two_readers_of_one_candidate_are_not_two_witnesses(scored):
    # Six cases; ten readers who agree perfectly. Case by case only 2 of 2^6 sign patterns are as extreme.
    better, worse = [9, 8, 9, 10, 7, 8], [5, 4, 6, 6, 3, 2]
    table = scores(scored({f"R{r}": {"model": better, "E1": worse} for r in range(10)}))

    by_case = contrast_test(table, ["model"], ["E1"], draws=4000, seed=2)
    by_block = contrast_test(table, ["model"], ["E1"], draws=500, seed=2, unit="block")

    assert by_case.p == pytest.approx(2 / 64, abs=0.01)
    assert by_block.p == pytest.approx(1 / 501)
    assert omnibus_test(table, draws=4000, seed=2).p == pytest.approx(2 / 64, abs=0.01)
    with pytest.raises(SettingError, match="reader"):
        contrast_test(table, ["model"], ["E1"], unit="reader")
