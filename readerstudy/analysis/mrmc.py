"""Multi-reader multi-case analysis: treatments compared so that the answer holds for other readers and cases.

Obuchowski and Rockette's analysis of variance of the figures of merit, with Hillis' degrees of freedom. Any
design whose covariances `mrmc_covariance` can estimate is analysed in the same way.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from readerstudy.analysis.errors import AnalysisError
from readerstudy.analysis.mrmc_covariance import FloatArray, Readings, average_covariances, covariances, figures


@dataclass(frozen=True)
class Components:
    """Error variance and covariances, reader components (which may be negative), and mean squares."""

    var: float
    cov1: float
    cov2: float
    cov3: float
    var_reader: float
    var_treatment_reader: float
    ms_treatment: float
    ms_reader: float
    ms_treatment_reader: float

    @property
    def excess(self) -> float:
        """Return cov2 - cov3, taken as zero where the estimate is negative."""
        return max(self.cov2 - self.cov3, 0.0)


@dataclass(frozen=True)
class Comparison:
    """One test that the treatments are equal, and the standard error and df of a difference of two."""

    scope: str
    statistic: float
    df1: float
    df2: float
    p: float
    se: float

    def interval(self, difference: float, level: float = 0.95) -> tuple[float, float]:
        """Return the interval of a difference of two treatments."""
        half = float(stats.t.ppf(0.5 + level / 2, self.df2)) * self.se
        return difference - half, difference + half


@dataclass(frozen=True)
class SingleTreatment:
    """A treatment's mean over readers, for random readers and cases."""

    treatment: str
    mean: float
    se: float
    df: float

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Return the t interval of the mean."""
        half = float(stats.t.ppf(0.5 + level / 2, self.df)) * self.se
        return self.mean - half, self.mean + half


@dataclass(frozen=True)
class MrmcResult:
    """Figures of merit, components, the three comparisons and each treatment by itself.

    ``random`` lets readers and cases be samples, ``fixed_readers`` only the cases, ``fixed_cases`` only the
    readers.
    """

    treatments: tuple[str, ...]
    readers: tuple[str, ...]
    figures: FloatArray
    cases: int
    components: Components
    random: Comparison
    fixed_readers: Comparison
    fixed_cases: Comparison
    singles: tuple[SingleTreatment, ...]

    def difference(self, first: int = 0, second: int = 1) -> float:
        """Return the mean figure of one treatment minus that of another, by position."""
        means = self.figures.mean(axis=1)
        return float(means[first] - means[second])

    def dbm(self) -> dict[str, float]:
        """Return the variance components of Dorfman, Berbaum and Metz that these covariances stand for."""
        c, n = self.components, self.cases
        return {
            "reader": c.var_reader,
            "treatment × reader": c.var_treatment_reader,
            "case": n * c.cov3,
            "treatment × case": n * (c.cov2 - c.cov3),
            "reader × case": n * (c.cov1 - c.cov3),
            "error": n * (c.var - c.cov1 - c.cov2 + c.cov3),
        }


def obuchowski_rockette(data: Readings, *, method: str = "jackknife", figure: str = "auc") -> MrmcResult:
    """Return the Obuchowski-Rockette analysis of two or more treatments and readers.

    Parameters
    ----------
    data : Readings
        Fully crossed, or with cases nested in readers or treatments (gaps).
    method : {"jackknife", "delong", "unbiased"}
        How the covariances are estimated.
    figure : {"auc", "mean"}
        Empirical AUC, or the mean score (a share, where scores are 0 and 1).

    Notes
    -----
    A negative cov2 - cov3 is set to zero in the tests, which then have (t - 1)(r - 1) df.

    References
    ----------
    Obuchowski NA, Rockette HE. Commun Stat Simul Comput 1995;24:285-308. Hillis SL. Stat Med 2007;26:596-619.
    Hillis SL, Berbaum KS, Metz CE. Acad Radiol 2008;15:647-661.
    """
    values = figures(data, figure)
    t, r = values.shape
    if t < 2 or r < 2:
        raise AnalysisError("mrmc.small", f"an MRMC analysis needs 2 treatments and 2 readers; there are {t} and {r}")
    matrix = covariances(data, method, figure)
    parts = _components(values, average_covariances(matrix, t, r))
    singles = tuple(
        _single(name, values[i], matrix[i * r : (i + 1) * r, i * r : (i + 1) * r])
        for i, name in enumerate(data.treatments)
    )
    return MrmcResult(
        data.treatments, data.readers, values, data.truth.size, parts, *_comparisons(parts, t, r), singles
    )


def _components(values: FloatArray, covariance: tuple[float, float, float, float]) -> Components:
    t, r = values.shape
    var, cov1, cov2, cov3 = covariance
    by_t, by_r, mean = values.mean(axis=1), values.mean(axis=0), values.mean()
    ms_t = float(r * np.sum((by_t - mean) ** 2) / (t - 1))
    ms_r = float(t * np.sum((by_r - mean) ** 2) / (r - 1))
    ms_tr = float(np.sum((values - by_t[:, None] - by_r + mean) ** 2) / ((t - 1) * (r - 1)))
    var_r = (ms_r - ms_tr) / t - cov1 + cov3
    var_tr = ms_tr - var + cov1 + max(cov2 - cov3, 0.0)
    return Components(var, cov1, cov2, cov3, var_r, var_tr, ms_t, ms_r, ms_tr)


def _comparisons(c: Components, t: int, r: int) -> tuple[Comparison, Comparison, Comparison]:
    reader_df = (t - 1) * (r - 1)
    random = c.ms_treatment_reader + r * c.excess
    random_df = random**2 / (c.ms_treatment_reader**2 / reader_df) if c.ms_treatment_reader else float("inf")
    fixed = c.var - c.cov1 + (r - 1) * c.excess
    chi2 = (t - 1) * c.ms_treatment / fixed
    return (
        _f_test("random readers and cases", c.ms_treatment, random, t - 1, random_df, r),
        Comparison(
            "fixed readers, random cases",
            chi2,
            t - 1,
            float("inf"),
            float(stats.chi2.sf(chi2, t - 1)),
            float(np.sqrt(2 * fixed / r)),
        ),
        _f_test("random readers, fixed cases", c.ms_treatment, c.ms_treatment_reader, t - 1, reader_df, r),
    )


def _f_test(scope: str, between: float, error: float, df1: float, df2: float, readers: int) -> Comparison:
    f = between / error if error > 0 else float("nan")
    return Comparison(scope, f, df1, df2, float(stats.f.sf(f, df1, df2)), float(np.sqrt(2 * error / readers)))


def _single(name: str, values: npt.NDArray[np.float64], matrix: FloatArray) -> SingleTreatment:
    r = values.size
    ms = float(values.var(ddof=1))
    shared = float((matrix.sum() - np.trace(matrix)) / (r * (r - 1)))
    total = ms + r * max(shared, 0.0)
    df = total**2 / (ms**2 / (r - 1)) if ms else float("inf")
    return SingleTreatment(name, float(values.mean()), float(np.sqrt(total / r)), df)
