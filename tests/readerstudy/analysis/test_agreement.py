import numpy as np
import pytest
from statsmodels.stats.inter_rater import cohens_kappa

from readerstudy.analysis.agreement import agreement, category_weights, cohen_kappa, fleiss_kappa
from readerstudy.analysis.errors import AnalysisError, SettingError

# Fifteen of Fleiss' patients, ratings of 6 psychiatrists by category (irrCAC, distrib.6raters).
FIFTEEN = [
    [0, 0, 0, 6, 0],
    [0, 3, 0, 0, 3],
    [0, 1, 4, 0, 1],
    [0, 0, 0, 0, 6],
    [0, 3, 0, 3, 0],
    [2, 0, 4, 0, 0],
    [0, 0, 4, 0, 2],
    [2, 0, 3, 1, 0],
    [2, 0, 0, 4, 0],
    [0, 0, 0, 0, 6],
    [1, 0, 0, 5, 0],
    [1, 1, 0, 4, 0],
    [0, 3, 3, 0, 0],
    [1, 0, 0, 5, 0],
    [0, 2, 0, 3, 1],
]


def as_ratings(counts):
    return np.array([np.repeat(np.arange(len(row)), row) for row in counts], dtype=float)


@pytest.fixture
def four_raters(published):
    matrix = published("E04")["data"]["matrix_units_by_raters"]
    return np.array([[np.nan if value is None else value for value in row] for row in matrix])


@pytest.mark.parametrize(
    ("name", "estimate", "se"),
    [
        ("AC", 0.77544, 0.14295),
        ("Fleiss", 0.76117, 0.15302),
        ("Conger", 0.76282, 0.14917),
        ("Brennan-Prediger", 0.77273, 0.14472),
    ],
)
def test_gwets_four_raters_with_missing_ratings(four_raters, name, estimate, se):
    # Gwet 2014; printed by irrCAC for its data set cac.raw4raters.
    found = agreement(four_raters, name, categories=range(1, 6))

    assert found.estimate == pytest.approx(estimate, abs=5e-6)
    assert found.se == pytest.approx(se, abs=5e-6)


@pytest.mark.parametrize(
    ("name", "estimate", "se"),
    [("AC", 0.4448007, 0.08418757), ("Fleiss", 0.4139265, 0.08119291), ("Brennan-Prediger", 0.4388889, 0.08312142)],
)
def test_gwets_fifteen_patients(name, estimate, se):
    found = agreement(as_ratings(FIFTEEN), name, categories=range(5))

    assert found.estimate == pytest.approx(estimate, abs=1e-7)
    assert found.se == pytest.approx(se, abs=1e-8)
    assert found.observed == pytest.approx(0.5511111, abs=1e-7)


def test_fleiss_1971_overall_by_category_and_conger(published, reference_table):
    expected = published("E03")["expected"]
    table = reference_table("diagnoses.csv")
    names = sorted(set(table.to_numpy().ravel()))
    codes = np.searchsorted(names, table.to_numpy())
    counts = np.array([np.bincount(row, minlength=5) for row in codes])

    found = fleiss_kappa(counts)

    assert found.kappa == pytest.approx(expected["kappa"], abs=6e-4)
    assert found.z == pytest.approx(expected["z"], abs=0.06)
    for name, kappa in zip(names, found.by_category, strict=True):
        assert kappa == pytest.approx(expected["per_category"][name.split(". ")[1]], abs=6e-4)
    conger = agreement(codes, "Conger", categories=range(5)).estimate
    assert conger == pytest.approx(expected["exact_conger"], abs=6e-4)


def test_cohens_weighted_kappa_of_1968():
    # Cohen 1968: kappa .492; with disagreement weights 0-1-3, 1-0-6, 3-6-0 weighted kappa .348.
    table = 200 * np.array([[0.44, 0.07, 0.09], [0.05, 0.20, 0.05], [0.01, 0.03, 0.06]])
    weights = 1 - np.array([[0, 1, 3], [1, 0, 6], [3, 6, 0]]) / 6

    assert cohen_kappa(table).estimate == pytest.approx(0.492, abs=5e-4)
    assert cohen_kappa(table, weights).estimate == pytest.approx(0.348, abs=5e-4)


def test_paper_002_scores_hardly_agree(published):
    example = published("E31")
    table = example["data"]["table"]

    assert cohen_kappa(table).estimate == pytest.approx(example["expected"]["correct"]["cohen_kappa"], abs=1e-5)
    quadratic = cohen_kappa(table, category_weights(range(4), "quadratic"))
    assert quadratic.estimate == pytest.approx(example["expected"]["correct"]["kappa_quadratic"], abs=1e-5)


@pytest.mark.parametrize(("ours", "theirs"), [("linear", "linear"), ("quadratic", "quadratic")])
def test_standard_errors_of_weighted_kappa_equal_statsmodels(ours, theirs):
    table = np.array([[22, 5, 1, 0], [4, 18, 6, 2], [1, 7, 15, 5], [0, 1, 4, 19]])
    oracle = cohens_kappa(table, wt=theirs)

    found = cohen_kappa(table, category_weights(range(4), ours))

    assert found.estimate == pytest.approx(oracle.kappa, rel=1e-12)
    assert found.se == pytest.approx(oracle.std_kappa, rel=1e-10)


def test_conger_of_two_readers_is_cohen():
    rng = np.random.default_rng(2)
    first = rng.integers(1, 6, 80)
    second = np.clip(first + rng.integers(-1, 2, 80), 1, 5)
    table = np.zeros((5, 5))
    np.add.at(table, (first - 1, second - 1), 1)

    found = agreement(np.column_stack([first, second]), "Conger", categories=range(1, 6), weights="linear")

    assert found.estimate == pytest.approx(cohen_kappa(table, category_weights(range(5), "linear")).estimate)


def test_a_prevalent_category_lowers_kappa_and_not_ac1():
    # 118 of 125 units agree, 118 of them in one category: the paradox of Feinstein and Cicchetti.
    table = [[118, 5], [2, 0]]
    ratings = as_ratings([[2, 0]] * 118 + [[1, 1]] * 7)

    assert cohen_kappa(table).estimate < 0
    assert agreement(ratings, "AC", categories=(0, 1)).estimate > 0.9


def test_the_unused_end_of_a_scale_changes_weighted_agreement():
    ratings = np.array([[7, 8], [8, 9], [9, 7], [7, 7.0]])

    whole = agreement(ratings, "AC", categories=range(1, 11), weights="quadratic").estimate
    used = agreement(ratings, "AC", categories=(7, 8, 9), weights="quadratic").estimate

    assert whole > used


def test_a_rating_off_the_scale_is_refused():
    with pytest.raises(AnalysisError, match="11 is not on the scale"):
        agreement([[11, 3]], "AC", categories=range(1, 11))
    with pytest.raises(AnalysisError, match="rated by two readers"):
        agreement([[3, np.nan]], "AC", categories=range(1, 11))
    with pytest.raises(SettingError, match="cubic"):
        category_weights((1, 2), "cubic")
    with pytest.raises(SettingError, match="Scott"):
        agreement([[1, 1]], "Scott", categories=(1, 2))
    with pytest.raises(AnalysisError, match="same number"):
        fleiss_kappa([[1, 2], [2, 2]])
