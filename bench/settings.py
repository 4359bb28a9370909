"""The portal's own settings, plus what only the benchmark needs: the admin as a peer, and two URLs of its own.

The middleware, the session engine and the templates are the portal's; nothing here makes a page faster.
"""

from __future__ import annotations

from zaozhuang_portal.settings import *  # noqa: F403 - this file is a superset by intent
from zaozhuang_portal.settings import DATABASES, INSTALLED_APPS, env

INSTALLED_APPS = [*INSTALLED_APPS, "django.contrib.admin.apps.SimpleAdminConfig"]
ROOT_URLCONF = "bench.urls"
if large := env.str("BENCH_LARGE_URL", default=""):
    DATABASES["large"] = {**DATABASES["default"], **env.db_url_config(large)}
LOGGING["root"]["level"] = "WARNING"  # noqa: F405 - from the portal's settings
