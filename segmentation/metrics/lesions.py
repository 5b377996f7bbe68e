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
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from segmentation.metrics.components import Box, Components, Places, components
from segmentation.metrics.distance import SurfacePair, percentile_95_area
from segmentation.metrics.outline import Mask, Outline

Number = TypeVar("Number", np.bool_, np.int32)
Room = tuple[Places, Places]  # start and stop of a box in the image


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
    lesions = tuple(scene.lesion(number, voxel_mm3) for number in range(1, scene.grown.count + 1))
    false_parts = scene.false_parts
    counted = [lesion for lesion in lesions if lesion.counted]
    n = len(counted) + false_parts
    if not n:
        return LesionScores(1.0, 0.0, lesions, 0)
    hd95_mm = sum(lesion.hd95_mm for lesion in counted) + false_parts * rule.penalty_mm
    return LesionScores(sum(lesion.dice for lesion in counted) / n, hd95_mm / n, lesions, false_parts)


class _Scene:
    """Both masks on their joint box: parts of the prediction, and lesions grown as far as they reach."""

    def __init__(self, prediction: Outline, reference: Outline, rule: LesionRule, surfaces: SurfacePair | None) -> None:
        self.spacing, self.rule, self.surfaces = reference.spacing, rule, surfaces
        room = _joint_box(prediction, reference, margin=rule.dilations + 1)
        inside = np.pad(reference.padded, rule.dilations)
        start = reference.start - rule.dilations - 1
        # A component of the grown reference is exactly what the lesion in it grows to, and finds its parts.
        self.grown = _moved(components(dilated(inside, rule.dilations)), start, room)
        self.reference = _placed(inside, start, room)
        self.parts = _moved(components(prediction.padded), prediction.start - 1, room)
        self.touching = self._touching()
        self.voxels = np.bincount(self.grown.labels[self.reference], minlength=self.grown.count + 1)

    def _touching(self) -> dict[int, list[int]]:
        """Return the parts that touch each lesion."""
        both = (self.grown.labels > 0) & (self.parts.labels > 0)
        lesions, parts = self.grown.labels[both].astype(np.int64), self.parts.labels[both]
        pairs = np.unique(lesions * (self.parts.count + 1) + parts)
        found: dict[int, list[int]] = {}
        for lesion, part in zip(*np.divmod(pairs, self.parts.count + 1), strict=True):
            found.setdefault(int(lesion), []).append(int(part))
        return found

    @property
    def false_parts(self) -> int:
        """Parts that touch no lesion."""
        return self.parts.count - len(set().union(*self.touching.values()))

    def lesion(self, number: int, voxel_mm3: float) -> Lesion:
        """Return one lesion, compared with the parts that touch it."""
        parts, voxels = self.touching.get(number, []), int(self.voxels[number])
        if not voxels * voxel_mm3 > self.rule.ignored_mm3:
            return Lesion(voxels, bool(parts), False, math.nan, math.nan)
        if not parts:
            return Lesion(voxels, False, True, 0.0, self.rule.penalty_mm)
        return self._compared(number, parts, voxels)

    def _compared(self, number: int, parts: list[int], voxels: int) -> Lesion:
        box = _joint([self.grown.boxes[number - 1], *(self.parts.boxes[part - 1] for part in parts)])
        wanted = np.zeros(self.parts.count + 1, dtype=np.bool_)
        wanted[parts] = True
        found, lesion = wanted[self.parts.labels[box]], self.reference[box] & (self.grown.labels[box] == number)
        shared, size = int(np.count_nonzero(found & lesion)), int(np.count_nonzero(found))
        whole = len(parts) == self.parts.count and self.grown.count == 1
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


def _moved(found: Components, at: Places, room: Room) -> Components:
    """Return components whose first voxel lies ``at`` an index in a room."""
    offset = at - room[0]
    return Components(_placed(found.labels, at, room), tuple(_shifted(box, offset) for box in found.boxes))


def _placed(values: NDArray[Number], at: Places, room: Room) -> NDArray[Number]:
    """Return an array whose first voxel lies ``at`` an index in a room, 0 around it."""
    start, stop = room
    placed = np.zeros(tuple(stop - start), dtype=values.dtype)
    placed[tuple(slice(i, i + n) for i, n in zip(at - start, values.shape, strict=True))] = values
    return placed


def _shifted(box: Box, by: Iterable[int]) -> Box:
    x, y, z = (slice(int(side.start + n), int(side.stop + n)) for side, n in zip(box, by, strict=True))
    return x, y, z


def _joint_box(a: Outline, b: Outline, *, margin: int) -> Room:
    """Return start and stop of a box around both masks; an empty one lies at the origin of the image."""
    start = np.minimum(a.start, b.start)
    stop = np.maximum(a.start + a.inner.shape, b.start + b.inner.shape)
    return start - margin, stop + margin


def _joint(boxes: list[Box]) -> Box:
    x, y, z = (_span([box[axis] for box in boxes]) for axis in range(3))
    return x, y, z


def _span(slices: list[slice]) -> slice:
    return slice(min(s.start for s in slices), max(s.stop for s in slices))
