"""Making the demo: people with random passwords, twenty cases through the public import, and two studies.

Everything goes the way that a user's data goes (import, protocol, seal, submit), so that the demo is also a proof.
Running it again changes nothing.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from accounts.models import Institution, User
from hub.demo.export import dice_table, write_demo
from hub.demo.studies import make_closed_study, make_open_study
from segmentation.models import Dataset, QualityDecision
from segmentation.services.cases import create_dataset, decide_quality
from segmentation.services.imports.applying import apply_import
from segmentation.services.imports.layout import IncomingFile
from segmentation.services.imports.plan import ImportPlan, Options
from segmentation.services.imports.planning import plan_import
from segmentation.services.measurements import request_measure

SEED = 20261
DATASET = "Paediatric glioma (synthetic)"
UNDECIDED = 3
Say = Callable[[str], None]


@dataclass(frozen=True)
class Person:
    """One of the demo's people."""

    email: str
    name: str
    what: str
    is_site_admin: bool = False


PEOPLE = (
    Person("pi@demo.invalid", "Dr Ines Okafor", "principal investigator: designs, seals, watches, unblinds"),
    Person("coordinator@demo.invalid", "Maya Lindqvist", "coordinator: the second person for close and unblind"),
    Person("analyst@demo.invalid", "Tomas Herrera", "analyst: tables, charts, exports"),
    Person("expert-1@demo.invalid", "Dr Aiko Brandt", "reader R1, half-way through a study"),
    Person("expert-2@demo.invalid", "Dr Jonas Mbeki", "reader R2, well on the way"),
    Person("expert-3@demo.invalid", "Dr Lena Petrov", "reader R3, about to begin: instructions and practice"),
    Person("admin@demo.invalid", "Site administrator", "site administration", is_site_admin=True),
)


def prepare(say: Say = print, size: tuple[int, int, int] | None = None, count: int = 20) -> None:
    """Make what is missing of the demo; `size` and `count` make a small one for tests."""
    people = make_people(say)
    if Dataset.objects.filter(name=DATASET).exists():
        return
    folder = Path(settings.DATA_FOLDER) / "demo" / "cases"
    say(f"Making {count} synthetic cases (once, about two minutes)")
    written = write_demo(folder, seed=SEED, count=count, size=size, progress=_progress(say))
    dataset = import_demo(folder, people["pi@demo.invalid"], at=timezone.now(), say=say)
    assess(dataset, people["pi@demo.invalid"])
    dice = dice_table(written)
    say("Making a closed study whose truth is known, and one that is being read")
    make_closed_study(dataset, people, dice, seed=SEED)
    make_open_study(dataset, people, dice, seed=SEED + 1)


def make_people(say: Say) -> dict[str, User]:
    """Return the demo's people by e-mail; on the first run they get random passwords, written to a private file."""
    known = {user.email: user for user in User.objects.filter(email__in=[person.email for person in PEOPLE])}
    missing = [person for person in PEOPLE if person.email not in known]
    if missing:
        hospital, _ = Institution.objects.get_or_create(name="Demo Children's Hospital")
        passwords = {person.email: _password() for person in missing}
        for person in missing:
            known[person.email] = User.objects.create_user(
                person.email,
                passwords[person.email],
                name=person.name,
                institution=hospital,
                is_site_admin=person.is_site_admin,
            )
        _write_people(passwords)
        say(f"Sign-ins are in {settings.PEOPLE_FILE}")
    return known


def import_demo(folder: Path, by: User, *, at: datetime, say: Say) -> Dataset:
    """Import the written folder as a person would: dry run, then apply."""
    dataset = create_dataset(name=DATASET, description="Made by the demo's seeded generator.", by=by, at=at)
    files = [
        IncomingFile(path.relative_to(folder).as_posix(), path) for path in sorted(folder.rglob("*")) if path.is_file()
    ]
    say(f"Importing {len(files)} files: reading each strictly, then storing and reading back")
    plan = plan_import(files, dataset, options=Options(empty_masks="declare", label_map="paediatric glioma"))
    result = apply_import(ImportPlan.from_json(plan.as_json()), files, dataset, by=by, at=at)
    if result.refused:
        raise RuntimeError(f"the demo's own file was refused: {result.refused[0]}")
    return dataset


def assess(dataset: Dataset, by: User) -> None:
    """Pass quality control for all cases but three, and let the worker measure the masks while the site is up."""
    for case in dataset.cases.order_by("name")[UNDECIDED:]:
        decide_quality(case, verdict=QualityDecision.Verdict.INCLUDE, reason="", by=by, at=timezone.now())
    request_measure(dataset, by=by)


def _progress(say: Say) -> Callable[[int, int, str], None]:
    return lambda done, total, case: say(f"  {done:2d} of {total}  {case}")


def _password() -> str:
    words = [
        "amber",
        "basil",
        "cedar",
        "delta",
        "ember",
        "fjord",
        "grove",
        "hazel",
        "indigo",
        "jasper",
        "kelp",
        "lotus",
        "maple",
        "north",
        "opal",
        "pine",
    ]
    return "-".join([*(secrets.choice(words) for _ in range(3)), str(secrets.randbelow(9000) + 1000)])


def _write_people(passwords: dict[str, str]) -> None:
    path = Path(settings.PEOPLE_FILE)
    path.parent.mkdir(parents=True, exist_ok=True)
    told = {person.email: person for person in PEOPLE}
    lines = [f"{email:28} {password:28} {told[email].what}" for email, password in passwords.items()]
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
