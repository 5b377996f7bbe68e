"""Is a contrast the same for every reader? Common odds ratio, its test of homogeneity, and leaving one out.

No pooled contrast is shown without this: a mean over readers who disagree describes none of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from readerstudy.analysis.errors import AnalysisError
from readerstudy.analysis.results import TestResult

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class CommonRatio:
    """A Mantel-Haenszel odds ratio with the Robins-Breslow-Greenland interval."""

    ratio: float
    low: float
    high: float


def common_odds_ratio(strata: Mapping[str, npt.ArrayLike], level: float = 0.95) -> CommonRatio:
    """Return the Mantel-Haenszel odds ratio over strata of 2 × 2 tables; nan where no stratum informs.

    References
    ----------
    Mantel N, Haenszel W. J Natl Cancer Inst 1959;22:719-748. Robins J et al. Biometrics 1986;42:311-323.
    """
    x = _tables(strata)
    n = x.sum(axis=(1, 2))
    same, cross = x[:, 0, 0] * x[:, 1, 1] / n, x[:, 0, 1] * x[:, 1, 0] / n
    p, q = (x[:, 0, 0] + x[:, 1, 1]) / n, (x[:, 0, 1] + x[:, 1, 0]) / n
    r, s = same.sum(), cross.sum()
    if r == 0 or s == 0:
        return CommonRatio(float("nan"), float("nan"), float("nan"))
    variance = p @ same / (2 * r**2) + (p @ cross + q @ same) / (2 * r * s) + q @ cross / (2 * s**2)
    half = float(stats.norm.ppf(0.5 + level / 2) * np.sqrt(variance))
    return CommonRatio(float(r / s), float(r / s * np.exp(-half)), float(r / s * np.exp(half)))


def breslow_day(strata: Mapping[str, npt.ArrayLike], *, tarone: bool = False) -> TestResult:
    """Return the Breslow-Day test that all strata have one odds ratio; the effect is that common odds ratio.

    Parameters
    ----------
    strata : mapping from name to 2 × 2 counts
        For example one per reader: rows arm and comparator, columns acceptable and not.
    tarone : bool
        Apply Tarone's correction.

    References
    ----------
    Breslow NE, Day NE. Statistical Methods in Cancer Research I, 1980, p 142. Tarone RE. Biometrika
    1985;72:91-95.
    """
    x = _tables(strata)
    common = common_odds_ratio(strata)
    n, df = int(x.sum()), x.shape[0] - 1
    name, variant = "Breslow-Day", "Tarone's correction" if tarone else "no correction"
    if df < 1 or not np.isfinite(common.ratio):
        return TestResult(name, variant, n, note="there is no common odds ratio of two strata or more")
    expected = np.array([_expected_cell(table, common.ratio) for table in x])
    rows, columns, totals = x.sum(axis=2)[:, 0], x.sum(axis=1)[:, 0], x.sum(axis=(1, 2))
    cells = (expected, rows - expected, columns - expected, totals - rows - columns + expected)
    variance = 1 / np.sum([1 / cell for cell in cells], axis=0)
    distance = x[:, 0, 0] - expected
    statistic = float(np.sum(distance**2 / variance))
    if tarone:
        statistic -= float(distance.sum() ** 2 / variance.sum())
    p = float(stats.chi2.sf(statistic, df))
    return TestResult(name, variant, n, statistic, df, p, "common odds ratio", *(common.ratio, common.low, common.high))


def _expected_cell(table: FloatArray, ratio: float) -> float:
    # The first cell that gives this table's margins the common odds ratio: the root within its bounds.
    row, column, n = table[0].sum(), table[:, 0].sum(), table.sum()
    if abs(ratio - 1) < 1e-12:
        return float(row * column / n)
    a, b, c = ratio - 1, -(ratio * (row + column) + n - row - column), ratio * row * column
    roots = (-b + np.array([-1, 1]) * np.sqrt(b**2 - 4 * a * c)) / (2 * a)
    low, high = max(0.0, row + column - n), min(row, column)
    return float(next(root for root in roots if low - 1e-9 <= root <= high + 1e-9))


def leave_one_out(strata: Mapping[str, npt.ArrayLike], level: float = 0.95) -> dict[str, CommonRatio]:
    """Return the common odds ratio without each stratum in turn, by the name of the one left out."""
    if len(strata) < 2:
        raise AnalysisError("strata.few", "leaving one out needs two strata or more")
    return {name: common_odds_ratio({k: v for k, v in strata.items() if k != name}, level) for name in strata}


def _tables(strata: Mapping[str, npt.ArrayLike]) -> FloatArray:
    x = np.array([np.asarray(table, dtype=np.float64) for table in strata.values()])
    if x.ndim != 3 or x.shape[1:] != (2, 2):
        raise AnalysisError("strata.shape", "every stratum must be a 2 × 2 table of counts")
    informative = (x.sum(axis=1) > 0).all(axis=1) & (x.sum(axis=2) > 0).all(axis=1)
    return np.asarray(x[informative], dtype=np.float64)
