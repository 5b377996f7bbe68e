import numpy as np
import pytest
from scipy import stats

from readerstudy.analysis.errors import SettingError
from readerstudy.analysis.group_tests import count_table, kruskal_wallis, mann_whitney
from readerstudy.analysis.post_hoc import post_hoc


def groups(*values):
    labels = [chr(97 + i) for i, group in enumerate(values) for _ in group]
    return count_table(np.concatenate(values), labels)


@pytest.fixture
def ratings():
    rng = np.random.default_rng(3)
    return [rng.integers(1, 8, 30), rng.integers(3, 11, 25), rng.integers(2, 10, 40)]


def test_dunn_of_two_groups_is_kruskal_wallis(ratings):
    table = groups(*ratings[:2])

    assert post_hoc(table)[("a", "b")].statistic ** 2 == pytest.approx(kruskal_wallis(table).statistic)
    assert post_hoc(table)[("a", "b")].p == pytest.approx(kruskal_wallis(table).p)


def test_conover_of_two_groups_is_the_t_test_on_ranks(ratings):
    ranks = stats.rankdata(np.concatenate(ratings[:2]))
    expected = stats.ttest_ind(ranks[:30], ranks[30:])

    result = post_hoc(groups(*ratings[:2]), "conover")[("a", "b")]

    assert result.statistic == pytest.approx(expected.statistic)
    assert result.p == pytest.approx(expected.pvalue)


def test_dscf_of_two_groups_is_mann_whitney(ratings):
    table = groups(*ratings[:2])

    # With two groups the studentised range of |z| √2 has the normal distribution's P.
    assert post_hoc(table, "dscf")[("a", "b")].p == pytest.approx(mann_whitney(table, "asymptotic").p, rel=1e-6)


def test_dunn_by_hand():
    # Ranks 1-3, 4-6, 7-9: mean ranks 2, 5, 8; variance 9·10/12 · (1/3 + 1/3) = 5.
    found = post_hoc(groups([1, 2, 3], [4, 5, 6], [7, 8, 9]))

    assert found[("a", "c")].statistic == pytest.approx(-6 / np.sqrt(5))
    assert found[("a", "b")].statistic == pytest.approx(-3 / np.sqrt(5))


def test_more_groups_raise_the_adjusted_p_of_dscf(ratings):
    two = post_hoc(groups(*ratings[:2]), "dscf")[("a", "b")]
    three = post_hoc(groups(*ratings), "dscf")[("a", "b")]

    assert three.statistic == pytest.approx(two.statistic)
    assert three.p > two.p


def test_nothing_to_compare_gives_no_pairs():
    assert post_hoc(groups([7, 7], [7, 7])) == {}
    assert post_hoc(groups([7, 8])) == {}
    assert post_hoc(groups([7, 7], [7], [8]), "dscf")[("a", "b")].note == "all ratings are equal"
    with pytest.raises(SettingError, match="tukey"):
        post_hoc(groups([1], [2]), "tukey")
