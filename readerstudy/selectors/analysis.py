"""The analysis of an unblinded study, from the one ratings table."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pandas as pd

from readerstudy.analysis.primary import Difference, acceptable_differences
from readerstudy.analysis.report import conventional_report
from readerstudy.analysis.results import Report
from readerstudy.analysis.settings import ConventionalSettings, RecommendedSettings
from readerstudy.analysis.table import check_ratings, scores
from readerstudy.errors import NotInThisState
from readerstudy.models import Seal, Study
from readerstudy.tables import OPEN_STATES, ratings_table

ADJUSTMENTS = {
    "benjamini_hochberg": "bh",
    "benjamini_yekutieli": "by",
    "holm": "holm",
    "hochberg": "hochberg",
    "none": "none",
}


def study_report(study: Study) -> Report:
    """Return the conventional report under the settings that were sealed.

    Raises
    ------
    NotInThisState
        Before unblinding: nobody sees ratings by arm.
    """
    if study.state not in OPEN_STATES:
        raise NotInThisState("be analysed by arm before it is unblinded", study.get_state_display())
    return conventional_report(ratings_table(study), report_settings(study))


def report_settings(study: Study) -> ConventionalSettings:
    """Return the analysis settings that the sealed protocol fixed."""
    seal = Seal.objects.filter(study=study).order_by("-number").get()
    protocol: dict[str, Any] = json.loads(bytes(seal.sealed_bytes))["protocol"]
    planned = protocol["statistics"]
    asked = {question["code"]: question for question in protocol["instrument"]["questions"]}
    return ConventionalSettings(
        origin_scale="six-step" if asked.get("origin", {}).get("kind") == "origin6" else "binary",
        acceptable_from=asked["score"]["acceptable_at"] or 7,
        yates=planned["yates"],
        adjustment=ADJUSTMENTS[planned["adjustment"]],
        contrasts="all-pairs" if planned["family"].startswith("all_pairs") else "model-against-others",
        family="over-readers" if planned["family"].endswith("all_readers") else "within-reader",
        alpha=float(planned["alpha"]),
    )


def recommended_settings(study: Study) -> RecommendedSettings:
    """Return the settings of the recommended analysis that follow from the sealed protocol."""
    chosen = report_settings(study)
    return RecommendedSettings(
        origin_scale=chosen.origin_scale,
        acceptable_from=chosen.acceptable_from,
        adjustment=chosen.adjustment,
    )


@dataclass(frozen=True)
class StudyAnalysis:
    """The report, the scores that it summarises, and the primary endpoint's differences."""

    report: Report
    scores: pd.DataFrame
    differences: list[Difference]
    average: str
    endpoint: str


def study_analysis(study: Study) -> StudyAnalysis:
    """Return everything that the analysis page shows, from one ratings table.

    Raises
    ------
    NotInThisState
        Before unblinding.
    """
    if study.state not in OPEN_STATES:
        raise NotInThisState("be analysed by arm before it is unblinded", study.get_state_display())
    ratings, settings = ratings_table(study), report_settings(study)
    rated = scores(check_ratings(ratings), settings.score_question)
    subjects = dict(zip(ratings["case"], ratings["subject"], strict=True))
    endpoint = sealed_endpoint(study)
    return StudyAnalysis(
        report=conventional_report(ratings, settings),
        scores=rated,
        differences=acceptable_differences(
            rated.assign(subject=rated["case"].map(subjects)),
            acceptable_from=settings.acceptable_from,
            average=endpoint["average"],
            cluster="subject",
        ),
        average=endpoint["average"],
        endpoint=endpoint["name"],
    )


def sealed_endpoint(study: Study) -> dict[str, Any]:
    """Return the primary endpoint that the sealed protocol names."""
    seal = Seal.objects.filter(study=study).order_by("-number").get()
    endpoint: dict[str, Any] = json.loads(bytes(seal.sealed_bytes))["protocol"]["endpoint"]
    return endpoint
