"""/healthz: the process answers. /readyz: database, disk and queue are well. Strangers learn one word, no more."""

from __future__ import annotations

import os
import shutil
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.db.models import Min, Q
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.operations.enums import JobState
from zaozhuang_portal.operations.models import Job

# A job that waited longer than this means that no worker is alive.
QUEUE_LIMIT = timedelta(minutes=10)
# Below this no upload and no report is safe any more, in bytes.
DISK_LIMIT = 256 * 1024 * 1024


def check_database() -> str | None:
    """None when the database answers, else why not."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        return f"数据库无应答：{error}"
    return None


def check_disk() -> str | None:
    """None when the private folder can be written and has room."""
    folder = settings.DATA_DIR
    if not os.access(folder, os.W_OK):
        return f"数据文件夹不可写：{folder}"
    free = shutil.disk_usage(folder).free
    return None if free >= DISK_LIMIT else f"磁盘空间不足：{folder} 仅余 {free // 1_000_000} MB"


def check_queue(now: datetime) -> str | None:
    """None when no job has been due for longer than QUEUE_LIMIT."""
    try:
        oldest = (
            Job.objects.filter(state=JobState.PENDING)
            .filter(Q(not_before__isnull=True) | Q(not_before__lte=now))
            .aggregate(oldest=Min("requested_at"))["oldest"]
        )
    except DatabaseError:
        return "任务队列无法读取"
    if oldest is None or now - oldest <= QUEUE_LIMIT:
        return None
    return f"最早的任务已等待 {int((now - oldest).total_seconds() // 60)} 分钟，请检查后台任务进程（worker）"


@require_safe
@never_cache
@login_not_required
def healthz(request: HttpRequest) -> HttpResponse:
    """Alive. Touches neither database nor broker, so that a restart of theirs does not restart the web process."""
    return HttpResponse("ok\n", content_type="text/plain; charset=utf-8")


@require_safe
@never_cache
@login_not_required
def readyz(request: HttpRequest) -> HttpResponse:
    """200 or 503. The reasons are shown to a signed-in system administrator only."""
    problems: dict[str, str | None] = {
        "database": check_database(),
        "disk": check_disk(),
        "queue": check_queue(clock.now()),
    }
    ready = not any(problems.values())
    body: dict[str, Any] = {"status": "ok" if ready else "unavailable"}
    actor = getattr(request, "actor", None)
    if actor is not None and actor.role == Role.SYSTEM_ADMIN:
        body["checks"] = {name: problem or "正常" for name, problem in problems.items()}
    return JsonResponse(body, status=200 if ready else 503)
