"""Volume of a mask."""

import numpy as np
from numpy.typing import NDArray

from segmentation.errors import GridMismatch
from segmentation.geometry.grid import Grid, shape_text
from segmentation.metrics.definitions import measured
from segmentation.metrics.measure import Measure


def volume_ml(mask: NDArray[np.bool_], grid: Grid) -> Measure:
    """Return the volume of a mask in millilitres.

    Parameters
    ----------
    mask : bool ndarray, shape (x, y, z)
    grid : Grid
        The grid that the mask lies on.

    Returns
    -------
    Measure
        Voxel count × voxel volume; 0 for an empty mask, with status ``ok``.

    Raises
    ------
    GridMismatch
        If the mask does not have the grid's shape.
    TypeError
        If the array is not boolean.
    """
    if mask.dtype != np.bool_:
        raise TypeError(f"a mask is a boolean array, not {mask.dtype}")
    if mask.shape != grid.shape:
        raise GridMismatch(
            "geometry.shape",
            f"The mask has {shape_text(mask.shape)} voxels but its volume has {shape_text(grid.shape)}; "
            "export it in the volume's own space.",
        )
    return measured("volume", int(np.count_nonzero(mask)) * grid.voxel_ml, "ok")
