import numpy as np
import pytest

from readerstudy.analysis.error_regression import deming, passing_bablok
from readerstudy.analysis.errors import AnalysisError


@pytest.fixture
def volumes():
    rng = np.random.default_rng(12)
    true = rng.uniform(2, 80, 60)
    return true + rng.normal(0, 1, 60), 3 + 1.1 * true + rng.normal(0, 1, 60)


def test_orthogonal_regression_is_the_first_principal_axis(volumes):
    x, y = volumes
    axis = np.linalg.svd(np.column_stack([x - x.mean(), y - y.mean()]))[2][0]

    assert deming(x, y).slope == pytest.approx(axis[1] / axis[0])


def test_deming_tends_to_least_squares_when_the_first_method_has_no_error(volumes):
    x, y = volumes

    assert deming(x, y, ratio=1e9).slope == pytest.approx(np.polyfit(x, y, 1)[0], rel=1e-6)


@pytest.mark.parametrize("fit", [deming, passing_bablok])
def test_the_true_line_lies_within_the_intervals(volumes, fit):
    line = fit(*volumes)

    assert line.slope_interval.low < 1.1 < line.slope_interval.high
    assert line.intercept_interval.low < 3 < line.intercept_interval.high
    assert line.slope_interval.low < line.slope < line.slope_interval.high


@pytest.mark.parametrize("fit", [deming, passing_bablok])
def test_exchanging_the_methods_inverts_the_slope(volumes, fit):
    x, y = volumes

    assert fit(y, x).slope == pytest.approx(1 / fit(x, y).slope)


def test_passing_bablok_ignores_an_outlier(volumes):
    x, y = (values.copy() for values in volumes)
    y[0] = 5000

    assert passing_bablok(x, y).slope == pytest.approx(1.1, abs=0.05)


def test_an_exact_line_is_found():
    x = np.array([1.0, 2, 4, 8, 9])
    line = passing_bablok(x, 2 * x + 1)

    assert (line.slope, line.intercept) == pytest.approx((2, 1))
    assert line.slope_interval == pytest.approx((2, 2))


def test_what_has_no_line_is_refused():
    with pytest.raises(AnalysisError, match="4 complete pairs"):
        deming([1, 2, 3], [1, 2, 3])
    with pytest.raises(AnalysisError, match="no two measurements differ"):
        passing_bablok([5, 5, 5, 5], [2, 2, 2, 2])
    with pytest.raises(AnalysisError, match="not correlated"):
        deming([1, 1, 2, 2], [1, 2, 1, 2])
