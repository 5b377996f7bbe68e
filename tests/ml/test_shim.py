"""With the shim first, everything of nnU-Net can be imported beside a CPU torch."""

import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="needs the packages of .venv-ml (make test-ml)")

ROOT = Path(__file__).resolve().parents[2]

FIND = (
    "from nnunetv2.utilities.find_objects import recursive_find_trainer_class_by_name as find; "
    "print(find('nnUNetTrainer_5epochs').__name__)"
)


def run(code, **environment):
    return subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, env=environment)


def test_the_class_finder_which_imports_every_trainer_works_with_the_shim():
    done = run(f"import ml.torchvision_shim; {FIND}")

    assert done.stdout.split()[-1:] == ["nnUNetTrainer_5epochs"], done.stderr


def test_our_trainers_are_found_by_nnu_net_s_own_commands():
    from ml.nnunet.environment import Folders, nnunet_environment

    code = f"import ml.torchvision_shim; {FIND.replace('nnUNetTrainer_5epochs', 'StepTransferDecoder')}"

    done = run(code, **nnunet_environment(Folders(ROOT)))

    assert done.stdout.split()[-1:] == ["StepTransferDecoder"], done.stderr


def test_the_shim_does_nothing_the_second_time():
    done = run("import ml.torchvision_shim as s; print(s.repair())")

    assert done.stdout.strip() == "False"


def test_no_module_of_ml_imports_django():
    names = [
        ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for file in sorted((ROOT / "ml").rglob("*.py"))
    ]
    imports = "; ".join(f"import {name}" for name in names)

    done = run(f"import sys; {imports}; print([m for m in ('django', 'celery') if m in sys.modules])")

    assert done.stdout.strip() == "[]", done.stderr
