"""The type of a request that `login_required` has let through."""

from django.http import HttpRequest

from accounts.models import User


class PersonRequest(HttpRequest):
    """A request whose user is a signed-in person."""

    user: User
