"""The statistical methods of a report as a paragraph for a manuscript; clauses whose tables are empty are dropped."""

from collections.abc import Mapping

from readerstudy.analysis.errors import SettingError
from readerstudy.analysis.group_tests import VARIANTS
from readerstudy.analysis.multiplicity import METHODS
from readerstudy.analysis.results import Cell, Report

_RANK = dict(zip(VARIANTS, ("without continuity correction", "with continuity correction", "exact"), strict=True))


def methods_paragraph(report: Report) -> str:
    """Return the methods paragraph of a conventional or recommended report, every number taken from it.

    Raises
    ------
    SettingError
        ``methods.report`` for a report of another name.
    """
    if report.name == "conventional":
        sentences = _conventional(report)
    elif report.name == "recommended":
        sentences = _recommended(report)
    else:
        raise SettingError("methods.report", f"there is no methods paragraph for a report called {report.name!r}")
    return " ".join(sentence for sentence in (*sentences, _packages(report)) if sentence)


def _conventional(report: Report) -> tuple[str, ...]:
    s = report.settings
    return (
        f"Scores were compared between sources within each reader with the Kruskal-Wallis test and, post hoc, with "
        f"the Mann-Whitney test ({_RANK[str(s['rank_test'])]})."
        if report.table("omnibus").rows
        else "",
        _shares(report, s),
        _conventional_turing(report, s),
        f"P values were adjusted by the {METHODS[str(s['adjustment'])]} procedure, each family being the comparisons "
        f"of one endpoint {_families(s)}; two-sided adjusted P below {s['alpha']} indicated significance."
        if report.table("score_contrasts").rows
        else "",
        _missing(report),
        "These tests treat ratings as independent and ignore that cases and readers recur."
        if report.table("score_contrasts").rows
        else "",
    )


def _families(settings: Mapping[str, Cell]) -> str:
    return "within one reader" if settings["family"] == "within-reader" else "over all readers"


def _shares(report: Report, settings: Mapping[str, Cell]) -> str:
    rows = [*report.table("acceptable_contrasts").rows, *report.table("origin_contrasts").rows]
    if not rows:
        return ""
    yates = "with" if settings["yates"] else "without"
    exact = (
        ", or Fisher's exact test where an expected count was below 5"
        if any(row["test"] == "Fisher exact" for row in rows)
        else ""
    )
    return (
        f"The shares of segmentations scored {settings['acceptable_from']} or higher (acceptable) and of those judged "
        f"AI were compared with the chi-squared test {yates} Yates' correction{exact}; intervals of shares are "
        "Wilson's."
    )


def _conventional_turing(report: Report, settings: Mapping[str, Cell]) -> str:
    if not any(row["d_prime"] is not None for row in report.table("turing").rows):
        return ""
    return (
        "The ability to tell models from experts was expressed as d' and criterion per reader (log-linear "
        "correction); it was called indistinguishable only if the 90% CI of d' lay within "
        f"±{settings['origin_margin']:g}."
    )


def _missing(report: Report) -> str:
    asked = [row for row in report.table("missing").rows if row["question"] == report.settings["score_question"]]
    total = sum(int(row["n"] or 0) for row in asked)
    if not total:
        return ""
    reasons: dict[str, int] = {}
    for row in asked:
        reasons[str(row["reason"])] = reasons.get(str(row["reason"]), 0) + int(row["n"] or 0)
    named = ", ".join(f"{reason}: {n}" for reason, n in sorted(reasons.items()))
    return f"{total} scores were missing ({named})."


def _recommended(report: Report) -> tuple[str, ...]:
    s = report.settings
    unit = _bootstrap_unit(report)
    return (
        _model(report),
        f"Acceptability (score of {s['acceptable_from']} or higher) was compared as the difference to the experts "
        f"within reader, averaged over readers, with 95% CIs from {s['draws']} bootstrap samples of {unit} and a "
        f"non-inferiority margin of {100 * float(s['margin'] or 0):g} percentage points."
        if report.table("acceptable").rows
        else "",
        f"The ability to tell models from experts was summarised by d'; indistinguishability was concluded only if "
        f"its 90% CI lay within ±{float(s['origin_margin'] or 0):g}."
        if report.table("turing").rows
        else "",
        "As a check, the sides were exchanged case by case in a permutation test of ranks within the reader."
        if report.table("permutation").rows
        else "",
        _agreement(report),
        f"P values were adjusted by the {METHODS[str(s['adjustment'])]} procedure within endpoints; drawing used seed "
        f"{s['seed']}."
        if report.table("rating_model").rows
        else "",
    )


def _bootstrap_unit(report: Report) -> str:
    for row in report.table("acceptable").rows:
        return "readers and cases" if "readers and cases" in str(row["method"]) else "cases"
    return "cases"


def _model(report: Report) -> str:
    if not report.table("rating_model").rows:
        return ""
    factors = [str(row["component"]) for row in report.table("components").rows if "ICC" not in str(row["component"])]
    display = (
        ", slot and colour"
        if any(str(row["effect"]).startswith("colour") for row in report.table("display").rows)
        else ", slot"
        if report.table("display").rows
        else ""
    )
    fixed = "reader by source" if "reader" not in factors else "source"
    return (
        f"Scores were analysed with a cumulative-link mixed model (logit link, Laplace approximation) with {fixed}"
        f"{display} as fixed effects and random intercepts of {', '.join(factors)}; results are odds ratios of a "
        "higher score with 95% CIs."
    )


def _agreement(report: Report) -> str:
    measures = dict.fromkeys(str(row["measure"]) for row in report.table("reliability").rows)
    return f"Agreement was expressed as {'; '.join(measures)}." if measures else ""


def _packages(report: Report) -> str:
    return f"Analyses used {', '.join(f'{name} {version}' for name, version in report.versions.items())}."
