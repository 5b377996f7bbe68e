"""Was the blind kept? Indices from readers' guesses, asked after the last read."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from readerstudy.analysis.errors import AnalysisError

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class BlindingIndex:
    """An index with its standard error and 95% interval."""

    index: float
    se: float
    low: float
    high: float


def bang_index(correct: int, wrong: int, unsure: int, level: float = 0.95) -> BlindingIndex:
    """Return Bang's index of one arm: share of correct minus share of wrong guesses.

    0 is what guessing gives, 1 means all guess right, -1 all wrong (unblinded with reversed labels).

    References
    ----------
    Bang H, Ni L, Davis CE. Control Clin Trials 2004;25:143-156.
    """
    n = correct + wrong + unsure
    if n == 0:
        raise AnalysisError("blinding.empty", "a blinding index needs at least one guess; there are none")
    right, false = correct / n, wrong / n
    se = float(np.sqrt((right + false - (right - false) ** 2) / n))
    return _index(right - false, se, level)


def james_index(guesses: npt.ArrayLike, level: float = 0.95) -> BlindingIndex:
    """Return James' index over both arms: 1 is complete blinding, 0.5 random guessing, 0 none.

    Parameters
    ----------
    guesses : array of int, shape (3, 2)
        Rows: guessed first arm, guessed second arm, does not know. Columns: the true arm. Wrong guesses
        weigh half.

    References
    ----------
    James KE, Bloch DA, Lee KK, Kraemer HC, Fuller RK. Stat Med 1996;15:1421-1434.
    """
    counts = np.asarray(guesses, dtype=np.float64)
    if counts.shape != (3, 2):
        raise AnalysisError("blinding.shape", f"guesses form a 3 × 2 table, but this one is {counts.shape}")
    n, p = counts.sum(), counts / counts.sum()
    unsure = float(p[2].sum())
    if unsure == 1:
        return BlindingIndex(1.0, 0.0, 1.0, 1.0)
    known, guessed = 1 - unsure, p[:2]
    weight = np.array([[0.0, 0.5], [0.5, 0.0]])
    row, column = guessed.sum(axis=1), guessed.sum(axis=0)
    observed, expected = float(np.sum(weight * guessed)) / known, float(row @ weight @ column) / known**2
    kappa = (observed - expected) / expected
    index = (1 + unsure + known * kappa) / 2
    spread = known * weight - (1 + kappa) * np.add.outer(weight @ column, row @ weight)
    first = float(np.sum(guessed * known**2 * spread**2)) / (4 * (expected * known**2) ** 2)
    second = unsure * known - known * (1 + kappa) * (unsure + known * (1 + kappa) / 4)
    return _index(index, float(np.sqrt(max(0.0, first + second) / n)), level)


def _index(index: float, se: float, level: float) -> BlindingIndex:
    half = float(stats.norm.ppf(0.5 + level / 2)) * se
    return BlindingIndex(index, se, index - half, index + half)
