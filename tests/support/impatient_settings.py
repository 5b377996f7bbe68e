"""The site's settings with a busy database given up after one second, so that a test need not wait for twenty."""

from hub.settings import *  # noqa: F403
from hub.settings import DATABASES

DATABASES["default"]["OPTIONS"]["timeout"] = 1
