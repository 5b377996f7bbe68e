"""A real site for one browser test: own data folder, web server, worker, a manager, a dataset, and a folder to import.

Prints one line of JSON when it answers, and stops when its input ends.
"""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
PASSWORD = "correct horse battery staple"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        os.environ |= {
            "BLINDREAD_DATA": folder,
            "BLINDREAD_PROFILE": "demo",
            "DJANGO_SETTINGS_MODULE": "hub.settings",
            "PYTHONPATH": f"{ROOT}:{ROOT / 'platform'}",
            "OPENBLAS_NUM_THREADS": "1",
        }
        sys.path[:0] = [str(ROOT), str(ROOT / "platform")]
        told = prepare(Path(folder))
        processes = [start("gunicorn", *web(port)), start("celery", *WORKER)]
        try:
            wait_for(port)
            print(json.dumps({**told, "base": f"http://127.0.0.1:{port}"}), flush=True)
            sys.stdin.read()
        finally:
            for process in processes:
                process.terminate()
            for process in processes:
                process.wait(20)


WORKER = ["--app", "hub.celery.app", "worker", "--concurrency", "1", "--without-gossip", "--without-mingle"]


def web(port: int) -> list[str]:
    return f"--bind 127.0.0.1:{port} --worker-class gthread --threads 8 --no-control-socket hub.wsgi".split()


def start(module: str, *words: str) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", module, *words]
    return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=sys.stderr)


def prepare(data: Path) -> dict[str, str]:
    import django

    django.setup()
    from django.core.management import call_command
    from django.utils import timezone

    from accounts.models import User
    from segmentation.services.cases import create_dataset

    call_command("migrate", verbosity=0)
    manager = User.objects.create_user("manager@example.org", PASSWORD, name="Manager")
    dataset = create_dataset(name="Glioma", by=manager, at=timezone.now())
    folder = data / "incoming" / "study"
    write_folder(folder)
    return {"email": manager.email, "password": PASSWORD, "dataset": dataset.code, "folder": str(folder)}


def write_folder(folder: Path) -> None:
    """Two cases of 64 x 64 x 48 voxels with two sources, one of which is damaged."""
    import nibabel as nib
    import numpy as np

    rng = np.random.default_rng(5)
    x, y, z = np.indices((64, 64, 48))
    lesion = ((x - 38) ** 2 + (y - 30) ** 2 + (z - 24) ** 2 < 100).astype(np.uint8)
    for number in (1, 2):
        case = folder / f"GLI-{number}"
        (case / "segmentations").mkdir(parents=True)
        image = rng.integers(0, 400, lesion.shape).astype(np.int16) + 500 * lesion.astype(np.int16)
        affine = np.diag([3.0, 3.0, 3.0, 1.0])
        nib.save(nib.Nifti1Image(image, affine), str(case / "T2.nii.gz"))
        for source, mask in (("expert-1", lesion), ("model-a", np.roll(lesion, 2, axis=0))):
            nib.save(nib.Nifti1Image(mask, affine), str(case / "segmentations" / f"{source}.nii.gz"))
    damaged = folder / "GLI-2" / "segmentations" / "model-a.nii.gz"
    damaged.write_bytes(damaged.read_bytes()[:-20])


def wait_for(port: int) -> None:
    for _ in range(300):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/sign-in/", timeout=2):
                return
        except OSError:
            time.sleep(0.2)
    raise SystemExit("the web server did not answer within a minute")


if __name__ == "__main__":
    main()
