import math

import numpy as np
import pytest

from readerstudy.analysis.errors import AnalysisError
from readerstudy.analysis.method_comparison import (
    bland_altman,
    bland_altman_repeated,
    lin_ccc,
    repeatability,
    single_measurement_sd,
)


@pytest.fixture
def meters(published):
    example = published("E09")
    return {name: np.array(values, dtype=float) for name, values in example["data"]["columns"].items()}


def test_the_peak_flow_meters_of_1986(meters, published):
    expected = published("E09")["expected"]

    found = bland_altman(meters["wright1"], meters["mini1"], multiplier=2)

    assert found.bias == pytest.approx(expected["unrounded"]["mean_diff"], abs=1e-5)
    assert found.sd == pytest.approx(expected["unrounded"]["sd_diff"], abs=1e-5)
    assert (found.lower, found.upper) == pytest.approx(expected["unrounded"]["loa_2sd"], abs=1e-5)
    assert found.bias_interval == pytest.approx(expected["ci_mean"], abs=0.3)
    assert found.lower_interval == pytest.approx(expected["ci_lower_loa"], abs=0.3)
    assert found.upper_interval == pytest.approx(expected["ci_upper_loa"], abs=0.3)


def test_the_limits_are_at_196_standard_deviations_by_default(meters, published):
    found = bland_altman(meters["wright1"], meters["mini1"])

    assert (found.lower, found.upper) == pytest.approx(
        published("E09")["expected"]["unrounded"]["loa_1.96sd"], abs=2e-3
    )


def test_repeatability_and_averaged_pairs_of_1986(meters, published):
    expected = published("E09")["expected"]
    averages = (meters["wright1"] + meters["wright2"] - meters["mini1"] - meters["mini2"]) / 2
    parts = [repeatability(meters[f"{m}1"], meters[f"{m}2"], 1.0) for m in ("wright", "mini")]

    assert 2 * parts[0] == pytest.approx(expected["repeatability_wright"], abs=0.3)
    assert 2 * parts[1] == pytest.approx(expected["repeatability_mini"], abs=0.3)
    assert averages.std(ddof=1) == pytest.approx(expected["sd_diff_of_averages"], abs=0.05)
    assert single_measurement_sd(averages.std(ddof=1), *parts) == pytest.approx(expected["sd_corrected"], abs=0.3)


def test_lins_coefficient_of_the_peak_flow_meters(meters):
    # Stata's concord on these data: 0.943.
    found = lin_ccc(meters["wright1"], meters["mini1"])

    assert found.ccc == pytest.approx(0.943, abs=5e-4)
    assert found.low < found.ccc < found.high
    assert found.precision * found.accuracy == pytest.approx(found.ccc)


def test_a_constant_shift_lowers_accuracy_and_not_precision():
    values = np.array([1.0, 2, 4, 7, 11])

    found = lin_ccc(values, values + 3)

    # 2 s² / (2 s² + 9) with s² = 13.2 (divisor n)
    assert found.ccc == pytest.approx(2 * 13.2 / (2 * 13.2 + 9))
    assert found.precision == pytest.approx(1)


def test_repeated_pairs_split_the_variance_by_hand():
    # Subjects 1, 3 and 5, 7: within SS 2 + 2 on 2 df; between MS 2 (4 + 4) / 1 = 16; between (16 - 2) / 2.
    found = bland_altman_repeated([1, 3, 5, 7], ["a", "a", "b", "b"])

    assert (found.within, found.between) == pytest.approx((2, 7))
    assert found.upper - found.bias == pytest.approx(1.959964 * 3, abs=1e-5)


def test_a_trend_over_the_size_is_seen():
    size = np.linspace(1, 50, 40)

    found = bland_altman(1.2 * size + np.sin(size), size)

    assert found.slope > 0.1 and found.slope_p < 0.001


def test_too_little_is_refused_and_equal_values_survive():
    with pytest.raises(AnalysisError, match="3 complete pairs"):
        bland_altman([1, 2, np.nan], [1, 2, 3])
    with pytest.raises(AnalysisError, match="2 subjects"):
        bland_altman_repeated([1, 2], ["a", "b"])
    assert math.isnan(lin_ccc([1, 1, 1], [1, 2, 3]).ccc)
    assert bland_altman([1, 2, 3], [1, 2, 3]).sd == 0
    assert lin_ccc([1, 2, 3], [1, 2, 3]).ccc == pytest.approx(1)
