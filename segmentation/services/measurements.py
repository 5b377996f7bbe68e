"""What is measured on stored segmentations: volumes, and every default metric between the sources of a case.

Each value carries its definition and version; a value that exists is not computed again, so that a job which was
killed goes on where it stopped.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accounts.models import User
from segmentation.metrics import DEFAULT_METRICS, Measure, definition_of, pairwise, region_mask, volume_ml
from segmentation.metrics.definitions import at_tolerance
from segmentation.models import Case, Dataset, Job, Measurement, Segmentation, SegmentationMask
from segmentation.selectors.voxels import grid_of, mask_array
from segmentation.services.jobs import JobContext, request_job

MEASURE = "measure"
WHOLE = "whole"
TOLERANCE_MM = 1.0
BETWEEN_SOURCES = (*DEFAULT_METRICS, "dsc_one")
# What changes when prediction and reference change places is stored for both; the rest once per pair.
_DIRECTED = ("sensitivity", "precision", "rvd", "dsc_zero", "missed", "misplaced", "lesion_")
Key = tuple[int, int | None, str, str, int]
Progress = Any


def request_measure(dataset: Dataset, *, by: User | None) -> Job:
    """Ask for whatever has not been measured yet; a waiting request serves for both."""
    waiting = Job.objects.filter(kind=MEASURE, dataset=dataset, state=Job.State.QUEUED).first()
    return waiting or request_job(MEASURE, parameters={}, dataset=dataset, by=by)


def run_measure(context: JobContext) -> dict[str, Any]:
    """Do a measuring job."""
    dataset = context.job.dataset
    if dataset is None:
        return {"measured": 0}
    return {"measured": measure_dataset(dataset, progress=context.progress)}


def measure_dataset(dataset: Dataset, *, progress: Progress = lambda done, total, message: None) -> int:
    """Measure the current segmentations of every case; return how many values are new."""
    cases = list(Case.objects.filter(dataset=dataset, subject__withdrawn_at=None))
    new = 0
    for done, case in enumerate(cases):
        progress(done, len(cases), f"measuring case {case.name}")
        new += measure_case(case)
    progress(len(cases), len(cases), "done")
    return new


def measure_case(case: Case) -> int:
    """Measure the current segmentations of one case; return how many values are new."""
    heads = list(
        Segmentation.objects.filter(case=case, replaced_by__isnull=True)
        .select_related("label_map")
        .prefetch_related("masks__volume")
        .order_by("pk")
    )
    stored = _stored(heads)
    arrays = _Arrays()
    rows = [row for pair in _wanted(heads, stored) for row in _measured(pair, arrays) if _key(row) not in stored]
    Measurement.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def identifiers(metrics: Sequence[str] = BETWEEN_SOURCES) -> list[str]:
    """Return the identifiers under which metrics of a pair are stored, parameters included."""
    return [at_tolerance(name, TOLERANCE_MM) if name.startswith("nsd_") else name for name in metrics]


@dataclass(frozen=True)
class _Pair:
    """A segmentation to be measured, alone or against another, on one volume."""

    mask: SegmentationMask
    reference: SegmentationMask | None = None

    def keys(self) -> set[Key]:
        """Return what is stored for the whole of the structure once this pair has been measured."""
        if self.reference is None:
            return {(self.mask.segmentation_id, None, WHOLE, "volume", definition_of("volume").version)}
        forth = (self.mask.segmentation_id, self.reference.segmentation_id)
        return {
            (*ends, WHOLE, name, definition_of(name).version)
            for name in identifiers()
            for ends in ((forth, forth[::-1]) if name.startswith(_DIRECTED) else (forth,))
        }


class _Arrays(dict[int, NDArray[np.uint8]]):
    """Masks read once per case."""

    def of(self, mask: SegmentationMask) -> NDArray[np.uint8]:
        """Return the labels of a mask."""
        if mask.pk not in self:
            self[mask.pk] = mask_array(mask)
        return self[mask.pk]


def _stored(heads: Sequence[Segmentation]) -> set[Key]:
    return set(
        Measurement.objects.filter(segmentation__in=heads).values_list(
            "segmentation_id", "reference_id", "region", "definition", "version"
        )
    )


def _key(row: Measurement) -> Key:
    return (row.segmentation_id, row.reference_id, row.region, row.definition, row.version)


def _wanted(heads: Sequence[Segmentation], stored: set[Key]) -> Iterator[_Pair]:
    alone = [_Pair(masks[0]) for masks in map(_first_masks, heads) if masks]
    compared = [_common_volume(later, earlier) for earlier, later in combinations(heads, 2)]
    for pair in (*alone, *compared):
        if pair and not pair.keys() <= stored:
            yield pair


def _first_masks(segmentation: Segmentation) -> list[SegmentationMask]:
    return sorted(segmentation.masks.all(), key=lambda mask: mask.volume.sequence)


def _common_volume(segmentation: Segmentation, reference: Segmentation) -> _Pair | None:
    others = {mask.volume_id: mask for mask in reference.masks.all()}
    for mask in _first_masks(segmentation):
        if mask.volume_id in others:
            return _Pair(mask, others[mask.volume_id])
    return None


def _measured(pair: _Pair, arrays: _Arrays) -> Iterator[Measurement]:
    grid, labels = grid_of(pair.mask.volume), arrays.of(pair.mask)
    regions = _regions(pair.mask.segmentation)
    if pair.reference is None:
        for region, values in regions.items():
            yield _row(pair.mask, None, region, volume_ml(region_mask(labels, values), grid))
        return
    for region, values in _shared(pair.mask.segmentation, pair.reference.segmentation).items():
        reference = region_mask(arrays.of(pair.reference), _regions(pair.reference.segmentation)[region])
        masks = {"first": region_mask(labels, values), "second": reference}
        found = pairwise(masks, grid, metrics=BETWEEN_SOURCES, tolerance_mm=TOLERANCE_MM)
        for measure in found["first", "second"].measures.values():
            yield _row(pair.mask, pair.reference, region, measure)
        for measure in found["second", "first"].measures.values():
            if measure.definition.startswith(_DIRECTED):
                yield _row(pair.reference, pair.mask, region, measure)


def _regions(segmentation: Segmentation) -> dict[str, tuple[int, ...]]:
    """Return the whole, each label and each derived region; a map of one label has the whole only."""
    label_map = segmentation.label_map
    found: dict[str, tuple[int, ...]] = {WHOLE: ()}
    if len(label_map.labels) > 1:
        found |= {f"label {label['value']}": (int(label["value"]),) for label in label_map.labels}
    derived = {str(one["name"])[:24]: tuple(int(value) for value in one["values"]) for one in label_map.derived}
    return found | derived


def _shared(segmentation: Segmentation, reference: Segmentation) -> dict[str, tuple[int, ...]]:
    """Return the regions that two segmentations have in common.

    One number means different tissues in different label maps, so across maps only regions with a name are compared.
    """
    ours, theirs = _regions(segmentation), _regions(reference)
    same = segmentation.label_map_id == reference.label_map_id
    return {name: values for name, values in ours.items() if name in theirs and (same or not name.startswith("label "))}


def _row(mask: SegmentationMask, reference: SegmentationMask | None, region: str, measure: Measure) -> Measurement:
    return Measurement(
        segmentation=mask.segmentation,
        reference=reference.segmentation if reference else None,
        region=region,
        definition=measure.definition,
        version=measure.version,
        value=None if math.isnan(measure.value) else measure.value,
        status=measure.status,
    )
