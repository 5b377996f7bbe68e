"""Chance-corrected agreement of two or more readers on categories, with missing ratings and standard errors.

All coefficients are (observed - chance) / (1 - chance); they differ in what they call chance. The
categories are those of the scale, not those that happened to be used: weights on observed categories only
change the answer.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from readerstudy.analysis.errors import AnalysisError, SettingError

FloatArray = npt.NDArray[np.float64]
WEIGHTS = ("identity", "linear", "quadratic", "ordinal")


@dataclass(frozen=True)
class Agreement:
    """A coefficient, what was observed and expected by chance, and its interval (t, units - 1 df)."""

    name: str
    estimate: float
    observed: float
    chance: float
    se: float
    low: float
    high: float
    units: int


def category_weights(categories: Sequence[float], kind: str = "identity") -> FloatArray:
    """Return the agreement weights of pairs of categories, shape (q, q), 1 on the diagonal.

    "linear" and "quadratic" use the distances of the values, "ordinal" Gwet's numbers of pairs of ranks.

    References
    ----------
    Gwet KL. Handbook of Inter-Rater Reliability, 4th ed, 2014, section 3.5.
    """
    values = np.asarray(categories, dtype=np.float64)
    if kind == "identity":
        return np.eye(values.size)
    distance = np.abs(np.subtract.outer(values, values))
    if kind == "ordinal":
        ranks = np.abs(np.subtract.outer(np.arange(values.size), np.arange(values.size))) + 1.0
        distance = ranks * (ranks - 1) / 2
    elif kind == "quadratic":
        distance = distance**2
    elif kind != "linear":
        raise SettingError("setting.weights", f"weights {kind!r} are not one of {', '.join(WEIGHTS)}")
    return np.asarray(1 - distance / distance.max(), dtype=np.float64)


def agreement(
    ratings: npt.ArrayLike,
    coefficient: str = "AC",
    *,
    categories: Sequence[float],
    weights: str = "identity",
    level: float = 0.95,
) -> Agreement:
    """Return one coefficient of agreement.

    Parameters
    ----------
    ratings : array of float, shape (units, readers)
        Categories; NaN where a reader did not rate. A unit with one rating informs the chance term only.
    coefficient : {"AC", "Fleiss", "Conger", "Brennan-Prediger"}
        "AC" is Gwet's AC1, with weights AC2; Conger with two readers is Cohen's kappa.
    categories : sequence of float
        The whole scale, in order.
    weights : {"identity", "linear", "quadratic", "ordinal"}

    Returns
    -------
    Agreement
        Standard error by linearisation over units; the interval's end is cut at 1.

    References
    ----------
    Gwet KL. Br J Math Stat Psychol 2008;61:29-48. Fleiss JL. Psychol Bull 1971;76:378-382. Conger AJ. Psychol
    Bull 1980;88:322-328. Brennan RL, Prediger DJ. Educ Psychol Meas 1981;41:687-699.
    """
    if coefficient not in CHANCE:
        raise SettingError("setting.agreement", f"{coefficient!r} is not one of {', '.join(CHANCE)}")
    w = category_weights(categories, weights)
    marks = _indicators(np.asarray(ratings, dtype=np.float64), categories)
    counts = marks.sum(axis=1)
    per_unit = counts.sum(axis=1)
    several = per_unit >= 2
    n, pairs = per_unit.size, int(several.sum())
    if pairs == 0:
        raise AnalysisError("agreement.pairs", "no unit was rated by two readers; agreement needs at least one")
    agreed = np.zeros(n)
    r = per_unit[several]
    agreed[several] = np.sum(counts[several] * (counts[several] @ w - 1), axis=1) / (r * (r - 1))
    observed = float(agreed.sum() / pairs)
    chance, influence = CHANCE[coefficient](marks, w)
    estimate = (observed - chance) / (1 - chance) if chance < 1 else float("nan")
    corrected = n / pairs * (agreed - chance * several) / (1 - chance)
    linear = corrected - estimate - (1 - estimate) * influence / (1 - chance)
    se = float(np.sqrt(np.sum(linear**2) / (n * (n - 1)))) if n > 1 else float("nan")
    half = float(stats.t.ppf(0.5 + level / 2, n - 1)) * se if n > 1 else float("nan")
    name = coefficient if coefficient != "AC" else "AC1" if weights == "identity" else "AC2"
    return Agreement(name, estimate, observed, chance, se, estimate - half, min(1.0, estimate + half), n)


def _indicators(ratings: FloatArray, categories: Sequence[float]) -> FloatArray:
    values = np.asarray(categories, dtype=np.float64)
    strange = ratings[~np.isnan(ratings) & ~np.isin(ratings, values)]
    if strange.size:
        raise AnalysisError(
            "agreement.category",
            f"the rating {strange[0]:g} is not on the scale {values.tolist()}; give the whole scale",
        )
    rated = ratings[(~np.isnan(ratings)).any(axis=1)]
    return np.asarray(rated[:, :, None] == values, dtype=np.float64)


def _shares(marks: FloatArray) -> FloatArray:
    counts = marks.sum(axis=1)
    return np.asarray(counts / counts.sum(axis=1, keepdims=True), dtype=np.float64)


def _chance_gwet(marks: FloatArray, w: FloatArray) -> tuple[float, FloatArray]:
    shares, q = _shares(marks), w.shape[0]
    mean = shares.mean(axis=0)
    scale = w.sum() / (q * (q - 1))
    chance = float(scale * np.sum(mean * (1 - mean)))
    return chance, 2 * (scale * (shares @ (1 - mean)) - chance)


def _chance_fleiss(marks: FloatArray, w: FloatArray) -> tuple[float, FloatArray]:
    shares = _shares(marks)
    mean = shares.mean(axis=0)
    chance = float(mean @ w @ mean)
    return chance, 2 * (shares @ w @ mean - chance)


def _chance_uniform(marks: FloatArray, w: FloatArray) -> tuple[float, FloatArray]:
    return float(w.mean()), np.zeros(marks.shape[0])


def _chance_conger(marks: FloatArray, w: FloatArray) -> tuple[float, FloatArray]:
    n, r, _ = marks.shape
    rated = marks.sum(axis=2)
    per_reader = rated.sum(axis=0)
    shares = marks.sum(axis=0) / per_reader[:, None]
    others = shares.sum(axis=0) - shares
    slope = 2 / (r * (r - 1)) * others @ w
    chance = float(np.sum(slope * shares) / 2)
    moved = (marks - rated[:, :, None] * shares) * (n / per_reader)[:, None]
    return chance, np.asarray(np.einsum("igk,gk->i", moved, slope), dtype=np.float64)


Chance = Callable[[FloatArray, FloatArray], tuple[float, FloatArray]]
CHANCE: dict[str, Chance] = {
    "AC": _chance_gwet, "Fleiss": _chance_fleiss, "Conger": _chance_conger, "Brennan-Prediger": _chance_uniform,
}  # fmt: skip


@dataclass(frozen=True)
class FleissKappa:
    """Fleiss' kappa with his test of no agreement, overall and for each category against the rest."""

    kappa: float
    z: float
    p: float
    by_category: tuple[float, ...]


def fleiss_kappa(counts: npt.ArrayLike) -> FleissKappa:
    """Return Fleiss' kappa of a table of counts, units × categories, every unit rated equally often.

    References
    ----------
    Fleiss JL. Psychol Bull 1971;76:378-382. Fleiss JL, Nee JCM, Landis JR. Psychol Bull 1979;86:974-977.
    """
    x = np.asarray(counts, dtype=np.float64)
    n, m = x.shape[0], float(x[0].sum())
    if not np.all(x.sum(axis=1) == m):
        raise AnalysisError("fleiss.unequal", "Fleiss' kappa needs the same number of ratings in every unit")
    p = x.sum(axis=0) / (n * m)
    spread = p * (1 - p)
    by_category = 1 - (x * (m - x)).sum(axis=0) / (n * m * (m - 1) * spread)
    kappa = float(np.sum(spread * by_category) / spread.sum())
    variance = 2 * (spread.sum() ** 2 - np.sum(spread * (1 - 2 * p))) / (n * m * (m - 1) * spread.sum() ** 2)
    z = kappa / float(np.sqrt(variance))
    return FleissKappa(kappa, z, float(2 * stats.norm.sf(abs(z))), tuple(by_category.tolist()))


def cohen_kappa(table: npt.ArrayLike, weights: npt.ArrayLike | None = None, level: float = 0.95) -> Agreement:
    """Return Cohen's kappa of a square table of two readers, weighted if weights are given.

    Parameters
    ----------
    table : array, shape (q, q)
        Counts over the whole scale, first reader in rows.
    weights : array, shape (q, q), optional
        Agreement weights, 1 on the diagonal (see `category_weights`).

    References
    ----------
    Cohen J. Psychol Bull 1968;70:213-220. Fleiss JL, Cohen J, Everitt BS. Psychol Bull 1969;72:323-327.
    """
    counts = np.asarray(table, dtype=np.float64)
    w = np.eye(counts.shape[0]) if weights is None else np.asarray(weights, dtype=np.float64)
    n = float(counts.sum())
    p = counts / n
    row, column = p.sum(axis=1), p.sum(axis=0)
    observed, chance = float(np.sum(w * p)), float(row @ w @ column)
    if chance == 1:
        return Agreement("Cohen", *(float("nan"),) * 6, units=int(n))
    kappa = (observed - chance) / (1 - chance)
    mixed = np.add.outer(w @ column, row @ w)
    variance = np.sum(p * (w - mixed * (1 - kappa)) ** 2) - (kappa - chance * (1 - kappa)) ** 2
    se = float(np.sqrt(variance / n)) / (1 - chance)
    half = float(stats.norm.ppf(0.5 + level / 2)) * se
    return Agreement("Cohen", kappa, observed, chance, se, kappa - half, min(1.0, kappa + half), int(n))
