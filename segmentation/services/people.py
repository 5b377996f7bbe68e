"""Who works on a dataset, found by e-mail; accounts themselves are the site administrator's."""

from __future__ import annotations

from datetime import datetime

from accounts.models import User
from segmentation.errors import DomainError
from segmentation.models import Dataset, DatasetMember
from segmentation.services.cases import add_member


def may_create_datasets(user: User) -> bool:
    """Return whether this person may begin a dataset: whoever manages one, and the site administrator."""
    manages = DatasetMember.objects.filter(user=user, role=DatasetMember.Role.MANAGER).exists()
    return user.is_site_admin or manages


def add_member_by_email(dataset: Dataset, *, email: str, role: str, by: User, at: datetime) -> DatasetMember:
    """Give the person with this address a role; a refusal says what to do when there is no such account."""
    address = email.strip()
    user = User.objects.filter(email__iexact=address, is_active=True).first()
    if user is None:
        sentence = f"Nobody here signs in as “{address[:80]}”; ask the site administrator to invite this person first."
        raise DomainError(
            "member.unknown",
            sentence,
            title="Please check the entries",
            fields=[("/email", "member.unknown", sentence)],
        )
    return add_member(dataset, user=user, role=role, by=by, at=at)
