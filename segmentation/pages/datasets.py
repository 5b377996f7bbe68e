"""The list of datasets, and one dataset: its cases, its numbers, its table as CSV."""

from __future__ import annotations

import csv
import io
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from segmentation.errors import DomainError, NotFound
from segmentation.models import Dataset, Job
from segmentation.pages.convention import EXAMPLE, TEMPLATE_COLUMNS
from segmentation.pages.requests import PersonRequest, field_errors, for_managers, show
from segmentation.pages.tables import case_lines, source_columns
from segmentation.selectors import access
from segmentation.selectors.cases import cases_table, sources_of
from segmentation.selectors.flow import flow_of
from segmentation.selectors.imports import imports_of, unfinished_batches
from segmentation.services.cases import create_dataset
from segmentation.services.measurements import MEASURE
from segmentation.services.people import may_create_datasets


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def index(request: PersonRequest) -> HttpResponse:
    """Show the datasets that this person manages; a POST makes a new one."""
    if not may_create_datasets(request.user):
        raise NotFound
    entered = {name: request.POST.get(name, "") for name in ("name", "description")}
    errors: dict[str, str] = {}
    if request.method == "POST":
        try:
            made = create_dataset(**entered, by=request.user, at=timezone.now())
        except DomainError as error:
            errors = field_errors(error)
        else:
            messages.success(request, f"The dataset “{made.name}” is there. Now import its cases.")
            return redirect("dataset-import", made.code)
    found = [_card(dataset) for dataset in access.managed_datasets_of(request.user)]
    context = {"datasets": found, "entered": entered, "errors": errors}
    return show(request, "datasets.html", None, context, status=422 if errors else 200)


def _card(dataset: Dataset) -> dict[str, Any]:
    return {
        "dataset": dataset,
        "cases": dataset.cases.count(),
        "subjects": dataset.subjects.count(),
        "sources": dataset.sources.count(),
        "busy": dataset.jobs.filter(state__in=[Job.State.QUEUED, Job.State.RUNNING]).count(),
    }


@require_safe
@for_managers
def dataset(request: PersonRequest, dataset: Dataset) -> HttpResponse:
    """Show the cases of a dataset with what is there, what was measured and what was decided."""
    rows, sources = cases_table(dataset), sources_of(dataset)
    imports = imports_of(dataset)
    context = {
        "here": "cases",
        "lines": case_lines(rows, sources),
        "sources": source_columns(sources),
        "flow": flow_of(rows),
        "subjects": len({row.subject for row in rows}),
        "choices": _choices(rows),
        "waiting": [row for row in imports if row.badge == "attention"],
        "unfinished": unfinished_batches(dataset, request.user),
        "measuring": dataset.jobs.filter(kind=MEASURE, state__in=[Job.State.QUEUED, Job.State.RUNNING]).exists(),
        "example": EXAMPLE,
    }
    return show(request, "dataset.html", dataset, context)


def _choices(rows: list[Any]) -> dict[str, list[Any]]:
    """Return what the filters offer: only what occurs."""
    return {
        "sites": sorted({row.site for row in rows if row.site}),
        "roles": sorted({(row.cohort_role, row.cohort_role.replace("_", " ")) for row in rows if row.cohort_role}),
    }


@require_safe
@for_managers
def cases_csv(request: PersonRequest, dataset: Dataset) -> HttpResponse:
    """Send the table of cases as CSV; a cell that a spreadsheet would run as a formula is disarmed."""
    sources = sources_of(dataset)
    columns = source_columns(sources)
    header = ["case", "subject", "site", "cohort_role", "sequences"]
    header += [f"volume_ml {column.name}" for column in columns] + ["quality", "reason", "warnings"]
    lines = [
        [
            line.row.name, line.row.subject, line.row.site, line.row.cohort_role, " ".join(line.row.sequences),
            *(cell.plain for cell in line.cells), line.row.verdict, line.row.reason, "; ".join(line.row.warnings),
        ]
        for line in case_lines(cases_table(dataset), sources)
    ]  # fmt: skip
    return csv_answer(f"cases-{dataset.code}.csv", [header, *lines])


@require_safe
@for_managers
def template_csv(request: PersonRequest, dataset: Dataset, name: str) -> HttpResponse:
    """Send an empty table of the folder convention with one example line."""
    if name not in TEMPLATE_COLUMNS:
        raise NotFound
    return csv_answer(f"{name}.csv", TEMPLATE_COLUMNS[name])


def csv_answer(name: str, lines: list[list[str]]) -> HttpResponse:
    """Return lines as a CSV file."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows([[disarmed(cell) for cell in line] for line in lines])
    return HttpResponse(
        "\ufeff" + text.getvalue(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def disarmed(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula; numbers stay as they are."""
    if cell[:1] not in ("=", "+", "-", "@", "\t", "\r"):
        return cell
    try:
        float(cell)
    except ValueError:
        return f"'{cell}"
    return cell
