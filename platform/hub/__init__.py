"""The site: settings, addresses, the Celery app, base pages."""
