"""The web process. Without REDIS_URL it carries worker and beat itself, and refuses to be one of several."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zaozhuang_portal.settings")
application = get_wsgi_application()

from zaozhuang_portal.runtime import embedded  # noqa: E402 - needs the apps that the line above loads

embedded.start_if_needed()

# What is loaded now lives as long as the process: the collector need not walk through it again and again.
gc.collect()
gc.freeze()
