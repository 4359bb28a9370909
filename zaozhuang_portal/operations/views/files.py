"""Files go out through here only: rights asked, bytes verified, nothing rendered but re-encoded images."""

from __future__ import annotations

from urllib.parse import quote
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from zaozhuang_portal.accounts.access import actor_of
from zaozhuang_portal.accounts.services.audit import record_audit
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import DomainError
from zaozhuang_portal.kernel.http import DOWNLOAD_POLICY, htmx_redirect, way_back
from zaozhuang_portal.kernel.undo import offer_undo
from zaozhuang_portal.operations.access import may_write_attachments, purposes_of
from zaozhuang_portal.operations.models import Attachment
from zaozhuang_portal.operations.selectors.attachments import FileDamaged, find_attachment, open_verified
from zaozhuang_portal.operations.services.attachments import (
    remove_attachment,
    restore_attachment,
    set_attachment_purpose,
    store_attachment,
)


@require_safe
def download(request: HttpRequest, uid: UUID) -> HttpResponseBase:
    """The file as an attachment. Every download is logged (ux L5): the one GET that writes an audit entry."""
    actor = actor_of(request)
    attachment = find_attachment(actor, uid)
    try:
        response = _send(attachment, "attachment")
    except FileDamaged as error:
        return render(
            request, "operations/file_damaged.html", {"message": error.message}, status=error.status
        )
    if request.method == "GET":
        record_audit(
            actor=actor,
            at=clock.now(),
            action="下载文件",
            kind="Attachment",
            object_id=attachment.pk,
            label=attachment.label,
        )
    return response


@require_safe
def preview(request: HttpRequest, uid: UUID) -> HttpResponseBase:
    """An image in place; anything else is a download."""
    attachment = find_attachment(actor_of(request), uid)
    if not attachment.is_image:
        return htmx_redirect(request, attachment.get_absolute_url())
    try:
        return _send(attachment, "inline")
    except FileDamaged as error:
        return HttpResponse(error.message, status=error.status, content_type="text/plain; charset=utf-8")


def _send(attachment: Attachment, disposition: str) -> HttpResponseBase:
    handle = open_verified(attachment)
    response: HttpResponseBase
    if settings.X_ACCEL_PREFIX:
        handle.close()
        response = HttpResponse()
        response.headers["X-Accel-Redirect"] = settings.X_ACCEL_PREFIX + quote(str(attachment.file.name))
    else:
        response = FileResponse(handle)
        response.headers["Content-Length"] = str(attachment.size)
    plain = attachment.label if attachment.label.isascii() else f"file.{attachment.label.rpartition('.')[2]}"
    response.headers["Content-Type"] = attachment.content_type
    response.headers["Content-Disposition"] = (
        f"{disposition}; filename=\"{plain}\"; filename*=UTF-8''{quote(attachment.label, safe='')}"
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = DOWNLOAD_POLICY
    response.headers["Cache-Control"] = "private, no-store"
    return response


@require_POST
def remove(request: HttpRequest, uid: UUID) -> HttpResponse:
    """删除, with 撤销 on the next page. htmx gets nothing back: the row disappears."""
    actor = actor_of(request)
    attachment = find_attachment(actor, uid)
    try:
        remove_attachment(actor=actor, attachment=attachment, now=clock.now())
    except DomainError as error:
        return _refuse(request, error)
    if request.headers.get("HX-Request") == "true":
        undo_url = reverse("operations:file_restore", args=[attachment.uid])
        return render(
            request, "operations/_removed_row.html", {"attachment": attachment, "undo_url": undo_url}
        )
    offer_undo(
        request,
        f"已删除“{attachment.label}”。",
        reverse("operations:file_restore", args=[attachment.uid]),
        fields={"next": way_back(request)},
    )
    return htmx_redirect(request, way_back(request))


@require_POST
def restore(request: HttpRequest, uid: UUID) -> HttpResponse:
    """撤销 of a removal. A stranger, and a file that was not removed, get 404."""
    actor = actor_of(request)
    attachment = get_object_or_404(Attachment.objects.filter(removed_at__isnull=False), uid=uid)
    if not may_write_attachments(actor, attachment.owner_kind, attachment.owner_id):
        raise Http404
    try:
        restore_attachment(actor=actor, attachment=attachment, now=clock.now())
    except DomainError as error:
        return _refuse(request, error)
    if request.headers.get("HX-Request") == "true":
        return render(request, "operations/_attachment_row.html", {"file": attachment, "editable": True})
    messages.success(request, f"已恢复“{attachment.label}”。")
    return htmx_redirect(request, way_back(request))


@require_POST
def replace(request: HttpRequest, uid: UUID) -> HttpResponse:
    """上传新版本: of a file that may not be removed any more. The old one stays beside it."""
    actor = actor_of(request)
    attachment = find_attachment(actor, uid)
    if attachment.removed_at is not None:
        raise Http404
    upload = request.FILES.get("file")
    try:
        if upload is None:
            raise DomainError("请选择要上传的文件。", code="missing")
        store_attachment(
            actor=actor,
            owner_kind=attachment.owner_kind,
            owner_id=attachment.owner_id,
            upload=upload,
            now=clock.now(),
            organization=attachment.organization,
            replaces=attachment,
        )
    except DomainError as error:
        return _refuse(request, error)
    messages.success(request, f"已上传“{attachment.label}”的新版本，旧件保留。")
    return htmx_redirect(request, way_back(request))


@require_POST
def set_purpose(request: HttpRequest, uid: UUID) -> HttpResponse:
    """改作…: what a file is, changed in one click; the page it stands on says the rest."""
    actor = actor_of(request)
    attachment = find_attachment(actor, uid)
    try:
        set_attachment_purpose(
            actor=actor, attachment=attachment, purpose=request.POST.get("purpose", ""), now=clock.now()
        )
    except DomainError as error:
        return _refuse(request, error)
    word = purposes_of(attachment.owner_kind)[attachment.purpose]
    messages.success(request, f"“{attachment.label}”已改作{word}。")
    return htmx_redirect(request, way_back(request))


def _refuse(request: HttpRequest, error: DomainError) -> HttpResponse:
    if request.headers.get("HX-Request") == "true":
        return render(
            request, "operations/_refused_row.html", {"message": error.message}, status=error.status
        )
    messages.error(request, error.message)
    return htmx_redirect(request, way_back(request))
