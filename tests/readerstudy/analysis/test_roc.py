import numpy as np
import pytest

from readerstudy.analysis.errors import AnalysisError
from readerstudy.analysis.mrmc_covariance import covariances, readings
from readerstudy.analysis.roc import area, compare_areas, placements


@pytest.fixture
def first_reader(reference_table):
    table = reference_table("VanDyke.csv")
    rows = table[table["reader"] == 1].pivot(index="case", columns="treatment", values="rating")
    return table.groupby("case")["truth"].first(), rows[1], rows[2]


def test_the_area_of_van_dykes_first_reader(first_reader):
    # OR-DBM MRMC 2.51: 0.91964573 and 0.94782609.
    truth, plain, contrast = first_reader

    assert area(truth, plain).auc == pytest.approx(0.91964573, abs=1e-8)
    assert area(truth, contrast).auc == pytest.approx(0.94782609, abs=1e-8)
    assert (area(truth, plain).diseased, area(truth, plain).healthy) == (45, 69)


def test_the_standard_error_is_that_of_the_mrmc_covariances(first_reader, reference_table):
    truth, plain, _ = first_reader
    matrix = covariances(readings(reference_table("VanDyke.csv")), "delong")

    assert area(truth, plain).se ** 2 == pytest.approx(matrix[0, 0], rel=1e-12)


def test_two_areas_of_the_same_cases(first_reader, reference_table):
    truth, plain, contrast = first_reader
    matrix = covariances(readings(reference_table("VanDyke.csv")), "delong")
    variance = matrix[0, 0] + matrix[5, 5] - 2 * matrix[0, 5]

    result = compare_areas(truth, plain, contrast)

    assert result.statistic == pytest.approx((0.91964573 - 0.94782609) / np.sqrt(variance), abs=1e-6)
    assert result.effect_low < result.effect < result.effect_high


def test_placements_count_pairs():
    # Diseased 3, 2; healthy 1, 2, 3: 3 beats two and ties one, 2 beats one and ties one.
    below, above = placements([1, 1, 0, 0, 0], [3, 2, 1, 2, 3])

    assert below == pytest.approx([2.5 / 3, 1.5 / 3])
    assert above == pytest.approx([1.0, 0.75, 0.25])


def test_a_perfect_score_has_no_spread():
    found = area([1, 1, 0, 0], [5, 6, 1, 2])

    assert found.auc == 1
    assert found.interval() == (1, 1)


def test_equal_scores_are_not_tested():
    result = compare_areas([1, 0, 1, 0], [1, 2, 3, 4], [10, 20, 30, 40])

    assert result.p is None and result.effect == 0


def test_one_class_is_refused():
    with pytest.raises(AnalysisError, match="both classes; there are 2 and 0"):
        area([1, 1], [3, 4])
