"""People, a dataset and a store of its own for every test."""

from collections.abc import Callable
from pathlib import Path

import pytest

import segmentation.tasks  # noqa: F401  (the doorbell)
from accounts.models import User
from hub.celery import app as celery
from segmentation.models import Dataset, DatasetMember


@pytest.fixture(autouse=True)
def _own_store(settings, tmp_path: Path) -> None:
    settings.STORE_FOLDER = tmp_path / "data" / "store"
    settings.UPLOAD_FOLDER = tmp_path / "data" / "uploads"
    settings.DATA_FOLDER = tmp_path / "data"


@pytest.fixture(autouse=True)
def _eager_doorbell(monkeypatch: pytest.MonkeyPatch) -> None:
    # No worker listens in a test: the doorbell runs the job at once, after the commit.
    monkeypatch.setitem(celery.conf, "task_always_eager", True)


@pytest.fixture
def person(db) -> Callable[[str], User]:
    def make(name: str) -> User:
        return User.objects.create_user(f"{name}@example.org", "a long password", name=name)

    return make


@pytest.fixture
def manager(person) -> User:
    return person("manager")


@pytest.fixture
def dataset(manager) -> Dataset:
    found = Dataset.objects.create(name="Glioma", created_by=manager)
    DatasetMember.objects.create(dataset=found, user=manager, role=DatasetMember.Role.MANAGER, label="M1")
    return found
