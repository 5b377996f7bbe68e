"""DICOM to NIfTI by dcm2niix, as a subprocess with a time limit; one file per series, nothing guessed."""

import shutil
import subprocess
import sys
from pathlib import Path

from ml.errors import ImagesRefused, WeightsMissing

_LIMIT_SECONDS = 600


def convert_dicom(source: Path, target: Path, *, limit: float = _LIMIT_SECONDS) -> list[Path]:
    """Convert every series of a folder and return the NIfTI files, sorted by name.

    Names are series number and nothing else: descriptions may hold a person's name.

    Raises
    ------
    WeightsMissing
        ``dicom.converter`` when dcm2niix is not installed.
    ImagesRefused
        ``dicom.none`` when no series could be converted; ``dicom.failed`` when the converter failed or hung.
    """
    target.mkdir(parents=True, exist_ok=True)
    arguments = [str(_converter()), "-z", "y", "-b", "n", "-f", "series-%s", "-o", str(target), str(source)]
    try:
        done = subprocess.run(arguments, capture_output=True, text=True, timeout=limit, errors="replace")
    except subprocess.TimeoutExpired as error:
        raise ImagesRefused(
            "dicom.failed", f"The conversion of {source.name} took longer than {limit:.0f} s."
        ) from error
    files = sorted(target.glob("series-*.nii.gz"))
    if not files:
        raise ImagesRefused("dicom.none", f"{source.name} holds no DICOM series that could be converted.")
    if done.returncode != 0:
        last = (done.stdout + done.stderr).strip().splitlines()[-1:]
        raise ImagesRefused("dicom.failed", f"dcm2niix ended with status {done.returncode} ({''.join(last)[:200]}).")
    return files


def _converter() -> Path:
    beside = Path(sys.executable).parent / "dcm2niix"
    found = str(beside) if beside.is_file() else shutil.which("dcm2niix")
    if not found:
        raise WeightsMissing("dicom.converter", "dcm2niix is not installed here; install the extra [ml].")
    return Path(found)
