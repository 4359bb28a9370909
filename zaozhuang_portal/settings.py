"""The one settings file, read from top to bottom. The environment is parsed here once; a wrong value stops the start."""

from __future__ import annotations

import secrets
import sys
from pathlib import Path

import environ
import jinja2
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
if (BASE_DIR / ".env").is_file():
    env.read_env(BASE_DIR / ".env")

# --- which of the two ways of running this is -----------------------------------------------------------------------
# Embedded (default): SQLite, in-process Celery worker, one web process. Production: DATABASE_URL + REDIS_URL.
DATA_DIR = Path(env.str("PORTAL_DATA_DIR", default=str(BASE_DIR / "var"))).resolve()
DATA_DIR.mkdir(parents=True, exist_ok=True)
DATABASE_URL = env.str("DATABASE_URL", default="") or f"sqlite:///{DATA_DIR / 'portal.sqlite3'}"
REDIS_URL = env.str("REDIS_URL", default="")
# Without Redis the web process runs worker and beat as threads; 0 leaves them out.
EMBEDDED_WORKER = env.bool("PORTAL_EMBEDDED_WORKER", default=True)
DEBUG = env.bool("DEBUG", default=False)
PORTAL_DEMO = env.bool("PORTAL_DEMO", default=False)
TESTING = "pytest" in sys.modules
PRODUCTION = bool(REDIS_URL) and not (DEBUG or PORTAL_DEMO or TESTING)


def _secret_key() -> str:
    """SECRET_KEY from the environment; the embedded default keeps a generated one in its private data folder."""
    if key := env.str("SECRET_KEY", default=""):
        return key
    if PRODUCTION:
        raise ImproperlyConfigured("生产环境必须设置环境变量 SECRET_KEY（至少50个随机字符）。")
    path = DATA_DIR / "secret_key"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(64), encoding="ascii")
    return path.read_text(encoding="ascii").strip()


SECRET_KEY = _secret_key()
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
ALLOWED_HOSTS = env.list(
    "ALLOWED_HOSTS", default=[] if PRODUCTION else ["127.0.0.1", "localhost", "[::1]", "testserver"]
)
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
if PRODUCTION and not ALLOWED_HOSTS:
    raise ImproperlyConfigured("生产环境必须设置环境变量 ALLOWED_HOSTS（对外域名，逗号分隔）。")

# --- the house ------------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "zaozhuang_portal.kernel",
    "zaozhuang_portal.accounts",
    "zaozhuang_portal.operations",
    "cultivation",
    "evaluation",
    "reporting",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
    "crispy_forms",
    "crispy_bootstrap5",
    "django_htmx",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "axes",
]

MIDDLEWARE = [
    "zaozhuang_portal.kernel.http.GuardHeadersMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "zaozhuang_portal.kernel.http.NulMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "zaozhuang_portal.kernel.http.TypedTextMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "zaozhuang_portal.accounts.middleware.ActorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "axes.middleware.AxesMiddleware",
    "zaozhuang_portal.kernel.http.DomainErrorMiddleware",
    "evaluation.middleware.ScoreLooksMiddleware",
]
CSRF_FAILURE_VIEW = "zaozhuang_portal.kernel.views.handle_csrf"

ROOT_URLCONF = "zaozhuang_portal.urls"
WSGI_APPLICATION = "zaozhuang_portal.wsgi.application"
ASGI_APPLICATION = "zaozhuang_portal.asgi.application"

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
                "zaozhuang_portal.kernel.context.portal",
            ],
        },
    },
]
# The head of every page and the rows of long lists, by kernel.rows; autoescape is on.
TEMPLATES.append(
    {
        "NAME": "rows",
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [BASE_DIR / "templates" / "fragments", BASE_DIR / "templates" / "rows"],
        "OPTIONS": {
            "environment": "zaozhuang_portal.kernel.rows.make_environment",
            "undefined": jinja2.StrictUndefined,
        },
    }
)
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"

# --- database -------------------------------------------------------------------------------------------------------
DATABASES = {"default": env.db_url_config(DATABASE_URL)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA foreign_keys=ON;",
    }
else:
    if DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql":
        DATABASES["default"]["ENGINE"] = "zaozhuang_portal.kernel.postgresql"
    DATABASES["default"]["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=600)
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    DATABASES["default"].setdefault("OPTIONS", {})["connect_timeout"] = 5

# --- cache, sessions, Celery ----------------------------------------------------------------------------------------
# Sessions stay in the database: a dead Redis must not sign anyone out.
SESSION_ENGINE = "zaozhuang_portal.accounts.sessions"
if REDIS_URL:
    CACHES = {
        "default": {
            "BACKEND": "zaozhuang_portal.kernel.cache.ForgivingRedisCache",
            "LOCATION": REDIS_URL,
            "OPTIONS": {"socket_connect_timeout": 0.5, "socket_timeout": 1},
        }
    }
else:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

# Code tables that are read on every page; never anything a second process would have to see at once.
CACHES["local"] = {"BACKEND": "zaozhuang_portal.kernel.object_cache.ObjectCache", "LOCATION": "local"}

CELERY_BROKER_URL = REDIS_URL or "memory://"
REDIS_TRANSPORT_OPTIONS = {
    # Longer than any task: Redis hands an unacknowledged message to a second worker after this many seconds.
    "visibility_timeout": 6 * 60 * 60,
    # A page that publishes waits at most a second for a dead broker (max_retries counts from 0).
    "socket_connect_timeout": 1,
    "socket_timeout": 2,
    "socket_keepalive": True,
    "health_check_interval": 25,
    "max_retries": 1,
    "interval_start": 0,
}
CELERY_BROKER_TRANSPORT_OPTIONS = REDIS_TRANSPORT_OPTIONS if REDIS_URL else {"polling_interval": 0.1}
CELERY_TIMEZONE = "Asia/Shanghai"
# Lease of a running job in seconds; a job whose lease ran out is taken again. 45 s + a sweep every 10 s keep the
# promise of 60 s after a kill -9 (design §6, docs/decisions).
JOB_LEASE_SECONDS = env.int("JOB_LEASE_SECONDS", default=45)

# --- who may come in ------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PRESERVE_USERNAME_CASING = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_ADAPTER = "zaozhuang_portal.accounts.adapters.AccountAdapter"
SOCIALACCOUNT_ADAPTER = "zaozhuang_portal.accounts.adapters.SocialAccountAdapter"
SOCIALACCOUNT_ONLY = False
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_ADAPTER = "zaozhuang_portal.accounts.adapters.MfaAdapter"
MFA_TOTP_ISSUER = "枣庄和谐劳动关系"
SOCIALACCOUNT_AUTO_SIGNUP = False
# 统一身份认证: any OpenID Connect provider, switched on by these three variables.
OIDC_SERVER_URL = env.str("OIDC_SERVER_URL", default="")
SOCIALACCOUNT_PROVIDERS = {}
if OIDC_SERVER_URL:
    SOCIALACCOUNT_PROVIDERS["openid_connect"] = {
        "APPS": [
            {
                "provider_id": "unified",
                "name": "统一身份认证",
                "client_id": env.str("OIDC_CLIENT_ID"),
                "secret": env.str("OIDC_CLIENT_SECRET"),
                "settings": {"server_url": OIDC_SERVER_URL},
            }
        ]
    }
# Five failures in 15 minutes lock an account-and-address pair for 15 minutes (security.md §1.3). Nothing else is ever
# locked: not the account for other addresses, not the address, behind which 200 firms may sit (docs/decisions).
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_USERNAME_CALLABLE = "zaozhuang_portal.accounts.middleware.client_username"
AXES_VERBOSE = False
AXES_CLIENT_IP_CALLABLE = "zaozhuang_portal.accounts.middleware.client_ip"
AXES_LOCKOUT_CALLABLE = "zaozhuang_portal.accounts.views.locked.handle_lockout"
# The time told on the page holds: trying on does not put it off.
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
# allauth's limits by address would shut out everybody behind it. `second_factor…`: accounts.forms.second_factor.
ACCOUNT_RATE_LIMITS = {
    "login": "",
    "login_failed": "",
    "signup": "",
    "reauthenticate": "10/m/user",
    "second_factor": "10/15m/key",
    "second_factor_of_account": "100/d/key",
}
MFA_FORMS = {
    "authenticate": "zaozhuang_portal.accounts.forms.second_factor.SecondFactorForm",
    "reauthenticate": "zaozhuang_portal.accounts.forms.second_factor.SecondFactorAgainForm",
}
# Roles that must enroll a second factor before anything else, e.g. CITY_OFFICE,SYSTEM_ADMIN. Empty: nobody is forced.
REQUIRE_TOTP_ROLES = frozenset(env.list("REQUIRE_TOTP_ROLES", default=[]))
# Staff change their password this often (等保 身份鉴别 a); 0 switches it off (ASVS 6.2.10). docs/decisions says why.
PASSWORD_MAX_AGE_DAYS = env.int("PASSWORD_MAX_AGE_DAYS", default=90)
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "zaozhuang_portal.accounts.validators.LengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "zaozhuang_portal.accounts.validators.CharacterClassValidator", "OPTIONS": {"classes": 3}},
    {"NAME": "zaozhuang_portal.accounts.validators.ContextWordValidator"},
    {"NAME": "zaozhuang_portal.accounts.validators.FormerPasswordValidator", "OPTIONS": {"kept": 5}},
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_IDLE_SECONDS = env.int("SESSION_IDLE_SECONDS", default=30 * 60)
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = False

# --- HTTPS (production stands behind a proxy that ends TLS) ---------------------------------------------------------
SECURE_COOKIES = env.bool("SECURE_COOKIES", default=PRODUCTION)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_COOKIES
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PRODUCTION else None
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=PRODUCTION)
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=31_536_000 if PRODUCTION else 0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE_HSTS_SECONDS > 0
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
# Number of proxies in front; only then X-Forwarded-For is believed.
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=1 if PRODUCTION else 0)

# --- language and time ----------------------------------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
USE_I18N = True
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
DATE_FORMAT = "Y-m-d"
DATETIME_FORMAT = "Y-m-d H:i"

# --- files ----------------------------------------------------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(BASE_DIR / "staticfiles")))
STATICFILES_DIRS = [BASE_DIR / "static"]
# Uploads and generated files live outside every web root and are served by the application only.
MEDIA_ROOT = DATA_DIR / "files"
STORAGES = {
    "default": {"BACKEND": "zaozhuang_portal.kernel.storage.AtomicFileStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not PRODUCTION
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
MAX_UPLOAD_BYTES = env.int("MAX_UPLOAD_BYTES", default=20 * 1024 * 1024)
FILE_UPLOAD_PERMISSIONS = 0o600
# Per item that owns files (one indicator, one visit …) and per person and day; an owner kind may set its own.
ATTACHMENTS_PER_OWNER = env.int("ATTACHMENTS_PER_OWNER", default=10)
ATTACHMENT_BYTES_PER_OWNER = env.int("ATTACHMENT_BYTES_PER_OWNER", default=100 * 1024 * 1024)
ATTACHMENT_BYTES_PER_DAY = env.int("ATTACHMENT_BYTES_PER_DAY", default=1024 * 1024 * 1024)
# Virus scanner (clamd): "127.0.0.1:3310" or the path of its socket. Set but not answering: uploads are refused.
CLAMD_ADDRESS = env.str("CLAMD_ADDRESS", default="")
# An internal location of the proxy that serves MEDIA_ROOT, such as "/protected/"; empty: the application sends the bytes.
X_ACCEL_PREFIX = env.str("X_ACCEL_PREFIX", default="")
REQUIRE_PDF = env.bool("REQUIRE_PDF", default=PRODUCTION)

# --- words and numbers the office may change ------------------------------------------------------------------------
PORTAL_NAME = "枣庄市和谐劳动关系培育管理系统"
# In the header of phones, where the full name would take four lines.
PORTAL_SHORT_NAME = "枣庄和谐劳动关系"
PORTAL_OWNER = env.str("PORTAL_OWNER", default="枣庄市协调劳动关系三方委员会办公室")
PORTAL_PHONE = env.str("PORTAL_PHONE", default="")
PORTAL_HOURS = env.str("PORTAL_HOURS", default="工作日 8:30—12:00，13:30—17:30")
# Who works mostly on a phone and gets the bar at its foot.
PHONE_BAR_ROLES = frozenset({"SUBJECT_CONTACT", "INSTRUCTOR"})
PORTAL_ICP = env.str("PORTAL_ICP", default="")
PORTAL_SITE_CODE = env.str("PORTAL_SITE_CODE", default="")
# Sign-in by SMS code: on for trying out (the code appears on the console), in production only with a real gateway.
SMS_SIGN_IN = env.bool("SMS_SIGN_IN", default=not PRODUCTION)
SMS_BACKEND = env.str("SMS_BACKEND", default="zaozhuang_portal.accounts.sms.ConsoleSmsBackend")

# --- logs -----------------------------------------------------------------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "zaozhuang_portal.kernel.logs.LineFormatter",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {name: {"level": "WARNING"} for name in ("axes", "kombu", "fontTools", "weasyprint")},
}
if not REDIS_URL:
    # A demo's console is read by people: no line per sweep, no remark that memory:// has no host.
    LOGGING["loggers"] |= {"celery": {"level": "WARNING"}, "kombu.connection": {"level": "ERROR"}}
