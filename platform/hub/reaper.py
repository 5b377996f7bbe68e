"""The reaper's clock: every 30 seconds, jobs whose worker has gone are put back into the queue."""

import logging
import threading

from celery import current_app
from django.conf import settings
from django.db import connections

log = logging.getLogger(__name__)


def reap_forever(stop: threading.Event) -> None:
    """Run the reaper at once and then at each interval, until told to stop."""
    reap_once()
    while not stop.wait(settings.REAPER_INTERVAL_S):
        reap_once()


def reap_once() -> None:
    """Run the reaper task here, in this thread; a failure is logged and the next turn tries again."""
    try:
        current_app.tasks[settings.REAPER_TASK]()
    except Exception:
        log.exception("the reaper failed; it tries again in %s s", settings.REAPER_INTERVAL_S)
    finally:
        # The pool forks from this process: no connection may be open then.
        connections.close_all()
