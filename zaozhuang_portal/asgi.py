"""The same portal for an ASGI server; see wsgi.py."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zaozhuang_portal.settings")
application = get_asgi_application()

from zaozhuang_portal.runtime import embedded  # noqa: E402 - needs the apps that the line above loads

embedded.start_if_needed()
