"""One case at the size that scanners give, through the real site and a real browser."""

from __future__ import annotations

import subprocess
import sys

import pytest
from site_under_test import ROOT, Site

pytestmark = pytest.mark.slow

MAKE_STUDY = """
import sys
from pathlib import Path
import django
django.setup()
from django.utils import timezone
from accounts.models import User
from hub.demo.export import write_demo
from readerstudy.services import allocations, studies
from segmentation.services.cases import create_dataset
from segmentation.services.imports import IncomingFile, Options, apply_import, plan_import

folder, at = Path(sys.argv[1]), timezone.now()
write_demo(folder, seed=3, count=1)
pi, reader = (User.objects.get(email=f"{name}@story.invalid") for name in ("pi", "reader"))
dataset = create_dataset(name="Full size", description="", by=pi, at=at)
files = [IncomingFile(p.relative_to(folder).as_posix(), p) for p in sorted(folder.rglob("*")) if p.is_file()]
plan = plan_import(files, dataset, options=Options(empty_masks="declare"))
assert not apply_import(plan, files, dataset, by=pi, at=at).refused
case = dataset.cases.get()
assert case.volumes.get().shape == [240, 240, 155], case.volumes.get().shape
study = studies.create_study(title="Full size", datasets=[dataset], by=pi, at=at)
arms = [(f"X{n}", source) for n, source in enumerate(dataset.sources.all(), start=1)]
studies.set_arms(study=study, arms=arms, by=pi, at=at)
studies.set_cases(study=study, cases=[case], practice=[], by=pi, at=at)
studies.add_member(study=study, user=reader, role="reader", by=pi, at=at)
study.refresh_from_db()
allocations.seal_study(study=study, by=pi, at=at)
print(study.code)
"""


def test_a_full_size_case_is_shown_and_read(site: Site) -> None:
    made = subprocess.run(
        [sys.executable, "-c", MAKE_STUDY, str(site.data.parent / "full")],
        cwd=ROOT,
        env=site.environment,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert made.returncode == 0, made.stdout[-2000:] + made.stderr[-3000:]

    ran = site.browse("full_size.mjs", study=made.stdout.strip().splitlines()[-1])

    assert ran.returncode == 0, ran.stdout[-3000:] + ran.stderr[-4000:]
