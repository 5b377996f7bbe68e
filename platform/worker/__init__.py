"""The GPU worker: Celery app, lease client and sandbox. No Django, no database."""
