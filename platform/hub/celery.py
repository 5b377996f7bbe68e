"""The light Celery worker: `celery -A hub.celery.app worker`.

Celery is only the doorbell. The truth about work is a Job row with a lease, so a lost message costs seconds: the
reaper rings again for every job whose lease has run out.
"""

import os
import threading
from typing import Any

from celery import Celery
from celery.signals import worker_ready, worker_shutting_down

import hub.broker  # noqa: F401  (registers folder://)

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hub.settings")

__all__ = ["app"]

app = Celery("blindread")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

_stop = threading.Event()


# A beat process would be a third child to supervise, and a message would wait behind a long job; a thread in the
# worker's parent process does neither.
@worker_ready.connect
def start_reaper(**_kwargs: Any) -> None:
    """Call the reaper for as long as this worker lives."""
    from hub.reaper import reap_forever

    threading.Thread(target=reap_forever, args=(_stop,), name="reaper", daemon=True).start()


@worker_shutting_down.connect
def stop_reaper(**_kwargs: Any) -> None:
    """Let the reaper end with the worker."""
    _stop.set()
