import math

import numpy as np
import pytest

from readerstudy.analysis.agreement import agreement
from readerstudy.analysis.errors import SettingError
from readerstudy.analysis.krippendorff import krippendorff_alpha


@pytest.fixture
def four_observers(published):
    matrix = published("E04")["data"]["matrix_units_by_raters"]
    return np.array([[np.nan if value is None else value for value in row] for row in matrix])


@pytest.mark.parametrize("metric", ["nominal", "ordinal", "interval", "ratio"])
def test_krippendorffs_own_example_in_four_metrics(published, four_observers, metric):
    assert krippendorff_alpha(four_observers, metric) == pytest.approx(published("E04")["expected"][metric], abs=1e-6)


def test_gwets_ordinal_weights_are_another_coefficient(four_observers):
    # With Gwet's ordinal weights the same data give .834 under his alpha; Krippendorff's metric gives .815.
    fleiss = agreement(four_observers, "Fleiss", categories=range(1, 6), weights="ordinal").estimate

    assert krippendorff_alpha(four_observers, "ordinal") == pytest.approx(0.815, abs=5e-4)
    assert fleiss > 0.83


def test_fifteen_patients_give_gwets_printed_alpha():
    # irrCAC, krippen.alpha.dist(distrib.6raters): 0.4204384.
    rows = [
        [3] * 6,
        [1] * 3 + [4] * 3,
        [1, 2, 2, 2, 2, 4],
        [4] * 6,
        [1] * 3 + [3] * 3,
        [0, 0, 2, 2, 2, 2],
        [2] * 4 + [4] * 2,
        [0, 0, 2, 2, 2, 3],
        [0, 0, 3, 3, 3, 3],
        [4] * 6,
        [0] + [3] * 5,
        [0, 1, 3, 3, 3, 3],
        [1] * 3 + [2] * 3,
        [0] + [3] * 5,
        [1, 1, 3, 3, 3, 4],
    ]

    assert krippendorff_alpha(rows, "nominal") == pytest.approx(0.4204384, abs=1e-7)


def test_equal_ratings_have_no_alpha():
    assert math.isnan(krippendorff_alpha(np.full((4, 3), 7.0)))
    assert math.isnan(krippendorff_alpha([[1, np.nan], [np.nan, 2]]))


def test_perfect_agreement_is_one():
    assert krippendorff_alpha([[1, 1], [4, 4], [9, 9]]) == 1


def test_an_unknown_metric_is_refused():
    with pytest.raises(SettingError, match="circular"):
        krippendorff_alpha([[1, 2]], "circular")
