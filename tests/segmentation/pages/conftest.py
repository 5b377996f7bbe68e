"""A small folder of real files, sent and imported as a person would, and the manager's browser."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import nibabel as nib
import numpy as np
import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from segmentation.models import Dataset, Job
from segmentation.services import uploads
from segmentation.services.imports.plan import Options
from segmentation.services.imports.requests import request_plan

SHAPE = (12, 10, 6)
AFFINE = np.diag([1.0, 1.0, 2.0, 1.0])
BATCH = "ab" * 16
Folder = Mapping[str, bytes]


def nifti(array: np.ndarray) -> bytes:
    return bytes(nib.Nifti1Image(array, AFFINE).to_bytes())


def volume(seed: int = 0) -> bytes:
    return nifti(np.random.default_rng(seed).integers(0, 900, SHAPE, dtype=np.int16))


def mask(voxels: int = 8) -> bytes:
    """Return a mask of `voxels` voxels of 2 mm³ each."""
    array = np.zeros(SHAPE, dtype=np.uint8)
    array.reshape(-1)[200 : 200 + voxels] = 1
    return nifti(array)


def folder() -> dict[str, bytes]:
    """Return two good cases, one of them with an empty mask, and one damaged image."""
    return {
        "data/cases.csv": b"case,subject,site,cohort_role,age:int\n"
        b"GLI-1,S-1,Site A,internal_test,seven\nGLI-2,S-2,,,9\n",
        "data/GLI-1/T2.nii": volume(1),
        "data/GLI-1/segmentations/expert-1.nii": mask(500),
        "data/GLI-1/segmentations/expert-2.nii": mask(250),
        "data/GLI-2/T2.nii": volume(2),
        "data/GLI-2/segmentations/expert-1.nii": mask(0),
        "data/GLI-3/T2.nii": volume(3)[:-100],
    }


@pytest.fixture
def browser(manager: User) -> Client:
    client = Client()
    client.force_login(manager)
    return client


@pytest.fixture
def send(dataset: Dataset, manager: User) -> Callable[..., str]:
    """Send a folder as the browser does; return the batch."""

    def sent(files: Folder, batch: str = BATCH) -> str:
        for path, data in files.items():
            upload = uploads.create_upload(dataset, user=manager, batch=batch, path=path, length=len(data))
            uploads.file_of(upload).write_bytes(data)
            uploads.finish_empty(upload, at=timezone.now()) if not data else _finish(upload, len(data))
        return batch

    return sent


def _finish(upload: object, length: int) -> None:
    type(upload).objects.filter(pk=upload.pk).update(offset=length, finished_at=timezone.now())  # type: ignore[attr-defined]


@pytest.fixture
def dry_run(
    dataset: Dataset, manager: User, send: Callable[..., str], django_capture_on_commit_callbacks: Callable[..., object]
) -> Callable[..., Job]:
    """Send a folder and make its dry run; return the job."""

    def made(files: Folder | None = None, **options: str) -> Job:
        batch = send(folder() if files is None else files)
        with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]
            job = request_plan(dataset, batch=batch, options=Options(**options), by=manager)  # type: ignore[arg-type]
        job.refresh_from_db()
        return job

    return made


@pytest.fixture
def post(browser: Client, django_capture_on_commit_callbacks: Callable[..., object]) -> Callable[..., object]:
    """Post a form; jobs that it asks for have run when it returns."""

    def posted(path: str, data: Mapping[str, str] | None = None, **more: object) -> object:
        with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]
            return browser.post(path, dict(data or {}), **more)

    return posted


@pytest.fixture
def imported(dataset: Dataset, dry_run: Callable[..., Job], post: Callable[..., object]) -> Dataset:
    """A dataset with two cases, measured."""
    job = dry_run(empty_masks="declare")
    post(f"/datasets/{dataset.code}/imports/{job.code}/apply/")
    return dataset
