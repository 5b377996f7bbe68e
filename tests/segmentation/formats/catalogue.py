"""Every refused file of the adversarial catalogue (numbers 1 to 38 and 46), with the answer it must get."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from tests.segmentation.formats.specimens import (
    BITPIX,
    DATATYPE,
    DIM,
    MAGIC,
    PIXDIM,
    QFORM_CODE,
    QUATERN,
    SFORM_CODE,
    SHAPE,
    SLOPE,
    SROW,
    UNITS,
    VOX_OFFSET,
    affine_with,
    endless,
    lesion,
    nifti,
    packed,
    patched,
    with_trailer,
)


@dataclass(frozen=True)
class Specimen:
    """One refused file: number in the catalogue, what it is, its bytes, and the required answer."""

    number: int
    title: str
    build: Callable[[], bytes]
    code: str
    words: tuple[str, ...]
    role: str = "mask"
    name: str = "lesion.nii.gz"


def _mask() -> bytes:
    return nifti(lesion())


def _gz() -> bytes:
    return packed(_mask())


def _nii(*patches: tuple[int, str, Any]) -> Callable[[], bytes]:
    return lambda: packed(patched(_mask(), *patches))


def _nan_at(*index: int) -> np.ndarray:
    hole = np.zeros(SHAPE, "f4")
    hole[index] = np.nan
    return hole


def _npy() -> bytes:
    out = io.BytesIO()
    np.save(out, np.array([{"a": 1}], dtype=object), allow_pickle=True)
    return out.getvalue()


NAN = float("nan")
DECLARED = 352 + int(np.prod(SHAPE))

REFUSED: tuple[Specimen, ...] = (
    Specimen(1, "empty file", lambda: b"", "file.empty", ("empty",)),
    Specimen(
        2,
        "sign-in page",
        lambda: b"<!DOCTYPE html><html><body>Sign in</body></html>" * 20,
        "file.not_nifti",
        ("web page",),
    ),
    Specimen(3, "header of 200 bytes", lambda: _mask()[:200], "nifti.header_short", ("200", "348"), name="a.nii"),
    Specimen(3, "packed header of 200 bytes", lambda: packed(_mask()[:200]), "nifti.header_short", ("200",)),
    Specimen(
        4,
        "half the voxels",
        lambda: _mask()[: 352 + 5616],
        "nifti.truncated",
        (f"{DECLARED:,}", "5,968"),
        name="a.nii",
    ),
    Specimen(4, "half the voxels, packed", lambda: packed(_mask()[: 352 + 5616]), "nifti.truncated", ("5,968",)),
    Specimen(5, "gzip cut at two thirds", lambda: _gz()[: len(_gz()) * 2 // 3], "gzip.truncated", ("ends before",)),
    Specimen(6, "gzip without its last 8 bytes", lambda: _gz()[:-8], "gzip.truncated", ("ends before",)),
    Specimen(6, "gzip without its last 4 bytes", lambda: _gz()[:-4], "gzip.truncated", ("ends before",)),
    Specimen(7, "wrong checksum", lambda: with_trailer(_gz(), crc=1), "gzip.crc", ("checksum",)),
    Specimen(8, "wrong length", lambda: with_trailer(_gz(), size=256), "gzip.size", (f"{DECLARED:,}",)),
    Specimen(9, "zeros after the end", lambda: _gz() + bytes(512), "gzip.trailing", ("512",)),
    Specimen(9, "garbage after the end", lambda: _gz() + b"garbage", "gzip.trailing", ("7 bytes",)),
    Specimen(10, "two gzip members", lambda: _gz() + _gz(), "gzip.multi", ("two gzip files",)),
    Specimen(
        10,
        "two members, one volume",
        lambda: packed(_mask()[:5000]) + packed(_mask()[5000:]),
        "gzip.multi",
        ("pack it again as one",),
    ),
    Specimen(
        11,
        "bytes after the voxels",
        lambda: _mask() + b"\0\0\0",
        "nifti.trailing",
        (f"{DECLARED + 3:,}",),
        name="a.nii",
    ),
    Specimen(11, "bytes after the voxels, packed", lambda: packed(_mask() + b"\0"), "gzip.too_long", ("unpacks",)),
    Specimen(
        13,
        "bomb that declares 8e9 voxels",
        lambda: endless(patched(_mask(), (DIM, "<8h", (3, 2000, 2000, 2000, 1, 1, 1, 1)))[:352], 2**26),
        "nifti.dims",
        ("2000×2000×2000",),
        role="image",
    ),
    Specimen(14, "bomb behind a small header", lambda: endless(_mask(), 2**26), "gzip.too_long", (f"{DECLARED:,}",)),
    Specimen(15, "dim 32767³", _nii((DIM, "<8h", (3, 32767, 32767, 32767, 1, 1, 1, 1))), "nifti.dims", ("32767",)),
    Specimen(16, "dim with 0", _nii((DIM + 4, "<h", 0)), "nifti.dims", ("24×0×18",)),
    Specimen(17, "negative dim", _nii((DIM + 4, "<h", -26)), "nifti.dims", ("-26",)),
    Specimen(18, "nine axes", _nii((DIM, "<h", 9)), "nifti.dims", ("9 axes",)),
    Specimen(18, "byte-swapped sizes", _nii((DIM, ">8h", (3, *SHAPE, 1, 1, 1, 1))), "nifti.dims", ("768",)),
    Specimen(18, "two axes", _nii((DIM, "<h", 2)), "nifti.dims", ("2 axes",)),
    Specimen(
        19,
        "four volumes as a mask",
        lambda: packed(nifti(np.zeros((*SHAPE, 4), np.uint8))),
        "mask.not_3d",
        ("24×26×18×4", "one volume per file"),
    ),
    Specimen(
        19,
        "four volumes as an image",
        lambda: packed(nifti(np.zeros((*SHAPE, 4), np.uint8))),
        "image.not_3d",
        ("24×26×18×4",),
        role="image",
    ),
    Specimen(20, "pixdim 0", _nii((PIXDIM + 4, "<f", 0.0)), "nifti.spacing", ("0, 0.5, 4",)),
    Specimen(20, "pixdim NaN", _nii((PIXDIM + 8, "<f", NAN)), "nifti.spacing", ("nan",)),
    Specimen(20, "negative pixdim", _nii((PIXDIM + 12, "<f", -4.0)), "nifti.spacing", ("-4",)),
    Specimen(20, "pixdim 0 of an image", _nii((PIXDIM + 4, "<f", 0.0)), "nifti.spacing", ("above 0",), role="image"),
    Specimen(20, "lengths in metres", _nii((UNITS, "<B", 1)), "nifti.units", ("metres", "millimetres")),
    Specimen(
        21,
        "qform and sform disagree (mask)",
        _nii((SROW + 12, "<f", 30.01)),
        "geometry.qform_sform",
        ("qform", "sform", "0.01 mm", "export the mask again"),
    ),
    Specimen(
        21,
        "qform and sform disagree (image)",
        _nii((SROW + 12, "<f", 30.01)),
        "geometry.qform_sform",
        ("choose which one", "sform or qform"),
        role="image",
    ),
    Specimen(22, "sform NaN", _nii((SROW, "<f", NAN)), "geometry.nonfinite", ("sform", "not a number")),
    Specimen(
        22, "sform with a signalling NaN", _nii((SROW, "<I", 0x7FA00000)), "geometry.nonfinite", ("not a number",)
    ),
    Specimen(22, "sform infinite", _nii((SROW + 4, "<f", float("inf"))), "geometry.nonfinite", ("sform",)),
    Specimen(
        22,
        "singular sform",
        _nii((SROW, "<4f", (0.0, -0.5, 0.0, 30.0)), (QFORM_CODE, "<h", 0)),
        "geometry.singular",
        ("sform",),
    ),
    Specimen(
        22,
        "sform row of zeros",
        _nii((SROW, "<4f", (0.0, 0.0, 0.0, 30.0)), (QFORM_CODE, "<h", 0)),
        "geometry.singular",
        ("sform",),
    ),
    Specimen(
        22,
        "quaternion that is no rotation",
        _nii((QUATERN, "<3f", (1.0, 1.0, 1.0))),
        "geometry.qform",
        ("not a rotation",),
    ),
    Specimen(22, "quaternion NaN", _nii((QUATERN, "<f", NAN)), "geometry.nonfinite", ("qform",)),
    Specimen(22, "unknown orientation code", _nii((SFORM_CODE, "<h", 77)), "geometry.code", ("77",)),
    Specimen(
        23,
        "no orientation",
        _nii((QFORM_CODE, "<h", 0), (SFORM_CODE, "<h", 0)),
        "geometry.none",
        ("left and right",),
    ),
    Specimen(
        24,
        "scaled labels outside the set",
        _nii((SLOPE, "<2f", (2.0, 1.0))),
        "mask.label",
        ("3 (1,100 voxels)",),
    ),
    Specimen(
        26,
        "voxels at byte 0",
        lambda: patched(_mask(), (VOX_OFFSET, "<f", 0.0)),
        "nifti.offset",
        ("byte 0", "352"),
        name="a.nii",
    ),
    Specimen(26, "huge offset", _nii((VOX_OFFSET, "<f", 1e12)), "nifti.offset", ("1e+12",)),
    Specimen(26, "offset NaN", _nii((VOX_OFFSET, "<f", NAN)), "nifti.offset", ("nan",)),
    Specimen(26, "fractional offset", _nii((VOX_OFFSET, "<f", 352.5)), "nifti.offset", ("352.5",)),
    Specimen(27, "unknown type", _nii((DATATYPE, "<h", 4242)), "nifti.dtype", ("4242",)),
    Specimen(27, "type and bits disagree", _nii((BITPIX, "<h", 16)), "nifti.dtype", ("8 bits", "16")),
    Specimen(27, "RGB", _nii((DATATYPE, "<h", 128), (BITPIX, "<h", 24)), "nifti.dtype", ("RGB",)),
    Specimen(27, "complex", _nii((DATATYPE, "<h", 32), (BITPIX, "<h", 64)), "nifti.dtype", ("complex",)),
    Specimen(28, "bad signature", _nii((MAGIC, "<4s", b"abc\0")), "nifti.magic", ("signature",)),
    Specimen(28, "Analyze", _nii((MAGIC, "<4s", b"\0\0\0\0")), "nifti.magic", ("Analyze",)),
    Specimen(28, "pair signature in one file", _nii((MAGIC, "<4s", b"ni1\0")), "nifti.magic", (".hdr and .img",)),
    Specimen(
        29,
        "NaN in a mask",
        lambda: packed(nifti(np.where(lesion() > 0, 1, 0).astype("f4") + _nan_at(3, 4, 5))),
        "mask.nan",
        ("(3, 4, 5)",),
    ),
    Specimen(
        30,
        "label 0.5",
        lambda: packed(nifti(lesion("f4") * np.float32(0.5))),
        "mask.fractional",
        ("0.5", "(5, 7, 4)", "1,100"),
    ),
    Specimen(
        31,
        "label 3",
        lambda: packed(nifti(lesion() * 3)),
        "mask.label",
        ("3 (1,100 voxels)", "expected 1, 2"),
    ),
    Specimen(31, "label −1", lambda: packed(nifti(-lesion("i2"))), "mask.label", ("-1 (1,100 voxels)",)),
    Specimen(31, "label 257, 1 in eight bits", lambda: packed(nifti(lesion("i2") * 257)), "mask.label", ("257",)),
    Specimen(
        31,
        "label beyond a million",
        lambda: packed(nifti(lesion("i4") * 1_000_257)),
        "mask.label",
        ("1000257 (1,100 voxels)",),
    ),
    Specimen(32, "empty mask", lambda: packed(nifti(lesion() * 0)), "mask.empty", ("no lesion",)),
    Specimen(
        33,
        "another shape",
        lambda: packed(nifti(np.ones((24, 26, 19), np.uint8))),
        "geometry.shape",
        ("24×26×19", "24×26×18"),
    ),
    Specimen(
        33,
        "transposed",
        lambda: packed(nifti(np.ascontiguousarray(lesion().T))),
        "geometry.shape",
        ("18×26×24", "24×26×18", "transposed"),
    ),
    Specimen(
        34,
        "mirrored left to right",
        lambda: packed(nifti(lesion(), affine_with((0.5, 0.5, 4), flip=0))),
        "geometry.orientation",
        ("RPS", "LPS"),
    ),
    Specimen(
        35,
        "spacing off by 0.01 mm",
        lambda: packed(nifti(lesion(), affine_with((0.5, 0.5, 4.01)))),
        "geometry.affine",
        ("4.01", "0.001 mm"),
    ),
    Specimen(
        36,
        "MetaImage",
        lambda: b"ObjectType = Image\nNDims = 3\n",
        "file.format",
        ("MetaImage",),
        name="a.mha",
    ),
    Specimen(36, "DICOM", lambda: bytes(128) + b"DICM" + bytes(99), "file.format", ("DICOM",), name="a"),
    Specimen(36, "DICOM named as NIfTI", lambda: bytes(128) + b"DICM" + bytes(99), "file.format", ("DICOM",)),
    Specimen(36, "picture part of a pair", lambda: bytes(4000), "file.format", ("pair",), name="a.img"),
    Specimen(36, "FreeSurfer", lambda: packed(bytes(4000)), "file.format", ("FreeSurfer",), name="a.mgz"),
    Specimen(36, "packed NRRD", lambda: packed(b"NRRD0004\n"), "file.format", (".nrrd.gz",), name="a.nrrd.gz"),
    Specimen(46, "pickled numpy", _npy, "file.format", ("NumPy",), name="a.npy"),
    Specimen(46, "npz", lambda: b"PK\x03\x04" + bytes(99), "file.format", ("ZIP",), name="a.npz"),
    Specimen(46, "pickle named as NIfTI", lambda: b"\x80\x04\x95" + bytes(99), "file.format", ("pickle",)),
)
