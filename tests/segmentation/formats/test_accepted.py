"""Unusual but sound files are read right, and whatever was changed or dropped is said."""

import gzip
import io

import nibabel as nib
import numpy as np
import pytest
import SimpleITK as sitk

from segmentation.errors import DomainError, MaskRefused
from segmentation.formats import content_sha256, read_image, read_mask
from segmentation.geometry import Grid
from tests.segmentation.formats.specimens import (
    AFFINE,
    AUX_FILE,
    DB_NAME,
    DESCRIP,
    GRID,
    INTER,
    LESION_VOXELS,
    PIXDIM,
    QFORM_CODE,
    QUATERN,
    SFORM_CODE,
    SHAPE,
    SLOPE,
    SROW,
    affine_with,
    lesion,
    nifti,
    packed,
    patched,
    picture,
    with_extension,
)


def _mask_counts(data: bytes, **asked):
    return read_mask(data, "lesion.nii.gz", **({"grid": GRID, "labels": {1, 2}} | asked))


@pytest.mark.parametrize("dtype", ["u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f4", "f8"])
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize("pack", [packed, bytes])
def test_mask_of_every_number_type_byte_order_and_version_has_one_identity(dtype, order, version, pack):
    mask = _mask_counts(pack(nifti(lesion(dtype), order=order, version=version)))

    assert mask.array.dtype == np.uint8
    assert dict(mask.counts) == {1: LESION_VOXELS}
    assert content_sha256(mask.array, mask.grid.affine) == content_sha256(lesion(), AFFINE)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("dtype", ["u1", "i2", "u2", "i4", "f4"])
def test_image_keeps_its_number_type_and_every_value(dtype, order):
    values = picture() % 200 if dtype == "u1" else picture()
    image = read_image(packed(nifti(values.astype(dtype), order=order)), "t2.nii.gz")

    assert image.dtype == np.dtype(dtype).name
    assert np.array_equal(image.array, values)
    assert (image.grid, image.notes) == (GRID, ())


@pytest.mark.parametrize(("dtype", "kept"), [("i1", "int16"), ("u4", "int16"), ("i8", "int16"), ("f8", "float32")])
def test_rare_number_type_is_stored_as_a_common_one_and_said(dtype, kept):
    image = read_image(packed(nifti((picture() % 100).astype(dtype))), "t2.nii.gz")

    assert image.dtype == kept
    assert np.array_equal(image.array, picture() % 100)
    assert image.notes[0].startswith(f"{np.dtype(dtype).name} stored as {kept}")


def test_values_beyond_32_bits_are_refused_not_rounded():
    with pytest.raises(DomainError) as caught:
        read_image(packed(nifti(picture("i8") + 2**40)), "t2.nii.gz")

    assert caught.value.code == "image.range"


def test_singleton_fourth_axis_is_dropped_and_recorded():
    mask = _mask_counts(packed(nifti(lesion()[..., None])))

    assert mask.array.shape == SHAPE
    assert "24×26×18×1 read as 24×26×18" in mask.notes[0]


@pytest.mark.parametrize(("slope", "note"), [(float("nan"), "scl_slope nan"), (0.0, "scl_slope 0")])
def test_slope_nan_or_zero_counts_as_no_scaling_and_is_noted(slope, note):
    mask = _mask_counts(packed(patched(nifti(lesion()), (SLOPE, "<f", slope), (INTER, "<f", 5.0))))

    assert dict(mask.counts) == {1: LESION_VOXELS}
    assert note in mask.notes[0]


def test_whole_scaling_of_an_image_stays_whole_numbers():
    image = read_image(packed(patched(nifti(picture()), (SLOPE, "<2f", (1.0, -1024.0)))), "ct.nii.gz")

    assert image.dtype == "int16"
    assert np.array_equal(image.array, picture() - 1024)


def test_fractional_scaling_of_an_image_gives_decimals_and_a_note():
    image = read_image(packed(patched(nifti(picture()), (SLOPE, "<2f", (0.5, 0.25)))), "t2.nii.gz")

    assert image.dtype == "float32"
    assert np.array_equal(image.array, picture() * 0.5 + 0.25)
    assert "× 0.5 + 0.25" in image.notes[0]


def test_scaled_mask_is_taken_only_when_its_labels_are_the_study_s():
    doubled = packed(patched(nifti(lesion()), (SLOPE, "<2f", (2.0, 0.0))))

    assert dict(_mask_counts(doubled).counts) == {2: LESION_VOXELS}
    assert "labels scaled" in _mask_counts(doubled).notes[0]
    with pytest.raises(MaskRefused) as caught:
        _mask_counts(doubled, labels=None)
    assert caught.value.code == "mask.scaled"


def test_empty_mask_is_accepted_when_the_uploader_says_no_lesion():
    assert dict(_mask_counts(packed(nifti(lesion() * 0)), allow_empty=True).counts) == {}


def test_spacing_off_by_a_ten_thousandth_is_accepted_on_the_volume_s_grid_and_recorded():
    mask = _mask_counts(packed(nifti(lesion(), affine_with((0.5, 0.5, 4.0001)))))

    assert mask.difference_mm == pytest.approx(1e-4, rel=0.01)
    assert mask.grid == GRID
    assert "accepted" in mask.notes[0]


@pytest.mark.parametrize(("prefer", "origin"), [("sform", 31), ("qform", 30)])
def test_person_chooses_between_disagreeing_qform_and_sform_of_an_image(prefer, origin):
    image = read_image(packed(patched(nifti(picture()), (SROW + 12, "<f", 31.0))), "t2.nii.gz", prefer=prefer)

    assert image.grid.affine[0, 3] == origin
    assert f"disagree by 1 mm; the {prefer} was chosen" in image.notes[0]


def test_image_without_orientation_is_marked_and_takes_a_mask_without_one():
    bare = ((QFORM_CODE, "<h", 0), (SFORM_CODE, "<h", 0))
    image = read_image(packed(patched(nifti(picture()), *bare)), "t2.nii.gz")

    mask = _mask_counts(packed(patched(nifti(lesion()), *bare)), grid=image.grid)

    assert not image.grid.oriented
    assert "left and right unknown" in image.notes[0]
    assert dict(mask.counts) == {1: LESION_VOXELS}


def test_text_in_the_header_is_named_but_never_repeated():
    data = patched(
        nifti(lesion()),
        (DESCRIP, "<9s", b"Ada Smith"), (AUX_FILE, "<5s", b"a.txt"), (DB_NAME, "<4s", b"1970"),
    )  # fmt: skip
    mask = _mask_counts(packed(data))

    assert mask.text_fields_found == ("descrip", "aux_file", "db_name")
    assert "Smith" not in str(mask)


def test_header_extension_with_a_name_is_removed_and_noted():
    mask = _mask_counts(packed(with_extension(nifti(lesion()), b"PatientName=Ada Smith")))

    assert dict(mask.counts) == {1: LESION_VOXELS}
    assert mask.text_fields_found == ("extension",)
    assert "extension of 32 bytes removed" in mask.notes[0]


def test_gzip_name_is_reported():
    out = io.BytesIO()
    with gzip.GzipFile(filename="Smith_Ada.nii", mode="wb", fileobj=out) as named:
        named.write(nifti(lesion()))

    assert _mask_counts(out.getvalue()).text_fields_found == ("gzip name",)


def test_non_finite_voxels_of_an_image_are_refused_with_their_place():
    values = picture("f4")
    values[2, 3, 4] = np.inf

    with pytest.raises(DomainError) as caught:
        read_image(packed(nifti(values)), "t2.nii.gz")
    assert (caught.value.code, "(2, 3, 4)" in caught.value.detail) == ("image.nonfinite", True)


@pytest.mark.parametrize("dtype", ["u1", "i2", "u2", "i4", "f4"])
@pytest.mark.parametrize("compress", [True, False])
def test_nrrd_written_by_simpleitk_equals_the_nifti_it_writes(tmp_path, dtype, compress):
    image = sitk.GetImageFromArray((picture() % 200).astype(dtype))
    turn = np.linalg.qr(np.random.default_rng(3).normal(size=(3, 3)))[0]
    image.SetDirection((turn * np.sign(np.linalg.det(turn))).ravel().tolist())
    image.SetSpacing((0.5, 0.75, 4))
    image.SetOrigin((-12.5, 7.25, 100))
    sitk.WriteImage(image, str(tmp_path / "a.nrrd"), compress)
    sitk.WriteImage(image, str(tmp_path / "a.nii.gz"))

    nrrd, nii = read_image(tmp_path / "a.nrrd"), read_image(tmp_path / "a.nii.gz")

    assert np.array_equal(nrrd.array, nii.array)
    assert nrrd.dtype == nii.dtype
    assert np.allclose(nrrd.grid.affine, nii.grid.affine, rtol=0, atol=1e-5)


def _rotation(axis, angle):
    """Rodrigues' formula."""
    x, y, z = axis
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross


def test_honest_files_near_a_half_turn_are_not_called_a_disagreement():
    # A quaternion in float32 loses its real part near a half turn: up to 5.6e-3 mm here, above the tolerance.
    rng = np.random.default_rng(0)
    for _ in range(150):
        axis, short_of_half_turn = rng.normal(size=3), 10 ** rng.uniform(-4, -2.5)
        axis /= np.linalg.norm(axis)
        angle = np.pi - 2 * short_of_half_turn
        affine = np.eye(4)
        affine[:3, :3] = _rotation(axis, angle) * [0.5, 0.5, 7.5]
        data = patched(
            nifti(lesion()),
            (PIXDIM, "<4f", (1, 0.5, 0.5, 7.5)),
            (QUATERN, "<6f", (*(axis * np.sin(angle / 2)), 0, 0, 0)),
            (SROW, "<12f", tuple(affine[:3].ravel())),
        )

        assert _mask_counts(packed(data), grid=Grid(SHAPE, affine)).difference_mm < 1e-5


def test_reader_agrees_with_nibabel_on_voxels_and_affine():
    data = nifti(picture(), affine_with((0.4, 0.6, 5)))
    theirs = nib.Nifti1Image.from_bytes(data)

    ours = read_image(data, "t2.nii")

    assert np.array_equal(ours.array, np.asanyarray(theirs.dataobj))
    assert np.array_equal(ours.grid.affine, theirs.affine)
