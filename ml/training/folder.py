"""Reading annotated cases from a folder as the importer takes it: one folder per case, masks by source.

::

    FOLDER/cases.csv                              columns subject and case
    FOLDER/<case>/<sequence>.nii.gz
    FOLDER/<case>/segmentations/<source>.nii.gz

Arrays are turned to RAS, so that a network sees every case the same way up.
"""

import csv
import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
from numpy.typing import NDArray

from ml.errors import TrainingFailed
from ml.nnunet.dataset import TrainingCase


def cases_from_folder(
    folder: Path, *, sequences: tuple[str, ...], source: str, merged: bool = False, prefix: str = ""
) -> Iterator[TrainingCase]:
    """Yield every case that the source has drawn, in the order of `cases.csv`.

    Parameters
    ----------
    source : str
        Whose masks to learn; cases without one are left out.
    merged : bool
        Make one label, 1, of all structures.
    prefix : str
        Put before subject and case codes, for generated cases that are nobody's.

    Raises
    ------
    TrainingFailed
        ``folder.absent`` without `cases.csv`; ``folder.damaged`` for a file that is cut or changed.
    """
    table = folder / "cases.csv"
    if not table.is_file():
        raise TrainingFailed("folder.absent", f"{folder.name} holds no cases.csv; export the dataset again.")
    with table.open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    for row in rows:
        mask = folder / row["case"] / "segmentations" / f"{source}.nii.gz"
        if mask.is_file():
            labels, affine = _read(mask)
            images = [_read(mask.parents[1] / f"{sequence}.nii.gz")[0] for sequence in sequences]
            drawn = (labels > 0) if merged else labels
            yield TrainingCase(
                f"{prefix}{row['case']}",
                f"{prefix}{row['subject']}",
                np.stack(images).astype(np.float32),
                np.asarray(drawn, np.uint8),
                affine,
            )


def _read(path: Path) -> tuple[NDArray[Any], NDArray[np.float64]]:
    """Return voxels in RAS and their affine; nibabel alone would not notice a damaged gzip file."""
    try:
        content = gzip.decompress(path.read_bytes())
        image: Any = nibabel.Nifti1Image.from_bytes(content)
        canonical: Any = nibabel.as_closest_canonical
        upright = canonical(image)
        return np.asarray(upright.dataobj), np.asarray(upright.affine, np.float64)
    except (OSError, EOFError, ValueError, nibabel.filebasedimages.ImageFileError) as error:
        raise TrainingFailed(
            "folder.damaged", f"{path.name} of {path.parent.name} cannot be read ({error})."
        ) from error
