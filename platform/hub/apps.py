"""The site as a Django application."""

from django.apps import AppConfig


class HubConfig(AppConfig):
    """Register the site's start-up checks."""

    name = "hub"

    def ready(self) -> None:
        from hub import checks, schema  # noqa: F401
