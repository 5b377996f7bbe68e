"""Lesion-wise Dice and HD95 as in the BraTS challenges of 2023: each lesion counts once, large or small.

Lesions of the reference are its parts that stay joined after it was dilated (so that a satellite is no lesion of its
own); parts of the prediction that touch a dilated lesion are compared with it together. Missed lesions and false
parts count 0 and 374 mm. Reference lesions up to a volume are not counted, but what found them is not false either.

References
----------
Saluja R, et al. BraTS 2023 lesion-wise performance metrics (github.com/rachitsaluja/BraTS-2023-Metrics): dilation
with the 18-neighbourhood, components with 26 neighbours, area-weighted HD95.
LaBella D, et al. arXiv:2305.07642; Moawad AW, et al. arXiv:2306.00838.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segmentation.metrics.components import Box, Components, Places, components
from segmentation.metrics.distance import SurfacePair, percentile_95_area
from segmentation.metrics.outline import Mask, Outline, bounding_box


@dataclass(frozen=True)
class LesionRule:
    """How lesions are told apart: steps of dilation, and the largest volume that is not counted, mm³."""

    dilations: int
    ignored_mm3: float
    penalty_mm: float = 374.0


LESION_RULES: dict[str, LesionRule] = {
    "brats2023": LesionRule(3, 50),  # adult glioma, Sub-Saharan Africa, paediatric
    "brats2023_men": LesionRule(1, 50),  # meningioma
    "brats2023_met": LesionRule(1, 2),  # metastases
}


@dataclass(frozen=True)
class Lesion:
    """One lesion of the reference, whether it was found, whether it counts, Dice and HD95 (nan if it does not)."""

    voxels: int
    found: bool
    counted: bool
    dice: float
    hd95_mm: float


@dataclass(frozen=True)
class LesionScores:
    """Means over counted lesions and false parts, and what they are made of.

    Where nothing is counted (both masks empty, or only small lesions), ``dice`` is 1 and ``hd95_mm`` 0.
    """

    dice: float
    hd95_mm: float
    lesions: tuple[Lesion, ...]
    false_parts: int

    @property
    def found(self) -> int:
        """Counted lesions that a part of the prediction touches."""
        return sum(lesion.counted and lesion.found for lesion in self.lesions)

    @property
    def missed(self) -> int:
        """Counted lesions that no part of the prediction touches."""
        return sum(lesion.counted and not lesion.found for lesion in self.lesions)


def lesion_scores(
    prediction: Outline,
    reference: Outline,
    rule: LesionRule,
    *,
    voxel_mm3: float,
    surfaces: SurfacePair | None = None,
) -> LesionScores:
    """Return lesion-wise scores of a pair of masks.

    Parameters
    ----------
    prediction, reference : Outline
        Of one grid.
    rule : LesionRule
    voxel_mm3 : float
        Volume of a voxel, mm³.
    surfaces : SurfacePair, optional
        The area surfaces of the two masks; their distances serve where one lesion meets one part.
    """
    scene = _Scene(prediction, reference, rule, surfaces)
    lesions = tuple(scene.lesion(number, voxel_mm3) for number in range(1, scene.lesions.count + 1))
    false_parts = scene.parts.count - len(scene.touched)
    counted = [lesion for lesion in lesions if lesion.counted]
    n = len(counted) + false_parts
    if not n:
        return LesionScores(1.0, 0.0, lesions, 0)
    hd95_mm = sum(lesion.hd95_mm for lesion in counted) + false_parts * rule.penalty_mm
    return LesionScores(sum(lesion.dice for lesion in counted) / n, hd95_mm / n, lesions, false_parts)


class _Scene:
    """Both masks on their joint box, in components."""

    def __init__(self, prediction: Outline, reference: Outline, rule: LesionRule, surfaces: SurfacePair | None) -> None:
        self.spacing, self.rule, self.surfaces = reference.spacing, rule, surfaces
        start, stop = _joint_box(prediction, reference, margin=rule.dilations + 1)
        self.parts = _moved(components(prediction.padded), prediction.start - 1, start, stop)
        self.lesions = _moved(_lesions(reference, rule), reference.start - rule.dilations - 1, start, stop)
        self.touched: set[int] = set()

    def lesion(self, number: int, voxel_mm3: float) -> Lesion:
        box = self.lesions.boxes[number - 1]
        wide = tuple(slice(s.start - self.rule.dilations, s.stop + self.rule.dilations) for s in box)
        near = dilated(self.lesions.labels[wide] == number, self.rule.dilations)
        parts = np.unique(self.parts.labels[wide][near])
        parts = parts[parts > 0]
        self.touched.update(parts.tolist())
        voxels = int(np.count_nonzero(self.lesions.labels[box] == number))
        counted = voxels * voxel_mm3 > self.rule.ignored_mm3
        if not counted:
            return Lesion(voxels, bool(len(parts)), False, math.nan, math.nan)
        if not len(parts):
            return Lesion(voxels, False, True, 0.0, self.rule.penalty_mm)
        return self._compared(number, parts, voxels)

    def _compared(self, number: int, parts: NDArray[np.int32], voxels: int) -> Lesion:
        box = _joint([self.lesions.boxes[number - 1], *(self.parts.boxes[part - 1] for part in parts)])
        wanted = np.zeros(self.parts.count + 1, dtype=np.bool_)
        wanted[parts] = True
        found, lesion = wanted[self.parts.labels[box]], self.lesions.labels[box] == number
        shared, size = int(np.count_nonzero(found & lesion)), int(np.count_nonzero(found))
        whole = len(parts) == self.parts.count and self.lesions.count == 1
        surfaces = self.surfaces if whole and self.surfaces else self._surfaces(found, lesion)
        return Lesion(voxels, True, True, 2 * shared / (size + voxels), percentile_95_area(surfaces))

    def _surfaces(self, found: Mask, lesion: Mask) -> SurfacePair:
        return SurfacePair(*(Outline(mask, self.spacing).area_surface for mask in (found, lesion)))


def dilated(mask: Mask, steps: int) -> Mask:
    """Return a mask grown by steps of the 18-neighbourhood (voxels that share a face or an edge)."""
    for _ in range(steps):
        x, y = _grown(mask, 0), _grown(mask, 1)
        mask = _grown(x, 1) | _grown(x, 2) | _grown(y, 2)
    return mask


def _grown(mask: Mask, axis: int) -> Mask:
    grown = mask.copy()
    low, high = [slice(None)] * 3, [slice(None)] * 3
    low[axis], high[axis] = slice(None, -1), slice(1, None)
    grown[tuple(low)] |= mask[tuple(high)]
    grown[tuple(high)] |= mask[tuple(low)]
    return grown


def _lesions(reference: Outline, rule: LesionRule) -> Components:
    """Return the lesions of a reference, on its box and a margin of the dilation and one voxel."""
    mask = np.pad(reference.padded, rule.dilations)
    joined = components(dilated(mask, rule.dilations))
    labels = np.where(mask, joined.labels, 0)
    shrunk = [_shrunk(labels, number, box) for number, box in enumerate(joined.boxes, start=1)]
    return Components(labels, tuple(shrunk))


def _shrunk(labels: NDArray[np.int32], number: int, box: Box) -> Box:
    """Return the box of one label, within a box that holds it."""
    inner = bounding_box(labels[box] == number)
    return _shifted(inner, [side.start for side in box])


def _moved(found: Components, at: Places, start: Places, stop: Places) -> Components:
    """Return components whose first voxel lies ``at`` an index in the room from ``start`` to ``stop``."""
    offset = at - start
    placed = np.zeros(tuple(stop - start), dtype=np.int32)
    placed[tuple(slice(i, i + n) for i, n in zip(offset, found.labels.shape, strict=True))] = found.labels
    return Components(placed, tuple(_shifted(box, offset) for box in found.boxes))


def _shifted(box: Box, by: Iterable[int]) -> Box:
    x, y, z = (slice(int(side.start + n), int(side.stop + n)) for side, n in zip(box, by, strict=True))
    return x, y, z


def _joint_box(a: Outline, b: Outline, *, margin: int) -> tuple[Places, Places]:
    """Return start and stop of a box around both masks; an empty one lies at the origin of the image."""
    start = np.minimum(a.start, b.start)
    stop = np.maximum(a.start + a.inner.shape, b.start + b.inner.shape)
    return start - margin, stop + margin


def _joint(boxes: list[Box]) -> Box:
    x, y, z = (_span([box[axis] for box in boxes]) for axis in range(3))
    return x, y, z


def _span(slices: list[slice]) -> slice:
    return slice(min(s.start for s in slices), max(s.stop for s in slices))
