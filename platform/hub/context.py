"""What every page's template may use beside its own data."""

from typing import Any

from django.http import HttpRequest

from hub import people


def site(request: HttpRequest) -> dict[str, Any]:
    """Return the header's links, looked up only by a page that shows them."""
    user = getattr(request, "user", None)
    return {"site_pages": lambda: people.pages_for(user) if user is not None and user.is_authenticated else []}
