"""The conventional report: paper 000's recipe as one object for the page, the JSON file and the CSV files."""

from collections.abc import Sequence
from importlib.metadata import version

import pandas as pd

from readerstudy.analysis import conventional
from readerstudy.analysis.columns import (
    AVERAGES,
    CALLS,
    DESCRIPTION,
    MISSING,
    OMNIBUS,
    SCORE_CONTRASTS,
    SHARE_CONTRASTS,
    TURING,
)
from readerstudy.analysis.describe import POOLED, call_rows, score_rows, summary_rows
from readerstudy.analysis.multiplicity import METHODS
from readerstudy.analysis.results import Report, ResultTable, Row, result_table
from readerstudy.analysis.settings import ConventionalSettings
from readerstudy.analysis.table import check_ratings, missing_answers, origin_calls, scores

CLUSTERED = (
    "The ratings are clustered: the same cases and the same readers return, which these tests ignore. "
    "Their P values describe this recipe; the recommended analysis takes reader and case into account."
)
POOLED_WARNING = (
    "Tests pooled over readers confound a reader's severity with the arms that this reader saw (nobody rates "
    "one's own contours). In simulations without any difference between arms they found one in 23-41% of "
    "studies, at a nominal 5%."
)
SHARED_WARNING = (
    "Cases were rated under both arms of a contrast by the same reader, and these tests treat them as "
    "independent. McNemar (shares) and Wilcoxon signed-rank (scores) compare within the case."
)
SMALL_WARNING = "Some expected counts are below 5; the note of each row says what was done."


def conventional_report(table: pd.DataFrame, settings: ConventionalSettings | None = None) -> Report:
    """Return paper 000's analysis of a ratings table: description, tests within reader, Turing calls.

    Parameters
    ----------
    table : DataFrame
        The long ratings table (see `table.COLUMNS`); may be empty.
    settings : ConventionalSettings, optional
        The stored choices; defaults where None.

    Returns
    -------
    Report
        Tables ``description, averages, calls, omnibus, score_contrasts, acceptable_contrasts,
        origin_contrasts, turing, missing``. Equal tables, in any order of rows, give equal reports.

    Raises
    ------
    RatingsTableError
        Where the table breaks its rules.
    """
    chosen = settings or ConventionalSettings()
    checked = check_ratings(table)
    rated = scores(checked, chosen.score_question)
    calls = origin_calls(checked, chosen.origin_question, chosen.origin_scale)
    tables = (
        *_descriptions(rated, calls, chosen),
        *_tests(rated, calls, chosen),
        _turing(calls, rated, chosen),
        _missing(checked, chosen),
    )
    return Report("conventional", chosen.as_dict(), tables, _warnings(tables, chosen), package_versions())


def _descriptions(rated: pd.DataFrame, calls: pd.DataFrame, settings: ConventionalSettings) -> tuple[ResultTable, ...]:
    described = score_rows(rated, quartiles=settings.quartiles, acceptable_from=settings.acceptable_from)
    called = call_rows(calls)
    notes = (
        f"Quartiles by the {settings.quartiles} method; interval of the median from order statistics.",
        f"Acceptable: a score of {settings.acceptable_from} or higher; intervals by Wilson.",
    )
    averages = _averages(described, "acceptable") + _averages(called, "judged_ai")
    return (
        result_table("description", "Scores by reader and arm", DESCRIPTION, described, notes),
        result_table(
            "averages",
            "Averages over arms, by two rules",
            AVERAGES,
            averages,
            ("Pooled counts weigh every rating alike, the unweighted mean every arm.",),
        ),
        result_table("calls", "Judged AI by reader and arm", CALLS, called, ("Intervals by Wilson.",)),
    )


def _averages(rows: Sequence[Row], endpoint: str) -> list[Row]:
    counts = pd.DataFrame(
        [
            {"arm_kind": row["arm_kind"], "k": row[endpoint], "n": row[f"{endpoint}_of"]}
            for row in rows
            if row["reader"] == POOLED
        ],
        columns=["arm_kind", "k", "n"],
    )
    word = endpoint.replace("_ai", " AI")
    return [dict(row) | {"endpoint": word} for kind in ("model", "expert") for row in summary_rows(counts, kind)]


def _tests(rated: pd.DataFrame, calls: pd.DataFrame, settings: ConventionalSettings) -> tuple[ResultTable, ...]:
    adjustment = f"P values adjusted by {METHODS[settings.adjustment]}, {settings.family.replace('-', ' ')}."
    index = ("Effect of a score contrast: probability that the arm is scored higher, ties counting half.",)
    return (
        result_table(
            "omnibus",
            "Do the scores differ between arms?",
            OMNIBUS,
            conventional.omnibus_rows(rated, settings),
            ("Adjusted over readers.",),
        ),
        result_table(
            "score_contrasts",
            "Scores, arm against arm",
            SCORE_CONTRASTS,
            conventional.score_contrast_rows(rated, settings),
            (adjustment, *index),
        ),
        result_table(
            "acceptable_contrasts",
            "Share acceptable, arm against arm",
            SHARE_CONTRASTS,
            conventional.acceptable_contrast_rows(rated, settings),
            (adjustment,),
        ),
        result_table(
            "origin_contrasts",
            "Judged AI, arm against arm",
            SHARE_CONTRASTS,
            conventional.origin_contrast_rows(calls, settings),
            (adjustment,),
        ),
    )


def _turing(calls: pd.DataFrame, rated: pd.DataFrame, settings: ConventionalSettings) -> ResultTable:
    margin = settings.origin_margin
    notes = (
        "Answers are taken as independent.",
        "A model judged AI is a hit, an expert judged AI a false alarm; d' with log-linear correction.",
        f"Indistinguishable: the 90% interval of d' lies within ±{margin:g}.",
    )
    return result_table(
        "turing",
        "Can readers tell model from expert?",
        TURING,
        conventional.turing_rows(calls, rated, settings),
        notes,
    )


def _missing(checked: pd.DataFrame, settings: ConventionalSettings) -> ResultTable:
    rows: list[Row] = []
    for question in (settings.score_question, settings.origin_question):
        counted = missing_answers(checked, question)
        rows += [
            {
                "question": question,
                "reader": str(row.reader),
                "arm": str(row.arm),
                "reason": str(row.reason),
                "n": int(row.n),
            }
            for row in counted.itertuples()
        ]
    return result_table("missing", "Answers that are missing, and why", MISSING, rows)


def _warnings(tables: tuple[ResultTable, ...], settings: ConventionalSettings) -> tuple[str, ...]:
    rows = [row for table in tables if table.name.endswith("_contrasts") for row in table.rows]
    said = [CLUSTERED] if rows else []
    if settings.pooled:
        said.append(POOLED_WARNING)
    if any(isinstance(row["shared_cases"], int) and row["shared_cases"] > 0 for row in rows):
        said.append(SHARED_WARNING)
    if any("below 5" in str(row["note"]) for row in rows):
        said.append(SMALL_WARNING)
    return tuple(said)


def package_versions() -> dict[str, str]:
    """Return the versions of the packages that the numbers depend on."""
    return {name: version(name) for name in ("numpy", "scipy", "pandas")}
