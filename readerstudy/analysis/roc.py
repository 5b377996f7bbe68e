"""Area under the ROC curve of one score, its interval, and the comparison of two scores on the same cases."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from readerstudy.analysis.errors import AnalysisError
from readerstudy.analysis.results import TestResult

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Area:
    """An empirical AUC with DeLong's standard error."""

    auc: float
    se: float
    diseased: int
    healthy: int

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Return the normal interval, cut at 0 and 1."""
        half = float(stats.norm.ppf(0.5 + level / 2)) * self.se
        return max(0.0, self.auc - half), min(1.0, self.auc + half)


def placements(truth: npt.ArrayLike, score: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Return each diseased case's share of healthy cases below it, and each healthy case's of diseased above.

    Ties count half. The mean of either is the empirical AUC.

    Parameters
    ----------
    truth : array of 0 and 1, shape (n,)
    score : array of float, shape (n,)
        Higher means diseased.

    Raises
    ------
    AnalysisError
        ``roc.one-class`` when only one class is present.
    """
    t, s = np.asarray(truth, dtype=bool), np.asarray(score, dtype=np.float64)
    sick, well = s[t], s[~t]
    if not sick.size or not well.size:
        raise AnalysisError("roc.one-class", f"an ROC area needs both classes; there are {sick.size} and {well.size}")
    ranks = stats.rankdata(np.concatenate([sick, well]))
    below = (ranks[: sick.size] - stats.rankdata(sick)) / well.size
    above = 1 - (ranks[sick.size :] - stats.rankdata(well)) / sick.size
    return np.asarray(below), np.asarray(above)


def area(truth: npt.ArrayLike, score: npt.ArrayLike) -> Area:
    """Return the empirical AUC with DeLong's standard error.

    References
    ----------
    DeLong ER, DeLong DM, Clarke-Pearson DL. Biometrics 1988;44:837-845. Sun X, Xu W. IEEE Signal Process Lett
    2014;21:1389-1393 (midranks).
    """
    below, above = placements(truth, score)
    variance = _variance(below, below) + _variance(above, above)
    return Area(float(below.mean()), float(np.sqrt(variance)), below.size, above.size)


def compare_areas(truth: npt.ArrayLike, first: npt.ArrayLike, second: npt.ArrayLike) -> TestResult:
    """Return DeLong's test of two scores of the same cases; the effect is AUC first minus second."""
    (b1, a1), (b2, a2) = placements(truth, first), placements(truth, second)
    effect = float(b1.mean() - b2.mean())
    se = float(np.sqrt(_variance(b1 - b2, b1 - b2) + _variance(a1 - a2, a1 - a2)))
    n = b1.size + a1.size
    if se == 0:
        return TestResult(
            "DeLong",
            "paired",
            n,
            effect_name="difference in AUC",
            effect=effect,
            note="the two scores rank the cases alike",
        )
    z = effect / se
    half = 1.959963984540054 * se
    p = float(2 * stats.norm.sf(abs(z)))
    return TestResult("DeLong", "paired", n, z, None, p, "difference in AUC", effect, effect - half, effect + half)


def _variance(a: FloatArray, b: FloatArray) -> float:
    return float(np.sum((a - a.mean()) * (b - b.mean())) / (a.size - 1) / a.size) if a.size > 1 else float("nan")
