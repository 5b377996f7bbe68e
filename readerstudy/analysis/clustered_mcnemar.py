"""McNemar's question when pairs come in clusters: several lesions of a case, several cases of a subject.

All four statistics compare the discordant pairs, cluster by cluster; they differ in how a cluster is
weighed and where its variance is taken. With one pair per cluster they come back to McNemar.
"""

import numpy as np
import numpy.typing as npt
from scipy import stats

from readerstudy.analysis.errors import AnalysisError, SettingError
from readerstudy.analysis.results import TestResult

FloatArray = npt.NDArray[np.float64]
METHODS = ("obuchowski", "durkalski", "eliasziw", "yang")


def clustered_mcnemar(clusters: npt.ArrayLike, method: str = "durkalski") -> TestResult:
    """Return a clustered McNemar test.

    Parameters
    ----------
    clusters : array of int, shape (clusters, 4)
        Per cluster the pairs yes-yes, yes-no, no-yes, no-no.
    method : {"obuchowski", "durkalski", "eliasziw", "yang"}

    Returns
    -------
    TestResult
        Chi-squared with 1 df, n the number of pairs; the effect is the first share minus the second with the
        cluster-robust 95% interval (t, clusters - 1 df). No statistic without discordant pairs.

    References
    ----------
    Obuchowski NA. Stat Med 1998;17:1495-1507. Durkalski VL et al. Stat Med 2003;22:2417-2428. Eliasziw M,
    Donner A. Stat Med 1991;10:1981-1991. Yang Z et al. Biom J 2010;52:638-652.
    """
    if method not in METHODS:
        raise SettingError("setting.clustered", f"clustered McNemar {method!r} is not one of {', '.join(METHODS)}")
    x = np.asarray(clusters, dtype=np.float64)
    x = x[x.sum(axis=1) > 0]
    if x.shape[0] < 2:
        raise AnalysisError("clustered.few", f"a clustered test needs 2 clusters or more; there are {x.shape[0]}")
    pairs = int(x.sum())
    variant = f"{method.capitalize()}, {x.shape[0]} clusters"
    effect, low, high = _difference(x)
    if x[:, 1].sum() + x[:, 2].sum() == 0:
        return TestResult(
            "clustered McNemar",
            variant,
            pairs,
            effect_name="difference in proportion",
            effect=0.0,
            note="no discordant pairs",
        )
    statistic = _STATISTICS[method](x)
    p = float(stats.chi2.sf(statistic, 1))
    return TestResult(
        "clustered McNemar", variant, pairs, statistic, 1, p, "difference in proportion", effect, low, high
    )


def _difference(x: FloatArray) -> tuple[float, float, float]:
    size, d = x.sum(axis=1), x[:, 1] - x[:, 2]
    k, total = x.shape[0], size.sum()
    effect = float(d.sum() / total)
    se = float(np.sqrt(k / (k - 1) * np.sum((d - effect * size) ** 2)) / total)
    half = float(stats.t.ppf(0.975, k - 1)) * se
    return effect, effect - half, effect + half


def _obuchowski(x: FloatArray) -> float:
    d, k = x[:, 1] - x[:, 2], x.shape[0]
    return float((k - 1) / k * d.sum() ** 2 / np.sum(d**2))


def _durkalski(x: FloatArray) -> float:
    share = (x[:, 1] - x[:, 2]) / x.sum(axis=1)
    return float(share.sum() ** 2 / np.sum(share**2))


def _yang(x: FloatArray) -> float:
    size, d, k = x.sum(axis=1), x[:, 1] - x[:, 2], x.shape[0]
    around = d - size * d.sum() / size.sum()
    return float((k - 1) / k * d.sum() ** 2 / (0.5 * np.sum(around**2 + d**2)))


def _eliasziw(x: FloatArray) -> float:
    discordant = x[:, 1] + x[:, 2]
    k, touched = x.shape[0], int(np.count_nonzero(discordant))
    mean = discordant.sum() / touched
    plain = float((x[:, 1].sum() - x[:, 2].sum()) ** 2 / discordant.sum())
    if touched < 2:
        return plain
    scatter = np.sum((discordant - mean) ** 2) - (k - touched) * mean**2
    typical = mean - scatter / (touched * (touched - 1) * mean)
    effective = typical + touched * (mean - typical)
    return float(plain / (1 + (effective - 1) * _discordant_correlation(x)))


def _discordant_correlation(x: FloatArray) -> float:
    size, k = x.sum(axis=1), x.shape[0]
    mean, shares = size.mean(), x.sum(axis=0) / size.sum()
    if mean <= 1:
        return 0.0
    typical = mean - np.sum((size - mean) ** 2) / (k * (k - 1) * mean)
    between = np.sum((x - np.outer(size, shares)) ** 2 / size[:, None]) / k
    within = np.sum(x * (size[:, None] - x) / size[:, None]) / (k * (mean - 1))
    rho = (between - within) / (between + (typical - 1) * within)
    return float(rho / (rho + (shares[1] + shares[2]) * (1 - rho)))


_STATISTICS = {"obuchowski": _obuchowski, "durkalski": _durkalski, "eliasziw": _eliasziw, "yang": _yang}
