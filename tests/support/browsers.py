"""A signed-in person's browser."""

from __future__ import annotations

from django.test import Client

from accounts.models import User


def browser(person: User) -> Client:
    """Return a client in which this person is signed in."""
    client = Client()
    client.force_login(person)
    return client
