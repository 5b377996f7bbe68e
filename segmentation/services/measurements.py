"""What is measured on stored segmentations: volumes, and Dice between the sources of a case.

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
from segmentation.metrics import DEFINITIONS, Measure, dice, volume_ml
from segmentation.models import Case, Dataset, Job, Measurement, Segmentation, SegmentationMask
from segmentation.selectors.voxels import grid_of, mask_array
from segmentation.services.jobs import JobContext, request_job

MEASURE = "measure"
WHOLE = "whole"
Mask = NDArray[np.bool_]
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
    )
    wanted = [*_unmeasured(heads), *_uncompared(heads)]
    if not wanted:
        return 0
    arrays = _Arrays()
    rows = [row for pair in wanted for row in _measured(pair, arrays)]
    Measurement.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


@dataclass(frozen=True)
class _Pair:
    """A segmentation to be measured, alone or against another, on one volume."""

    mask: SegmentationMask
    reference: SegmentationMask | None = None


class _Arrays(dict[int, NDArray[np.uint8]]):
    """Masks read once per case."""

    def of(self, mask: SegmentationMask) -> NDArray[np.uint8]:
        """Return the labels of a mask."""
        if mask.pk not in self:
            self[mask.pk] = mask_array(mask)
        return self[mask.pk]


def _first_masks(segmentation: Segmentation) -> list[SegmentationMask]:
    return sorted(segmentation.masks.all(), key=lambda mask: mask.volume.sequence)


def _unmeasured(heads: Sequence[Segmentation]) -> Iterator[_Pair]:
    version = DEFINITIONS["volume"].version
    done = set(
        Measurement.objects.filter(
            segmentation__in=heads, reference=None, definition="volume", version=version
        ).values_list("segmentation_id", flat=True)
    )
    for segmentation in heads:
        masks = _first_masks(segmentation)
        if masks and segmentation.pk not in done:
            yield _Pair(masks[0])


def _uncompared(heads: Sequence[Segmentation]) -> Iterator[_Pair]:
    version = DEFINITIONS["dsc"].version
    done = set(
        Measurement.objects.filter(
            segmentation__in=heads, reference__in=heads, definition="dsc", version=version
        ).values_list("segmentation_id", "reference_id")
    )
    for reference, segmentation in combinations(sorted(heads, key=lambda s: s.pk), 2):
        pair = _common_volume(segmentation, reference)
        if pair and (segmentation.pk, reference.pk) not in done:
            yield pair


def _common_volume(segmentation: Segmentation, reference: Segmentation) -> _Pair | None:
    others = {mask.volume_id: mask for mask in reference.masks.all()}
    for mask in _first_masks(segmentation):
        if mask.volume_id in others:
            return _Pair(mask, others[mask.volume_id])
    return None


def _measured(pair: _Pair, arrays: _Arrays) -> Iterator[Measurement]:
    for region, values in _regions(pair):
        mask = _region_mask(arrays.of(pair.mask), values)
        if pair.reference is None:
            yield _row(pair, region, volume_ml(mask, grid_of(pair.mask.volume)))
        else:
            reference = _region_mask(arrays.of(pair.reference), values)
            yield _row(pair, region, dice(mask, reference))
            yield _row(pair, region, dice(mask, reference, both_empty="one"))


def _regions(pair: _Pair) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Yield the whole, each label and each derived region; a map of one label has the whole only."""
    label_map = pair.mask.segmentation.label_map
    yield WHOLE, ()
    if len(label_map.labels) > 1:
        for label in label_map.labels:
            yield f"label {label['value']}", (int(label["value"]),)
    for derived in label_map.derived:
        yield str(derived["name"])[:24], tuple(int(value) for value in derived["values"])


def _region_mask(labels: NDArray[np.uint8], values: tuple[int, ...]) -> Mask:
    if not values:
        return np.asarray(labels != 0)
    return np.asarray(labels == values[0]) if len(values) == 1 else np.isin(labels, values)


def _row(pair: _Pair, region: str, measure: Measure) -> Measurement:
    return Measurement(
        segmentation=pair.mask.segmentation,
        reference=pair.reference.segmentation if pair.reference else None,
        region=region,
        definition=measure.definition,
        version=measure.version,
        value=None if math.isnan(measure.value) else measure.value,
        status=measure.status,
    )
