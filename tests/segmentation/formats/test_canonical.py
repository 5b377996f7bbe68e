"""The kept form: the same bytes for the same input, only voxels and place, read back alike by others."""

import gzip
import hashlib
import struct
import tempfile
from itertools import permutations, product

import nibabel as nib
import numpy as np
import pytest
import SimpleITK as sitk

from segmentation.errors import DomainError
from segmentation.formats import canonical_nifti, content_sha256, read_image, readback_verifier, second_decode
from tests.segmentation.formats.specimens import AFFINE, DESCRIP, lesion, nifti, packed, patched, picture

TILT = np.linalg.qr(np.random.default_rng(11).normal(size=(3, 3)) * 0.15 + np.eye(3))[0]
SHEAR = np.array([[1, 0.2, 0], [0, 1, 0], [0, 0, 1.0]])
SPACING = np.diag([0.5, 0.75, 6.5])


def orientations(linear: np.ndarray) -> list[np.ndarray]:
    """The 48 affines whose voxel axes are those of ``linear`` in another order and direction."""
    found = []
    for order, signs in product(permutations(range(3)), product((1, -1), repeat=3)):
        affine = np.eye(4)
        affine[:3, :3] = linear[:, order] * signs
        affine[:3, 3] = (-80.25, 61.5, -33)
        found.append(affine.astype("f4").astype("f8"))
    return found


@pytest.mark.parametrize("linear", [SPACING, TILT @ SPACING, SHEAR @ SPACING], ids=["straight", "oblique", "sheared"])
def test_all_48_orientations_survive_writing_reading_and_the_second_decoder(linear):
    values = picture()[:5, :6, :7]
    for affine in orientations(linear):
        data = canonical_nifti(values, affine)
        ours, (theirs, their_affine) = read_image(data, "a.nii.gz"), second_decode(data)

        assert np.array_equal(ours.array, values) and np.array_equal(theirs, values)
        assert np.array_equal(ours.grid.affine, affine) and np.array_equal(their_affine, affine)
        assert ours.notes == ()


def test_simpleitk_reads_the_same_place_in_all_48_oblique_orientations(tmp_path):
    values = picture()[:5, :6, :7]
    for affine in orientations(TILT @ SPACING):
        path = tmp_path / "a.nii.gz"
        path.write_bytes(canonical_nifti(values, affine))
        image = sitk.ReadImage(str(path))

        corner = np.array(image.TransformIndexToPhysicalPoint((4, 5, 6))) * [-1, -1, 1]
        assert np.allclose(corner, (affine @ [4, 5, 6, 1])[:3], rtol=0, atol=2e-3)
        assert np.array_equal(sitk.GetArrayFromImage(image).T, values)


@pytest.mark.parametrize("dtype", ["u1", "i2", "u2", "i4", "f4"])
def test_same_input_gives_the_same_bytes_and_any_memory_order_the_same(dtype):
    values = (picture() % 200).astype(dtype)

    one = canonical_nifti(np.ascontiguousarray(values), AFFINE)

    assert one == canonical_nifti(np.asfortranarray(values), AFFINE)
    assert one == canonical_nifti(values.astype(np.dtype(dtype).newbyteorder(">")), AFFINE)
    assert np.array_equal(read_image(one, "a.nii.gz").array, values)


def test_kept_file_holds_no_text_time_or_name():
    secret = packed(patched(nifti(lesion()), (DESCRIP, "<9s", b"Ada Smith")))
    image = read_image(secret, "a.nii.gz")

    kept = canonical_nifti(image.array, image.grid.affine)

    assert kept[3] == 0 and kept[4:8] == bytes(4)
    assert gzip.decompress(kept)[148:252] == bytes(104)
    assert b"Smith" not in gzip.decompress(kept)


def test_headers_of_masks_from_different_tools_do_not_differ():
    theirs = read_image(packed(nifti(lesion("f8"), order=">", version=2)), "a.nii.gz")
    drawn = lesion() * 0 + 1

    first = gzip.decompress(canonical_nifti(theirs.array.astype("u1"), theirs.grid.affine))
    second = gzip.decompress(canonical_nifti(drawn, AFFINE))

    assert first[:352] == second[:352]


def test_content_identity_is_the_documented_sum():
    values, affine = np.array([[[1, 2], [3, 4]]], dtype="<i2"), np.diag([0.5, -0.0, 2, 1]) + 0.0
    affine[1, 1] = 0.25
    rows = struct.pack("<16f", 0.5, 0, 0, 0, 0, 0.25, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1)
    voxels = struct.pack("<4h", 1, 3, 2, 4)  # first axis (1), then second, then third

    expected = hashlib.sha256(b"blindread volume 1\n1 2 2\nint16\n" + rows + voxels).hexdigest()

    assert content_sha256(values, affine) == expected


def test_content_identity_changes_with_each_part():
    values = lesion()
    moved = AFFINE.copy()
    moved[0, 3] += 0.01
    other = values.copy()
    other[0, 0, 0] = 1

    digests = {
        content_sha256(values, AFFINE), content_sha256(values, moved), content_sha256(other, AFFINE),
        content_sha256(values.astype("i2"), AFFINE), content_sha256(values.reshape(26, 24, 18), AFFINE),
    }  # fmt: skip

    assert len(digests) == 5


def test_negative_zero_in_an_affine_is_no_other_identity():
    signed = AFFINE.copy()
    signed[0, 1] = -0.0

    assert content_sha256(lesion(), signed) == content_sha256(lesion(), AFFINE)
    assert canonical_nifti(lesion(), signed) == canonical_nifti(lesion(), AFFINE)


def test_readback_accepts_the_written_volume_and_nothing_else():
    verify = readback_verifier(content_sha256(lesion(), AFFINE))
    other = lesion()
    other[0, 0, 0] = 1

    verify(canonical_nifti(lesion(), AFFINE))

    for wrong in (canonical_nifti(other, AFFINE), canonical_nifti(lesion(), AFFINE)[:-9], b""):
        with pytest.raises(DomainError) as caught:
            verify(wrong)
        assert caught.value.code == "canonical.readback"


def test_volume_without_orientation_keeps_being_without_one():
    affine = np.diag([0.5, 0.5, 4, 1])

    data = canonical_nifti(picture(), affine, oriented=False)

    readback_verifier(content_sha256(picture(), affine))(data)
    assert not read_image(data, "a.nii.gz").grid.oriented


def test_nibabel_and_simpleitk_open_the_kept_file_without_complaint():
    with tempfile.NamedTemporaryFile(suffix=".nii.gz") as file:
        file.write(canonical_nifti(picture(), AFFINE))
        file.flush()
        header = nib.load(file.name).header
        assert sitk.ReadImage(file.name).GetSpacing() == (0.5, 0.5, 4)

    assert (int(header["qform_code"]), int(header["sform_code"])) == (1, 1)
    assert header.get_xyzt_units()[0] == "mm"
