"""People for the site's own tests."""

import pytest
from django.core.cache import cache

from accounts.models import User

PASSWORD = "correct horse battery staple"


@pytest.fixture
def person(db):
    return User.objects.create_user("Ann.Reader@Example.org", PASSWORD, name="Ann Reader")


@pytest.fixture
def signed_in(client, person):
    client.force_login(person)
    return client


@pytest.fixture(autouse=True)
def no_counts(settings, tmp_path):
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.filebased.FileBasedCache", "LOCATION": tmp_path / "counters"}
    }
    cache.clear()
