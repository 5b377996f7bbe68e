"""One measured value with the definition that gave it, and the register of definitions.

A number without its definition cannot be compared: each value carries the identifier and version of its
definition and a status that says what was empty. A changed definition is a new version, never a changed old
one.
"""

import math
from dataclasses import dataclass
from typing import Literal

Status = Literal["ok", "both_empty", "prediction_empty", "reference_empty"]


@dataclass(frozen=True)
class Definition:
    """What a measure is: stable identifier, version, unit ("" for none) and the formula in words."""

    identifier: str
    version: int
    unit: str
    formula: str


@dataclass(frozen=True)
class Measure:
    """A value, the definition and version it follows, and its status; nan where it is undefined."""

    definition: str
    version: int
    value: float
    status: Status

    @property
    def defined(self) -> bool:
        """Whether there is a number."""
        return not math.isnan(self.value)


DEFINITIONS: dict[str, Definition] = {
    d.identifier: d
    for d in (
        Definition("dsc", 1, "", "2|P∩R| / (|P|+|R|); undefined when both are empty"),
        Definition("dsc_one", 1, "", "2|P∩R| / (|P|+|R|); 1 when both are empty"),
        Definition("volume", 1, "mL", "voxels in the mask × voxel volume from the affine's determinant"),
    )
}


def measured(identifier: str, value: float, status: Status) -> Measure:
    """Return a measure under a registered definition, with its present version."""
    definition = DEFINITIONS[identifier]
    return Measure(definition.identifier, definition.version, value, status)
