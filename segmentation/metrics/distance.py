"""Distances between two surfaces, summed up: Hausdorff distances, mean distances, and the share within a tolerance.

"HD95" and "NSD" are families. Voxel definitions count each surface voxel once; area definitions weigh each surface
element by its area, so that a smooth and a stepped face of one size count alike.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from segmentation.metrics.nearest import Distances, nearest_distances
from segmentation.metrics.outline import Surface

# Distances are sums of rounded products: 3 × 0.4 mm must count as within 1.2 mm.
ROUNDING_MM = 1e-6


@dataclass(frozen=True, eq=False)
class SurfacePair:
    """Two surfaces and the distances from each to the other, found when first asked for.

    Parameters
    ----------
    prediction, reference : Surface
        Both with at least one point.
    """

    prediction: Surface
    reference: Surface

    @cached_property
    def forward(self) -> Distances:
        """From each point of the prediction to the reference, mm."""
        return nearest_distances(self.prediction, self.reference)

    @cached_property
    def backward(self) -> Distances:
        """From each point of the reference to the prediction, mm."""
        return nearest_distances(self.reference, self.prediction)

    def swapped(self) -> "SurfacePair":
        """Return the pair with the roles exchanged; distances already found are kept."""
        other = SurfacePair(self.reference, self.prediction)
        for here, there in (("forward", "backward"), ("backward", "forward")):
            if here in self.__dict__:
                other.__dict__[there] = self.__dict__[here]
        return other


def largest(pair: SurfacePair) -> float:
    """Return the Hausdorff distance, mm."""
    return float(max(pair.forward.max(), pair.backward.max()))


def percentile_95_max_directed(pair: SurfacePair) -> float:
    """Return the larger of the two directed 95th percentiles, mm (linear interpolation; MONAI, nnU-Net 2)."""
    return float(max(np.percentile(pair.forward, 95), np.percentile(pair.backward, 95)))


def percentile_95_pooled(pair: SurfacePair) -> float:
    """Return the 95th percentile of both directed sets joined, mm (linear interpolation; as in MedPy)."""
    return float(np.percentile(np.concatenate([pair.forward, pair.backward]), 95))


def percentile_95_area(pair: SurfacePair) -> float:
    """Return the larger of the two area-weighted 95th percentiles, mm (as in DeepMind's surface-distance)."""
    return max(
        _weighted_percentile(pair.forward, areas_of(pair.prediction), 0.95),
        _weighted_percentile(pair.backward, areas_of(pair.reference), 0.95),
    )


def mean_pooled(pair: SurfacePair) -> float:
    """Return the mean over both directed sets joined (ASSD), mm."""
    total = float(pair.forward.sum() + pair.backward.sum())
    return total / (len(pair.forward) + len(pair.backward))


def mean_of_means(pair: SurfacePair) -> float:
    """Return the mean of the two directed means (MASD), mm."""
    return float((pair.forward.mean() + pair.backward.mean()) / 2)


def share_within(pair: SurfacePair, tolerance_mm: float) -> float:
    """Return the share of both surfaces that lies within a tolerance of the other (NSD).

    Points count alike on a surface without areas, else by their areas.
    """
    limit = tolerance_mm + ROUNDING_MM
    near = [pair.forward <= limit, pair.backward <= limit]
    weights = [surface.areas for surface in (pair.prediction, pair.reference)]
    if weights[0] is None or weights[1] is None:
        return float(sum(int(n.sum()) for n in near) / sum(len(n) for n in near))
    inside = weights[0][near[0]].sum() + weights[1][near[1]].sum()
    return float(inside / (weights[0].sum() + weights[1].sum()))


VOXEL_DISTANCES: dict[str, Callable[[SurfacePair], float]] = {
    "hd": largest,
    "hd95_max_directed": percentile_95_max_directed,
    "hd95_pooled": percentile_95_pooled,
    "assd": mean_pooled,
    "masd": mean_of_means,
}


def areas_of(surface: Surface) -> NDArray[np.float64]:
    """Return the areas of a surface that has them (ValueError otherwise)."""
    if surface.areas is None:
        raise ValueError("this surface has no areas")
    return surface.areas


def _weighted_percentile(distances: Distances, areas: NDArray[np.float64], share: float) -> float:
    order = np.argsort(distances)
    reached = np.cumsum(areas[order]) / areas.sum()
    at = min(int(np.searchsorted(reached, share)), len(order) - 1)
    return float(distances[order[at]])
