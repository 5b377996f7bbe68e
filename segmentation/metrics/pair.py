"""Two prepared masks, and every measure of the pair from one set of surfaces and distances."""

from dataclasses import dataclass, field
from functools import cached_property

from segmentation.metrics.definitions import OVERLAP, at_tolerance, measured
from segmentation.metrics.distance import VOXEL_DISTANCES, SurfacePair, percentile_95_area, share_within
from segmentation.metrics.lesions import LESION_RULES, LesionScores, lesion_scores
from segmentation.metrics.measure import Measure, Status
from segmentation.metrics.outline import Outline
from segmentation.metrics.overlap import Counts, overlap_measure

_OVERLAP = frozenset(definition.identifier for definition in OVERLAP)


@dataclass(frozen=True, eq=False)
class OutlinePair:
    """A prediction against a reference.

    Parameters
    ----------
    prediction, reference : Outline
        Of one grid.
    diagonal_mm : float
        Diagonal of the whole image: the distance that stands in where one mask is empty.
    voxel_ml : float
        Volume of a voxel, mL.
    """

    prediction: Outline
    reference: Outline
    diagonal_mm: float
    voxel_ml: float
    _scores: dict[str, LesionScores] = field(default_factory=dict, init=False, repr=False)

    @cached_property
    def counts(self) -> Counts:
        """Voxel counts."""
        return Counts(self.prediction.voxels, self.reference.voxels, self.prediction.shared_with(self.reference))

    @property
    def status(self) -> Status:
        """What is empty."""
        return self.counts.status

    @cached_property
    def voxels(self) -> SurfacePair:
        """The surfaces by voxels; neither mask is empty."""
        return SurfacePair(self.prediction.voxel_surface, self.reference.voxel_surface)

    @cached_property
    def areas(self) -> SurfacePair:
        """The surfaces by area; neither mask is empty."""
        return SurfacePair(self.prediction.area_surface, self.reference.area_surface)

    def measure(self, metric: str, tolerance_mm: float) -> Measure:
        """Return one measure of the pair by the name of its definition."""
        if metric in _OVERLAP:
            return overlap_measure(metric, self.counts)
        if metric.startswith("nsd_"):
            return measured(at_tolerance(metric, tolerance_mm), self._within(metric, tolerance_mm), self.status)
        if metric.startswith("lesion_"):
            return measured(metric, self._lesion(metric), self.status)
        return measured(metric, self._distance(metric), self.status)

    def _within(self, metric: str, tolerance_mm: float) -> float:
        if self.status != "ok":
            return float(self.status == "both_empty")
        return share_within(self.areas if metric == "nsd_area" else self.voxels, tolerance_mm)

    def _distance(self, metric: str) -> float:
        formula = metric.removesuffix("_undefined")
        if self.status != "ok":
            return float("nan") if formula != metric else self._stand_in()
        return percentile_95_area(self.areas) if formula == "hd95_area" else VOXEL_DISTANCES[formula](self.voxels)

    def _stand_in(self) -> float:
        return 0.0 if self.status == "both_empty" else self.diagonal_mm

    def _lesion(self, metric: str) -> float:
        _, quantity, rule = metric.split("_", maxsplit=2)
        scores = self.lesions(rule)
        return scores.dice if quantity == "dsc" else scores.hd95_mm

    def lesions(self, rule: str) -> LesionScores:
        """Return the lesion-wise scores by a named rule of :data:`LESION_RULES`."""
        if rule not in self._scores:
            self._scores[rule] = lesion_scores(
                self.prediction,
                self.reference,
                LESION_RULES[rule],
                voxel_mm3=self.voxel_ml * 1000,
                surfaces=self.areas if self.status == "ok" else None,
            )
        return self._scores[rule]

    def swapped(self) -> "OutlinePair":
        """Return the pair with the roles exchanged; distances already found are kept."""
        other = OutlinePair(self.reference, self.prediction, self.diagonal_mm, self.voxel_ml)
        for name in ("voxels", "areas"):
            if name in self.__dict__:
                other.__dict__[name] = self.__dict__[name].swapped()
        return other
