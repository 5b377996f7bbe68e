"""Measures of masks: overlap and volume, each with its definition, version and status."""

from segmentation.metrics.measure import DEFINITIONS, Definition, Measure, Status
from segmentation.metrics.overlap import dice
from segmentation.metrics.volume import volume_ml

__all__ = ["DEFINITIONS", "Definition", "Measure", "Status", "dice", "volume_ml"]
