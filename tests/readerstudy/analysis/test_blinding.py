import numpy as np
import pytest

from readerstudy.analysis.blinding import bang_index, james_index
from readerstudy.analysis.errors import AnalysisError

# CRISP trial, Bang 2004: guesses lisinopril-like drug, placebo, do not know; columns are the true arms.
CRISP = [[82, 27], [25, 29], [170, 83]]


def test_bangs_index_of_the_crisp_trial():
    # Bang, Ni & Davis 2004: drug 0.21 (0.14, 0.27), placebo 0.01 (-0.09, 0.12).
    drug, placebo = bang_index(82, 25, 170), bang_index(29, 27, 83)

    assert (drug.index, drug.low, drug.high) == pytest.approx((0.21, 0.14, 0.27), abs=6e-3)
    assert (placebo.index, placebo.low, placebo.high) == pytest.approx((0.01, -0.09, 0.12), abs=6e-3)


def test_james_index_of_the_crisp_trial():
    # Bang, Ni & Davis 2004: 0.75 (0.71, 0.79).
    found = james_index(CRISP)

    assert (found.index, found.low, found.high) == pytest.approx((0.75, 0.71, 0.79), abs=6e-3)


def test_the_standard_error_of_james_is_that_of_redrawn_trials():
    rng = np.random.default_rng(0)
    flat = np.ravel(CRISP)
    redrawn = rng.multinomial(flat.sum(), flat / flat.sum(), size=3000).reshape(-1, 3, 2)
    spread = np.std([james_index(table).index for table in redrawn])

    assert james_index(CRISP).se == pytest.approx(spread, rel=0.05)


def test_the_ends_of_both_scales():
    assert bang_index(20, 0, 0).index == 1
    assert bang_index(0, 20, 0).index == -1
    assert bang_index(10, 10, 5).index == 0
    assert james_index([[0, 0], [0, 0], [20, 20]]).index == 1
    assert james_index([[20, 0], [0, 20], [0, 0]]).index == pytest.approx(0)
    assert james_index([[10, 10], [10, 10], [0, 0]]).index == pytest.approx(0.5)


def test_no_guess_has_no_index():
    with pytest.raises(AnalysisError, match="at least one guess"):
        bang_index(0, 0, 0)
    with pytest.raises(AnalysisError, match="3 × 2"):
        james_index([[1, 2], [3, 4]])
