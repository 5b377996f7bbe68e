"""All 48 orientations, straight, oblique and sheared, with anisotropic voxels: to RAS and back."""

from itertools import permutations, product

import nibabel as nib
import numpy as np
import pytest

from segmentation.geometry import axis_codes, from_ras, orientation_of, to_ras

SHAPE = (3, 4, 5)
VOXELS = np.arange(60).reshape(SHAPE)
SPACING = np.diag([0.5, 0.9, 6.5])
LINEARS = {
    "straight": SPACING,
    "oblique": np.linalg.qr(np.random.default_rng(5).normal(size=(3, 3)) * 0.12 + np.eye(3))[0] @ SPACING,
    "sheared": np.array([[1, 0.25, 0], [0, 1, 0.1], [0, 0, 1]]) @ SPACING,
}


def _affines(linear):
    linear = linear * np.sign(np.diag(linear))
    for order, signs in product(permutations(range(3)), product((1, -1), repeat=3)):
        affine = np.eye(4)
        affine[:3, :3] = linear[:, order] * signs
        affine[:3, 3] = (-10.5, 20.25, 7)
        yield affine


@pytest.mark.parametrize("kind", LINEARS)
def test_every_voxel_keeps_its_place_in_millimetres(kind):
    for affine in _affines(LINEARS[kind]):
        array, ras_affine = to_ras(VOXELS, affine)

        for native in product(range(3), range(4), range(5)):
            place = affine @ (*native, 1)
            index = np.rint(np.linalg.solve(ras_affine, place)[:3]).astype(int)
            assert array[tuple(index)] == VOXELS[native]
            assert np.allclose(ras_affine @ (*index, 1), place)


@pytest.mark.parametrize("kind", LINEARS)
def test_delivered_order_is_ras_and_the_way_back_is_exact(kind):
    seen = set()
    for affine in _affines(LINEARS[kind]):
        array, ras_affine = to_ras(VOXELS, affine)

        assert axis_codes(ras_affine) == "RAS"
        assert np.array_equal(from_ras(array, affine), VOXELS)
        seen.add(axis_codes(affine))

    assert len(seen) == 48


@pytest.mark.parametrize("kind", LINEARS)
def test_axis_codes_are_those_of_nibabel(kind):
    for affine in _affines(LINEARS[kind]):
        assert axis_codes(affine) == "".join(nib.aff2axcodes(affine))


def test_delivery_equals_nibabel_s_closest_canonical():
    for affine in _affines(LINEARS["oblique"]):
        theirs = nib.as_closest_canonical(nib.Nifti1Image(VOXELS.astype("i2"), affine))

        array, ras_affine = to_ras(VOXELS, affine)

        assert np.array_equal(array, np.asanyarray(theirs.dataobj))
        assert np.allclose(ras_affine, theirs.affine)


def test_further_axes_stay_where_they_are():
    stacked = np.stack([VOXELS, VOXELS + 100], axis=-1)
    for affine in _affines(SPACING):
        array, _ = to_ras(stacked, affine)
        single, _ = to_ras(VOXELS, affine)

        assert np.array_equal(array[..., 1], single + 100)
        assert np.array_equal(from_ras(array, affine), stacked)


def test_no_voxel_is_copied_for_delivery():
    array, _ = to_ras(VOXELS, np.diag([-1, 1, -1, 1]))

    assert np.shares_memory(array, VOXELS)


def test_a_cube_at_exactly_45_degrees_still_gets_three_different_axes():
    half = np.sqrt(0.5)
    affine = np.eye(4)
    affine[:3, :3] = [[half, -half, 0], [half, half, 0], [0, 0, 1]]

    assert sorted(orientation_of(affine).axes) == [0, 1, 2]
