"""Public test images by others: published voxel counts, volumes and overlaps come out right."""

import os
from pathlib import Path

import pytest

from segmentation.formats import canonical_nifti, content_sha256, read_image, read_mask, readback_verifier
from segmentation.metrics import dice, volume_ml

SHARED = Path(os.environ.get("BLINDREAD_SHARED", Path(__file__).parents[4] / "shared"))
IMAGES = SHARED / "data" / "images"
pytestmark = pytest.mark.skipif(not IMAGES.is_dir(), reason=f"the public test images are not in {IMAGES}")

BRAIN, CORD = IMAGES / "pyradiomics_brain1", IMAGES / "sct_testing_data"
FILES = sorted([*IMAGES.rglob("*.nii.gz"), *IMAGES.rglob("*.nrrd")]) if IMAGES.is_dir() else []


def _foreground(path: Path, image: Path):
    return read_mask(path, grid=read_image(image).grid)


@pytest.mark.parametrize("ending", ["nii.gz", "nrrd"])
def test_brain_tumour_has_the_published_voxels_and_volume(ending):
    mask = _foreground(BRAIN / f"brain1_label.{ending}", BRAIN / f"brain1_image.{ending}")

    assert dict(mask.counts) == {1: 4137}
    # PyRadiomics baseline: 16412.6587 mm³, printed to 4 decimals
    assert volume_ml(mask.array == 1, mask.grid).value * 1000 == pytest.approx(16412.6587, abs=5e-5)


def test_nrrd_and_nifti_of_one_image_have_one_identity():
    nrrd, nii = (read_image(BRAIN / f"brain1_image.{ending}") for ending in ("nrrd", "nii.gz"))

    assert content_sha256(nrrd.array, nrrd.grid.affine) == content_sha256(nii.array, nii.grid.affine)


@pytest.mark.parametrize(
    ("prediction", "voxels", "overlap"),
    [("t2_seg-deepseg_sc-2d.nii.gz", 4275, 1.0), ("t2_seg-deepseg_sc-3d.nii.gz", 4285, 0.980841)],
)
def test_automatic_cord_masks_overlap_the_manual_one_as_listed(prediction, voxels, overlap):
    automatic = _foreground(CORD / "t2" / prediction, CORD / "t2" / "t2.nii.gz")
    manual = _foreground(CORD / "t2" / "t2_seg-manual.nii.gz", CORD / "t2" / "t2.nii.gz")

    assert (dict(automatic.counts), dict(manual.counts)) == ({1: voxels}, {1: 4275})
    assert dice(automatic.array == 1, manual.array == 1).value == pytest.approx(overlap, abs=5e-7)


def test_four_axes_of_64_bits_are_read_as_the_mask_they_hold():
    image = CORD / "t2s" / "t2s.nii.gz"
    automatic = _foreground(CORD / "t2s" / "t2s_seg-deepseg.nii.gz", image)
    manual = _foreground(CORD / "t2s" / "t2s_seg.nii.gz", image)

    assert automatic.dtype == "int64"
    assert "49×54×9×1 read as 49×54×9" in automatic.notes[0]
    assert (dict(automatic.counts), dict(manual.counts)) == ({1: 2443}, {1: 2885})
    assert dice(automatic.array == 1, manual.array == 1).value == pytest.approx(0.909159, abs=5e-7)
    assert automatic.grid.axis_codes == "LAS"


def test_cord_t1_mask_and_ct_liver_masks_have_the_listed_voxels():
    t1 = _foreground(CORD / "t1" / "t1w_seg-manual.nii.gz", CORD / "t1" / "t1w.nii.gz")
    liver = IMAGES / "dcmqi_ct3slice" / "liver_seg.nrrd"

    assert dict(t1.counts) == {1: 5437}
    assert dict(_foreground(liver, liver).counts) == {1: 107098}


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.name)
def test_every_file_survives_the_kept_form(path):
    image = read_image(path)
    identity = content_sha256(image.array, image.grid.affine)

    kept = canonical_nifti(image.array, image.grid.affine, oriented=image.grid.oriented)

    readback_verifier(identity)(kept)
    again = read_image(kept, "kept.nii.gz")
    assert content_sha256(again.array, again.grid.affine) == identity
    assert again.text_fields_found == ()
