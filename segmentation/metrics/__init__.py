"""Measures of masks: overlap, volume, surface distances and lesions, each with definition, version and status."""

from segmentation.metrics.definitions import DEFAULT_METRICS, DEFINITIONS, PAIR_METRICS, definition_of
from segmentation.metrics.engine import PairMeasures, measure_pair, measure_regions
from segmentation.metrics.labels import LABEL_MAPS, LabelMap, convert, mapping, region_mask, shared_regions
from segmentation.metrics.lesions import LESION_RULES, Lesion, LesionRule, LesionScores
from segmentation.metrics.matrix import matrix, pairwise
from segmentation.metrics.measure import Definition, Measure, Status
from segmentation.metrics.overlap import Counts, aggregated_dice, dice, overlap_counts
from segmentation.metrics.volume import volume_ml

__all__ = [
    "DEFAULT_METRICS",
    "DEFINITIONS",
    "LABEL_MAPS",
    "LESION_RULES",
    "PAIR_METRICS",
    "Counts",
    "Definition",
    "LabelMap",
    "Lesion",
    "LesionRule",
    "LesionScores",
    "Measure",
    "PairMeasures",
    "Status",
    "aggregated_dice",
    "convert",
    "definition_of",
    "dice",
    "mapping",
    "matrix",
    "measure_pair",
    "measure_regions",
    "overlap_counts",
    "pairwise",
    "region_mask",
    "shared_regions",
    "volume_ml",
]
