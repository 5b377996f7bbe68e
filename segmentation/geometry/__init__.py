"""Where voxels lie in the patient: grids in millimetres (RAS+ world) and their orientation."""

from segmentation.geometry.grid import TOLERANCE_MM, Grid, GridDifference, same_grid
from segmentation.geometry.orientation import Orientation, axis_codes, from_ras, orientation_of, to_ras

__all__ = [
    "TOLERANCE_MM",
    "Grid",
    "GridDifference",
    "Orientation",
    "axis_codes",
    "from_ras",
    "orientation_of",
    "same_grid",
    "to_ras",
]
