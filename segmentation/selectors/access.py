"""Who may see what: each function finds only what this person may see, and absent looks like foreign."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet

from accounts.models import User
from segmentation.errors import NotFound
from segmentation.models import Case, Dataset, DatasetMember, Job, Segmentation, Source, Subject, Volume

Person = User | AnonymousUser
MANAGER = DatasetMember.Role.MANAGER


def datasets_of(user: Person) -> QuerySet[Dataset]:
    """Return the datasets in which this person has a role."""
    return Dataset.objects.filter(members__user_id=user.pk or 0).distinct()


def managed_datasets_of(user: Person) -> QuerySet[Dataset]:
    """Return the datasets that this person manages."""
    return Dataset.objects.filter(members__user_id=user.pk or 0, members__role=MANAGER).distinct()


def dataset_for(user: Person, code: str) -> Dataset:
    """Return a dataset in which this person has a role; NotFound otherwise."""
    found = datasets_of(user).filter(code=code).first()
    if found is None:
        raise NotFound
    return found


def managed_dataset_for(user: Person, code: str) -> Dataset:
    """Return a dataset that this person manages; PermissionDenied to its annotators, NotFound to everybody else.

    An annotator may be a reader of a study on the same cases, so nothing by source is ever shown to one here.
    """
    dataset = dataset_for(user, code)
    if not manages(user, dataset):
        raise PermissionDenied
    return dataset


def manages(user: Person, dataset: Dataset) -> bool:
    """Return whether this person manages a dataset."""
    return DatasetMember.objects.filter(dataset=dataset, user_id=user.pk or 0, role=MANAGER).exists()


def case_for(user: Person, code: str) -> Case:
    """Return a case of a dataset that this person manages."""
    found = Case.objects.filter(code=code).select_related("dataset", "subject").first()
    if found is None:
        raise NotFound
    managed_dataset_for(user, found.dataset.code)
    return found


def volume_for(user: Person, case_code: str, sequence: str) -> Volume:
    """Return one volume of a case that this person manages, unless its subject was withdrawn."""
    case = case_for(user, case_code)
    found = Volume.objects.filter(case=case, sequence=sequence).first()
    if found is None or case.subject.withdrawn_at:
        raise NotFound
    return found


def segmentation_for(user: Person, code: str) -> Segmentation:
    """Return a segmentation in a dataset that this person manages, unless its subject was withdrawn."""
    found = (
        Segmentation.objects.filter(code=code)
        .select_related("case__dataset", "case__subject", "source", "label_map")
        .first()
    )
    if found is None:
        raise NotFound
    managed_dataset_for(user, found.case.dataset.code)
    if found.case.subject.withdrawn_at:
        raise NotFound
    return found


def source_for(user: Person, code: str) -> Source:
    """Return a source of a dataset that this person manages."""
    found = Source.objects.filter(code=code).select_related("dataset").first()
    if found is None:
        raise NotFound
    managed_dataset_for(user, found.dataset.code)
    return found


def subject_for(user: Person, dataset: Dataset, code: str) -> Subject:
    """Return a subject of a dataset that this person manages."""
    managed_dataset_for(user, dataset.code)
    found = Subject.objects.filter(dataset=dataset, code=code).first()
    if found is None:
        raise NotFound
    return found


def job_for(user: Person, code: str) -> Job:
    """Return a job that this person asked for, or that works on a dataset that this person manages."""
    mine = Q(created_by_id=user.pk or 0) | Q(dataset__in=managed_datasets_of(user))
    found = Job.objects.filter(mine, code=code).select_related("dataset", "created_by").first()
    if found is None:
        raise NotFound
    return found
