"""The site as a Django application."""

from django.apps import AppConfig


class HubConfig(AppConfig):
    """Register the site's start-up checks, and the Celery app by which every process rings."""

    name = "hub"

    def ready(self) -> None:
        from hub import celery, checks, schema  # noqa: F401
