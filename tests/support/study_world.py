"""A small real study: three experts, two models, real blobs in a real store."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from accounts.models import User
from readerstudy.models import Presentation, Seal, Study, StudyMember
from readerstudy.services import allocations, studies
from segmentation.formats.canonical import canonical_nifti, readback_verifier
from segmentation.formats.digest import content_sha256
from segmentation.models import (
    Case,
    Dataset,
    DatasetMember,
    LabelMap,
    Segmentation,
    SegmentationMask,
    Source,
    Subject,
    Volume,
)
from segmentation.storage import blob_store

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SHAPE = (14, 12, 6)
# Native LPS with thick slices: delivery has to turn it.
AFFINE = np.array([[-1.0, 0, 0, 7], [0, -1.0, 0, 6], [0, 0, 3.0, -9], [0, 0, 0, 1]])


@dataclass
class World:
    """Everything a test of a study needs to name."""

    dataset: Dataset
    study: Study
    pi: User
    second: User
    experts: list[User]
    sources: dict[str, Source]
    cases: list[Case] = field(default_factory=list)
    readers: dict[str, StudyMember] = field(default_factory=dict)

    def seal(self, **options: object) -> Seal:
        seal = allocations.seal_study(study=self.study, by=self.pi, at=AT, **options)  # type: ignore[arg-type]
        self.study.refresh_from_db()
        return seal

    def presentations(self, label: str) -> list[Presentation]:
        return list(Presentation.objects.filter(reader__label=label, reader__study=self.study).order_by("position"))


@pytest.fixture
def data_folder(settings: object, tmp_path: Path) -> Path:
    settings.DATA_FOLDER = tmp_path  # type: ignore[attr-defined]
    settings.STORE_FOLDER = tmp_path / "store"  # type: ignore[attr-defined]
    settings.UPLOAD_FOLDER = tmp_path / "uploads"  # type: ignore[attr-defined]
    return tmp_path


@pytest.fixture
def make_world(db: None, data_folder: Path) -> Callable[..., World]:
    return build_world


@pytest.fixture
def world(make_world: Callable[..., World]) -> World:
    return make_world()


def build_world(
    cases: int = 6,
    practice: int = 1,
    readers: int = 3,
    shape: tuple[int, int, int] = SHAPE,
    alike: bool = False,
) -> World:
    """Make people, a dataset with real files, and a draft study over it; `alike`: all masks of a case are equal."""
    pi, second = (User.objects.create_user(f"{n}@example.org", "correct horse", name=n) for n in ("pi", "second"))
    experts = [User.objects.create_user(f"e{n}@example.org", "correct horse", name=f"e{n}") for n in range(1, 4)]
    dataset = Dataset.objects.create(name="small", created_by=pi)
    DatasetMember.objects.create(dataset=dataset, user=pi, role="manager", label="M1")
    sources = _sources(dataset, experts)
    made = [_case(dataset, sources, number, shape, alike) for number in range(1, cases + practice + 1)]
    study = studies.create_study(title="Small study", datasets=[dataset], by=pi, at=AT)
    studies.add_member(study=study, user=second, role="coordinator", by=pi, at=AT)
    arms = {a.code: a for a in studies.set_arms(study=study, arms=list(sources.items()), by=pi, at=AT)}
    studies.set_cases(study=study, cases=made[practice:], practice=made[:practice], by=pi, at=AT)
    world = World(dataset, study, pi, second, experts, sources, made)
    for number, expert in enumerate(experts[:readers], start=1):
        member = studies.add_member(study=study, user=expert, role="reader", by=pi, at=AT)
        world.readers[member.label] = studies.describe_reader(
            member=member, own_arm=arms[f"E{number}"], qualification="neuroradiologist", conflicts="", by=pi, at=AT
        )
    study.refresh_from_db()
    studies.edit_protocol(
        study=study,
        changes={"practice": {"count": practice}, "reports_to": "the PI", "ethics_reference": "IRB 7"},
        revision=study.protocol_revision,
        by=pi,
        at=AT,
    )
    study.refresh_from_db()
    return world


def _sources(dataset: Dataset, experts: list[User]) -> dict[str, Source]:
    made = {
        f"E{n}": Source.objects.create(dataset=dataset, kind="annotator", name=f"Expert {n}", annotator=expert)
        for n, expert in enumerate(experts, start=1)
    }
    for code, name in (("TE", "transfer encoder"), ("BRATS", "adult glioma")):
        made[code] = Source.objects.create(
            dataset=dataset, kind="model", name=name, version="1.0", training_subjects=["S900"]
        )
    return made


def _case(
    dataset: Dataset, sources: dict[str, Source], number: int, shape: tuple[int, int, int], alike: bool = False
) -> Case:
    rng = np.random.default_rng(number)
    subject = Subject.objects.create(dataset=dataset, code=f"S{number:03d}")
    case = Case.objects.create(dataset=dataset, subject=subject, name=f"C-{number:03d}", site=f"site {number % 2}")
    image = rng.integers(0, 900, shape).astype(np.int16)
    volume = Volume.objects.create(
        case=case,
        sequence="T2",
        dtype="int16",
        shape=list(shape),
        affine=AFFINE.tolist(),
        window=[0, 900],
        **_kept(image),
    )
    labels, _ = LabelMap.objects.get_or_create(
        name="whole tumour", version=1, defaults={"labels": [{"value": 1, "name": "tumour", "colour": "#e69f00"}]}
    )
    for place, source in enumerate(sources.values()):
        segmentation = Segmentation.objects.create(case=case, source=source, label_map=labels)
        mask = np.zeros(shape, np.uint8)
        larger = 0 if alike else place
        mask[3 : 8 + larger % 3, 3 : 7 + larger, 1 : 3 + number % 3] = 1
        SegmentationMask.objects.create(
            segmentation=segmentation, volume=volume, voxels_by_label={"1": int(mask.sum())}, **_kept(mask)
        )
    return case


def _kept(array: np.ndarray) -> dict[str, str]:
    content = content_sha256(array, AFFINE)
    blob = blob_store().put(canonical_nifti(array, AFFINE), verify=readback_verifier(content))
    return {"blob_sha256": blob, "content_sha256": content}
