"""The demo's data come through the public services, verify clean, and are made only once."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.management import call_command

from hub.demo.setup import PEOPLE, prepare
from readerstudy.models import Read, Study
from segmentation.models import Case, Job


@pytest.mark.slow
def test_the_demo_is_made_once_and_verifies(
    db: None, data_folder: Path, settings: object, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.PEOPLE_FILE = data_folder / "people.txt"  # type: ignore[attr-defined]
    prepare(say=lambda text: None, size=(64, 64, 48), count=6)
    made = (Case.objects.count(), Read.objects.count(), Study.objects.count())

    prepare(say=lambda text: None, size=(64, 64, 48), count=6)
    call_command("verify")

    assert made == (Case.objects.count(), Read.objects.count(), Study.objects.count())
    assert made[0] == 6
    assert {study.state for study in Study.objects.all()} == {"reading", "unblinded"}
    assert len((data_folder / "people.txt").read_text().splitlines()) == len(PEOPLE)
    assert (data_folder / "people.txt").stat().st_mode & 0o077 == 0
    assert Job.objects.filter(kind="measure").count() == 1
    assert "Everything is as it was" in capsys.readouterr().out
