"""What the interval charts of the recommended analysis draw: cells of the report's tables, and nothing computed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from readerstudy.analysis.results import Cell, Report


@dataclass(frozen=True)
class IntervalChart:
    """How one table becomes a chart: estimate with its interval, a line where nothing differs, and a margin."""

    table: str
    estimate: str
    title: str
    axis: str
    note: str
    neutral: float
    logarithmic: bool = False
    margin: str = ""
    below_only: bool = False


CHARTS = (
    IntervalChart(
        "rating_model",
        "odds_ratio",
        "Odds ratio of a higher score than the experts",
        "Odds ratio (95% CI), logarithmic",
        "Cumulative-link mixed model; to the right of the line the model was scored higher.",
        1.0,
        logarithmic=True,
    ),
    IntervalChart(
        "acceptable",
        "estimate",
        "Share acceptable, model minus experts",
        "Difference in share (95% CI)",
        "Dotted: the non-inferiority margin. An interval to its right shows non-inferiority.",
        0.0,
        margin="margin",
        below_only=True,
    ),
    IntervalChart(
        "turing",
        "estimate",
        "Telling model from expert: d′ by reader",
        "d′ (95% CI)",
        "0: cannot tell. Dotted: the margin within which the 90% interval must lie to call them indistinguishable.",
        0.0,
        margin="origin_margin",
    ),
    IntervalChart(
        "turing_area",
        "estimate",
        "Telling model from expert: area under the ROC curve by reader",
        "Area (95% CI)",
        "0.5: the answers do not separate models from experts.",
        0.5,
    ),
)


def interval_data(report: Report) -> dict[str, dict[str, Any]]:
    """Return one chart's data per table that has rows."""
    return {chart.table: _data(chart, report) for chart in CHARTS if report.table(chart.table).rows}


def _data(chart: IntervalChart, report: Report) -> dict[str, Any]:
    rows = [
        {
            "model": row["model"],
            "scope": row["scope"],
            "estimate": row[chart.estimate],
            "low": row["low"],
            "high": row["high"],
        }
        for row in report.table(chart.table).rows
    ]
    return {
        "title": chart.title,
        "axis": chart.axis,
        "note": chart.note,
        "neutral": chart.neutral,
        "logarithmic": chart.logarithmic,
        "margins": _margins(chart, report.settings.get(chart.margin)),
        "rows": rows,
    }


def _margins(chart: IntervalChart, margin: Cell) -> list[float]:
    if not isinstance(margin, float | int):
        return []
    return [-float(margin)] if chart.below_only else [-float(margin), float(margin)]
