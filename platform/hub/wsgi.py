"""The door for gunicorn: `gunicorn hub.wsgi:application`. It refuses to serve on an unsound database."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hub.settings")
application = get_wsgi_application()

import hub.celery  # noqa: E402, F401  (tasks sent by the web use this app's broker)
from hub.checks import refuse_unsound_start  # noqa: E402

refuse_unsound_start()
