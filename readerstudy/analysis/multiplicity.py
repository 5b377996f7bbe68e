"""Adjustment of P values within families. A test that gave no P (NaN) takes no place in its family."""

import numpy as np
import numpy.typing as npt

from readerstudy.analysis.errors import SettingError

METHODS = {
    "bh": "Benjamini-Hochberg",
    "by": "Benjamini-Yekutieli",
    "holm": "Holm",
    "hochberg": "Hochberg",
    "bonferroni": "Bonferroni",
    "none": "not adjusted",
}
FloatArray = npt.NDArray[np.float64]


def adjust(p_values: npt.ArrayLike, method: str = "bh") -> FloatArray:
    """Return adjusted P values of one family, shape as given.

    Parameters
    ----------
    p_values : array of float, shape (m,)
        Raw P values; NaN where a test gave none. NaN stays NaN and does not count in the family size.
    method : {"bh", "by", "holm", "hochberg", "bonferroni", "none"}

    References
    ----------
    Benjamini Y, Hochberg Y. J R Stat Soc B 1995;57:289-300. Benjamini Y, Yekutieli D. Ann Stat
    2001;29:1165-1188. Holm S. Scand J Stat 1979;6:65-70. Hochberg Y. Biometrika 1988;75:800-802.
    """
    if method not in METHODS:
        raise SettingError("setting.adjustment", f"adjustment {method!r} is not one of {', '.join(METHODS)}")
    raw = np.asarray(p_values, dtype=np.float64)
    adjusted = np.full(raw.shape, np.nan)
    known = ~np.isnan(raw)
    adjusted[known] = _adjust_known(raw[known], method)
    return adjusted


def _adjust_known(raw: FloatArray, method: str) -> FloatArray:
    m = raw.size
    if m == 0 or method == "none":
        return raw
    if method == "bonferroni":
        return np.minimum(1.0, m * raw)
    order = np.argsort(raw, kind="stable")
    rank = np.arange(1, m + 1)
    factor = {"bh": m / rank, "by": m / rank * np.sum(1 / rank)}.get(method, m - rank + 1)
    scaled = factor * raw[order]
    down = method == "holm"
    stepped = np.maximum.accumulate(scaled) if down else np.minimum.accumulate(scaled[::-1])[::-1]
    adjusted = np.empty(m)
    adjusted[order] = np.minimum(1.0, stepped)
    return adjusted


def family_size(p_values: npt.ArrayLike) -> int:
    """Return the number of tests of a family that gave a P value."""
    return int(np.count_nonzero(~np.isnan(np.asarray(p_values, dtype=np.float64))))
