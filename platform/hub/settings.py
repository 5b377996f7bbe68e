"""Settings of the site, read once from variables that begin with BLINDREAD_ (listed in docker/example.env)."""

from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from hub import environment
from hub.headers import PERMISSIONS_POLICY, content_security_policy
from hub.static import is_hashed

ENV = environment.surroundings()
PROFILE = environment.profile_of(ENV)
PRODUCTION = PROFILE == "production"
DEBUG = False
VERSION = "0.1.0"

# Where things lie ---
BASE_DIR = Path(__file__).resolve().parents[2]
DATA_FOLDER = ENV.folder("DATA", BASE_DIR / "var" / "test" if PROFILE == "test" else BASE_DIR / "var")
STORE_FOLDER = DATA_FOLDER / "store"
UPLOAD_FOLDER = DATA_FOLDER / "uploads"
BACKUP_FOLDER = DATA_FOLDER / "backups"
LOG_FOLDER = DATA_FOLDER / "log"
PEOPLE_FILE = DATA_FOLDER / "people.txt" if PROFILE == "test" else DATA_FOLDER / "demo" / "people.txt"
FRONTEND_DIST = BASE_DIR / "frontend" / "dist"

# Keys ---
SECRET_KEY_FILE = Path(ENV.text("SECRET_KEY_FILE", str(DATA_FOLDER / "keys" / "secret")))
AUDIT_KEY_FILE = Path(ENV.text("AUDIT_KEY_FILE", str(DATA_FOLDER / "keys" / "audit")))
SECRET_KEY = environment.secret(SECRET_KEY_FILE, create=not PRODUCTION)
environment.secret(AUDIT_KEY_FILE, create=not PRODUCTION)

# Applications ---
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
MIDDLEWARE = [
    "hub.middleware.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "hub.middleware.HeadersMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "hub.middleware.SessionLifeMiddleware",
    "hub.middleware.TimeZoneMiddleware",
    "hub.middleware.DomainErrorMiddleware",
]
ROOT_URLCONF = "hub.urls"
WSGI_APPLICATION = "hub.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "hub.context.site",
            ],
            "builtins": ["hub.templatetags.vite", "hub.templatetags.icons", "hub.templatetags.desk"],
        },
    }
]

# Database and queue ---
_DEFAULT_DATABASE = f"sqlite:///{DATA_FOLDER / 'blindread.sqlite3'}"
DATABASES = {
    "default": environment.database(
        ENV.text("DATABASE_URL", _DEFAULT_DATABASE),
        relative_to=BASE_DIR,
        password_file=ENV.text("DATABASE_PASSWORD_FILE"),
    )
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CELERY_BROKER_URL, CELERY_BROKER_TRANSPORT_OPTIONS = environment.broker(
    ENV.text("BROKER_URL", "file:"), folder=DATA_FOLDER / "broker"
)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CONCURRENCY = ENV.integer("WORKER_CONCURRENCY", 2, 1, 64)
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_TASK_DEFAULT_QUEUE = "light"
# Counts of failed sign-ins, shared by the web processes.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": DATA_FOLDER / "cache" / "counters",
    }
}
REAPER_TASK = "segmentation.tasks.reap_jobs"
REAPER_INTERVAL_S = 30

# People ---
AUTH_USER_MODEL = "accounts.User"
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "home"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    "django.contrib.auth.hashers.ScryptPasswordHasher",
]
if PROFILE == "test":
    # Argon2 is slow on purpose, and a test makes many people.
    PASSWORD_HASHERS.insert(0, "django.contrib.auth.hashers.MD5PasswordHasher")
_PASSWORDS = "django.contrib.auth.password_validation."
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": _PASSWORDS + "UserAttributeSimilarityValidator", "OPTIONS": {"user_attributes": ("email", "name")}},
    {"NAME": _PASSWORDS + "MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": _PASSWORDS + "CommonPasswordValidator"},
    {"NAME": _PASSWORDS + "NumericPasswordValidator"},
]
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_NAME = "__Host-session" if PRODUCTION else "blindread_session"
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = PRODUCTION
SESSION_LAST_SEEN_EVERY_S = 60
SIGN_IN_ATTEMPTS, SIGN_IN_WINDOW_S = 10, 15 * 60
CSRF_COOKIE_NAME = "__Host-csrf" if PRODUCTION else "blindread_csrf"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SECURE = PRODUCTION
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "hub.pages.errors.csrf_failure"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# The web ---
ALLOWED_HOSTS = ENV.hosts("ALLOWED_HOSTS", () if PRODUCTION else ("127.0.0.1", "localhost", "[::1]", "testserver"))
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS] if PRODUCTION else []
if PRODUCTION and not ALLOWED_HOSTS:
    raise ImproperlyConfigured("BLINDREAD_ALLOWED_HOSTS is empty; name the host that people type: read.example.org.")
if PRODUCTION and not ENV.flag("BEHIND_TLS"):
    raise ImproperlyConfigured(
        "BLINDREAD_BEHIND_TLS is not set; put a TLS proxy that sets X-Forwarded-Proto in front "
        "(see docker/nginx.conf), then set it to 1."
    )
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PRODUCTION else None
SECURE_SSL_REDIRECT = PRODUCTION
SECURE_HSTS_SECONDS = 31536000 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = PRODUCTION
SECURE_HSTS_PRELOAD = PRODUCTION
# Nothing to any other site. Under no-referrer a browser sends "Origin: null" with our own forms, and CSRF fails.
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
RESPONSE_HEADERS = {
    "Content-Security-Policy": content_security_policy(),
    "Permissions-Policy": PERMISSIONS_POLICY,
    "Cross-Origin-Resource-Policy": "same-origin",
}
APPEND_SLASH = False
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
JSON_MAX_BYTES = 1024 * 1024
JSON_MAX_DEPTH = 16
FILE_UPLOAD_TEMP_DIR = None

STATIC_URL = "/static/"
STATIC_ROOT = ENV.text("STATIC_ROOT") or None
STATICFILES_DIRS = [FRONTEND_DIST] if FRONTEND_DIST.is_dir() else []
WHITENOISE_USE_FINDERS = STATIC_ROOT is None
# Tests of pages run without a build; everywhere else an unbuilt front end is said aloud.
FRONTEND_REQUIRED = PROFILE != "test"
WHITENOISE_AUTOREFRESH = ENV.flag("WATCH")
WHITENOISE_ALLOW_ALL_ORIGINS = False
WHITENOISE_IMMUTABLE_FILE_TEST = is_hashed
# Empty: Django streams stored files itself (sendfile). Otherwise: the internal location by which nginx sends them.
X_ACCEL_PREFIX = ENV.text("X_ACCEL_PREFIX")

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["hub.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_PARSER_CLASSES": ["hub.json_parser.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "hub.negotiation.OneRenderer",
    "EXCEPTION_HANDLER": "hub.errors.exception_handler",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "URL_FORMAT_OVERRIDE": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Blindread",
    "VERSION": VERSION,
    "DESCRIPTION": "Blinded reader studies and annotation. Research use only, not for diagnosis.",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["hub.permissions.MayReadSchema"],
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
}

# Time and language ---
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en-gb"
USE_I18N = False

# Logs: the request's id stands here and nowhere else ---
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request_id": {"()": "hub.logs.RequestIdFilter"}},
    "formatters": {"line": {"()": "hub.logs.LineFormatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "filters": ["request_id"], "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": ENV.choice("LOG_LEVEL", ("DEBUG", "INFO", "WARNING", "ERROR"), "INFO")},
    "loggers": {"django": {"handlers": [], "level": "INFO"}, "django.server": {"handlers": [], "level": "INFO"}},
}
