"""Dice and volume, with the definition, version and status that make a number comparable."""

import math

import numpy as np
import pytest

from segmentation.errors import GridMismatch
from segmentation.geometry import Grid
from segmentation.metrics import DEFINITIONS, dice, volume_ml

EMPTY = np.zeros((4, 4, 4), dtype=bool)


def _box(*slices):
    mask = EMPTY.copy()
    mask[slices] = True
    return mask


def test_dice_is_twice_the_overlap_over_the_sum():
    prediction, reference = _box(slice(0, 2)), _box(slice(1, 4))  # 32 and 48 voxels, 16 shared

    measure = dice(prediction, reference)

    assert measure.value == 2 * 16 / (32 + 48)
    assert (measure.definition, measure.version, measure.status) == ("dsc", 1, "ok")


def test_dice_is_symmetric_and_one_for_equal_masks():
    a, b = _box(slice(0, 2)), _box(slice(1, 4), slice(2, 3))

    assert dice(a, b).value == dice(b, a).value
    assert dice(a, a).value == 1


@pytest.mark.parametrize(
    ("prediction", "reference", "status"),
    [(EMPTY, ~EMPTY, "prediction_empty"), (~EMPTY, EMPTY, "reference_empty")],
)
def test_one_empty_mask_gives_zero_and_says_which(prediction, reference, status):
    measure = dice(prediction, reference)

    assert (measure.value, measure.status, measure.defined) == (0, status, True)


def test_two_empty_masks_are_undefined_or_one_by_convention_with_its_own_definition():
    undefined, one = dice(EMPTY, EMPTY), dice(EMPTY, EMPTY, both_empty="one")

    assert math.isnan(undefined.value) and not undefined.defined
    assert (undefined.definition, undefined.status) == ("dsc", "both_empty")
    assert (one.definition, one.value, one.status) == ("dsc_one", 1, "both_empty")


def test_label_maps_and_other_shapes_are_not_silently_compared():
    with pytest.raises(TypeError, match="boolean"):
        dice(EMPTY.astype("u1"), EMPTY)
    with pytest.raises(GridMismatch) as caught:
        dice(EMPTY, np.zeros((4, 4, 5), dtype=bool))
    assert "4×4×4 and 4×4×5" in caught.value.detail


def test_volume_is_voxels_times_voxel_volume():
    grid = Grid((4, 4, 4), np.diag([-0.5, 2, 5, 1]))  # 5 mm³ a voxel

    measure = volume_ml(_box(slice(0, 2)), grid)

    assert measure.value == pytest.approx(32 * 5 / 1000)
    assert (measure.definition, DEFINITIONS["volume"].unit, measure.status) == ("volume", "mL", "ok")
    assert volume_ml(EMPTY, grid).value == 0


def test_volume_refuses_a_mask_of_another_grid():
    with pytest.raises(GridMismatch):
        volume_ml(EMPTY, Grid((4, 4, 5), np.eye(4)))
