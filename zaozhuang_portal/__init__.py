"""Loads the Celery application with Django, so that shared tasks find it in the web process, the worker and the shell."""

from zaozhuang_portal.celery import app as celery_app

__all__ = ["celery_app"]
