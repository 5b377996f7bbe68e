"""What the tests of models share: one small run, trained once per session on generated cases."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def small_run(tmp_path_factory):
    """Two folds of scratch, one epoch each, on eight generated cases of four children."""
    pytest.importorskip("torch", reason="needs the packages of .venv-ml (make test-ml)")
    from ml.training.state import Run

    folder = tmp_path_factory.mktemp("run")
    arguments = ["--generated", "--models", "scratch", "--epochs", "1", "--iterations", "2"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "ml.training.stepwise", str(folder), *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=900,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return Run(folder)


@pytest.fixture(scope="session")
def release_folder(small_run, tmp_path_factory):
    """A release of the small run, both folds."""
    from ml.nnunet.release import ReleaseNotes, release_model
    from ml.training.stepwise import CHILD

    folder = tmp_path_factory.mktemp("models") / "demo"
    notes = ReleaseNotes("Demo", "1.0", "Apache-2.0", annotators=("A1",), axis_codes="RAS")
    release_model(small_run, "scratch", CHILD, notes, folder)
    return folder
