"""Settings of the site, read once from variables that begin with BLINDREAD_."""

from pathlib import Path

BASE_DIR = Path(__file__).resolve().parents[2]
SECRET_KEY = "written-by-the-settings-work"
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "testserver"]
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "accounts",
    "audit",
    "segmentation",
    "readerstudy",
    "hub",
]
ROOT_URLCONF = "hub.urls"
AUTH_USER_MODEL = "accounts.User"
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": BASE_DIR / "var" / "blindread.sqlite3"}}
USE_TZ = True
TIME_ZONE = "UTC"
AUDIT_KEY_FILE = BASE_DIR / "var" / "keys" / "audit"
