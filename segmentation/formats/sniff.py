"""What a file is, from its first bytes. The name is only believed when the bytes say nothing."""

from typing import Literal

from segmentation.errors import FileRefused
from segmentation.formats import gunzip
from segmentation.formats.nifti_header import looks_like_nifti

Kind = Literal["nifti", "nrrd"]

_SIGNATURES: tuple[tuple[int, bytes, str], ...] = (
    (128, b"DICM", "DICOM"),
    (0, b"\x02\0\0\0", "DICOM"),
    (0, b"\x08\0\x05\0", "DICOM"),
    (0, b"NRRD", "a NRRD file packed as a whole (.nrrd.gz)"),
    (0, b"ObjectType", "MetaImage (.mha)"),
    (0, b"NDims", "MetaImage (.mha)"),
    (0, b"\x93NUMPY", "NumPy (.npy)"),
    (0, b"PK\x03\x04", "a ZIP archive (or .npz, .docx)"),
    (0, b"Rar!", "a RAR archive"),
    (0, b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (257, b"ustar", "a TAR archive"),
    (0, b"\x89HDF", "HDF5 or MINC"),
    (0, b"\x89PNG", "a PNG picture"),
    (0, b"\xff\xd8\xff", "a JPEG picture"),
    (0, b"II*\0", "a TIFF picture"),
    (0, b"MM\0*", "a TIFF picture"),
    (0, b"%PDF", "PDF"),
    (0, b"\x80\x02", "a Python pickle"),
    (0, b"\x80\x04", "a Python pickle"),
    (0, b"\x80\x05", "a Python pickle"),
)
_SUFFIXES = {
    ".dcm": "DICOM", ".ima": "DICOM", ".mha": "MetaImage (.mha)", ".mhd": "MetaImage (.mhd with .raw)",
    ".hdr": "Analyze or a NIfTI pair (.hdr and .img)", ".img": "Analyze or a NIfTI pair (.hdr and .img)",
    ".mgz": "FreeSurfer (.mgz)", ".mgh": "FreeSurfer (.mgh)", ".npy": "NumPy (.npy)", ".npz": "NumPy (.npz)",
    ".nhdr": "a detached NRRD header (.nhdr)", ".stl": "a surface (.stl)", ".vtk": "VTK", ".mnc": "MINC",
    ".pkl": "a Python pickle",
}  # fmt: skip
_WAY_OUT = "export it as NIfTI (.nii.gz) or NRRD (.nrrd)"


def kind_of(data: bytes, name: str) -> Kind:
    """Return which reader a file needs.

    Raises
    ------
    FileRefused
        ``file.empty``; ``file.format``, naming the format, for one that is known but not read here;
        ``file.not_nifti`` for anything else.
    """
    if not data:
        raise FileRefused("file.empty", "The file is empty (0 bytes); export it again.")
    packed = data[:2] == gunzip.MAGIC
    head = gunzip.gunzip_head(data, size=512) if packed else data[:512]
    if head[:4] == b"NRRD" and not packed:
        return "nrrd"
    if looks_like_nifti(head):
        return "nifti"
    foreign = _foreign(head, name.lower())
    if foreign:
        raise FileRefused("file.format", f"This is {foreign}, which is not read here; {_WAY_OUT}.")
    raise FileRefused("file.not_nifti", _unknown(head))


def _foreign(head: bytes, name: str) -> str | None:
    for at, signature, known in _SIGNATURES:
        if head[at : at + len(signature)] == signature:
            return known
    return next((known for suffix, known in _SUFFIXES.items() if name.removesuffix(".gz").endswith(suffix)), None)


def _unknown(head: bytes) -> str:
    if head.lstrip()[:1] == b"<":
        return f"This is a web page, not an image (perhaps a sign-in page was saved in its place); {_WAY_OUT}."
    return f"This is neither a NIfTI nor a NRRD file: it begins with the header of neither; {_WAY_OUT}."
