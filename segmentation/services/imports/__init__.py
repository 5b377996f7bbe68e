"""Bringing cases in: a dry run that reads everything and writes nothing, then the import that it described."""

from segmentation.services.imports.applying import apply_import
from segmentation.services.imports.layout import IncomingFile
from segmentation.services.imports.plan import (
    ImportPlan,
    ImportResult,
    Options,
    PlannedCase,
    PlannedFile,
    PlannedSource,
)
from segmentation.services.imports.planning import plan_import

__all__ = [
    "ImportPlan",
    "ImportResult",
    "IncomingFile",
    "Options",
    "PlannedCase",
    "PlannedFile",
    "PlannedSource",
    "apply_import",
    "plan_import",
]
