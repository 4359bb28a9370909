"""The Celery application. A message is only a nudge: the Job row is the truth (design §6), so losing one loses nothing.

Redis in production; without REDIS_URL a memory:// broker inside the one web process (runtime/embedded.py).
"""

from __future__ import annotations

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zaozhuang_portal.settings")

app = Celery("zaozhuang_portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.update(
    accept_content=["json"],
    task_serializer="json",
    result_serializer="json",
    task_ignore_result=True,
    task_default_queue="portal",
    # A killed worker gives its message back; the lease in the Job row decides who may run it.
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    worker_max_tasks_per_child=200,
    worker_max_memory_per_child=600_000,  # kB; WeasyPrint's peak stays below
    worker_hijack_root_logger=False,
    # Hold no running report back on a lost connection: its lease lives in the database, not in the broker.
    worker_cancel_long_running_tasks_on_connection_loss=False,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    # A page must never wait for a dead broker: one try of at most a second, the sweep repairs the rest.
    task_publish_retry=False,
    broker_connection_timeout=1,
    beat_schedule={
        "sweep-jobs": {"task": "operations.sweep_jobs", "schedule": 10.0, "options": {"expires": 10}},
        "seal-audit": {"task": "accounts.seal_audit", "schedule": 60.0, "options": {"expires": 60}},
        "disable-dormant": {
            "task": "accounts.disable_dormant",
            "schedule": 21600.0,
            "options": {"expires": 3600},
        },
        "expire-account-requests": {
            "task": "accounts.expire_requests",
            "schedule": 3600.0,
            "options": {"expires": 3600},
        },
        "expire-downloads": {
            "task": "operations.expire_downloads",
            "schedule": 3600.0,
            "options": {"expires": 3600},
        },
        "remove-orphans": {
            "task": "operations.remove_orphans",
            "schedule": 21600.0,
            "options": {"expires": 3600},
        },
        # The service knows the hour and the workdays; asking often makes up for a server that was down at nine.
        "send-reminders": {
            "task": "reporting.send_reminders",
            "schedule": 300.0,
            "options": {"expires": 300},
        },
    },
)
app.autodiscover_tasks()
