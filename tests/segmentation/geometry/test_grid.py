"""Grids: sizes from the affine, and what is the same grid."""

import numpy as np
import pytest

from segmentation.geometry import Grid, same_grid

AFFINE = np.array([[-0.5, 0, 0, 30], [0, -0.5, 0, 40], [0, 0, 4.0, -20], [0, 0, 0, 1]])
GRID = Grid((24, 26, 18), AFFINE)


def _moved(row, column, by):
    affine = AFFINE.copy()
    affine[row, column] += by
    return Grid(GRID.shape, affine)


def test_spacing_voxel_volume_and_codes_come_from_the_affine():
    assert GRID.spacing == (0.5, 0.5, 4)
    assert GRID.voxel_ml == pytest.approx(0.001)  # 0.5 × 0.5 × 4 mm³
    assert GRID.axis_codes == "LPS"


def test_voxel_volume_counts_shear():
    sheared = Grid((2, 2, 2), np.array([[1, 1, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1.0]]))

    assert sheared.voxel_ml == pytest.approx(0.001)  # base × height; the edge is √2 long


@pytest.mark.parametrize(
    ("spacing", "axis"),
    [((0.5, 0.5, 4), 2), ((4, 0.5, 0.5), 0), ((0.5, 4, 0.5), 1), ((1, 1, 1), 2), ((1.0000001, 1, 1), 2),
     ((1, 1, 0.5), 2)],
)  # fmt: skip
def test_acquisition_axis_is_the_clearly_thickest_else_the_third(spacing, axis):
    assert Grid((9, 9, 9), np.diag([*spacing, 1])).acquisition_axis == axis


def test_same_grid_within_tolerance_keeps_the_difference():
    found = same_grid(GRID, _moved(2, 2, 1e-4))

    assert found.same
    assert found.affine_mm == pytest.approx(1e-4)
    assert found.corner_mm == pytest.approx(17e-4)  # 17 steps from the first slice to the last


def test_identical_grids_have_nothing_to_say():
    assert same_grid(GRID, Grid(GRID.shape, AFFINE)).sentence == ""
    assert Grid(GRID.shape, AFFINE) == GRID and hash(GRID) == hash(Grid(GRID.shape, AFFINE))


@pytest.mark.parametrize(
    ("other", "words"),
    [
        (Grid((26, 24, 18), AFFINE), "transposed"),
        (Grid((24, 26, 19), AFFINE), "24×26×18 and 24×26×19"),
        (Grid(GRID.shape, AFFINE * [[-1], [1], [1], [1]]), "LPS and RPS"),
        (_moved(2, 2, 0.5), "0.5×0.5×4 and 0.5×0.5×4.5 mm"),
        (_moved(0, 3, 0.25), "0.25 mm"),
    ],
)
def test_different_grids_are_told_apart_in_words(other, words):
    found = same_grid(GRID, other)

    assert not found.same
    assert words in found.sentence


def test_affine_of_a_grid_cannot_be_changed():
    with pytest.raises(ValueError, match="read-only"):
        GRID.affine[0, 0] = 2
    with pytest.raises(ValueError, match="4×4"):
        Grid((1, 2, 3), np.eye(3))
