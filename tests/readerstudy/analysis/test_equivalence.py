import math

import numpy as np
import pytest
from scipy import stats

from readerstudy.analysis.equivalence import noninferiority, share_noninferiority, tost, tost_paired, tost_welch
from readerstudy.analysis.errors import SettingError
from readerstudy.analysis.intervals import Interval


def test_moery_and_calin_jagemans_example(published):
    example = published("E28")
    d, expected = example["data"], example["expected"]
    margin = d["bound_d"] * math.sqrt((d["sd1"] ** 2 + d["sd2"] ** 2) / 2)

    found = tost_welch(d["m1"], d["sd1"], d["n1"], d["m2"], d["sd2"], d["n2"], margin=margin)

    assert margin == pytest.approx(expected["raw_bound"], abs=6e-4)
    assert found.t_upper == pytest.approx(expected["t_upper"], abs=6e-3)
    assert found.p == pytest.approx(expected["p"], abs=5e-4)
    assert found.verdict == "equivalent"


def test_the_interval_and_the_tests_say_the_same():
    for difference in np.linspace(-1, 1, 21):
        found = tost(difference, 0.3, 40, margin=0.6)
        inside = found.interval.low > -0.6 and found.interval.high < 0.6
        assert (found.p < 0.05) == inside


def test_the_four_verdicts():
    assert tost(0.0, 0.1, 50, margin=0.5).verdict == "equivalent"
    assert tost(0.3, 0.1, 50, margin=0.5).verdict == "different, but within the margin"
    assert tost(0.9, 0.1, 50, margin=0.5).verdict == "different"
    assert tost(0.2, 0.4, 50, margin=0.5).verdict == "inconclusive"


def test_paired_equivalence_is_two_one_sample_tests():
    d = np.array([0.1, -0.2, 0.05, 0.3, -0.1, 0.0, 0.15, np.nan])
    known = d[:-1]
    expected = max(
        stats.ttest_1samp(known, -0.4, alternative="greater").pvalue,
        stats.ttest_1samp(known, 0.4, alternative="less").pvalue,
    )

    assert tost_paired(d, margin=0.4).p == pytest.approx(expected)


def test_noninferiority_comes_before_superiority():
    assert share_noninferiority(80, 100, 78, 100, margin=0.1).noninferior
    assert not share_noninferiority(80, 100, 78, 100, margin=0.1).superior
    assert not share_noninferiority(60, 100, 78, 100, margin=0.1).noninferior
    assert noninferiority(0.2, Interval(0.1, 0.3), margin=0.05).superior


def test_a_margin_must_be_positive():
    with pytest.raises(SettingError, match="positive"):
        tost(0, 1, 10, margin=0)
    with pytest.raises(SettingError, match="positive"):
        share_noninferiority(1, 2, 1, 2, margin=-0.1)
