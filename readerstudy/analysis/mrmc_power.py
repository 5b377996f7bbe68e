"""Power and size of a multi-reader multi-case study, from the components of a pilot."""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from readerstudy.analysis.errors import AnalysisError, SettingError
from readerstudy.analysis.mrmc import Components

SCOPES = ("random", "fixed readers", "fixed cases")


@dataclass(frozen=True)
class Power:
    """Power of a planned comparison of two treatments, with its noncentrality and denominator df."""

    power: float
    noncentrality: float
    df2: float


def mrmc_power(
    pilot: Components,
    pilot_cases: int,
    *,
    effect: float,
    readers: int,
    cases: int,
    scope: str = "random",
    alpha: float = 0.05,
) -> Power:
    """Return the power to find a difference ``effect`` between two treatments in a fully crossed study.

    Parameters
    ----------
    pilot : Components
        From `mrmc.obuchowski_rockette`; negative reader variance counts as zero.
    pilot_cases : int
        Cases of the pilot, to which the error covariances belong; they shrink in proportion.
    effect : float
        True difference of the figure of merit.
    readers, cases : int
        Of the planned study.
    scope : {"random", "fixed readers", "fixed cases"}

    References
    ----------
    Hillis SL, Obuchowski NA, Berbaum KS. Acad Radiol 2011;18:129-142. Hillis SL. Stat Med 2018;37:1871-1895.
    """
    if scope not in SCOPES:
        raise SettingError("setting.scope", f"scope {scope!r} is not one of {', '.join(SCOPES)}")
    if readers < 2 or cases < 2:
        raise AnalysisError("power.small", f"a study needs 2 readers and 2 cases; {readers} and {cases} were planned")
    shrink = pilot_cases / cases
    interaction = max(pilot.var_treatment_reader, 0.0)
    error = shrink * (pilot.var - pilot.cov1 + (readers - 1) * pilot.excess)
    reader_part = interaction + shrink * (pilot.var - pilot.cov1 - pilot.excess)
    if scope == "fixed readers":
        total, df2 = error, float("inf")
    elif scope == "fixed cases":
        total, df2 = reader_part, float(readers - 1)
    else:
        total = interaction + error
        df2 = (total / reader_part) ** 2 * (readers - 1)
    noncentrality = readers / 2 * effect**2 / total
    if np.isinf(df2):
        found = stats.ncx2.sf(stats.chi2.ppf(1 - alpha, 1), 1, noncentrality)
    else:
        found = stats.ncf.sf(stats.f.ppf(1 - alpha, 1, df2), 1, df2, noncentrality)
    return Power(float(found), float(noncentrality), df2)


def cases_needed(
    pilot: Components,
    pilot_cases: int,
    *,
    effect: float,
    readers: int,
    power: float = 0.8,
    scope: str = "random",
    alpha: float = 0.05,
    most: int = 5000,
) -> int | None:
    """Return the fewest cases that reach the power, or None where ``most`` cases do not suffice."""

    def reached(cases: int) -> bool:
        found = mrmc_power(pilot, pilot_cases, effect=effect, readers=readers, cases=cases, scope=scope, alpha=alpha)
        return found.power >= power

    low, high = 2, most
    if not reached(high):
        return None
    while low < high:
        middle = int(np.floor((low + high) / 2))
        low, high = (low, middle) if reached(middle) else (middle + 1, high)
    return low
