"""Every measure of a pair of masks, or of two label maps, in one pass.

The masks are cropped to their boxes at once; surfaces and distances are found when the first measure needs them and
serve all others. Everything is float64 and in millimetres.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segmentation.errors import GridMismatch
from segmentation.geometry.grid import Grid, same_grid, shape_text
from segmentation.metrics.definitions import DEFAULT_METRICS, check_metrics, measured
from segmentation.metrics.labels import region_mask
from segmentation.metrics.measure import Measure, Status
from segmentation.metrics.outline import Outline, bounding_box
from segmentation.metrics.overlap import Counts, Mask, check_pair
from segmentation.metrics.pair import OutlinePair

Labels = NDArray[np.uint8]


@dataclass(frozen=True)
class PairMeasures:
    """What was measured on a prediction and a reference.

    Attributes
    ----------
    measures : mapping of str to Measure
        By the name that was asked for (``nsd_voxel``, while its measure is ``nsd_voxel@1mm``).
    counts : Counts
        Voxels, for :func:`segmentation.metrics.aggregated_dice` over cases.
    prediction_ml, reference_ml : Measure
        Volumes.
    """

    measures: Mapping[str, Measure]
    counts: Counts
    prediction_ml: Measure
    reference_ml: Measure

    def __getitem__(self, metric: str) -> Measure:
        return self.measures[metric]

    @property
    def status(self) -> Status:
        """What is empty."""
        return self.counts.status


def measure_pair(
    prediction: Mask,
    reference: Mask,
    grid: Grid,
    *,
    metrics: Iterable[str] = DEFAULT_METRICS,
    tolerance_mm: float = 1.0,
    reference_grid: Grid | None = None,
) -> PairMeasures:
    """Return the measures of a prediction against a reference.

    Parameters
    ----------
    prediction, reference : bool ndarray, shape (x, y, z)
        Masks on one grid.
    grid : Grid
        That grid; distances use its voxel sizes, volumes its determinant.
    metrics : iterable of str
        Names of :data:`segmentation.metrics.PAIR_METRICS`. Distances with the suffix ``_undefined`` are nan where a
        mask is empty; without it they are 0 mm where both are, and the diagonal of the image where one is.
    tolerance_mm : float
        For the normalised surface distances; becomes part of their identifiers.
    reference_grid : Grid, optional
        The grid that came with the reference, to be checked against ``grid``.

    Raises
    ------
    GridMismatch
        ``geometry.shape`` or ``geometry.affine``.
    TypeError
        If a mask is not boolean.
    ValueError
        If a metric is unknown or the tolerance is negative.
    """
    wanted = checked_request(metrics, tolerance_mm)
    check_pair(prediction, reference)
    check_grid(prediction.shape, grid, reference_grid)
    pair = OutlinePair(Outline(prediction, grid.spacing), Outline(reference, grid.spacing), *scale_of(grid))
    return pair_measures(pair, wanted, tolerance_mm)


def measure_regions(
    prediction: Labels,
    reference: Labels,
    grid: Grid,
    *,
    regions: Mapping[str, tuple[int, ...]],
    reference_regions: Mapping[str, tuple[int, ...]] | None = None,
    metrics: Iterable[str] = DEFAULT_METRICS,
    tolerance_mm: float = 1.0,
    reference_grid: Grid | None = None,
) -> dict[str, PairMeasures]:
    """Return the measures of each region of two label maps.

    Parameters
    ----------
    prediction, reference : uint8 ndarray, shape (x, y, z)
        Label maps on one grid.
    regions : mapping of str to tuple of int
        Label values that form each region, such as :attr:`LabelMap.regions`; () is all that is not background.
    reference_regions : mapping, optional
        The same for the reference where it is drawn in another label map; only regions that both have are measured.
    grid, metrics, tolerance_mm, reference_grid
        As for :func:`measure_pair`, which also tells what is raised.
    """
    wanted = checked_request(metrics, tolerance_mm)
    _check_shapes(prediction.shape, reference.shape)
    check_grid(prediction.shape, grid, reference_grid)
    box = bounding_box((prediction != 0) | (reference != 0))
    cropped_prediction, cropped_reference = prediction[box], reference[box]
    others = regions if reference_regions is None else reference_regions
    return {
        name: pair_measures(
            OutlinePair(
                Outline(region_mask(cropped_prediction, values), grid.spacing),
                Outline(region_mask(cropped_reference, others[name]), grid.spacing),
                *scale_of(grid),
            ),
            wanted,
            tolerance_mm,
        )
        for name, values in regions.items()
        if name in others
    }


def pair_measures(pair: OutlinePair, metrics: tuple[str, ...], tolerance_mm: float) -> PairMeasures:
    """Return the measures of two prepared masks."""
    volumes = [measured("volume", n * pair.voxel_ml, "ok") for n in (pair.counts.prediction, pair.counts.reference)]
    found = {metric: pair.measure(metric, tolerance_mm) for metric in metrics}
    return PairMeasures(found, pair.counts, volumes[0], volumes[1])


def check_grid(shape: tuple[int, ...], grid: Grid, other: Grid | None = None) -> None:
    """Refuse masks that are not on their grid, and two grids that are not one (GridMismatch)."""
    if shape != grid.shape:
        raise GridMismatch(
            "geometry.shape",
            f"The masks have {shape_text(shape)} voxels but their volume has {shape_text(grid.shape)}; "
            "export them in the volume's own space.",
        )
    difference = same_grid(grid, other or grid)
    if not difference.same:
        raise GridMismatch(
            "geometry.affine",
            f"The two masks do not lie on one grid: {difference.sentence}; export both in the space of one volume.",
        )


def _check_shapes(a: tuple[int, ...], b: tuple[int, ...]) -> None:
    if a != b:
        raise GridMismatch(
            "geometry.shape", f"The masks have {shape_text(a)} and {shape_text(b)} voxels; compare masks of one volume."
        )


def checked_request(metrics: Iterable[str], tolerance_mm: float) -> tuple[str, ...]:
    """Return the metrics asked for after refusing unknown ones and a negative tolerance (ValueError)."""
    wanted = tuple(metrics)
    check_metrics(wanted)
    if not (math.isfinite(tolerance_mm) and tolerance_mm >= 0):
        raise ValueError(f"a tolerance is a length in mm, not {tolerance_mm}")
    return wanted


def scale_of(grid: Grid) -> tuple[float, float]:
    """Return the diagonal of the image in mm and the volume of a voxel in mL."""
    sides = [n * step for n, step in zip(grid.shape, grid.spacing, strict=True)]
    return math.hypot(*sides), grid.voxel_ml
