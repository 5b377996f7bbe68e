"""What the logs say: one line per event with the request's id, which no page and no answer ever shows."""

import logging
import time
from contextvars import ContextVar

request_id: ContextVar[str] = ContextVar("request_id", default="-")


class RequestIdFilter(logging.Filter):
    """Give each record the id of the request in which it was written."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = request_id.get()
        return True


class LineFormatter(logging.Formatter):
    """Write UTC time, level, request id, logger and message."""

    def __init__(self) -> None:
        super().__init__("%(asctime)sZ %(levelname)s [%(request_id)s] %(name)s: %(message)s", "%Y-%m-%dT%H:%M:%S")
        self.converter = time.gmtime
