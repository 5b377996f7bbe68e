"""From the command line, in processes of their own: a folder comes in, a worker is killed, nothing is lost."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from case_files import image, lesion, write

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.slow


@pytest.fixture
def manage(tmp_path):
    surroundings = os.environ | {
        "BLINDREAD_PROFILE": "demo",
        "BLINDREAD_DATA": str(tmp_path / "data"),
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "platform")]),
    }

    def run(*arguments: str, text: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT, env=surroundings, input=text, capture_output=True, text=True, timeout=120,
        )  # fmt: skip

    assert run("migrate", "-v0").returncode == 0
    code = "from accounts.models import User; User.objects.create_user('pi@example.org', 'a long password', name='PI')"
    assert run("shell", "-v0", "-c", code).returncode == 0
    return run


@pytest.fixture
def folder(tmp_path) -> Path:
    root = tmp_path / "incoming"
    write(root, "P01/t2.nii.gz", image(1))
    write(root, "P01/segmentations/Expert A.nii.gz", lesion())
    bad = write(root, "P01/segmentations/net.nii.gz", lesion(5, 4, 2))
    bad.write_bytes(bad.read_bytes()[:-4])
    return root


def rows(manage, expression: str):
    code = f"import json; from segmentation.models import *; print(json.dumps({expression}))"
    return json.loads(manage("shell", "-v0", "-c", code).stdout.splitlines()[-1])


def test_a_folder_is_shown_before_it_is_imported_and_refusals_are_named(manage, folder):
    ask = ("import_cases", str(folder), "--dataset", "Glioma", "--by", "pi@example.org")

    dry = manage(*ask, "--dry-run")
    declined = manage(*ask, text="n\n")
    assert rows(manage, "[Dataset.objects.count(), Case.objects.count()]") == [0, 0]
    done = manage(*ask, "--yes")
    again = manage(*ask, "--yes")

    assert "new segmentation" in dry.stdout and "Nothing was written." in dry.stdout
    assert "net.nii.gz" in dry.stdout and "Nothing was written." in declined.stdout
    assert done.returncode == 1 and "Refused files: 1." in done.stdout
    assert "gzip.truncated" in done.stdout and "net.nii.gz" in done.stdout
    assert "New: 0 cases" in again.stdout and "already stored" in again.stdout
    assert rows(manage, "[Dataset.objects.count(), Case.objects.count(), Segmentation.objects.count()]") == [1, 1, 1]
    assert "1 new values" in manage("measure", "--dataset", "Glioma").stdout
    assert not any(Path(folder).parent.joinpath("data", "store", "tmp").iterdir())


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("nowhere", "--dataset", "G", "--by", "pi@example.org"), "is not a folder"),
        ((".", "--dataset", "G", "--by", "nobody@example.org"), "Nobody signs in"),
    ],
)
def test_a_wrong_call_is_one_sentence_and_no_traceback(manage, arguments, sentence):
    answer = manage("import_cases", *arguments)

    assert answer.returncode != 0 and sentence in answer.stderr and "Traceback" not in answer.stderr


WORKER = """
import os, signal
from datetime import timedelta
from django.utils import timezone
from segmentation.services import jobs
from segmentation.models import Job

@jobs.handles("fragile")
def work(context):
    context.progress(1, 2, "half way")
    if context.job.attempts < {dies}:
        os.kill(os.getpid(), signal.SIGKILL)
    return {{"attempts": context.job.attempts}}

job = Job.objects.filter(kind="fragile").first() or Job.objects.create(kind="fragile")
jobs.reap_expired(timezone.now() + timedelta(hours=1))
jobs.run(job.code)
"""


def test_a_worker_that_is_killed_half_way_is_replaced_and_a_poisoned_job_is_set_aside(manage):
    killed = manage("shell", "-v0", "-c", WORKER.format(dies=2))
    assert killed.returncode == -signal.SIGKILL
    assert rows(manage, "list(Job.objects.values_list('state', 'done_steps'))") == [["running", 1]]

    assert manage("shell", "-v0", "-c", WORKER.format(dies=2)).returncode == 0
    assert rows(manage, "list(Job.objects.values_list('state', 'result', 'fence'))") == [["done", {"attempts": 2}, 2]]

    manage("shell", "-v0", "-c", "from segmentation.models import Job; Job.objects.all().delete()")
    for _ in range(4):
        manage("shell", "-v0", "-c", WORKER.format(dies=9))
    assert rows(manage, "list(Job.objects.values_list('state', 'error_code'))") == [["failed", "job.attempts"]]
