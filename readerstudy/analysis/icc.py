"""Intraclass correlation from a complete reader × item block, in the six forms of McGraw and Wong.

The older names of Shrout and Fleiss say less: ICC(2,1) is ICC(A,1) here, ICC(3,1) is ICC(C,1), ICC(1,1) is
ICC(1). "A" asks for absolute agreement, "C" lets a reader be constantly higher than another.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from readerstudy.analysis.errors import AnalysisError, SettingError

FORMS = ("ICC(1)", "ICC(A,1)", "ICC(C,1)", "ICC(k)", "ICC(A,k)", "ICC(C,k)")
OLD_NAMES = {
    "ICC(1,1)": "ICC(1)", "ICC(2,1)": "ICC(A,1)", "ICC(3,1)": "ICC(C,1)",
    "ICC(1,k)": "ICC(k)", "ICC(2,k)": "ICC(A,k)", "ICC(3,k)": "ICC(C,k)",
}  # fmt: skip


@dataclass(frozen=True)
class MeanSquares:
    """Mean squares of an items × readers table: between items, between readers, residual, within items."""

    items: float
    readers: float
    residual: float
    within: float
    n: int
    k: int


@dataclass(frozen=True)
class IntraclassCorrelation:
    """One ICC by its McGraw-Wong name, with its interval and the F test that it is 0."""

    form: str
    estimate: float
    low: float
    high: float
    f: float
    df1: float
    df2: float
    p: float


def mean_squares(ratings: npt.ArrayLike) -> MeanSquares:
    """Return the two-way mean squares of a complete table, shape (items, readers), at least 2 × 2.

    Raises
    ------
    AnalysisError
        ``icc.incomplete`` when a rating is missing, ``icc.small`` when there are fewer than 2 items or
        readers.
    """
    x = np.asarray(ratings, dtype=np.float64)
    if x.ndim != 2 or min(x.shape) < 2:
        raise AnalysisError("icc.small", f"an ICC needs 2 items and 2 readers or more; the table is {x.shape}")
    if np.isnan(x).any():
        missing = int(np.isnan(x).sum())
        raise AnalysisError(
            "icc.incomplete",
            f"an ANOVA ICC needs a complete reader by item block, but {missing} of {x.size} ratings are missing; "
            "use the complete items or the variance components of the mixed model",
        )
    n, k = x.shape
    items = float(k * np.sum((x.mean(axis=1) - x.mean()) ** 2))
    readers = float(n * np.sum((x.mean(axis=0) - x.mean()) ** 2))
    total = float(np.sum((x - x.mean()) ** 2))
    residual = (total - items - readers) / ((n - 1) * (k - 1))
    return MeanSquares(items / (n - 1), readers / (k - 1), residual, (total - items) / (n * (k - 1)), n, k)


def intraclass_correlation(
    ratings: npt.ArrayLike, form: str = "ICC(A,1)", level: float = 0.95
) -> IntraclassCorrelation:
    """Return one intraclass correlation with its F-based interval.

    Parameters
    ----------
    ratings : array of float, shape (items, readers)
        Complete block.
    form : str
        One of ``FORMS``; the names of Shrout and Fleiss are refused with their translation.

    References
    ----------
    McGraw KO, Wong SP. Psychol Methods 1996;1:30-46 (and correction, 390). Shrout PE, Fleiss JL. Psychol Bull
    1979;86:420-428.
    """
    if form in OLD_NAMES:
        raise SettingError("setting.icc", f"{form} is called {OLD_NAMES[form]} here (McGraw and Wong)")
    if form not in FORMS:
        raise SettingError("setting.icc", f"{form!r} is not one of {', '.join(FORMS)}")
    ms = mean_squares(ratings)
    one_way = form in ("ICC(1)", "ICC(k)")
    error = ms.within if one_way else ms.residual
    df1, df2 = ms.n - 1, ms.n * (ms.k - 1) if one_way else (ms.n - 1) * (ms.k - 1)
    f = ms.items / error if error > 0 else float("nan")
    single = _absolute(ms, level) if "A" in form else _from_f(f, df1, df2, ms.k, level)
    estimate, low, high = (_stepped_up(value, ms.k) for value in single) if "k" in form else single
    return IntraclassCorrelation(form, estimate, low, high, f, df1, df2, float(stats.f.sf(f, df1, df2)))


def all_forms(ratings: npt.ArrayLike, level: float = 0.95) -> tuple[IntraclassCorrelation, ...]:
    """Return all six forms, in the order of ``FORMS``."""
    return tuple(intraclass_correlation(ratings, form, level) for form in FORMS)


def _from_f(f: float, df1: float, df2: float, k: int, level: float) -> tuple[float, float, float]:
    tail = (1 + level) / 2
    low, high = f / stats.f.ppf(tail, df1, df2), f * stats.f.ppf(tail, df2, df1)
    estimate, below, above = ((value - 1) / (value + k - 1) for value in (f, low, high))
    return float(estimate), float(below), float(above)


def _absolute(ms: MeanSquares, level: float) -> tuple[float, float, float]:
    n, k, r, c, e = ms.n, ms.k, ms.items, ms.readers, ms.residual
    rho = (r - e) / (r + (k - 1) * e + k * (c - e) / n)
    a, b = k * rho / (n * (1 - rho)), 1 + k * rho * (n - 1) / (n * (1 - rho))
    df = (a * c + b * e) ** 2 / ((a * c) ** 2 / (k - 1) + (b * e) ** 2 / ((n - 1) * (k - 1)))
    tail = (1 + level) / 2
    lower, upper = stats.f.ppf(tail, n - 1, df), stats.f.ppf(tail, df, n - 1)
    rest = k * c + (k * n - k - n) * e
    low = n * (r - lower * e) / (lower * rest + n * r)
    high = n * (upper * r - e) / (rest + n * upper * r)
    return float(rho), float(low), float(high)


def _stepped_up(single: float, k: int) -> float:
    # Spearman-Brown: the reliability of the mean of k readers; it maps the interval's ends too.
    return k * single / (1 + (k - 1) * single)
