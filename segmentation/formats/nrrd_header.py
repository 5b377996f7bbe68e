"""The NRRD header: plain lines up to an empty one, each understood or refused.

References
----------
Kindlmann G. Definition of NRRD file format, https://teem.sourceforge.net/nrrd/format.html.
"""

import math
import re
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segmentation.errors import FileRefused
from segmentation.formats.raw import Role, check_affine, singleton_note, three_axes
from segmentation.geometry.grid import Grid

LONGEST_HEADER = 64 * 1024
_TYPES = {
    "i1": ("signed char", "int8", "int8_t"),
    "u1": ("uchar", "unsigned char", "uint8", "uint8_t"),
    "i2": ("short", "short int", "signed short", "signed short int", "int16", "int16_t"),
    "u2": ("ushort", "unsigned short", "unsigned short int", "uint16", "uint16_t"),
    "i4": ("int", "signed int", "int32", "int32_t"),
    "u4": ("uint", "unsigned int", "uint32", "uint32_t"),
    "i8": ("longlong", "long long", "long long int", "signed long long", "int64", "int64_t"),
    "u8": ("ulonglong", "unsigned long long", "unsigned long long int", "uint64", "uint64_t"),
    "f4": ("float",),
    "f8": ("double",),
}
_NUMBER_TYPES = {word: code for code, words in _TYPES.items() for word in words}
# Signs that turn the axes of the named space into RAS+.
_SPACES = {
    "right-anterior-superior": (1, 1, 1), "ras": (1, 1, 1),
    "left-anterior-superior": (-1, 1, 1), "las": (-1, 1, 1),
    "left-posterior-superior": (-1, -1, 1), "lps": (-1, -1, 1),
}  # fmt: skip
_READ = {
    "type", "dimension", "sizes", "encoding", "endian", "space", "space directions", "space origin", "kinds",
    "space units", "data file", "line skip", "byte skip",
}  # fmt: skip
# Fields that describe or decorate and change neither voxels nor place.
_IGNORED = {
    "content", "number", "min", "max", "thicknesses", "centers", "labels", "units", "measurement frame",
    "spacings", "sample units", "block size", "space dimension", "axis mins", "axis maxs",
}  # fmt: skip
_SYNONYMS = {
    "datafile": "data file", "lineskip": "line skip", "byteskip": "byte skip", "centerings": "centers",
    "blocksize": "block size", "axismins": "axis mins", "axismaxs": "axis maxs",
    "sampleunits": "sample units",
}  # fmt: skip
_TEXT = ("content", "labels")


@dataclass(frozen=True)
class NrrdHeader:
    """A header whose sizes, number type and geometry are believable, and where the data begin."""

    data_at: int
    dtype: np.dtype[Any]
    packed: bool
    grid: Grid
    notes: tuple[str, ...]
    text_fields_found: tuple[str, ...]


def parse_header(data: bytes, role: Role) -> NrrdHeader:
    """Return the header of a NRRD file.

    Raises
    ------
    FileRefused
        ``nrrd.header``, ``nrrd.field``, ``nrrd.detached``, ``nrrd.encoding``, ``nrrd.dtype``, ``nrrd.dims``,
        ``nrrd.space``, ``image.not_3d``, ``mask.not_3d`` or the ``geometry`` codes.
    """
    lines, data_at = _lines(data)
    fields, text = _fields(lines)
    _refuse_detached(fields)
    sizes = _sizes(fields)
    shape = three_axes("nrrd", sizes, role)
    packed = _packed(fields)
    return NrrdHeader(
        data_at=data_at,
        dtype=_number_type(fields),
        packed=packed,
        grid=Grid(shape, _affine(fields, len(sizes))),
        notes=singleton_note(sizes),
        text_fields_found=text,
    )


def _lines(data: bytes) -> tuple[list[str], int]:
    end = re.search(rb"\r?\n\r?\n", data[:LONGEST_HEADER])
    if end is None:
        raise FileRefused("nrrd.header", "The NRRD header has no end: the file was cut or is damaged; export it again.")
    try:
        lines = data[: end.start()].decode("utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise FileRefused("nrrd.header", "The NRRD header is not readable text; export the file again.") from error
    if re.fullmatch(r"NRRD000[1-5]", lines[0]) is None:
        raise FileRefused("nrrd.header", "The first line is not that of a NRRD file of version 1 to 5.")
    return lines[1:], end.end()


def _fields(lines: list[str]) -> tuple[dict[str, str], tuple[str, ...]]:
    fields: dict[str, str] = {}
    text: list[str] = []
    for line in lines:
        if line.startswith("#"):
            continue
        if ":=" in line and ": " not in line.split(":=")[0]:
            text.append("key/value pair")
            continue
        key, colon, value = line.partition(":")
        name = _SYNONYMS.get(key.strip().lower(), key.strip().lower())
        if not colon or name in fields or name not in _READ | _IGNORED:
            raise FileRefused(
                "nrrd.field",
                "The NRRD header has a line that is not understood or given twice: "
                f"“{key[:30]}”; export the file again.",
            )
        fields[name] = value.strip()
    return fields, tuple(dict.fromkeys(text + [name for name in _TEXT if fields.get(name, "").strip('" ')]))


def _refuse_detached(fields: dict[str, str]) -> None:
    skips = [fields.get(name, "0") for name in ("line skip", "byte skip")]
    if "data file" in fields or skips != ["0", "0"]:
        raise FileRefused(
            "nrrd.detached",
            "This NRRD header points to voxels elsewhere; export header and voxels as one .nrrd file.",
        )


def _wanted(fields: dict[str, str], name: str) -> str:
    if not fields.get(name):
        raise FileRefused("nrrd.field", f"The NRRD header lacks the field “{name}”; export the file again.")
    return fields[name]


def _packed(fields: dict[str, str]) -> bool:
    encoding = _wanted(fields, "encoding").lower()
    if encoding not in ("raw", "gzip", "gz"):
        raise FileRefused(
            "nrrd.encoding",
            f"The voxels are encoded as “{encoding[:20]}”; only raw and gzip are read; export again.",
        )
    return encoding != "raw"


def _number_type(fields: dict[str, str]) -> np.dtype[Any]:
    name = " ".join(_wanted(fields, "type").lower().split())
    if name not in _NUMBER_TYPES:
        raise FileRefused("nrrd.dtype", f"The voxels are of the type “{name[:20]}”, which is not read here.")
    dtype = np.dtype(_NUMBER_TYPES[name])
    if dtype.itemsize == 1:
        return dtype
    endian = _wanted(fields, "endian").lower()
    if endian not in ("little", "big"):
        raise FileRefused("nrrd.field", f"The byte order “{endian[:20]}” is neither little nor big.")
    return dtype.newbyteorder("<" if endian == "little" else ">")


def _sizes(fields: dict[str, str]) -> tuple[int, ...]:
    words = _wanted(fields, "sizes").split()
    dimension = _wanted(fields, "dimension")
    if not all(re.fullmatch(r"\d{1,9}", w) for w in [*words, dimension]) or len(words) != int(dimension):
        raise FileRefused(
            "nrrd.dims",
            f"The header gives {dimension[:9]} axes but the sizes “{' '.join(words)[:40]}”; export again.",
        )
    return tuple(int(w) for w in words)


def _affine(fields: dict[str, str], axes: int) -> NDArray[np.float64]:
    space = fields.get("space", "").lower()
    if space not in _SPACES:
        raise FileRefused(
            "nrrd.space",
            f"The header names the space “{space[:30]}”, so left and right are not known; "
            "export with the space left-posterior-superior or right-anterior-superior.",
        )
    units = fields.get("space units", "mm").replace('"', "").split()
    if set(units) - {"mm", "none", "???"}:
        raise FileRefused("nrrd.space", f"The header gives lengths in {units[0][:20]}; export the file in millimetres.")
    affine = np.eye(4)
    affine[:3, :3] = np.array(_directions(fields, axes)).T
    affine[:3, 3] = _one_vector(_wanted(fields, "space origin"))
    affine[:3] *= np.array(_SPACES[space])[:, None]
    check_affine(affine, "NRRD header")
    return affine


def _directions(fields: dict[str, str], axes: int) -> list[list[float]]:
    given = re.findall(r"none|\([^()]*\)", _wanted(fields, "space directions").lower())
    if len(given) != axes or "none" in given[:3] or any(word != "none" for word in given[3:]):
        raise FileRefused("nrrd.space", "The space directions are not one for each of three axes; export again.")
    return [_one_vector(word) for word in given[:3]]


def _one_vector(word: str) -> list[float]:
    try:
        values = [float(part) for part in word.strip()[1:-1].split(",")]
    except ValueError:
        values = []
    if len(values) != 3 or not all(math.isfinite(v) for v in values) or not word.strip().startswith("("):
        raise FileRefused("nrrd.space", f"The vector “{word[:40]}” in the header is not three numbers; export again.")
    return values
