"""Datasets, cases, segmentations and jobs."""

from segmentation.models.case import Case, QualityDecision, Subject, Volume
from segmentation.models.dataset import Dataset, DatasetMember, LabelMap, Source
from segmentation.models.job import Job
from segmentation.models.segmentation import Measurement, Segmentation, SegmentationMask
from segmentation.models.upload import Upload

__all__ = [
    "Case",
    "Dataset",
    "DatasetMember",
    "Job",
    "LabelMap",
    "Measurement",
    "QualityDecision",
    "Segmentation",
    "SegmentationMask",
    "Source",
    "Subject",
    "Upload",
    "Volume",
]
