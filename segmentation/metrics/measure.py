"""One measured value with the definition that gave it, its version and its status.

A number without its definition cannot be compared: "HD95" alone names at least three different quantities. Each
value carries the identifier and version of its definition and a status that says what was empty. A changed
definition is a new version, never a changed old one.
"""

import math
from dataclasses import dataclass
from typing import Literal

Status = Literal["ok", "both_empty", "prediction_empty", "reference_empty"]


@dataclass(frozen=True)
class Definition:
    """What a measure is: stable identifier, version, unit ("" for none), formula, and what empty masks give."""

    identifier: str
    version: int
    unit: str
    formula: str
    empty: str


@dataclass(frozen=True)
class Measure:
    """A value, the definition and version it follows, and its status; nan where it is undefined.

    ``definition`` may end in a parameter: ``nsd_voxel@1mm`` is the definition ``nsd_voxel`` at a tolerance of 1 mm.
    """

    definition: str
    version: int
    value: float
    status: Status

    @property
    def defined(self) -> bool:
        """Whether there is a number."""
        return not math.isnan(self.value)


def emptiness(prediction_voxels: int, reference_voxels: int) -> Status:
    """Return the status of a pair from its two voxel counts."""
    if prediction_voxels and reference_voxels:
        return "ok"
    if prediction_voxels:
        return "reference_empty"
    return "prediction_empty" if reference_voxels else "both_empty"
