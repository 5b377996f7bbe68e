"""What the engine refuses, how it names what it gives, and lesions and areas by hand."""

import numpy as np
import pytest

from segmentation.errors import GridMismatch
from segmentation.geometry import Grid
from segmentation.metrics import DEFAULT_METRICS, DEFINITIONS, definition_of, measure_pair, measure_regions, pairwise
from segmentation.metrics.definitions import describe
from segmentation.metrics.surfels import element_areas

SHAPE = (30, 30, 30)
GRID = Grid(SHAPE, np.eye(4))


def cube(start, size):
    mask = np.zeros(SHAPE, dtype=bool)
    mask[tuple(slice(s, s + size) for s in start)] = True
    return mask


def test_masks_of_other_grids_are_refused():
    moved = Grid(SHAPE, np.array([[1, 0, 0, 5], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]))
    mask = cube((5, 5, 5), 4)

    with pytest.raises(GridMismatch, match="30×30×30 voxels but their volume has 30×30×31"):
        measure_pair(mask, mask, Grid((30, 30, 31), np.eye(4)))
    with pytest.raises(GridMismatch) as caught:
        measure_pair(mask, mask, GRID, reference_grid=moved)
    assert caught.value.code == "geometry.affine"
    assert "5 mm" in caught.value.detail
    with pytest.raises(GridMismatch):
        measure_pair(mask, mask[:-1], GRID)
    with pytest.raises(GridMismatch):
        pairwise({"A": mask, "B": mask[:-1]}, GRID)
    with pytest.raises(GridMismatch):
        measure_regions(mask.astype("u1"), mask[:-1].astype("u1"), GRID, regions={"whole": ()})


def test_label_maps_unknown_metrics_and_negative_tolerances_are_refused():
    mask = cube((5, 5, 5), 4)

    with pytest.raises(TypeError, match="boolean"):
        measure_pair(mask.astype("u1"), mask, GRID)
    with pytest.raises(ValueError, match=r"hd95;.*hd95_max_directed"):
        measure_pair(mask, mask, GRID, metrics=["hd95"])
    with pytest.raises(ValueError, match="tolerance"):
        measure_pair(mask, mask, GRID, tolerance_mm=-1)


def test_each_value_carries_its_definition_and_its_tolerance():
    found = measure_pair(cube((5, 5, 5), 4), cube((6, 5, 5), 4), GRID, tolerance_mm=2.5)

    assert list(found.measures) == list(DEFAULT_METRICS)
    assert found["nsd_area"].definition == "nsd_area@2.5mm"
    assert definition_of("nsd_area@2.5mm") is DEFINITIONS["nsd_area"]
    assert {m.version for m in found.measures.values()} == {1}
    assert all(len(m.definition) <= 40 for m in found.measures.values())  # the column that stores it
    assert "hd95_pooled (version 1, mm)" in "\n".join(describe(DEFAULT_METRICS))


def test_relative_volume_difference_keeps_its_sign_and_volumes_their_unit():
    large, small = cube((5, 5, 5), 10), cube((5, 5, 5), 5)  # 1.000 and 0.125 mL

    found = measure_pair(large, small, GRID)

    assert (found["rvd"].value, found["rvd_absolute"].value) == (7, 7)
    assert measure_pair(small, large, GRID)["rvd"].value == -0.875
    assert (found.prediction_ml.value, found.reference_ml.value) == (pytest.approx(1), pytest.approx(0.125))
    assert (found["sensitivity"].value, found["precision"].value) == (1, 0.125)


def test_voxel_and_area_measures_of_a_moved_cube_are_those_of_the_drawing():
    # A cube of 10 voxels moved by 3 along x: two faces lie 3 mm off, the other four overlap in part.
    found = measure_pair(cube((5, 5, 5), 10), cube((8, 5, 5), 10), GRID, tolerance_mm=0)

    # 488 surface voxels each; at distance 0 are those of the four side faces where both cubes are: 7 × 36 = 252.
    assert found["nsd_voxel"].value == pytest.approx(252 / 488)
    assert (found["hd"].value, found["hd95_max_directed"].value) == (3, 3)


def test_surface_elements_have_the_areas_of_elementary_geometry():
    areas = element_areas((1.0, 1.0, 1.0))

    assert (areas[0], areas[255]) == (0, 0)
    assert areas[0b00000001] == pytest.approx(np.sqrt(3) / 8)  # triangle with sides of √½
    assert areas[0b00001111] == pytest.approx(1)  # a flat face
    assert areas[0b00000011] == pytest.approx(np.sqrt(0.5))  # a bevelled edge
    assert areas[0b00010111] == pytest.approx(3 * np.sqrt(3) / 4)  # a regular hexagon with sides of √½
    assert element_areas((2.0, 3.0, 5.0))[0b00001111] == pytest.approx(6)  # corners with z = 0: the face 2 × 3


def test_area_of_a_box_grows_as_its_faces_do():
    found = {n: measure_pair(cube((5, 5, 5), n), cube((5, 5, 5), n), GRID) for n in (4, 8)}

    assert all(measures["nsd_area"].value == 1 for measures in found.values())
    areas = {n: element_sum(cube((5, 5, 5), n)) for n in (4, 8, 12)}
    # Faces (n − 1)² each, edges √½ (n − 1) each, corners √3/8 each.
    for n, area in areas.items():
        assert area == pytest.approx(6 * (n - 1) ** 2 + 12 * np.sqrt(0.5) * (n - 1) + np.sqrt(3))


def element_sum(mask):
    from segmentation.metrics.outline import Outline

    return Outline(mask, (1.0, 1.0, 1.0)).area_surface.areas.sum()


def test_lesions_count_once_each_and_false_parts_count_against():
    # Reference: two lesions of 125 voxels. Prediction: the first exactly, nothing of the second, one part elsewhere.
    reference = cube((2, 2, 2), 5) | cube((20, 20, 20), 5)
    prediction = cube((2, 2, 2), 5) | cube((2, 20, 2), 3)

    found = measure_pair(prediction, reference, GRID)

    assert found["lesion_dsc_brats2023"].value == pytest.approx(1 / 3)
    assert found["lesion_hd95_brats2023"].value == pytest.approx((0 + 374 + 374) / 3)


def test_satellites_within_the_dilation_are_one_lesion():
    # Two cubes with a gap of 4 voxels: joined by 3 steps of dilation on both sides, apart after 1.
    reference = cube((5, 5, 5), 5) | cube((14, 5, 5), 5)
    prediction = cube((5, 5, 5), 5)

    found = measure_pair(prediction, reference, GRID, metrics=["lesion_dsc_brats2023", "lesion_dsc_brats2023_men"])

    assert found["lesion_dsc_brats2023"].value == pytest.approx(2 * 125 / (125 + 250))
    assert found["lesion_dsc_brats2023_men"].value == pytest.approx((1 + 0) / 2)
