"""The probability of one ordered answer under a cumulative link, and its derivatives.

An answer y has probability P = F(θ_y - η) - F(θ_(y-1) - η). Everything that the Laplace approximation of
the mixed model needs are derivatives of log P by η and by the two thresholds, up to the third order.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from readerstudy.analysis.errors import SettingError

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Cells:
    """Log P per answer and its derivatives, all of shape (n,).

    ``slope`` is d log P / dη, ``weight`` minus the second and ``weight_slope`` the derivative of the
    weight by η. The ``upper`` and ``lower`` arrays hold derivatives by the thresholds above and below the
    answer: of log P, of the slope and of the weight.
    """

    log_p: FloatArray
    slope: FloatArray
    weight: FloatArray
    weight_slope: FloatArray
    upper: tuple[FloatArray, FloatArray, FloatArray]
    lower: tuple[FloatArray, FloatArray, FloatArray]


def _logistic(x: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    cdf = special.expit(x)
    density = cdf * special.expit(-x)
    return density, density * (1 - 2 * cdf), density * (1 - 6 * density)


def _normal(x: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    at = np.where(np.isfinite(x), x, 0.0)
    density = np.where(np.isfinite(x), np.exp(-(at**2) / 2) / np.sqrt(2 * np.pi), 0.0)
    return density, -at * density, (at**2 - 1) * density


Densities = Callable[[FloatArray], tuple[FloatArray, FloatArray, FloatArray]]
LINKS: dict[str, tuple[Callable[[FloatArray], FloatArray], Densities]] = {
    "logit": (special.expit, _logistic), "probit": (special.ndtr, _normal),
}  # fmt: skip


def cells(y: IntArray, eta: FloatArray, thresholds: FloatArray, link: str = "logit") -> Cells:
    """Return log P and its derivatives for answers y, coded 0 to len(thresholds), at linear predictors eta."""
    if link not in LINKS:
        raise SettingError("setting.link", f"link {link!r} is not one of {', '.join(LINKS)}")
    cdf, densities = LINKS[link]
    padded = np.concatenate([[-np.inf], thresholds, [np.inf]])
    above, below = padded[y + 1] - eta, padded[y] - eta
    flipped = above + below > 0  # in the upper tail the complement keeps its digits
    p = np.where(flipped, cdf(-below) - cdf(-above), cdf(above) - cdf(below))
    p = np.maximum(p, 1e-300)
    fa, fa1, fa2 = (value / p for value in densities(above))
    fb, fb1, fb2 = (value / p for value in densities(below))
    slope, k1, k2 = fb - fa, fa1 - fb1, fa2 - fb2
    weight = slope**2 - k1
    weight_slope = -2 * slope * weight + k2 + k1 * slope
    upper_slope, lower_slope = -fa1 - slope * fa, fb1 + slope * fb
    upper = (fa, upper_slope, 2 * slope * upper_slope - fa2 + k1 * fa)
    lower = (-fb, lower_slope, 2 * slope * lower_slope + fb2 - k1 * fb)
    return Cells(np.log(p), slope, weight, weight_slope, upper, lower)


def level_probabilities(eta: FloatArray, thresholds: FloatArray, link: str = "logit") -> FloatArray:
    """Return the probability of each level, shape (n, levels)."""
    cdf = LINKS[link][0]
    cumulative = cdf(thresholds[None, :] - np.asarray(eta, dtype=np.float64)[:, None])
    return np.diff(cumulative, prepend=0.0, append=1.0, axis=1)
