"""The variables that steer nnU-Net, as one dictionary for a subprocess.

nnU-Net reads them when it is imported, so they belong to a process, never to a function call. Augmentation without
worker processes (0) is right for training on a CPU but crashes the planner, which wants at least 1.
"""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Folders:
    """Where nnU-Net keeps raw data, preprocessed data and results of one run."""

    base: Path

    @property
    def raw(self) -> Path:
        """Folder of exported datasets."""
        return self.base / "raw"

    @property
    def preprocessed(self) -> Path:
        """Folder of plans, splits and preprocessed cases."""
        return self.base / "preprocessed"

    @property
    def results(self) -> Path:
        """Folder of checkpoints, in nnU-Net's own layout."""
        return self.base / "results"

    def create(self) -> "Folders":
        """Make the three folders and return self."""
        for folder in (self.raw, self.preprocessed, self.results):
            folder.mkdir(parents=True, exist_ok=True)
        return self


def nnunet_environment(
    folders: Folders, *, augmentation_processes: int = 0, export_processes: int = 1, compiled: bool = False
) -> dict[str, str]:
    """Return nnU-Net's variables; without compilation, and with our trainers where its commands find them."""
    return {
        "nnUNet_raw": str(folders.raw),
        "nnUNet_preprocessed": str(folders.preprocessed),
        "nnUNet_results": str(folders.results),
        "nnUNet_n_proc_DA": str(augmentation_processes),
        "nnUNet_def_n_proc": str(max(1, export_processes)),
        "nnUNet_compile": "T" if compiled else "F",
        "nnUNet_extTrainer": str(Path(__file__).resolve().parent / "stock"),
    }
