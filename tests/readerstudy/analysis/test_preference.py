import numpy as np
import pytest

from readerstudy.analysis.errors import AnalysisError
from readerstudy.analysis.preference import bradley_terry

# American League baseball 1987: Agresti, Categorical Data Analysis, Table 10.10. Rows beat columns.
TEAMS = ("Milwaukee", "Detroit", "Toronto", "New York", "Boston", "Cleveland", "Baltimore")
WINS = [
    [0, 7, 9, 7, 7, 9, 11],
    [6, 0, 7, 5, 11, 9, 9],
    [4, 6, 0, 7, 7, 8, 12],
    [6, 8, 6, 0, 6, 7, 10],
    [6, 2, 6, 7, 0, 7, 12],
    [4, 4, 5, 6, 6, 0, 6],
    [2, 4, 1, 3, 1, 7, 0],
]


def test_agrestis_baseball_teams():
    # Agresti: 1.58, 1.44, 1.29, 1.25, 1.11, 0.68, 0; Boston beats New York with probability .46.
    found = bradley_terry(WINS, TEAMS)

    assert found.log_strength == pytest.approx([1.58, 1.44, 1.29, 1.25, 1.11, 0.68, 0], abs=6e-3)
    assert found.probability("Boston", "New York") == pytest.approx(0.46, abs=6e-3)


def test_the_standard_error_of_milwaukee():
    # Agresti: standard error of Milwaukee against Baltimore 0.343.
    _, low, high = bradley_terry(WINS, TEAMS).difference("Milwaukee", "Baltimore")

    assert (high - low) / 2 / 1.959964 == pytest.approx(0.343, abs=6e-4)


def test_two_arms_give_the_log_odds():
    found = bradley_terry([[0, 30], [10, 0]], ("model", "expert"))

    assert found.log_strength[0] == pytest.approx(np.log(3))
    assert found.covariance[0, 0] == pytest.approx(1 / 30 + 1 / 10)


def test_an_arm_that_never_lost_is_refused():
    with pytest.raises(AnalysisError, match="never lost"):
        bradley_terry([[0, 5, 5], [0, 0, 3], [0, 2, 0]], ("a", "b", "c"))
    with pytest.raises(AnalysisError, match="square table"):
        bradley_terry([[0, 1]], ("a", "b"))
