"""The recommended analysis beside the one as published: computed by a job, shown with what they say differently."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd
from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag

from readerstudy.analysis.methods_text import methods_paragraph
from readerstudy.analysis.numbers import cell_text, fixed, interval_text, p_text
from readerstudy.analysis.results import Cell, Column, Report, ResultTable
from readerstudy.models import Seal, Study
from readerstudy.pages.intervals import interval_data
from readerstudy.pages.requests import SEND, PersonRequest, show, study_page
from readerstudy.pages.results import Heading, PrintedCell, PrintedTable
from readerstudy.pages.studies import truth_rows
from readerstudy.selectors.studies import STAFF
from readerstudy.services import reports
from readerstudy.services.exports import csv_bytes
from readerstudy.tables import OPEN_STATES
from segmentation.errors import NotFound
from segmentation.models import Job

# Long texts that repeat in every row stand once, under the table.
_UNDER = {"method": "{}", "adjustment": "P values adjusted by {}", "variant": "{}"}


@dataclass(frozen=True)
class Compared:
    """One quantity by both analyses."""

    quantity: str
    published: str
    recommended: str


@study_page(roles=STAFF)
def recommended(request: PersonRequest, study: Study) -> HttpResponse:
    """Show the recommended analysis, or that it is being computed."""
    if study.state not in OPEN_STATES:
        return show(request, study, "analysis_closed", {"page": "study-analysis"})
    report = reports.kept_report(study, reports.RECOMMENDED)
    if report is not None:
        return show(request, study, "recommended", _context(study, report))
    job = reports.newest_request(study)
    if job is None or job.state in (Job.State.DONE, Job.State.CANCELLED):
        job = reports.request_report(study, by=request.user)
    return show(request, study, "recommended", {"page": "study-analysis", "job": job, "working": not job.finished})


@study_page(roles=STAFF)
def state(request: PersonRequest, study: Study) -> HttpResponse:
    """Return how far the computation is."""
    if study.state not in OPEN_STATES:
        raise NotFound
    ready = reports.kept_report(study, reports.RECOMMENDED) is not None
    job = reports.newest_request(study)
    etag = quote_etag(f"{ready}-{job.code}.{job.state}.{job.done_steps}" if job else str(ready))
    if unchanged := get_conditional_response(request, etag=etag):
        return unchanged
    working = not ready and job is not None and not job.finished
    answer = show(request, study, "recommended_state", {"job": job, "working": working, "ready": ready})
    answer.headers["ETag"] = etag
    return answer


@study_page(roles=STAFF, methods=SEND)
def again(request: PersonRequest, study: Study) -> HttpResponse:
    """Ask for the computation again after it failed."""
    reports.request_report(study, by=request.user)
    return redirect("study-recommended", code=study.code)


@study_page(roles=STAFF)
def table_csv(request: PersonRequest, study: Study, name: str) -> HttpResponse:
    """Return one table of the recommended report with every column."""
    report = reports.computed_report(study, reports.RECOMMENDED)
    if name not in {table.name for table in report.tables}:
        raise NotFound
    table = report.table(name)
    frame = pd.DataFrame([dict(row) for row in table.rows], columns=[column.name for column in table.columns])
    disposition = f'attachment; filename="{study.code}-recommended-{name}.csv"'
    return HttpResponse(
        csv_bytes(frame), content_type="text/csv; charset=utf-8", headers={"Content-Disposition": disposition}
    )


def _context(study: Study, report: Report) -> dict[str, Any]:
    published = reports.computed_report(study, reports.CONVENTIONAL)
    data = interval_data(report)
    return {
        "page": "study-analysis",
        "report": report,
        "truth": truth_rows(study.simulated_truth),
        "answers": [str(row["sentence"]) for row in report.table("answer").rows],
        "parts": [
            (printed(table), table.name in data) for table in report.tables if table.rows and table.name != "answer"
        ],
        "absent": [table.title for table in report.tables if not table.rows],
        "compared": compared(published, report),
        "methods": [
            ("As published", methods_paragraph(published)),
            ("Recommended", methods_paragraph(report)),
        ],
        "data": data,
        "provenance": _provenance(study, report),
    }


def printed(table: ResultTable) -> PrintedTable:
    """Return a table as it is printed: estimate and interval in one cell, repeated texts as notes."""
    shown = [column for column in table.columns if column.name not in (*_UNDER, "low", "high", "family_size")]
    shown = [column for column in shown if any(row[column.name] is not None for row in table.rows)]
    estimate = next((c.name for c in shown if c.name in ("odds_ratio", "estimate")), "")
    bounded = estimate if any(column.name == "low" for column in table.columns) else ""
    headings = tuple(_heading(column, bounded) for column in shown)
    rows = tuple(tuple(_cell(row, column, bounded) for column in shown) for row in table.rows)
    told = [words.format(row[name]) for row in table.rows for name, words in _UNDER.items() if row.get(name)]
    notes = tuple(f"{text[:1].upper()}{text[1:].rstrip('.')}." for text in dict.fromkeys(told))
    return PrintedTable(table.name, table.title, headings, rows, (*table.notes, *notes))


def _heading(column: Column, bounded: str) -> Heading:
    return Heading(f"{column.title} (95% CI)" if column.name == bounded else column.title, column.kind != "text")


def _cell(row: Any, column: Column, bounded: str) -> PrintedCell:
    value: Cell = row[column.name]
    text = cell_text(column, value)
    if column.name == bounded:
        inside = interval_text(row["low"], row["high"])
        text = text if inside == "–" else f"{text} ({inside})"
    if column.name == "family" and value is not None and row.get("family_size"):
        text = f"{value} ({row['family_size']})"
    number = column.kind != "text"
    sortable = repr(value) if isinstance(value, float | int) else ""
    return PrintedCell(text.replace("-", "−") if number else text, number, "", sortable)


def compared(published: Report, report: Report) -> list[Compared]:
    """Return what both analyses tell about the same quantity: d' of each reader, with its interval and verdict."""
    before = {str(row["reader"]): row for row in published.table("turing").rows}
    return [
        Compared(
            f"d′, {row['scope']}",
            _told(before[str(row["scope"])], "d_prime", "d_low", "d_high"),
            _told(row, "estimate", "low", "high"),
        )
        for row in report.table("turing").rows
        if str(row["scope"]) in before
    ]


def _told(row: Any, estimate: str, low: str, high: str) -> str:
    inside = interval_text(row[low], row[high])
    return f"{fixed(row[estimate])} ({inside})".replace("-", "−") + f", {row['verdict']}"


def _provenance(study: Study, report: Report) -> list[tuple[str, str]]:
    seal = Seal.objects.filter(study=study).order_by("-number").get()
    chosen = report.settings
    return [
        ("Analysis", "recommended: mixed model, intervals from drawing cases, permutation"),
        ("Adjustment", str(chosen["adjustment"]).upper()),
        ("Acceptable from", str(chosen["acceptable_from"])),
        ("Margins", f"share {fixed(float(chosen['margin'] or 0))}, d′ {fixed(float(chosen['origin_margin'] or 0))}"),
        ("Level", p_text(0.05)),
        ("Drawing", f"{chosen['draws']} replicates, seed {chosen['seed']}"),
        ("Protocol SHA-256", seal.protocol_sha256),
        ("Software", f"Blindread {settings.VERSION}; " + ", ".join(f"{k} {v}" for k, v in report.versions.items())),
    ]
