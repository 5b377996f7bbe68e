"""How the arms' masks agree with each other: a heat map of measured values, no rating in it."""

from __future__ import annotations

from typing import Any

import pandas as pd
from django.http import HttpResponse

from readerstudy.analysis.numbers import fixed
from readerstudy.models import Study
from readerstudy.pages.requests import PersonRequest, show, study_page
from readerstudy.pages.studies import truth_rows
from readerstudy.selectors.agreement import analysed_cases, arm_sources
from readerstudy.selectors.studies import STAFF
from readerstudy.services.exports import csv_bytes
from readerstudy.tables import OPEN_STATES
from segmentation.metrics import definition_of
from segmentation.selectors.agreement import (
    COLUMNS,
    SHOWN,
    SourceMatrix,
    measurement_rows,
    regions_between,
    source_matrix,
)


@study_page(roles=STAFF)
def sources(request: PersonRequest, study: Study) -> HttpResponse:
    """Show one measure between all arms; before unblinding, why there is none."""
    if study.state not in OPEN_STATES:
        return show(request, study, "analysis_closed", {"page": "study-analysis"})
    cases, names = list(analysed_cases(study)), arm_sources(study)
    regions = regions_between(cases, names)
    definition = _chosen(request.GET.get("measure", ""), list(SHOWN))
    region = _chosen(request.GET.get("region", ""), regions)
    matrix = source_matrix(cases, names, definition=definition, region=region) if regions else None
    context = {
        "page": "study-analysis",
        "matrix": matrix,
        "rows": table_rows(matrix) if matrix else [],
        "measures": [(name, label(name)) for name in SHOWN],
        "regions": regions,
        "title": label(definition),
        "chosen": {"measure": definition, "region": region},
        "data": heat_data(matrix) if matrix else None,
        "cases": len(cases),
        "truth": truth_rows(study.simulated_truth),
    }
    return show(request, study, "sources", context)


@study_page(roles=STAFF)
def sources_csv(request: PersonRequest, study: Study) -> HttpResponse:
    """Return every stored value between the arms' sources."""
    rows = measurement_rows(analysed_cases(study), arm_sources(study))
    disposition = f'attachment; filename="{study.code}-measurements.csv"'
    return HttpResponse(
        csv_bytes(pd.DataFrame(rows, columns=list(COLUMNS))),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": disposition},
    )


def heat_data(matrix: SourceMatrix) -> dict[str, Any]:
    """Return what the heat map draws: the matrix itself."""
    return {
        "title": f"{label(matrix.definition)} between sources",
        "unit": matrix.unit,
        "formula": matrix.formula,
        "sources": list(matrix.sources),
        "better": better(matrix.definition),
        "cells": [vars(cell) for cell in matrix.cells],
    }


def table_rows(matrix: SourceMatrix) -> list[tuple[str, list[str]]]:
    """Return the matrix as printed rows: median (n), a dash where nothing was measured."""
    told = {(cell.source, cell.reference): cell for cell in matrix.cells}
    return [
        (source, [_printed(told.get((source, reference))) for reference in matrix.sources]) for source in matrix.sources
    ]


def label(definition: str) -> str:
    """Return the short name of a measure, with its unit."""
    unit = definition_of(definition).unit
    return _LABELS[definition] + (f", {unit}" if unit else "")


def better(definition: str) -> str:
    """Return which values mean agreement: high, low or near 0."""
    if definition == "rvd":
        return "zero"
    return "low" if definition_of(definition).unit == "mm" else "high"


_LABELS = {
    "dsc": "Dice",
    "hd95_max_directed": "HD95 (larger of the directed)",
    "nsd_voxel@1mm": "Normalised surface distance at 1 mm",
    "assd": "Average symmetric surface distance",
    "volume_similarity": "Volume similarity",
    "sensitivity": "Sensitivity",
    "precision": "Precision",
    "rvd": "Relative volume difference",
}


def _chosen(wanted: str, offered: list[str]) -> str:
    return wanted if wanted in offered else offered[0] if offered else ""


def _printed(cell: Any) -> str:
    if cell is None:
        return ""
    return f"{fixed(cell.median)} ({cell.n})".replace("-", "−") if cell.n else "–"
