"""Volumes keep their place in the world on the way through SimpleITK."""

import numpy as np
import pytest
import SimpleITK as sitk

from ml.errors import ImagesRefused
from ml.preprocessing.volume import Frame, Volume, from_sitk, to_sitk

OBLIQUE = np.array(
    [[-0.9 * 0.8, 0.6 * 1.2, 0, 12], [0.9 * 0.6, 0.8 * 1.2, 0, -30], [0, 0, 2.5, 7], [0, 0, 0, 1]], dtype=float
)


def test_a_volume_comes_back_from_simpleitk_as_it_went():
    voxels = np.arange(24, dtype=np.float32).reshape(2, 3, 4)

    back = from_sitk(to_sitk(Volume(voxels, OBLIQUE)))

    assert np.array_equal(back.voxels, voxels)
    assert np.allclose(back.affine, OBLIQUE, atol=1e-9)


def test_a_voxel_lies_at_the_same_point_in_lps_as_in_ras():
    image = to_sitk(Volume(np.zeros((4, 5, 6), np.float32), OBLIQUE))

    lps = image.TransformIndexToPhysicalPoint((3, 1, 2))

    ras = OBLIQUE @ [3, 1, 2, 1]
    assert np.allclose(lps, [-ras[0], -ras[1], ras[2]])


def test_a_nifti_file_is_read_to_the_same_place_as_its_own_affine_says(tmp_path):
    nibabel = pytest.importorskip("nibabel")
    voxels = np.random.default_rng(0).normal(size=(5, 6, 7)).astype(np.float32)
    nibabel.save(nibabel.Nifti1Image(voxels, OBLIQUE), tmp_path / "a.nii.gz")

    volume = from_sitk(sitk.ReadImage(str(tmp_path / "a.nii.gz")))

    assert np.allclose(volume.affine, OBLIQUE, atol=1e-4)
    assert np.array_equal(volume.voxels, voxels)


def test_sheared_axes_are_refused():
    sheared = np.eye(4)
    sheared[0, 1] = 0.2

    with pytest.raises(ImagesRefused) as refusal:
        to_sitk(Volume(np.zeros((3, 3, 3)), sheared))

    assert refusal.value.code == "images.sheared"


def test_the_digest_of_a_grid_changes_with_a_hundredth_of_a_millimetre_and_not_with_rounding():
    moved, rounded = np.eye(4), np.eye(4)
    moved[0, 3], rounded[0, 3] = 0.01, 1e-7
    one, other, same = (Frame((2, 2, 2), affine).sha256 for affine in (np.eye(4), moved, rounded))

    assert one == same != other
