"""Strict NRRD: every refusal has its code, and the three spaces mean the same place."""

import gzip

import numpy as np
import pytest

from segmentation.errors import DomainError
from segmentation.formats import read_image

VOXELS = np.arange(24, dtype="<i2").reshape((2, 3, 4), order="F")
FIELDS = {
    "type": "short",
    "dimension": "3",
    "space": "left-posterior-superior",
    "sizes": "2 3 4",
    "space directions": "(0.5,0,0) (0,0.5,0) (0,0,4)",
    "kinds": "domain domain domain",
    "endian": "little",
    "encoding": "raw",
    "space origin": "(1,2,3)",
}


def nrrd(body: bytes | None = None, *, extra: str = "", **changes: str | None) -> bytes:
    fields = FIELDS | {key.replace("_", " "): value for key, value in changes.items()}
    lines = "".join(f"{key}: {value}\n" for key, value in fields.items() if value is not None)
    return f"NRRD0004\n{lines}{extra}\n".encode() + (VOXELS.tobytes(order="F") if body is None else body)


def test_left_posterior_superior_is_turned_to_the_ras_world():
    image = read_image(nrrd(), "a.nrrd")

    assert np.array_equal(image.array, VOXELS)
    assert np.array_equal(image.grid.affine, [[-0.5, 0, 0, -1], [0, -0.5, 0, -2], [0, 0, 4, 3], [0, 0, 0, 1]])


@pytest.mark.parametrize(
    ("space", "directions", "origin"),
    [
        ("RAS", "(-0.5,0,0) (0,-0.5,0) (0,0,4)", "(-1,-2,3)"),
        ("left-anterior-superior", "(0.5,0,0) (0,-0.5,0) (0,0,4)", "(1,-2,3)"),
    ],
)
def test_all_three_spaces_can_say_the_same_place(space, directions, origin):
    other = read_image(nrrd(space=space, space_directions=directions, space_origin=origin), "a.nrrd")

    assert other.grid == read_image(nrrd(), "a.nrrd").grid


def test_gzip_and_big_endian_give_the_same_voxels():
    big = gzip.compress(VOXELS.astype(">i2").tobytes(order="F"))

    image = read_image(nrrd(big, encoding="gzip", endian="big"), "a.nrrd")

    assert np.array_equal(image.array, VOXELS)


def test_text_and_key_value_pairs_are_named_and_dropped():
    image = read_image(nrrd(extra="PatientName:=Ada Smith\n", content="brain of Ada"), "a.nrrd")

    assert image.text_fields_found == ("key/value pair", "content")
    assert "Ada" not in str(image)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (nrrd(VOXELS.tobytes()[:-1]), "nrrd.truncated"),
        (nrrd(VOXELS.tobytes() + b"x"), "nrrd.trailing"),
        (nrrd(gzip.compress(VOXELS.tobytes())[:-4], encoding="gzip"), "gzip.truncated"),
        (nrrd(gzip.compress(VOXELS.tobytes() + b"x"), encoding="gzip"), "gzip.too_long"),
        (nrrd(gzip.compress(VOXELS.tobytes()) + b"x", encoding="gzip"), "gzip.trailing"),
        (nrrd(encoding="bzip2"), "nrrd.encoding"),
        (nrrd(encoding=None), "nrrd.field"),
        (nrrd(endian=None), "nrrd.field"),
        (nrrd(type="block"), "nrrd.dtype"),
        (nrrd(sizes="2 3"), "nrrd.dims"),
        (nrrd(sizes="2 0 4"), "nrrd.dims"),
        (nrrd(sizes="2 -3 4"), "nrrd.dims"),
        (nrrd(sizes="30000 30000 30000"), "nrrd.dims"),
        (
            nrrd(dimension="4", sizes="2 3 2 2", space_directions="(1,0,0) (0,1,0) (0,0,1) none"),
            "image.not_3d",
        ),
        (nrrd(space=None), "nrrd.space"),
        (nrrd(space="scanner-xyz"), "nrrd.space"),
        (nrrd(space_units='"um" "um" "um"'), "nrrd.space"),
        (nrrd(space_directions="(0.5,0,0) (0,0.5,0) none"), "nrrd.space"),
        (nrrd(space_directions="(0.5,0,0) (0,0.5,0) (0,nan,4)"), "nrrd.space"),
        (nrrd(space_directions="(0.5,0,0) (0.5,0,0) (0,0,4)"), "geometry.singular"),
        (nrrd(space_directions="(0.5,0,0) (0,0,0) (0,0,4)"), "geometry.singular"),
        (nrrd(space_origin="(1e300,0,0)"), "geometry.origin"),
        (nrrd(data_file="a.raw"), "nrrd.detached"),
        (nrrd(byte_skip="-1"), "nrrd.detached"),
        (nrrd(extra="sizes: 9 9 9\n"), "nrrd.field"),
        (nrrd(extra="surprise: 1\n"), "nrrd.field"),
        (b"NRRD0009\n" + nrrd()[9:], "nrrd.header"),
        (nrrd()[:80], "nrrd.header"),
        (nrrd().replace(b"kinds", b"k\xffnds"), "nrrd.header"),
    ],
)
def test_broken_nrrd_is_refused_with_its_code(data, code):
    with pytest.raises(DomainError) as caught:
        read_image(data, "a.nrrd")

    assert caught.value.code == code
