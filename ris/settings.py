"""Settings of Isocenter. One file, one code path; development and production differ only in the environment."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import dj_database_url
import django_stubs_ext
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from ris import env
from ris.api_settings import REST_FRAMEWORK, SPECTACULAR_SETTINGS  # noqa: F401  Django looks for them here

django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent
BUILD_DIR = Path(env.text("BUILD_DIR", str(BASE_DIR / "build")))
DATA_DIR = Path(env.text("DATA_DIR", str(BUILD_DIR / "demo")))

# The installation
DEMO = env.flag("DEMO")
DEBUG = env.flag("DEBUG")
PUBLIC_URL = env.text("PUBLIC_URL", "http://localhost:8000")
DATABASE_URL = env.secret("DATABASE_URL")
SECRET_KEY = env.secret("SECRET_KEY")
if not SECRET_KEY:
    if DATABASE_URL and not DEBUG and not DEMO:
        raise ImproperlyConfigured("SECRET_KEY is not set. Set SECRET_KEY or SECRET_KEY_FILE to a long random string.")
    # One machine with its data in one folder: the key lies there too, random and the owner's alone.
    SECRET_KEY = env.kept_secret(DATA_DIR / "secrets" / "secret_key")
ALLOWED_HOSTS = env.listing("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = env.listing("CSRF_TRUSTED_ORIGINS")

INSTALLED_APPS = [
    "ris.home",
    "ris.core",
    "ris.audit",
    "ris.events",
    "ris.accounts",
    "ris.dicom",
    "ris.notifications",
    "ris.webhooks",
    "ris.patients",
    "ris.orders",
    "ris.scheduling",
    "ris.printing",
    "worklist",
    "reporting",
    "viewer",
    "ris.hl7",
    "ris.downtime",
    "ris.dashboards",
    "ris.fhir",
    "ris.demo",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "servestatic",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "rest_framework",
    "import_export",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_htmx",
    "csp",
]

MIDDLEWARE = [
    "ris.core.middleware.request_context",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "viewer.isolation.cross_origin_isolation",
    "ris.core.device_access.shut_devices",
    "servestatic.middleware.ServeStaticMiddleware",
    "ris.core.caching.private_pages",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "ris.accounts.idle.automatic_logoff",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "ris.accounts.opened_by.only_its_opener",
    "ris.core.middleware.DomainErrors",
]

ROOT_URLCONF = "ris.urls"
ASGI_APPLICATION = "ris.asgi.application"
APPEND_SLASH = True

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "ris.home.context.installation",
            ],
        },
    },
]
FORM_RENDERER = "ris.home.forms.Renderer"
CSRF_FAILURE_VIEW = "ris.home.views.csrf_failure"

# The database: SQLite until DATABASE_URL names PostgreSQL
if DATABASE_URL:
    DATABASES: dict[str, Any] = {"default": dj_database_url.parse(DATABASE_URL)}
    if DATABASES["default"]["ENGINE"].endswith("postgresql"):
        DATABASES["default"]["OPTIONS"] = {"pool": {"min_size": 1, "max_size": 12, "timeout": 20}}
else:
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": DATA_DIR / "isocenter.sqlite3",
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
            },
        }
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
ATOMIC_REQUESTS = False

# The broker and the cache: files and the database until REDIS_URL is set
REDIS_URL = env.secret("REDIS_URL")
CACHES = {
    "default": (
        {"BACKEND": "ris.core.cache.ForgivingRedisCache", "LOCATION": REDIS_URL}
        if REDIS_URL
        else {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "django_cache"}
    )
}
BROKER_DIR = DATA_DIR / "broker"
CELERY_BROKER_URL = env.secret("CELERY_BROKER_URL") or REDIS_URL or "filesystem://localhost"
CELERY_BROKER_CONNECTION_TIMEOUT = 2
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_TIME_LIMIT = 120
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {
        "data_folder_in": str(BROKER_DIR / "queue"),
        "data_folder_out": str(BROKER_DIR / "queue"),
        "control_folder": str(BROKER_DIR / "control"),
        "processed_folder": str(BROKER_DIR / "processed"),
        "store_processed": False,
        "polling_interval": 0.1,  # a folder calls nobody: seconds that a wake-up lies in it
    }
    if CELERY_BROKER_URL.startswith("filesystem")
    else {"socket_timeout": 3, "socket_connect_timeout": 2}
)
CELERY_BEAT_SCHEDULE = {
    "poll-archive": {"task": "worklist.poll_archive", "schedule": 10.0, "options": {"expires": 10}},
    "sweep-deliveries": {"task": "events.sweep", "schedule": 15.0, "options": {"expires": 15}},
}
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "beat-schedule")

# Signing in (allauth is the only door; the admin uses it too)
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "ris.accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = "Isocenter: "
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = env.number("REAUTHENTICATION_SECONDS", 300)
ACCOUNT_RATE_LIMITS = {
    "login": "60/m/ip",
    "login_failed": "10/m/ip,5/300s/key",
    "reauthenticate": "10/m/user",
    "reauthenticate_failed": "10/300s/user",
    "decline_messages": "20/m/ip",
    "verify_report": "20/m/ip",
    "passkey": "20/m/user",
}
MFA_ADAPTER = "ris.accounts.adapter.FactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_WEBAUTHN_USER_VERIFICATION = "required"
MFA_PASSKEY_LOGIN_ENABLED = env.flag("PASSKEY_SIGN_IN", default=True)
MFA_RATE_LIMITS = {"webauthn_login": "60/m/ip"}
MFA_FORMS = {
    "add_webauthn": "ris.accounts.forms.AddPasskeyForm",
    "authenticate_webauthn": "ris.accounts.forms.SecondFactorForm",
    "login_webauthn": "ris.accounts.forms.SignInForm",
    "reauthenticate_webauthn": "ris.accounts.forms.AgainForm",
}
USERSESSIONS_TRACK_ACTIVITY = False
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = env.number("SESSION_SECONDS", 12 * 3600)
IDLE_SECONDS = env.number("IDLE_SECONDS", 30 * 60)  # without a hand on the machine; 0 never signs out
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
SECURE_COOKIES = env.flag("SECURE_COOKIES", default=PUBLIC_URL.startswith("https:"))
SESSION_COOKIE_SECURE = SECURE_COOKIES
CSRF_COOKIE_SECURE = SECURE_COOKIES

# Transport and content security
SECURE_SSL_REDIRECT = env.flag("SECURE_SSL_REDIRECT", default=SECURE_COOKIES)
SECURE_HSTS_SECONDS = env.number("SECURE_HSTS_SECONDS", 31_536_000 if SECURE_COOKIES else 0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_COOKIES
SECURE_HSTS_PRELOAD = SECURE_COOKIES
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.flag("TRUST_PROXY") else None
# Proxies in front that append to X-Forwarded-For: limits and the audit trail then know the client behind them
ALLAUTH_TRUSTED_PROXY_COUNT = env.number("TRUSTED_PROXY_COUNT", 1 if env.flag("TRUST_PROXY") else 0)
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "SAMEORIGIN"
SILENCED_SYSTEM_CHECKS = ["security.W019"]  # the viewer stands in a frame of our own pages
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "frame-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [SELF],
        "manifest-src": [SELF],
    }
}

# Static files
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = BUILD_DIR / "static"
SERVESTATIC_USE_FINDERS = DEBUG or DEMO
SERVESTATIC_AUTOREFRESH = DEBUG

# Mail: EMAIL_URL names the server (submission://user:password@host); without it mail is kept as files under DATA_DIR
_mail = env.mail_server("EMAIL_URL")
EMAIL_CONFIGURED = bool(_mail)  # without it nothing is written to patients
EMAIL_BACKEND = _mail.get("EMAIL_BACKEND", "django.core.mail.backends.filebased.EmailBackend")
EMAIL_FILE_PATH = str(DATA_DIR / "mail")
EMAIL_HOST = _mail.get("EMAIL_HOST", "")
EMAIL_PORT = _mail.get("EMAIL_PORT", 25)
EMAIL_HOST_USER = _mail.get("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = _mail.get("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = _mail.get("EMAIL_USE_TLS", False)
EMAIL_USE_SSL = _mail.get("EMAIL_USE_SSL", False)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "isocenter@localhost")
SMS_WEBHOOK_URL = env.text("SMS_WEBHOOK_URL")
SMS_WEBHOOK_SECRET = env.secret("SMS_WEBHOOK_SECRET")
SPEECH_ENGINE_URL = env.text("SPEECH_ENGINE_URL")  # a server of the house that turns a recording into text
SPEECH_ENGINE_SECRET = env.secret("SPEECH_ENGINE_SECRET")
WEBHOOK_INTERNAL_HOSTS = env.listing("WEBHOOK_INTERNAL_HOSTS")  # inside our own network, and yet to be told

# Time and language
USE_TZ = True
TIME_ZONE = env.text("TIME_ZONE", "UTC")
LANGUAGE_CODE = env.text("LANGUAGE_CODE", "en-gb")
USE_I18N = True

# DICOM: the archive, the worklist SCP, identifiers
ARCHIVE_KIND = env.choice("ARCHIVE_KIND", ("orthanc", "dicomweb"))
ARCHIVE_POLLING = env.choice("ARCHIVE_POLLING", ("auto", "changes", "qido"))
ORTHANC_URL = env.text("ORTHANC_URL", "http://127.0.0.1:8042")
ORTHANC_DICOMWEB_ROOT = env.text("ORTHANC_DICOMWEB_ROOT", "/dicom-web")
ORTHANC_USERNAME = env.text("ORTHANC_USERNAME", "isocenter")
ORTHANC_PASSWORD = env.secret("ORTHANC_PASSWORD")
ORTHANC_TOKEN = env.secret("ORTHANC_TOKEN")
ORTHANC_AET = env.text("ORTHANC_AET", "ORTHANC")
HOOK_SECRET = env.secret("HOOK_SECRET")
DICOM_AET = env.text("DICOM_AET", "ISOCENTER")
DICOM_SCP_HOST = env.text("DICOM_SCP_HOST", "127.0.0.1")
DICOM_SCP_PORT = env.number("DICOM_SCP_PORT", 11112)
WORKLIST_DIRECTORY = env.text("WORKLIST_DIRECTORY")
WORKLIST_ORTHANC = env.flag("WORKLIST_ORTHANC", default=False)
WORKLIST_CHARSET = env.text("WORKLIST_CHARSET", "ISO_IR 192")
DICOM_TLS_CERT = env.text("DICOM_TLS_CERT")
DICOM_TLS_KEY = env.text("DICOM_TLS_KEY")
DICOM_TLS_CA = env.text("DICOM_TLS_CA")
DICOM_TLS_HOST = env.text("DICOM_TLS_HOST", DICOM_SCP_HOST)
DICOM_TLS_PORT = env.number("DICOM_TLS_PORT", 2762)
UID_ROOT = env.text("UID_ROOT", "2.25")

# HL7 v2 coming in (MLLP); over TLS with the files of DICOM_TLS_*
HL7_HOST = env.text("HL7_HOST", "127.0.0.1")
HL7_PORT = env.number("HL7_PORT", 2575)
HL7_LISTEN = env.listing("HL7_LISTEN")
HL7_TLS_PORT = env.number("HL7_TLS_PORT", 0)
# What waits for a patient or an order that never comes is given up after so many days, and its placer told; 0: never
HL7_WAITS_DAYS = env.number("HL7_WAITS_DAYS", 7)

# Texts of what was delivered (HL7, mail, SMS) are deleted after so many days; 0 keeps them. What waits is kept
KEEP_BODIES_DAYS = env.number("KEEP_BODIES_DAYS", 180)

# How long what is being delivered is its worker's alone; of one that was killed it is taken over after that
DELIVERY_LEASE_SECONDS = env.number("DELIVERY_LEASE_SECONDS", 90)

# HL7: the receiver of the demo
HL7_RECEIVER_PORT = env.number("HL7_RECEIVER_PORT", 2576)

# The viewer
OHIF_DIR = Path(env.text("OHIF_DIR", str(BUILD_DIR / "ohif")))
PIXELS = env.choice("PIXELS", ("python", "nginx"))
NGINX_WARM_URL = env.text("NGINX_WARM_URL", "http://127.0.0.1:8081")  # where nginx takes first images ahead
VIEWER_CACHE_MB = env.number("VIEWER_CACHE_MB", 4096)  # images and metadata that were asked for, on disk
STOW_MAX_BYTES = env.number("STOW_MAX_BYTES", 64 * 1024 * 1024)
VIEWER_BRAND = env.text("VIEWER_BRAND", "Isocenter")
PRELIMINARY_SR = env.choice("PRELIMINARY_SR", ("keep", "reject"))  # what becomes of one when its final form is stored
EMERGENCY_ACCESS_MINUTES = env.number("EMERGENCY_ACCESS_MINUTES", 60)
EMERGENCY_ACCESS_MAIL = env.listing("EMERGENCY_ACCESS_MAIL")  # who is written to at once when somebody opens a study so
CROSS_ORIGIN_ISOLATION = env.flag("CROSS_ORIGIN_ISOLATION", default=False)  # shared memory for large volumes

# Paper: TrueType fonts for what the fonts of the house lack, such as Chinese, Japanese and Korean names
PRINT_FONTS = env.fonts(
    "PRINT_FONTS",
    "/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf",
    "/usr/share/fonts/truetype/nanum/NanumGothic.ttf",
)

# Downtime: a second folder for the lists that open without the RIS, on another machine
DOWNTIME_DIR = env.text("DOWNTIME_DIR")

# Signing
SIGNING_P12_FILE = Path(env.text("SIGNING_P12_FILE", str(DATA_DIR / "signing" / "signer.p12")))
SIGNING_P12_PASSWORD = env.secret("SIGNING_P12_PASSWORD", "isocenter-demo" if DEMO else "")
# A key on a token or in a hardware module instead, through its driver (PKCS#11). With the driver alone people may have
# theirs on tokens; TOKEN and KEY (a label) or KEY_ID (hexadecimal) name the seal of the house
SIGNING_PKCS11_MODULE = env.text("SIGNING_PKCS11_MODULE")
SIGNING_PKCS11_TOKEN = env.text("SIGNING_PKCS11_TOKEN")
SIGNING_PKCS11_KEY = env.text("SIGNING_PKCS11_KEY")
SIGNING_PKCS11_KEY_ID = env.text("SIGNING_PKCS11_KEY_ID")
SIGNING_PKCS11_TOKEN_PIN = env.secret("SIGNING_PKCS11_TOKEN_PIN")
SIGNING_PKCS11_CERTIFICATES = env.text("SIGNING_PKCS11_CERTIFICATES")  # PEM: what the token does not hold itself
# PEM: the authorities that vouch for the keys
SIGNING_TRUST_FILE = Path(env.text("SIGNING_TRUST_FILE", str(SIGNING_P12_FILE.with_suffix(".ca.pem"))))
# Under which people's own keys are kept; of several, parted by commas, the first encrypts and all of them open
SIGNING_KEY_ENCRYPTION = env.secrets_of("SIGNING_KEY_ENCRYPTION", "isocenter-demo-keys" if DEMO else "")
SIGNING_PROOF = env.choice("SIGNING_PROOF", ("either", "password", "passkey"))  # how signers prove who they are
NTP_SERVER = env.text("NTP_SERVER")  # host or host:port: whose time the clock is compared with (RFC 4330)
TSA_URL = env.text("TSA_URL")  # RFC 3161
TSA_DOWN = env.choice("TSA_DOWN", ("mark", "refuse"))  # what becomes of a signature when the authority is silent

# Tables in and out of the admin: all rows or none; a cell is never a formula for whoever opens the file
IMPORT_EXPORT_USE_TRANSACTIONS = True
IMPORT_EXPORT_ESCAPE_FORMULAE_ON_EXPORT = True

# Logs carry ids, never names (DESIGN.md §5.12)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "ris.core.logs.Nameless", "fmt": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.text("LOG_LEVEL", "INFO")},
    "loggers": {
        "django.server": {"level": "WARNING"},
        "celery": {"level": "WARNING"},
        "dicomweb_client": {"level": "WARNING"},
        "pynetdicom": {"level": "WARNING"},
        "fido2": {"level": "WARNING"},  # each use of a passkey, with its id
        "uvicorn.access": {"level": "WARNING"},  # its lines hold what was searched for
        "celery.app.trace": {"level": "WARNING"},
        "celery.worker.strategy": {"level": "WARNING"},
        "pyhanko": {"level": "WARNING"},
        "pyhanko_certvalidator": {"level": "WARNING"},
    },
}
