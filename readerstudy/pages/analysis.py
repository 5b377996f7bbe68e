"""The analysis after unblinding: the primary answer in a sentence, then tables and charts in the order of a paper."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd
from django.conf import settings
from django.http import HttpResponse
from django.utils import timezone

from readerstudy.analysis.numbers import fixed, p_text, share_text
from readerstudy.analysis.primary import Difference
from readerstudy.analysis.results import Report
from readerstudy.models import Seal, Study
from readerstudy.pages.figures import chart_data
from readerstudy.pages.requests import PersonRequest, show, study_page
from readerstudy.pages.results import PrintedTable, printed_tables
from readerstudy.pages.studies import truth_rows
from readerstudy.selectors.analysis import StudyAnalysis, study_analysis
from readerstudy.selectors.studies import STAFF
from readerstudy.services.exports import csv_bytes
from readerstudy.tables import OPEN_STATES
from segmentation.errors import NotFound

CHARTS = {"description": ("scores", "distribution", "acceptable"), "calls": ("calls",)}


@dataclass(frozen=True)
class Part:
    """One table with the charts that stand above it."""

    table: PrintedTable
    charts: tuple[str, ...]


@dataclass(frozen=True)
class Answer:
    """The primary answer about one model: a sentence, and the readers behind the mean."""

    sentence: str
    readers: tuple[str, ...]


@study_page(roles=STAFF)
def analysis(request: PersonRequest, study: Study) -> HttpResponse:
    """Show the analysis; before unblinding, why there is none."""
    if study.state not in OPEN_STATES:
        return show(request, study, "analysis_closed", {"page": "study-analysis"})
    told = study_analysis(study)
    context = {
        "page": "study-analysis",
        "endpoint": told.endpoint,
        "answers": answers_of(told),
        "parts": [Part(table, CHARTS.get(table.name, ())) for table in printed_tables(told.report)],
        "warnings": told.report.warnings,
        "data": chart_data(told.report, told.scores),
        "provenance": _provenance(study, told.report),
        "truth": truth_rows(study.simulated_truth),
        "empty": told.scores.empty,
    }
    return show(request, study, "analysis", context)


@study_page(roles=STAFF)
def table_csv(request: PersonRequest, study: Study, name: str) -> HttpResponse:
    """Return one table of the report with every column."""
    report = study_analysis(study).report
    if name not in {table.name for table in report.tables}:
        raise NotFound
    table = report.table(name)
    frame = pd.DataFrame([dict(row) for row in table.rows], columns=[column.name for column in table.columns])
    disposition = f'attachment; filename="{study.code}-{name}.csv"'
    return HttpResponse(
        csv_bytes(frame), content_type="text/csv; charset=utf-8", headers={"Content-Disposition": disposition}
    )


def answers_of(told: StudyAnalysis) -> list[Answer]:
    """Return the primary endpoint in words, one answer per model."""
    names = list(dict.fromkeys(difference.model for difference in told.differences))
    return [_answer([one for one in told.differences if one.model == name], told.average) for name in names]


def _answer(differences: list[Difference], average: str) -> Answer:
    overall, *readers = differences
    how = "on the mean of the readers" if average == "mean_of_readers" else "pooled over readers"
    counts = (
        f"{share_text(overall.k_model, overall.n_model)} against {share_text(overall.k_experts, overall.n_experts)}"
    )
    if overall.value is None:
        return Answer(f"For {overall.model} the difference cannot be told: a reader has no ratings of one side.", ())
    more = "more" if overall.value >= 0 else "less"
    sentence = (
        f"Segmentations by {overall.model} were acceptable {fixed(100 * abs(overall.value), 1)} percentage points "
        f"{more} often than those by experts ({how}; 95% CI {_points(overall)}; counts {counts})."
    )
    return Answer(sentence, tuple(f"{one.reader}: {_signed(one.value)} ({_points(one)})" for one in readers))


def _points(difference: Difference) -> str:
    if difference.low is None or difference.high is None:
        return "no interval"
    return f"{_signed(difference.low)} to {_signed(difference.high)}"


def _signed(value: float | None) -> str:
    if value is None:
        return "–"
    return fixed(100 * value, 1).replace("-", "−")


def _provenance(study: Study, report: Report) -> list[tuple[str, str]]:
    seal = Seal.objects.filter(study=study).order_by("-number").get()
    chosen: dict[str, Any] = dict(report.settings)
    return [
        ("Analysis", "conventional: Kruskal-Wallis, Mann-Whitney and χ² within reader"),
        ("Adjustment", f"{chosen['adjustment'].upper()}, {chosen['family'].replace('-', ' ')}"),
        ("Acceptable from", str(chosen["acceptable_from"])),
        ("Level", p_text(float(chosen["alpha"])) if chosen["alpha"] else "–"),
        ("Protocol SHA-256", seal.protocol_sha256),
        ("Software", f"Blindread {settings.VERSION}; " + ", ".join(f"{k} {v}" for k, v in report.versions.items())),
        ("Computed", f"{timezone.localtime():%-d %b %Y, %H:%M}"),
    ]
