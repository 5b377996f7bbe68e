"""Every source against every other over the cases of a dataset: what was measured, summed up for a heat map."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import median
from typing import Any

from django.db.models import Q, QuerySet

from segmentation.metrics import definition_of
from segmentation.models import Case, Measurement, Source

WHOLE = "whole"
# Of what is stored, the measures that a matrix shows, in this order.
SHOWN = ("dsc", "hd95_max_directed", "nsd_voxel@1mm", "assd", "volume_similarity", "sensitivity", "precision", "rvd")
COLUMNS = ("case", "source", "reference", "region", "definition", "version", "unit", "value", "status")


@dataclass(frozen=True)
class MatrixCell:
    """One source against one reference: the median over `n` cases; None where no case has a value."""

    source: str
    reference: str
    median: float | None
    low: float | None
    high: float | None
    n: int


@dataclass(frozen=True)
class SourceMatrix:
    """One measure of one region between all sources; `cells` in row order, without the diagonal."""

    definition: str
    region: str
    unit: str
    formula: str
    sources: tuple[str, ...]
    cells: tuple[MatrixCell, ...]


def source_matrix(
    cases: Iterable[Case], names: Mapping[int, str], *, definition: str = "dsc", region: str = WHOLE
) -> SourceMatrix:
    """Return the medians of one measure between sources.

    Parameters
    ----------
    cases : iterable of Case
        Whose current segmentations count.
    names : mapping of int to str
        The sources by primary key, with what the matrix calls them, in its order.
    definition, region : str
        What was measured. A measure that is the same in both directions is stored once and shown twice.
    """
    told = definition_of(definition)
    values: dict[tuple[int, int], list[float]] = {}
    for one in _measured(cases, names).filter(definition=definition, version=told.version, region=region):
        ends = (one.segmentation.source_id, one.reference.source_id) if one.reference else (0, 0)
        if one.value is not None:
            values.setdefault(ends, []).append(one.value)
    cells = [
        _cell(names[a], names[b], values.get((a, b)) or ([] if _directed(definition) else values.get((b, a), [])))
        for a in names
        for b in names
        if a != b
    ]
    return SourceMatrix(definition, region, told.unit, told.formula, tuple(names.values()), tuple(cells))


def regions_between(cases: Iterable[Case], names: Mapping[int, str]) -> list[str]:
    """Return the regions that were measured between these sources, the whole first."""
    found = set(_measured(cases, names).filter(definition="dsc").values_list("region", flat=True).distinct())
    return sorted(found, key=lambda region: (region != WHOLE, region))


def measurement_rows(cases: Iterable[Case], names: Mapping[int, str]) -> list[dict[str, Any]]:
    """Return every stored value of these sources as rows of `COLUMNS`; the reference of a volume is empty."""
    alone = Measurement.objects.filter(reference=None)
    both = _measured(cases, names)
    chosen = Q(segmentation__case__in=list(cases), segmentation__source__in=names)
    found = alone.filter(chosen, segmentation__replaced_by=None) | both
    ordered = found.order_by("segmentation__case__name", "segmentation__source_id", "reference_id", "region", "id")
    rows = ordered.values_list(
        "segmentation__case__name", "segmentation__source_id", "reference__source_id",
        "region", "definition", "version", "value", "status",
    )  # fmt: skip
    return [
        {
            "case": case,
            "source": names[source],
            "reference": names.get(reference, "") if reference else "",
            "region": region,
            "definition": definition,
            "version": version,
            "unit": definition_of(definition).unit,
            "value": value,
            "status": status,
        }
        for case, source, reference, region, definition, version, value, status in rows
    ]


def dataset_sources(dataset_id: int) -> dict[int, str]:
    """Return the sources of a dataset by primary key, annotators before models."""
    found = sorted(Source.objects.filter(dataset_id=dataset_id), key=lambda s: (s.kind == "model", str(s)))
    return {source.pk: str(source) for source in found}


def _measured(cases: Iterable[Case], names: Mapping[int, str]) -> QuerySet[Measurement]:
    return Measurement.objects.filter(
        segmentation__case__in=list(cases),
        segmentation__source__in=names,
        reference__source__in=names,
        segmentation__replaced_by=None,
        reference__replaced_by=None,
    ).select_related("segmentation", "reference")


def _directed(definition: str) -> bool:
    return definition.startswith(("sensitivity", "precision", "rvd", "dsc_zero", "missed", "misplaced", "lesion_"))


def _cell(source: str, reference: str, values: list[float]) -> MatrixCell:
    if not values:
        return MatrixCell(source, reference, None, None, None, 0)
    return MatrixCell(source, reference, median(values), min(values), max(values), len(values))
