"""The trap of a folder called `platform`, and what may not be loaded together."""

import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PURE = [
    "segmentation.geometry",
    "segmentation.metrics",
    "segmentation.formats",
    "readerstudy.instruments",
    "readerstudy.design",
    "readerstudy.analysis",
    "ml",
]


def modules_below(package: str) -> list[str]:
    folder = ROOT / package.replace(".", "/")
    files = sorted(folder.rglob("*.py"))
    names = [".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") for file in files]
    return [name for name in names if "migrations" not in name]


def loaded_after(statements: str, *wanted: str) -> list[str]:
    """Return which of the wanted modules a fresh interpreter has loaded after some statements."""
    code = f"{statements}\nimport sys\nprint(*[m for m in {wanted!r} if m in sys.modules])"
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'platform'}", "BLINDREAD_PROFILE": "test"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_platform_is_a_plain_folder_without_modules_of_its_own():
    assert list((ROOT / "platform").glob("*.py")) == []


def test_python_s_own_platform_is_the_one_that_is_imported():
    assert Path(platform.__file__).parent == Path(os.__file__).parent


def test_tests_hold_no_package_markers():
    assert list((ROOT / "tests").rglob("__init__.py")) == []


# What .venv has none of: modules of ml that need it stop there, after whatever they import before.
WITHOUT_TORCH = ["torch", "torchvision", "nnunetv2", "safetensors"]


def importing(name: str) -> str:
    return f"try: import {name}\nexcept ModuleNotFoundError as e:\n    if e.name not in {WITHOUT_TORCH!r}: raise"


@pytest.mark.parametrize("package", PURE)
def test_a_pure_package_works_without_django(package):
    imports = "\n".join(importing(name) if package == "ml" else f"import {name}" for name in modules_below(package))

    assert loaded_after(imports, "django", "rest_framework", "celery") == []


def test_the_web_never_loads_torch():
    django = "import os; os.environ['DJANGO_SETTINGS_MODULE'] = 'hub.settings'; import django; django.setup()"

    loaded = loaded_after(f"{django}\nimport hub.urls", "hub.urls", "torch", "nnunetv2")

    assert loaded == ["hub.urls"]
